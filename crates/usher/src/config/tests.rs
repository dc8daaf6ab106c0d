use super::*;
use crate::output::Answer;

fn file(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    file
}

/// What is said of a file, with the file's own name taken out.
fn refused(text: &str) -> String {
    let file = file(text);
    let error = Config::load(Some(file.path()), &Overrides::default()).unwrap_err();
    error.to_string().replace(&file.path().display().to_string(), "FILE")
}

#[test]
fn everything_works_without_a_file_and_an_empty_file_changes_nothing() {
    let none = Config::load(None, &Overrides::default()).unwrap();
    let empty = Config::load(Some(file("").path()), &Overrides::default()).unwrap();
    for config in [none, empty] {
        assert_eq!(config.data_dir, Path::new("./usher-data"));
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert!(!config.allow_private_endpoints);
        assert_eq!(config.runs.full_every(), Duration::from_mins(15));
    }
}

#[test]
fn a_key_that_nobody_knows_is_an_error_that_names_its_line() {
    insta::assert_snapshot!(refused("listen = \"[::1]:80\"\n\n[runs]\nrequest_timeout = 5\n"), @"FILE, line 4: unknown field `request_timeout`, expected one of `request_timeout_ms`, `look_again_after_ms`, `full_every_minutes` (`usher config schema` describes the file)");
}

#[test]
fn no_message_repeats_a_database_url() {
    for text in [
        "database_url = \"postgres://ada:s3cret@db/usher",
        "database_url = \"mysql://ada:s3cret@db/usher\"",
        "database_url = \"postgres://ada:s3cret@db/usher\"",
        "database_url = [\"postgres://ada:s3cret@db/usher\"]",
        "database_url = \"postgres://ada:s3cret@db/usher\" database_url_file = 1",
    ] {
        assert!(!refused(text).contains("s3cret"), "{}", refused(text));
    }
}

#[test]
fn values_out_of_range_and_contradictions_are_refused() {
    for url in ["usher.example.com", "http://usher.example.com", "https://ada:pw@example.com", "ftp://x"] {
        assert!(refused(&format!("public_url = {url:?}")).contains("public_url is no address"), "{url}");
    }
    insta::assert_snapshot!(refused("[runs]\nrequest_timeout_ms = 5"), @"runs.request_timeout_ms is 5: it must be between 100 and 600000");
    insta::assert_snapshot!(refused("database_url = \"postgres://db/usher\"\ndatabase_url_file = \"/x\""), @"both database_url and database_url_file are set: leave one of them out");
    insta::assert_snapshot!(refused("database_url = \"postgres://db/usher\""), @"PostgreSQL needs a key file, because several servers share the database: set key_file in the configuration file");
    insta::assert_snapshot!(refused("database_url = \"/var/lib/usher.db\"\nkey_file = \"/k\""), @"the database URL is not one of PostgreSQL: it looks like postgres://user@host:5432/database; leave it out for a file in the data directory");
}

#[test]
fn a_workspace_is_served_on_this_machine_alone_and_nothing_is_said_of_one_that_is_not() {
    insta::assert_snapshot!(refused("[workspace]\nlisten = \"0.0.0.0:8082\""), @"workspace.listen is 0.0.0.0:8082: the workspace is served on 127.0.0.1 alone");
    insta::assert_snapshot!(refused("[workspace]\nlisten = \"[::1]:8082\""), @"workspace.listen is [::1]:8082: the workspace is served on 127.0.0.1 alone");
    insta::assert_snapshot!(refused("[workspace]\nkey_file = \"key.json\""), @r#"workspace.key_file is set, and the workspace is not served: set workspace.listen as well, for example "127.0.0.1:8082""#);
    insta::assert_snapshot!(refused("[workspace]\nread_only = true"), @r#"workspace.read_only is set, and the workspace is not served: set workspace.listen as well, for example "127.0.0.1:8082""#);
    let postgres = "database_url = \"postgres://db/usher\"\nkey_file = \"/k\"\n[workspace]\nlisten = \"127.0.0.1:8082\"\n";
    insta::assert_snapshot!(refused(postgres), @"with PostgreSQL there is no data directory for the service accounts of the served workspace: set workspace.state_file in the configuration file");
    let said = file(&format!("{postgres}state_file = \"/s\""));
    let config = Config::load(Some(said.path()), &Overrides::default()).unwrap();
    assert_eq!(config.workspace_state(), Path::new("/s"));
    assert_eq!(Config::default().workspace_state(), Path::new("./usher-data/workspace.jsonl"));
}

#[test]
fn a_provider_has_an_id_and_a_secret_of_us_and_is_encrypted_or_on_this_machine() {
    let config = Config::load(None, &Overrides::default()).unwrap();
    assert_eq!(
        (config.openid.issuer.as_str(), config.openid.client_id),
        ("https://accounts.google.com", None)
    );
    insta::assert_snapshot!(refused("[openid]\nclient_id = \"usher\""), @"openid.client_id is set without a secret: put the secret that the provider gave you into a file, and name it with openid.client_secret_file");
    insta::assert_snapshot!(refused("[openid]\nclient_secret_file = \"s\""), @"openid.client_secret_file is set, and nobody can sign in there: set openid.client_id as well, which the provider gives you when you register the console");
    insta::assert_snapshot!(refused("[openid]\nissuer = \"https://id.example.com\""), @"openid.issuer is set, and nobody can sign in there: set openid.client_id as well, which the provider gives you when you register the console");
    let registered = "client_id = \"usher\"\nclient_secret_file = \"s\"";
    for issuer in
        ["id.example.com", "http://id.example.com", "https://id.example.com?x", "https://a:b@id.example.com"]
    {
        let said = refused(&format!("[openid]\nissuer = {issuer:?}\n{registered}"));
        assert!(said.starts_with("openid.issuer is no address of a provider"), "{issuer}: {said}");
    }
    for issuer in ["https://id.example.com/realms/staff", "http://127.0.0.1:9000"] {
        let said = file(&format!("[openid]\nissuer = {issuer:?}\n{registered}"));
        assert_eq!(Config::load(Some(said.path()), &Overrides::default()).unwrap().openid.issuer, issuer);
    }
    let secret = refused("[openid]\nclient_id = \"usher\"\nclient_secret = \"s3cret\"");
    assert!(secret.contains("unknown field `client_secret`") && !secret.contains("s3cret"), "{secret}");
}

#[test]
fn a_database_url_is_read_from_a_file_of_its_own() {
    let url = file("postgres://db/usher\n");
    let written = format!("key_file = \"/k\"\ndatabase_url_file = \"{}\"", url.path().display());
    let config = Config::load(Some(file(&written).path()), &Overrides::default()).unwrap();
    assert_eq!(config.database_url.unwrap().expose_secret(), "postgres://db/usher");
}

#[test]
fn what_is_in_force_says_where_it_comes_from_and_no_secret() {
    let file = file("data_dir = \"/srv/usher\"\nkey_file = \"/k\"\n[log]\nlevel = \"debug\"\n");
    let overrides = Overrides {
        data_dir: Some((PathBuf::from("/var/u"), Layer::CommandLine)),
        database_url: Some((SecretString::from("postgres://ada:s3cret@db/usher"), Layer::Environment)),
    };
    let config = Config::load(Some(file.path()), &overrides).unwrap();
    let text = in_force(&config, Some(file.path()), &overrides).text();
    insta::assert_snapshot!(text.replace(&file.path().display().to_string(), "FILE"), @r"
    The configuration file FILE is valid.

    KEY                        VALUE                        FROM
    allow_private_endpoints    false                        default
    data_dir                   /var/u                       command line
    database_url               set, not shown               environment
    database_url_file          (not set)                    default
    key_file                   /k                           file
    listen                     127.0.0.1:8080               default
    log.format                 text                         default
    log.level                  debug                        file
    openid.client_id           (not set)                    default
    openid.client_secret_file  (not set)                    default
    openid.issuer              https://accounts.google.com  default
    public_url                 (not set)                    default
    runs.full_every_minutes    15                           default
    runs.look_again_after_ms   5000                         default
    runs.request_timeout_ms    30000                        default
    workspace.key_file         (not set)                    default
    workspace.listen           (not set)                    default
    workspace.read_only        false                        default
    workspace.state_file       (not set)                    default
    ");
}
