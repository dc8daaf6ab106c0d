//! An app's whole configuration, without an app server.

use serde_json::json;

use crate::desk::Desk;

#[test]
fn an_app_is_made_configured_and_removed() {
    let desk = Desk::with_people();
    let added = desk.json(&["app", "add", "wiki", "--template", "scim"]);
    assert_eq!(added["status"], "not_configured");
    assert_eq!(added["directory"], "embedded");
    assert_eq!(added["domains"], json!(["example.com"]));

    let app = desk.json(&["app", "access", "wiki", "--ou", "/sales/", "on"]);
    assert_eq!(app["access"], json!({"units": [{"unit": "/sales", "switch": "on"}], "groups": []}));
    desk.succeeds(&["app", "access", "wiki", "--ou", "/Sales", "inherit"]);
    desk.succeeds(&["app", "access", "wiki", "--ou", "/", "off"]);
    let app = desk.json(&["app", "access", "wiki", "--group", "Team@example.com", "on"]);
    assert_eq!(
        app["access"],
        json!({"units": [{"unit": "/", "switch": "off"}], "groups": ["team@example.com"]})
    );
    let app = desk.json(&["app", "access", "wiki", "--group", "team@example.com", "off"]);
    assert_eq!(app["access"]["groups"], json!([]));

    let app = desk.json(&["app", "domains", "wiki", "--add", "EXAMPLE.org"]);
    assert_eq!(app["domains"], json!(["example.com", "example.org"]));
    let app = desk.json(&["app", "domains", "wiki", "--remove", "example.org"]);
    assert_eq!(app["domains"], json!(["example.com"]));

    let app = desk.json(&[
        "app",
        "deprovision",
        "wiki",
        "--suspended",
        "7d",
        "--deleted",
        "24h",
        "--hard-delete",
        "30d",
    ]);
    let expected = json!({"app_off": null, "suspended": "7d", "deleted": "24h", "hard_delete": "30d"});
    assert_eq!(app["deprovisioning"], expected);
    let app = desk.json(&["app", "deprovision", "wiki", "--suspended", "never"]);
    assert_eq!(app["deprovisioning"]["suspended"], json!(null));
    assert_eq!(app["deprovisioning"]["deleted"], "24h", "what is not named stays");
    assert_eq!(app["status"], "not_configured", "it is not authorized");

    assert_eq!(desk.json(&["app", "unconfigure", "wiki"])["deprovisioning"]["deleted"], json!(null));
    assert_eq!(desk.json(&["app", "remove", "wiki"]), json!({"app": "wiki", "removed": true}));
    assert_eq!(desk.json(&["app", "list"]), json!({"apps": []}));
}

#[test]
fn taking_the_last_group_out_of_the_scope_has_to_be_meant() {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    let app = desk.json(&["app", "scope", "wiki", "--add", "team@example.com"]);
    assert_eq!(app["scope"], json!([{"group": "team@example.com", "depth": "nested"}]));
    let said = desk.fails(1, &["app", "scope", "wiki", "--remove", "team@example.com"]);
    assert!(said.contains("--everyone"), "{said}");
    assert_eq!(
        desk.json(&["app", "scope", "wiki"])["scope"],
        app["scope"],
        "what is refused changes nothing"
    );
    let app = desk.json(&[
        "app",
        "scope",
        "wiki",
        "--remove",
        "team@example.com",
        "--add",
        "leads@example.com",
        "--direct",
    ]);
    assert_eq!(app["scope"], json!([{"group": "leads@example.com", "depth": "direct"}]));
    let app = desk.json(&["app", "scope", "wiki", "--remove", "leads@example.com", "--everyone"]);
    assert_eq!(app["scope"], json!([]));
}

#[test]
fn a_mapping_is_edited_line_by_line_or_refused_as_a_whole() {
    let desk = Desk::with_people();
    let added = desk.json(&["app", "add", "wiki", "--template", "scim"]);
    let app = desk.json(&[
        "app",
        "map",
        "wiki",
        "--set",
        "title = user.organizations[0].title",
        "--set",
        "displayName = -",
    ]);
    let lines: Vec<_> = app["mapping"].as_array().unwrap().iter().filter_map(|line| line.as_str()).collect();
    assert!(lines.contains(&"title = user.organizations[0].title"), "{lines:?}");
    assert!(!lines.iter().any(|line| line.starts_with("displayName")), "{lines:?}");
    for wrong in ["titel = user.id", "title", "title = user.nothing", "title = user.id +"] {
        desk.fails(64, &["app", "map", "wiki", "--set", "nickName = user.id", "--set", wrong]);
    }
    assert_eq!(desk.json(&["app", "map", "wiki"])["mapping"], app["mapping"]);
    assert_eq!(desk.json(&["app", "map", "wiki", "--reset"])["mapping"], added["mapping"]);
}

#[test]
fn an_app_is_not_turned_on_before_it_is_complete_and_each_lack_has_its_sentence() {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    desk.succeeds(&["app", "map", "wiki", "--set", "userName = -"]);
    let said = desk.fails(1, &["app", "enable", "wiki"]);
    for lack in [
        "isn't turned on for any users",
        "not authorized",
        "Username (userName) is not mapped",
        "no deprovisioning trigger",
    ] {
        assert!(said.contains(lack), "{lack}: {said}");
    }
    desk.succeeds(&["app", "access", "wiki", "--ou", "/", "on"]);
    desk.succeeds(&["app", "map", "wiki", "--reset"]);
    desk.succeeds(&["app", "deprovision", "wiki", "--deleted", "24h"]);
    let said = desk.fails(1, &["app", "enable", "wiki"]);
    assert!(said.contains("not authorized") && !said.contains("trigger"), "{said}");
}

#[test]
fn what_is_not_there_is_named() {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    for (named, args) in [
        ("there is no app named `aws` in ./usher-data: there is wiki", &["plan", "aws"][..]),
        ("there is no app named `aws`", &["sync", "aws"]),
        ("there is no app named `aws`", &["explain", "aws", "ada@example.com"]),
        ("there is no app named `aws`", &["app", "enable", "aws"]),
        ("there is an app named wiki already", &["app", "add", "wiki", "--template", "aws"]),
        ("no directory named `google`", &["app", "add", "aws", "--template", "aws", "--directory", "google"]),
        ("no organizational unit /Nowhere", &["app", "access", "wiki", "--ou", "/Nowhere", "on"]),
        (
            "no group with the address no@example.com",
            &["app", "access", "wiki", "--group", "no@example.com", "on"],
        ),
        ("no group with the address no@example.com", &["app", "scope", "wiki", "--add", "no@example.com"]),
        (
            "leads@example.com is not in the provisioning scope",
            &["app", "scope", "wiki", "--remove", "leads@example.com"],
        ),
        (
            "not a domain of the directory: it has example.com, example.org",
            &["app", "domains", "wiki", "--add", "example.net"],
        ),
        ("example.com is the primary domain", &["app", "domains", "wiki", "--remove", "example.com"]),
        ("nobody in the directory has the address no@example.com", &["explain", "wiki", "no@example.com"]),
    ] {
        let said = desk.fails(1, args);
        assert!(said.contains(named), "{args:?}: {said}");
    }
}

#[test]
fn a_token_comes_from_a_file_and_is_never_repeated() {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    desk.succeeds(&["app", "add", "aws", "--template", "aws"]);
    desk.write("empty", " \n\t\n");
    desk.write("two", "s3cret\ns3cret");
    desk.write("token", "\n s3cret \n");
    let refused = |app: &str, endpoint: &str, file: &str| {
        let said = desk.fails(1, &["app", "authorize", app, "--endpoint", endpoint, "--token-file", file]);
        assert!(!said.contains("s3cret"), "{said}");
        said
    };
    let somewhere = "https://scim.example.com/v2";
    assert!(refused("wiki", somewhere, "absent").contains("cannot read the token file absent"));
    assert!(refused("wiki", somewhere, "empty").contains("the token file empty is empty"));
    assert!(refused("wiki", somewhere, "two").contains("no white space inside"));
    assert!(refused("wiki", "scim.example.com", "token").contains("is not a URL"));
    assert!(refused("wiki", "http://scim.example.com/v2", "token").contains("unencrypted"));
    assert!(refused("wiki", "https://169.254.169.254/v2", "token").contains("link-local"));
    assert!(refused("wiki", "https://10.0.0.1/v2", "token").contains("allow_private_endpoints"));
    assert!(refused("aws", somewhere, "token").contains("not an IAM Identity Center endpoint"));
    assert!(refused("wiki", "http://127.0.0.1:1/v2", "token").contains("does not answer"));
    assert_eq!(desk.json(&["app", "show", "wiki"])["authorized"], false);
    let said = desk.fails(64, &["app", "authorize", "wiki", "--token-file", "token"]);
    assert!(said.contains("--endpoint"), "{said}");
}

#[test]
fn an_app_that_is_not_configured_is_not_run_and_nothing_of_it_is_on_record() {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
    let said = desk.fails(1, &["sync", "wiki"]);
    let sentence = "the app wiki is not configured: authorize it and choose its deprovisioning first";
    assert_eq!(said, sentence);
    assert_eq!(desk.json(&["status"])["apps"][0]["last_run"], json!(null));
}
