use serde_json::json;

use super::*;

fn attributes(flat: &serde_json::Value) -> Attributes {
    serde_json::from_value(flat.clone()).unwrap()
}

fn check(
    sent: &serde_json::Value,
    returned: &serde_json::Value,
    seen: &serde_json::Value,
    expected: &[&str],
) {
    let drifted = drifted(&attributes(sent), &attributes(returned), &attributes(seen));
    let drifted: Vec<_> = drifted.iter().map(AttributePath::as_str).collect();
    assert_eq!(drifted, expected, "sent {sent}, returned {returned}, seen {seen}");
}

#[test]
fn a_value_that_we_sent_and_somebody_changed_or_cleared_has_drifted() {
    let ada = json!({"displayName": "Ada"});
    check(&ada, &ada, &json!({"displayName": "Eve"}), &["displayName"]);
    check(&ada, &ada, &json!({}), &["displayName"]);
    check(&ada, &ada, &ada, &[]);
}

#[test]
fn a_value_that_the_app_normalizes_or_hides_has_not_drifted() {
    let (sent, shown) = (json!({"displayName": "Ada"}), json!({"displayName": "ADA"}));
    check(&sent, &shown, &shown, &[]);
    check(&sent, &json!({}), &json!({}), &[]);
}

#[test]
fn a_value_where_we_never_wrote_one_is_somebodys_own() {
    check(&json!({}), &json!({}), &json!({"title": "Boss"}), &[]);
    check(&json!({}), &json!({"title": "Boss"}), &json!({"title": "Chief"}), &[]);
}

#[test]
fn a_write_of_something_else_does_not_make_anothers_change_ours() {
    let ours = attributes(&json!({"displayName": "Ada", "title": "Engineer"}));
    let shown = attributes(&json!({"displayName": "Eve", "title": "Lead"}));
    let name = [AttributePath::parse("displayName").unwrap()];
    let (returned, is_drifted) = returned_despite(&ours, &name, &shown);
    assert_eq!(returned, attributes(&json!({"displayName": "Ada", "title": "Lead"})));
    assert!(is_drifted);
    let (returned, is_drifted) = returned_despite(&ours, &name, &attributes(&json!({"displayName": "Ada"})));
    assert_eq!(returned, attributes(&json!({"displayName": "Ada"})));
    assert!(!is_drifted, "somebody changed it back");
}
