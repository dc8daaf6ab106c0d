use serde_json::json;
use usher_model::template::Template;

use super::*;

fn path(text: &str) -> AttributePath {
    AttributePath::parse(text).unwrap()
}

fn attributes<const N: usize>(pairs: [(&str, Value); N]) -> Attributes {
    pairs.into_iter().map(|(text, value)| (path(text), value)).collect()
}

fn change(text: &str, to: Option<Value>) -> Change {
    Change { path: path(text), to }
}

fn patched(changes: Vec<Change>, switching: Switching, current: &Attributes, template: &str) -> Value {
    let quirks = &Template::by_key(template).unwrap().quirks;
    patch(&changes.into_iter().collect(), switching, current, quirks).to_json()["Operations"].clone()
}

fn work_mail(address: &str) -> Attributes {
    attributes([
        ("emails[type eq \"work\"].value", json!(address)),
        ("emails[type eq \"work\"].primary", json!(true)),
    ])
}

#[test]
fn a_new_account_is_on_and_names_the_schemas_it_uses() {
    let department = format!("{}:department", usher_model::template::ENTERPRISE_USER);
    let resource =
        new_account(&attributes([("userName", json!("ada")), (department.as_str(), json!("Math"))]));
    assert_eq!(
        Value::Object(resource.into_attributes()),
        json!({
            "schemas": [USER_SCHEMA, usher_model::template::ENTERPRISE_USER],
            "userName": "ada", "active": true,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Math"},
        })
    );
}

#[test]
fn a_patch_says_exactly_what_differs_one_path_per_operation() {
    let changes = vec![change("name.familyName", Some(json!("Byron"))), change("title", None)];
    assert_eq!(
        patched(changes, Switching::Leave, &Attributes::new(), "scim"),
        json!([{"op": "replace", "path": "name.familyName", "value": "Byron"}, {"op": "remove", "path": "title"}])
    );
}

#[test]
fn a_suspension_writes_active_and_nothing_else() {
    assert_eq!(
        patched(Vec::new(), Switching::Off, &Attributes::new(), "aws"),
        json!([{"op": "replace", "path": "active", "value": false}])
    );
}

#[test]
fn one_mail_of_a_list_is_changed_without_touching_the_others() {
    let changes = vec![change("emails[type eq \"work\"].value", Some(json!("new@example.com")))];
    assert_eq!(
        patched(changes, Switching::Leave, &work_mail("old@example.com"), "scim"),
        json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com"}])
    );
}

#[test]
fn an_entry_that_the_app_does_not_have_is_added_whole_because_a_filtered_path_would_find_nothing() {
    let changes = vec![
        change("emails[type eq \"work\"].primary", Some(json!(true))),
        change("emails[type eq \"work\"].value", Some(json!("ada@example.com"))),
    ];
    assert_eq!(
        patched(changes, Switching::Leave, &Attributes::new(), "scim"),
        json!([{"op": "add", "path": "emails", "value": [{"type": "work", "primary": true, "value": "ada@example.com"}]}])
    );
}

#[test]
fn an_app_that_wants_lists_whole_gets_the_one_entry_as_the_list() {
    let changes = vec![change("emails[type eq \"work\"].value", Some(json!("new@example.com")))];
    assert_eq!(
        patched(changes, Switching::Leave, &work_mail("old@example.com"), "aws"),
        json!([{"op": "replace", "path": "emails", "value": [{"type": "work", "primary": true, "value": "new@example.com"}]}])
    );
}

#[test]
fn an_entry_of_which_nothing_is_left_is_removed() {
    let changes = vec![
        change("emails[type eq \"work\"].primary", None),
        change("emails[type eq \"work\"].value", None),
    ];
    assert_eq!(
        patched(changes, Switching::Leave, &work_mail("old@example.com"), "scim"),
        json!([{"op": "remove", "path": "emails[type eq \"work\"]"}])
    );
}

#[test]
fn aws_gets_one_path_and_one_attribute_in_each_operation() {
    let changes = vec![
        change("displayName", Some(json!("Ada Byron"))),
        change("emails[type eq \"work\"].value", Some(json!("new@example.com"))),
        change("name.familyName", Some(json!("Byron"))),
        change("phoneNumbers[type eq \"work\"].value", None),
        change("title", None),
        change(&format!("{}:department", usher_model::template::ENTERPRISE_USER), Some(json!("Math"))),
    ];
    // The app showed no primary, and wants one whenever a mail is written.
    let current = attributes([
        ("emails[type eq \"work\"].value", json!("old@example.com")),
        ("phoneNumbers[type eq \"work\"].value", json!("+44 1")),
    ]);
    assert_eq!(
        patched(changes, Switching::On, &current, "aws"),
        json!([
            {"op": "replace", "path": "displayName", "value": "Ada Byron"},
            {"op": "replace", "path": "emails", "value": [{"type": "work", "value": "new@example.com", "primary": true}]},
            {"op": "replace", "path": "name.familyName", "value": "Byron"},
            {"op": "remove", "path": "phoneNumbers"},
            {"op": "remove", "path": "title"},
            {"op": "replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "Math"},
            {"op": "replace", "path": "active", "value": true},
        ])
    );
}

#[test]
fn what_is_empty_is_removed_and_never_sent_as_an_empty_text() {
    let sent = attributes([("title", json!("Countess")), ("nickName", json!("Ada"))]);
    let want = attributes([("title", json!("")), ("nickName", json!("Ada"))]);
    let differing = usher_model::attribute::changes::changes(&want, &sent, &sent);
    let quirks = &Template::by_key("aws").unwrap().quirks;
    assert_eq!(
        patch(&differing, Switching::Leave, &sent, quirks).to_json()["Operations"],
        json!([{"op": "remove", "path": "title"}])
    );
    assert!(!new_account(&want).into_attributes().contains_key("title"));
}

#[test]
fn a_put_keeps_what_we_do_not_map() {
    let read = json!({"id": "1", "userName": "ada", "nickName": "Countess", "active": true, "meta": {"version": "1"}});
    let Value::Object(read) = read else { unreachable!("an object") };
    let quirks = &Template::by_key("scim").unwrap().quirks;
    let changes = [change("userName", Some(json!("byron")))].into_iter().collect();
    let patch = patch(&changes, Switching::Off, &Attributes::new(), quirks);
    let merged = merged(Resource::new(read), &patch).unwrap();
    assert_eq!(
        Value::Object(merged.into_attributes()),
        json!({"id": "1", "userName": "byron", "nickName": "Countess", "active": false, "schemas": [USER_SCHEMA]})
    );
}
