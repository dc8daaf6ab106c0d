//! The configuration file, the environment and the command line.

use serde_json::Value;

use crate::desk::{Desk, exists, run};

#[test]
fn a_wrong_configuration_ends_every_command_before_it_does_anything() {
    let desk = Desk::new();
    desk.write("usher.toml", "data_dir = \"data\"\nlissen = \"127.0.0.1:1\"\n");
    for command in ["status", "serve"] {
        let said = desk.fails(1, &["--config", "usher.toml", command]);
        assert!(said.starts_with("usher.toml, line 2: unknown field `lissen`"), "{said}");
    }
    assert!(desk.fails(1, &["--config", "absent.toml", "status"]).contains("absent.toml"));
    assert!(!exists(&desk.path("data")) && !exists(&desk.path("usher-data")));
}

#[test]
fn postgresql_needs_a_key_file_and_its_url_is_never_repeated() {
    let desk = Desk::new();
    let said = desk.fails(1, &["--database-url", "postgres://ada:s3cret@127.0.0.1:1/usher", "status"]);
    assert!(said.contains("key_file") && !said.contains("s3cret"), "{said}");
    desk.write(
        "usher.toml",
        "key_file = \"key\"\ndatabase_url = \"postgres://ada:s3cret@127.0.0.1:1/usher\"",
    );
    let said = desk.fails(1, &["--config", "usher.toml", "status"]);
    assert!(said.contains("cannot reach") && !said.contains("s3cret"), "{said}");
}

#[test]
fn what_is_in_force_names_where_each_value_comes_from() {
    let desk = Desk::new();
    desk.write("usher.toml", "data_dir = \"of-the-file\"\n[runs]\nlook_again_after_ms = 50\n");
    let from = |value: &Value, key: &str| value["settings"][key].clone();
    let mut command = desk.command(&["config", "check", "--json"]);
    command.env("USHER_CONFIG", "usher.toml").env("USHER_DATA_DIR", "of-the-environment");
    let checked: Value = serde_json::from_str(&run(command).out).unwrap();
    assert_eq!(
        from(&checked, "data_dir"),
        serde_json::json!({"value": "of-the-environment", "from": "environment"})
    );
    assert_eq!(from(&checked, "runs.look_again_after_ms"), serde_json::json!({"value": 50, "from": "file"}));
    assert_eq!(from(&checked, "listen"), serde_json::json!({"value": "127.0.0.1:8080", "from": "default"}));
    let checked = desk.json(&["--config", "usher.toml", "config", "check", "--data-dir", "of-the-line"]);
    assert_eq!(
        from(&checked, "data_dir"),
        serde_json::json!({"value": "of-the-line", "from": "command_line"})
    );
    assert!(!exists(&desk.path("of-the-line")), "checking opens no database");
}

#[test]
fn the_schema_describes_every_key() {
    let schema = Desk::new().json(&["config", "schema"]);
    let keys: Vec<_> = schema["properties"].as_object().unwrap().keys().cloned().collect();
    let all = [
        "allow_private_endpoints",
        "data_dir",
        "database_url",
        "database_url_file",
        "key_file",
        "listen",
        "log",
        "openid",
        "public_url",
        "runs",
        "workspace",
    ];
    assert_eq!(keys, all);
    assert_eq!(schema["additionalProperties"], false);
}

#[test]
fn a_server_does_not_start_without_the_secret_that_its_provider_gave() {
    let desk = Desk::new();
    let openid = "[openid]\nclient_id = \"usher\"\nclient_secret_file = \"secret\"\n";
    desk.write("usher.toml", &format!("listen = \"127.0.0.1:0\"\n{openid}"));
    let said = desk.fails(1, &["--config", "usher.toml", "serve"]);
    assert!(said.contains("cannot read the file with the client's secret, secret"), "{said}");
    desk.write("secret", " \n");
    let said = desk.fails(1, &["--config", "usher.toml", "serve"]);
    assert!(said.contains("secret is empty: put the client's secret there"), "{said}");
    desk.write("secret", "s3cret");
    desk.write("usher.toml", &format!("listen = \"127.0.0.1:0\"\n{openid}issuer = \"https://10.0.0.1\"\n"));
    let said = desk.fails(1, &["--config", "usher.toml", "serve"]);
    assert!(
        said.contains("openid.issuer cannot be used: the endpoint 10.0.0.1 is a private address"),
        "{said}"
    );
    assert!(!said.contains("s3cret"), "{said}");
}
