//! `usher serve` with `[workspace]`: Google's clients read and edit the embedded directory.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use usher_engine::endpoint::Reachable;
use usher_engine::google::credential::key_file::ServiceAccountKey;
use usher_protocol::oauth;

use crate::desk::{Desk, exists};
use crate::emulate::{Answer, ask};
use crate::office::Office;
use crate::serve::Server;

/// A server of an imported directory, and a key to it in `key.json`.
struct Served {
    desk: Desk,
    server: Server,
    /// Where it answers Google's clients: an address and a port.
    authority: String,
    customer: String,
}

impl Served {
    fn new() -> Self {
        Self::start(Desk::with_people(), "127.0.0.1:0", "")
    }

    fn start(desk: Desk, listen: &str, more: &str) -> Self {
        let section = format!("[workspace]\nlisten = \"{listen}\"\nkey_file = \"key.json\"\n{more}");
        Self::with(desk, &section)
    }

    fn with(desk: Desk, section: &str) -> Self {
        let server = Server::with(&desk, section);
        let told = "the embedded directory is served to Google's clients on http://";
        let line = server.noted.lines().find_map(|line| line.strip_prefix(told)).expect("it says where");
        let (authority, customer) = line.split_once(", customer ").expect("it says whose");
        let (authority, customer) = (authority.to_owned(), customer.to_owned());
        Self { desk, server, authority, customer }
    }

    /// Ends it and starts it anew at the same address.
    fn again(self, more: &str) -> Self {
        let (desk, authority) = self.end();
        Self::start(desk, &authority, more)
    }

    fn end(self) -> (Desk, String) {
        let Self { desk, server, authority, .. } = self;
        let (said, code) = server.end("-TERM");
        assert_eq!(code, Some(0), "{said}");
        (desk, authority)
    }

    /// A request with a token that a key signs.
    fn asks(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        asks(&self.authority, &self.desk.path(key), method, path, body)
    }
}

/// A request to the Directory API, with a token that a key signs.
pub(crate) fn asks(authority: &str, key: &Path, method: &str, path: &str, body: &Value) -> Answer {
    let token = token(key);
    let header = format!("Authorization: Bearer {}\r\n", token.expose_secret());
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let path = format!("/admin/directory/v1/{path}");
    ask(authority, method, &path, &header, &body).expect("an answer")
}

#[expect(clippy::disallowed_methods, reason = "the server takes no token of another time")]
fn token(key: &Path) -> SecretString {
    let file = SecretString::from(fs::read_to_string(key).expect("a key"));
    let key = ServiceAccountKey::parse(&file, Reachable { private: false }).expect("a key file of Google's");
    let now_seconds = jiff::Timestamp::now().as_second();
    let scopes = ["admin.directory.user", "admin.directory.group.member"];
    key.key.sign(&oauth::own_claims(&key.account, &scopes, now_seconds)).expect("a signature")
}

fn is_private(path: &Path) -> bool {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777 == 0o600
}

#[test]
fn e2e_a_client_of_google_reads_the_embedded_directory_edits_it_and_gets_in_after_a_restart() {
    let served = Served::new();
    assert!(is_private(&served.desk.path("key.json")));
    assert!(is_private(&served.desk.path("usher-data/workspace.jsonl")));
    let client = Desk::new();
    fs::copy(served.desk.path("key.json"), client.path("key.json")).expect("it is copied");
    let root = format!("http://{}", served.authority);
    let how = ["--role-key-file", "key.json", "--customer", &served.customer, "--api-root", &root];
    let added = client.json(&[&["directory", "add", "google", "--google"], &how[..]].concat());
    assert_eq!(added["works"], true, "{added}");
    let listed = client.json(&["directory", "list"]);
    let google = listed["directories"].as_array().expect("a list").iter().find(|one| one["kind"] == "google");
    let google = google.expect("it is listed");
    assert_eq!((&google["users"], &google["groups"]), (&json!(3), &json!(2)), "{google}");

    let suspended = served.asks("key.json", "PATCH", "users/ada@example.com", &json!({"suspended": true}));
    assert_eq!((suspended.status, &suspended.json()["id"]), (200, &json!("1")));
    let joined = json!({"email": "bo@example.com"});
    assert_eq!(served.asks("key.json", "POST", "groups/team@example.com/members", &joined).status, 200);
    let embedded = &served.desk.json(&["directory", "list"])["directories"][0];
    assert_eq!((&embedded["users"], &embedded["suspended"]), (&json!(3), &json!(1)), "{embedded}");

    let served = served.again("");
    assert_eq!(client.json(&["directory", "check", "google"])["works"], true);
    let ada = served.asks("key.json", "GET", "users/1", &Value::Null).json();
    assert_eq!((&ada["primaryEmail"], &ada["suspended"]), (&json!("ada@example.com"), &json!(true)));
    let team = served.asks("key.json", "GET", "groups/g1/members", &Value::Null).json();
    let members = team["members"].as_array().expect("members").iter().map(|member| &member["email"]);
    assert_eq!(members.collect::<Vec<_>>(), ["ada@example.com", "bo@example.com"]);
    let domains = format!("customer/{}/domains", served.customer);
    assert_eq!(
        served.asks("key.json", "GET", &domains, &Value::Null).status,
        403,
        "a token opens what it names"
    );
    served.end();
}

#[test]
fn e2e_what_a_client_of_google_edits_reaches_the_app_with_the_next_run() {
    let Office { desk, server, runtime } = Office::new();
    let served = Served::start(desk, "127.0.0.1:0", "");
    // The first run: whoever is in the primary domain.
    runtime.block_on(server.until(|app| app.users().len() == 2));
    let named = json!({"name": {"givenName": "Ada", "familyName": "Lovelace"}});
    assert_eq!(served.asks("key.json", "PATCH", "users/ada@example.com", &named).status, 200);
    let is_renamed = |ada: &Value| ada["name"]["familyName"] == "Lovelace";
    runtime.block_on(server.until(|app| app.user_by_name("Ada").as_ref().is_some_and(is_renamed)));
    let (desk, _) = served.end();
    assert_eq!(desk.json(&["explain", "wiki", "ada@example.com"])["account"]["state"], "active");
}

#[test]
fn e2e_nobody_gets_in_without_a_key_and_no_key_is_told() {
    let served = Served::new();
    let anybody =
        |method: &str, path: &str| ask(&served.authority, method, path, "", "{}").expect("an answer").status;
    assert_eq!(anybody("GET", "/admin/directory/v1/users?customer=my_customer"), 401);
    for (method, path) in [
        ("GET", "/emulator"),
        ("GET", "/emulator/service-accounts"),
        ("POST", "/emulator/service-accounts"),
        ("POST", "/emulator/seed"),
        ("POST", "/emulator/faults"),
    ] {
        assert_eq!(anybody(method, path), 404, "{method} {path}");
    }
    let key = fs::read_to_string(served.desk.path("key.json")).expect("a key");
    let key: Value = serde_json::from_str(&key).expect("JSON");
    let secret = key["private_key"].as_str().expect("a key").lines().nth(2).expect("lines").to_owned();
    assert!(secret.len() > 40);
    let noted = served.server.noted.clone();
    let Served { desk, server, .. } = served;
    let (said, _) = server.end("-TERM");
    assert!(!(noted + &said).contains(&secret));
    let kept = fs::read_to_string(desk.path("usher-data/workspace.jsonl")).expect("a state file");
    assert!(kept.contains("usher@embedded.iam.gserviceaccount.com") && !kept.contains(&secret), "{kept}");
}

#[test]
fn e2e_a_key_that_only_reads_edits_nothing_and_one_that_was_moved_away_opens_nothing() {
    let served = Served::new().again("read_only = true\n");
    let suspend = json!({"suspended": true});
    assert_eq!(served.asks("key.json", "GET", "users/1", &Value::Null).status, 200);
    assert_eq!(served.asks("key.json", "PATCH", "users/1", &suspend).status, 403);
    fs::rename(served.desk.path("key.json"), served.desk.path("old.json")).expect("it is moved");
    let served = served.again("");
    assert_eq!(served.asks("old.json", "GET", "users/1", &Value::Null).status, 401);
    assert_eq!(served.asks("key.json", "PATCH", "users/1", &suspend).status, 200);
    let (desk, _) = served.end();
    desk.write("key.json", "{}");
    let said = desk.fails(1, &["serve", "--config", "usher.toml"]);
    assert!(said.contains("key.json is there already and is not overwritten"), "{said}");
    assert_eq!(fs::read_to_string(desk.path("key.json")).expect("a file"), "{}");
}

#[test]
fn e2e_what_a_key_may_do_is_what_the_configuration_says_also_of_one_that_is_out() {
    let (desk, authority) = Served::new().end();
    let reading = format!("[workspace]\nlisten = \"{authority}\"\nread_only = true\n");
    let served = Served::with(desk, &reading);
    let suspend = json!({"suspended": true});
    assert_eq!(served.asks("key.json", "GET", "users/1", &Value::Null).status, 200);
    assert_eq!(served.asks("key.json", "PATCH", "users/1", &suspend).status, 403);

    let served = served.again("");
    let channel = json!({"id": "c", "type": "web_hook", "address": format!("http://{}/", served.authority)});
    let watch = format!("users/watch?customer={}&event=delete", served.customer);
    assert_eq!(
        served.asks("key.json", "POST", &watch, &channel).status,
        401,
        "nothing is sent to other ports"
    );
    let (desk, _) = served.end();

    // A key file that cannot be written ends no key.
    let nowhere = format!("[workspace]\nlisten = \"{authority}\"\nkey_file = \"no/where.json\"\n");
    desk.write("usher.toml", &nowhere);
    let said = desk.fails(1, &["serve", "--config", "usher.toml"]);
    assert!(said.contains("cannot write the key to no/where.json"), "{said}");
    let served = Served::with(desk, &format!("[workspace]\nlisten = \"{authority}\"\n"));
    assert_eq!(served.asks("key.json", "PATCH", "users/1", &suspend).status, 200);

    // A port that changed is not the key's fault.
    let (desk, _) = served.end();
    desk.write("usher.toml", "[workspace]\nlisten = \"127.0.0.1:0\"\nkey_file = \"key.json\"\n");
    let said = desk.fails(1, &["serve", "--config", "usher.toml"]);
    let expected = format!("(its `token_uri` is http://{authority}/token)");
    assert!(said.contains(&expected) && said.contains("listen on the former address"), "{said}");
}

#[test]
fn e2e_the_directory_is_served_only_where_it_is_switched_on() {
    let desk = Desk::with_people();
    let server = Server::with(&desk, "");
    assert!(!server.noted.contains("Google"), "{}", server.noted);
    server.end("-TERM");
    assert!(!exists(&desk.path("usher-data/workspace.jsonl")));
    desk.write("usher.toml", "[workspace]\nlisten = \"0.0.0.0:8082\"\n");
    let said = desk.fails(1, &["serve", "--config", "usher.toml"]);
    assert!(said.contains("127.0.0.1 alone"), "{said}");
}
