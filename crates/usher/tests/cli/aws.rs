//! What people and scripts are told of an app of the template for Amazon Web Services.

use std::time::Duration;

use serde_json::json;
use usher_model::time::Timestamp;
use usher_testkit::scim::ScimServer;

use crate::desk::Desk;

/// A desk whose app `aws` may be authorized, and the server behind it.
struct Office {
    desk: Desk,
    // Answers for as long as the runtime is there.
    runtime: tokio::runtime::Runtime,
    server: ScimServer,
}

const ODD_NAME: &str = r#"{"users": [{"id": "2", "primaryEmail": "bo@example.com", "name":
    {"givenName": "Bo", "familyName": "Li", "fullName": "Bo\u0007 Li\u200b"}}]}"#;

impl Office {
    fn new() -> Self {
        let desk = Desk::with_people();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let server = runtime.block_on(ScimServer::start());
        desk.write("token", &server.token());
        desk.succeeds(&["app", "add", "aws", "--template", "aws"]);
        desk.succeeds(&["app", "access", "aws", "--ou", "/", "on"]);
        desk.succeeds(&["app", "deprovision", "aws", "--suspended", "7d"]);
        Self { desk, runtime, server }
    }

    fn authorize(&self, more: &[&str]) -> Vec<String> {
        let endpoint = self.server.endpoint();
        let args = ["app", "authorize", "aws", "--endpoint", &endpoint, "--token-file", "token"];
        args.iter().chain(more).map(ToString::to_string).collect()
    }

    fn authorized(&self, more: &[&str]) -> String {
        let args = self.authorize(more);
        self.desk.succeeds(&args.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

fn days(n: u64) -> Duration {
    Duration::from_hours(24 * n)
}

#[test]
fn the_end_of_a_token_is_said_wherever_an_admin_looks() {
    let office = Office::new();
    let desk = &office.desk;
    office.authorized(&[]);
    let now = Timestamp::parse(desk.json(&["app", "show", "aws"])["token_set_at"].as_str().unwrap()).unwrap();
    let created = now.before(days(300));
    let ends = created + days(365);
    let warning = &format!("the access token of aws expires on {}, in 6", ends.date());
    let said = office.authorized(&["--token-created", &created.to_string()]);
    assert!(said.contains(warning), "{said}");
    desk.succeeds(&["app", "enable", "aws"]);
    for args in [&["status"][..], &["app", "show", "aws"], &["sync", "aws"]] {
        let text = desk.succeeds(args);
        assert!(
            text.contains(warning) && text.contains("`usher app authorize aws --token-file FILE`"),
            "{args:?}: {text}"
        );
    }
    let text = desk.succeeds(&["sync", "aws"]);
    assert!(text.trim_end().lines().last().is_some_and(|line| line.contains(warning)), "at the end: {text}");
    let (app, status) = (desk.json(&["app", "show", "aws"]), desk.json(&["status"])["apps"][0].clone());
    assert_eq!(app["token_created_at"], created.to_string());
    for object in [&app, &status] {
        assert_eq!(object["token_expires_at"], ends.to_string());
    }
    for object in [app, status, desk.json(&["sync", "aws"])] {
        assert!(object["token_warning"].as_str().is_some_and(|said| said.starts_with(warning)), "{object}");
    }
    office.runtime.shutdown_background();
}

#[test]
fn a_new_token_is_a_year_from_its_end_and_nothing_is_said_of_it() {
    let office = Office::new();
    let said = office.authorized(&[]);
    assert!(said.contains("and generated on") && !said.contains("generate a"), "{said}");
    let app = office.desk.json(&["app", "show", "aws"]);
    assert_eq!((&app["token_created_at"], &app["token_warning"]), (&app["token_set_at"], &json!(null)));
    let args = office.authorize(&["--token-created", "2999-01-01"]);
    let said = office.desk.fails(1, &args.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(said.contains("still to come"), "{said}");
    let args = office.authorize(&["--token-created", "2020-01-31"]);
    let said = office.desk.fails(1, &args.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(said.starts_with("a token that was generated on 2020-01-31 expired on 2021-01-30: "), "{said}");
    office.runtime.shutdown_background();
}

#[test]
fn what_is_taken_out_of_a_name_is_said_before_and_after_it_is_sent() {
    let office = Office::new();
    office.authorized(&[]);
    let desk = &office.desk;
    desk.write("odd.json", ODD_NAME);
    desk.succeeds(&["import", "odd.json"]);
    desk.succeeds(&["app", "enable", "aws"]);
    let said = "1 control character and 1 invisible character were taken out of displayName";
    let planned = desk.usher(&["plan", "aws"]);
    assert!(planned.out.contains(said), "{planned:?}");
    let synced = desk.succeeds(&["sync", "aws"]);
    assert!(synced.contains(said), "{synced}");
    assert_eq!(office.server.user_by_name("bo@example.com").expect("Bo is there")["displayName"], "Bo Li");
    let explained = desk.succeeds(&["explain", "aws", "bo@example.com"]);
    assert!(explained.contains("made to fit") && explained.contains(said), "{explained}");
    let object = desk.json(&["explain", "aws", "bo@example.com"]);
    let expected = json!({"controls": 1, "joiners": 0, "invisibles": 1, "privates": 0, "spaces": 0});
    assert_eq!(object["made_to_fit"][0]["taken_out_or_replaced"], expected);
    assert_eq!(object["made_to_fit"][0]["why"], said);
    assert_eq!(desk.json(&["explain", "aws", "ada@example.com"])["made_to_fit"], json!([]));
    office.runtime.shutdown_background();
}
