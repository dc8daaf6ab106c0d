//! `usher directory add --google` and `usher directory check`, against the emulated Workspace.

use serde_json::{Value, json};

use crate::desk::{Desk, exists, run};
use crate::emulate::Emulator;

/// An emulated Workspace with an administrator, and a key to it in `key.json`.
struct Workspace {
    desk: Desk,
    emulator: Emulator,
}

impl Workspace {
    fn new() -> Self {
        let desk = Desk::new();
        let ready = ["emulate", "workspace", "--port", "0", "--ready", "--key-file", "key.json", "--json"];
        let emulator = Emulator::start(desk.command(&ready));
        Self { desk, emulator }
    }

    fn add<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let root = self.emulator.said("listen");
        [&["directory", "add", "google", "--google", "--api-root", root], more].concat()
    }
}

const KEY: [&str; 4] = ["--admin", "admin@example.com", "--key-file", "key.json"];

fn names(lines: &Value) -> Vec<(&str, &Value)> {
    let lines = lines.as_array().expect("lines");
    lines.iter().map(|line| (line["name"].as_str().expect("a name"), &line["works"])).collect()
}

#[test]
fn e2e_a_workspace_is_added_once_it_lets_its_reader_in_and_can_be_checked() {
    let workspace = Workspace::new();
    let desk = &workspace.desk;
    let added = desk.json(&workspace.add(&KEY));
    assert_eq!((&added["directory"], &added["works"]), (&json!("google"), &json!(true)), "{added}");
    assert_eq!(added["admin"], "admin@example.com");
    assert_eq!(added["scopes"].as_array().expect("scopes").len(), 8);
    let listed = desk.json(&["directory", "list"]);
    let google = listed["directories"].as_array().expect("a list").iter().find(|one| one["kind"] == "google");
    assert_eq!(google.expect("it is listed")["directory"], "google");
    let checked = desk.json(&["directory", "check", "google"]);
    assert_eq!(checked, added, "what is kept signs in as what was given");
    assert!(names(&checked["calls"]).contains(&("directory.users.list", &json!(true))), "{checked}");
    desk.succeeds(&["app", "add", "aws", "--template", "aws", "--directory", "google"]);
    let mut command = desk.command(&["directory", "check", "google"]);
    command.env("GOOGLE_APPLICATION_CREDENTIALS", "");
    assert_eq!(run(command).code, 0, "a variable that is empty is none");
    assert!(desk.fails(1, &workspace.add(&KEY)).contains("the name google is another directory's"));
    workspace.emulator.end("-INT");
}

#[test]
fn e2e_a_key_is_nowhere_to_be_read() {
    let workspace = Workspace::new();
    let desk = &workspace.desk;
    let said = desk.succeeds(&workspace.add(&KEY)) + &desk.succeeds(&["directory", "check", "google"]);
    let key: Value =
        serde_json::from_slice(&std::fs::read(desk.path("key.json")).expect("a key")).expect("JSON");
    let secret: String = key["private_key"].as_str().expect("a key").lines().skip(2).take(1).collect();
    assert!(secret.len() > 40);
    assert!(!said.contains(&secret));
    assert!(exists(&desk.path("usher-data/usher.db")));
    for file in ["usher.db", "usher.db-wal"] {
        let path = desk.path("usher-data").join(file);
        if exists(&path) {
            let bytes = std::fs::read(&path).expect("the database");
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{file}");
        }
    }
    workspace.emulator.end("-INT");
}

#[test]
fn e2e_a_workspace_that_lets_nobody_in_is_not_added_and_says_why() {
    let workspace = Workspace::new();
    let desk = &workspace.desk;
    let nobody = desk.fails(1, &workspace.add(&["--admin", "nobody@example.com", "--key-file", "key.json"]));
    assert!(nobody.starts_with("google is not added: "), "{nobody}");
    assert!(nobody.contains("nobody@example.com"), "{nobody}");
    desk.write("token.json", r#"{"type": "authorized_user", "client_id": "1", "client_secret": "s3cret"}"#);
    let other = desk.fails(1, &workspace.add(&["--admin", "admin@example.com", "--key-file", "token.json"]));
    assert!(!other.contains("s3cret"), "{other}");
    assert!(desk.fails(1, &workspace.add(&["--role-key-file", "key.json"])).contains("--customer"));
    // A service account that has no role signs in by itself, and is let in nowhere.
    let role = workspace.add(&["--customer", "C03az79cb", "--role-key-file", "key.json"]);
    assert!(desk.fails(1, &role).starts_with("google is not added: "));
    // Its log may be read, and its people may not: that is no directory.
    let other = ["--customer", "C0another", "--admin", "admin@example.com", "--key-file", "key.json"];
    assert!(desk.fails(1, &workspace.add(&other)).contains("C0another"));
    assert!(desk.fails(1, &["directory", "check", "google"]).contains("there is no directory named"));
    workspace.emulator.end("-INT");
}

#[test]
fn what_signs_in_is_said_in_one_way() {
    let desk = Desk::new();
    let add = |more: &[&str]| desk.fails(64, &[&["directory", "add", "google", "--google"], more].concat());
    assert!(add(&["--admin", "ada@example.com"]).contains("--key-file"));
    assert!(add(&["--key-file", "key.json"]).contains("--admin"));
    let both = ["--admin", "a@example.com", "--key-file", "k", "--keyless", "a@p.iam.gserviceaccount.com"];
    assert!(add(&both).contains("cannot be used with"));
    desk.write("people.json", r#"{"users": []}"#);
    desk.succeeds(&["import", "people.json"]);
    assert!(desk.fails(1, &["directory", "check", "embedded"]).contains("kept by Usher itself"));
}

#[test]
fn e2e_people_of_a_workspace_come_into_the_app_and_one_of_them_goes() {
    let workspace = Workspace::new();
    let desk = &workspace.desk;
    let center = Emulator::start(desk.command(&[
        "emulate",
        "identity-center",
        "--port",
        "0",
        "--ready",
        "--token-file",
        "token.txt",
        "--json",
    ]));
    desk.json(&workspace.add(&KEY));
    let listed = desk.json(&["directory", "list"]);
    let google = listed["directories"].as_array().expect("a list").iter().find(|one| one["kind"] == "google");
    let google = google.expect("it is listed");
    assert_eq!((&google["users"], &google["failing"]), (&json!(11), &Value::Null), "{listed}");
    assert!(google["listed_at"].is_string(), "{listed}");

    desk.succeeds(&["app", "add", "aws", "--template", "aws", "--directory", "google"]);
    let token =
        ["app", "authorize", "aws", "--endpoint", center.said("endpoint"), "--token-file", "token.txt"];
    desk.succeeds(&token);
    desk.succeeds(&["app", "access", "aws", "--ou", "/", "on"]);
    desk.succeeds(&[
        "app",
        "deprovision",
        "aws",
        "--app-off",
        "24h",
        "--suspended",
        "24h",
        "--deleted",
        "24h",
    ]);
    let planned = desk.usher(&["plan", "aws", "--json"]);
    assert_eq!(planned.code, 2, "{planned:?}");
    desk.succeeds(&["app", "enable", "aws"]);
    let synced = desk.json(&["sync", "aws"]);
    assert_eq!(synced["operations"]["create"], google["active"], "{synced}");
    // Users, deleted ones, groups, units, domains, schemas.
    assert_eq!(synced["requests"]["source"], 6, "{synced}");
    let one = desk.json(&["sync", "aws", "--user", "admin@example.com"]);
    assert_eq!((&one["requests"]["source"], &one["requests"]["writes"]), (&json!(1), &json!(0)), "{one}");

    workspace.emulator.end("-INT");
    let lost = desk.fails(1, &["sync", "aws"]);
    assert!(lost.starts_with("the directory google cannot be read: "), "{lost}");
    let listed = desk.succeeds(&["directory", "list"]);
    assert!(listed.contains("google cannot be read at the moment: "), "{listed}");
    for text in [desk.succeeds(&["status"]), desk.usher(&["plan", "aws"]).out] {
        assert!(text.contains("the directory google cannot be read since "), "{text}");
    }
    let told = desk.json(&["status"])["apps"][0]["directory_failing"].clone();
    assert!(told.as_str().expect("it is told").contains("what it said before still counts"), "{told}");
    center.end("-INT");
}

/// Delegates these of the scopes that are delegated, and no others.
fn delegate(emulator: &Emulator, keeps: impl Fn(&str) -> bool) {
    let accounts = emulator.ask("GET", "/emulator/service-accounts", "", "").expect("an answer").json();
    let scopes = accounts["service_accounts"][0]["delegated_scopes"].as_array().expect("scopes").clone();
    let scopes: Vec<_> = scopes.iter().filter(|scope| scope.as_str().is_some_and(&keeps)).collect();
    let path = format!("/emulator/service-accounts/{}/scopes", emulator.said("service_account"));
    let answer = emulator.ask("PUT", &path, "", &json!({"scopes": scopes}).to_string());
    assert!(answer.expect("an answer").status < 300);
}

#[test]
fn e2e_whoever_delegated_nothing_yet_is_told_what_to_click() {
    let workspace = Workspace::new();
    delegate(&workspace.emulator, |_| false);
    let said = workspace.desk.fails(1, &workspace.add(&KEY));
    assert!(said.starts_with("google is not added: the service account "), "{said}");
    for word in ["Manage domain-wide delegation", "add or edit", "admin.directory.user.readonly"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    delegate_all_but_users(&workspace);
    let said = workspace.desk.fails(1, &workspace.add(&KEY));
    assert!(said.contains("Manage domain-wide delegation"), "{said}");
    workspace.emulator.end("-INT");
}

#[test]
fn e2e_each_credential_that_is_wrong_has_its_own_sentence() {
    let workspace = Workspace::new();
    let desk = &workspace.desk;
    let refused = |more: &[&str]| desk.fails(1, &workspace.add(more));
    // A key that was deleted.
    let key: Value =
        serde_json::from_slice(&std::fs::read(desk.path("key.json")).expect("a key")).expect("JSON");
    let account = workspace.emulator.said("service_account");
    let path = format!("/emulator/service-accounts/{account}/keys");
    let other = workspace.emulator.ask("POST", &path, "", "{}").expect("an answer").json();
    desk.write("other.json", &other.to_string());
    let deleted = format!("{path}/{}", other["private_key_id"].as_str().expect("an id"));
    assert!(workspace.emulator.ask("DELETE", &deleted, "", "").expect("an answer").status < 300);
    let said = refused(&["--admin", "admin@example.com", "--key-file", "other.json"]);
    assert!(said.contains("Google does not know the key with which"), "{said}");
    // An account that is not there.
    let mut strange = key.clone();
    strange["client_email"] = json!("nobody@emulated.iam.gserviceaccount.com");
    desk.write("strange.json", &strange.to_string());
    let said = refused(&["--admin", "admin@example.com", "--key-file", "strange.json"]);
    assert!(said.contains("Google does not know the service account nobody@"), "{said}");
    // No key where a key is no help.
    let keyless = ["--admin", "admin@example.com", "--keyless", account];
    let mut command = desk.command(&workspace.add(&keyless));
    command.env("GOOGLE_APPLICATION_CREDENTIALS", desk.path("key.json"));
    let said = run(command).err;
    assert!(said.contains("use it with --key-file, instead of --keyless"), "{said}");
    assert!(desk.fails(1, &["directory", "check", "google"]).contains("there is no directory named"));
    workspace.emulator.end("-INT");
}

fn delegate_all_but_users(workspace: &Workspace) {
    let path = format!("/emulator/service-accounts/{}/scopes", workspace.emulator.said("service_account"));
    let scopes = usher_emulator::workspace::READ_ONLY_SCOPES;
    let scopes: Vec<_> = scopes.iter().filter(|scope| !scope.ends_with("user.readonly")).collect();
    let answer = workspace.emulator.ask("PUT", &path, "", &json!({"scopes": scopes}).to_string());
    assert!(answer.expect("an answer").status < 300);
}

fn again_with(key_file: &str) -> [&str; 7] {
    ["directory", "authorize", "google", "--admin", "admin@example.com", "--key-file", key_file]
}

#[test]
fn e2e_a_workspace_is_given_another_credential_that_works_and_no_other() {
    let workspace = Workspace::new();
    let desk = &workspace.desk;
    desk.json(&workspace.add(&KEY));
    let nobody =
        ["directory", "authorize", "google", "--admin", "nobody@example.com", "--key-file", "key.json"];
    let refused = desk.fails(1, &nobody);
    assert!(refused.starts_with("google is signed in to as it was"), "{refused}");
    assert_eq!(desk.json(&["directory", "check", "google"])["admin"], "admin@example.com");
    let again = desk.json(&[
        "directory",
        "authorize",
        "google",
        "--admin",
        "admin@example.com",
        "--key-file",
        "key.json",
    ]);
    assert_eq!(again["works"], true, "where the APIs are is known: {again}");
    let ready = ["emulate", "workspace", "--port", "0", "--ready", "--key-file", "other.json", "--json"];
    let other = Emulator::start(desk.command(&ready));
    let elsewhere = [&again_with("other.json")[..], &["--api-root", other.said("listen")]].concat();
    let refused = desk.fails(1, &elsewhere);
    assert!(refused.contains("is the directory of the customer"), "{refused}");
    // Whoever may not ask whose it is hears of it all the same.
    delegate(&other, |scope| !scope.ends_with("customer.readonly"));
    let refused = desk.fails(1, &elsewhere);
    assert!(refused.contains("is the directory of the customer"), "{refused}");
    other.end("-INT");
    assert!(
        desk.fails(
            1,
            &["directory", "authorize", "other", "--admin", "a@example.com", "--key-file", "key.json"]
        )
        .contains("there is no directory named")
    );
    workspace.emulator.end("-INT");
}
