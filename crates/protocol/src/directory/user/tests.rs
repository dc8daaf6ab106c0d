use proptest::prelude::*;
use serde_json::json;

use super::*;

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn user(value: Value) -> User {
    User::new(object(value))
}

#[track_caller]
fn merged(before: Value, change: Value, after: Value) {
    let mut user = user(before);
    user.merge(object(change)).unwrap();
    assert_eq!(user, self::user(after));
}

#[test]
fn absent_stays_null_clears_and_arrays_are_replaced_whole() {
    merged(
        json!({"id": "1", "orgUnitPath": "/a", "recoveryPhone": "+1", "phones": [{"value": "1"}, {"value": "2"}]}),
        json!({"recoveryPhone": null, "phones": [{"value": "3"}]}),
        json!({"id": "1", "orgUnitPath": "/a", "phones": [{"value": "3"}]}),
    );
}

#[test]
fn custom_schemas_are_merged_field_by_field() {
    merged(
        json!({"customSchemas": {"Aws": {"role": "dev", "cost": 1}, "Hr": {"grade": 3}}}),
        json!({"customSchemas": {"Aws": {"role": null, "teams": [{"value": "x"}]}, "Hr": null}}),
        json!({"customSchemas": {"Aws": {"cost": 1, "teams": [{"value": "x"}]}}}),
    );
    merged(
        json!({"customSchemas": {"Hr": {"a": 1}}}),
        json!({"customSchemas": {"Hr": {"a": null}}}),
        json!({}),
    );
}

#[test]
fn passwords_are_dropped_wherever_they_come_from() {
    merged(json!({}), json!({"id": "1", "password": "p", "hashFunction": "MD5"}), json!({"id": "1"}));
    let read: User = serde_json::from_value(json!({"id": "1", "password": "p"})).unwrap();
    assert_eq!(read, user(json!({"id": "1"})));
}

#[test]
fn an_unknown_key_refuses_the_change_and_is_named() {
    let mut ada = user(json!({"id": "1"}));
    let mut refused = |change: Value| ada.merge(object(change)).unwrap_err().to_string();
    insta::assert_snapshot!(
        refused(json!({"suspended": true, "orgUnitpath": "/a"})),
        @r#"the Directory API has no key "orgUnitpath" here; correct or remove it"#
    );
    insta::assert_snapshot!(
        refused(json!({"name": {"givenname": "Ada"}})),
        @r#"the Directory API has no key "name.givenname" here; correct or remove it"#
    );
    insta::assert_snapshot!(refused(json!({"suspended": "yes"})), @r#"the value of "suspended" is not true or false"#);
    insta::assert_snapshot!(
        refused(json!({"suspensionTime": "yesterday"})),
        @r#"the value of "suspensionTime" is not a time in RFC 3339 form or in milliseconds"#
    );
    assert_eq!(ada, user(json!({"id": "1"})), "nothing of a refused change is done");
}

#[test]
fn a_new_name_does_not_keep_the_old_full_name() {
    let before = json!({"name": {"givenName": "Ada", "familyName": "Byron", "fullName": "Ada Byron"}});
    let mut ada = user(before.clone());
    ada.merge(object(json!({"name": {"familyName": "Lovelace"}}))).unwrap();
    assert_eq!(ada.full_name().as_deref(), Some("Ada Lovelace"));
    merged(before.clone(), json!({"name": {"givenName": "Ada"}}), before);
}

#[test]
fn who_is_no_longer_suspended_has_no_suspension_time() {
    let before =
        json!({"suspended": true, "suspensionTime": "2026-01-01T00:00:00Z", "suspensionReason": "ADMIN"});
    merged(before.clone(), json!({"suspended": false}), json!({"suspended": false}));
    merged(before.clone(), json!({"suspended": true}), before);
    merged(
        json!({"archived": true, "archivalTime": "1600000000000"}),
        json!({"archived": false}),
        json!({"archived": false}),
    );
}

#[test]
fn accessors_read_what_google_sends() {
    let ada = user(json!({
        "kind": "admin#directory#user", "id": "1183912", "primaryEmail": "ada@example.com",
        "name": {"givenName": "Ada", "familyName": "Byron", "fullName": "Ada Byron"},
        "suspended": true, "suspensionTime": "2026-01-02T03:04:05.000Z", "archived": false,
        "deletionTime": "2026-01-03T00:00:00Z", "lastLoginTime": "1970-01-01T00:00:00.000Z",
        "aliases": ["a@example.com"], "nonEditableAliases": ["a@example.test-google-a.com"],
        "organizations": [{"title": "Countess", "primary": true}], "isGuestUser": false,
        "customSchemas": {"Aws": {"role": "dev"}},
    }));
    assert_eq!(ada.id(), Some("1183912"));
    assert_eq!(ada.org_unit_path(), "/");
    assert!(ada.suspended() && !ada.archived() && !ada.is_guest());
    assert_eq!(ada.suspension_time(), "2026-01-02T03:04:05Z".parse().ok());
    assert_eq!(ada.deletion_time(), "2026-01-03T00:00:00Z".parse().ok());
    assert_eq!(ada.last_login_time(), None);
    assert_eq!(ada.aliases().chain(ada.non_editable_aliases()).count(), 2);
    assert_eq!(ada.values("organizations").count(), 1);
    assert_eq!(ada.custom_field("Aws", "role"), Some(&json!("dev")));
}

#[test]
fn every_field_of_the_table_is_there_once_and_in_order() {
    let names: Vec<_> = fields::USER.iter().map(|field| field.name).collect();
    assert!(names.is_sorted_by(|left, right| left < right), "{names:?}");
    assert_eq!(names.len(), 50);
}

proptest! {
    #[test]
    fn a_change_made_twice_is_made_once(
        flags in proptest::collection::btree_map("suspended|archived|isGuestUser", proptest::option::of(any::<bool>()), 0..3),
        name in proptest::collection::btree_map("givenName|familyName|fullName", proptest::option::of("[a-z]{0,3}"), 0..3),
    ) {
        let mut change: Map<String, Value> = flags.into_iter().map(|(key, flag)| (key, flag.into())).collect();
        change.insert("name".to_owned(), name.into_iter().map(|(key, text)| (key, text.into())).collect::<Map<_, _>>().into());
        let mut once = user(json!({"name": {"fullName": "x"}, "suspensionTime": "1"}));
        once.merge(change.clone()).unwrap();
        let mut twice = once.clone();
        twice.merge(change).unwrap();
        prop_assert_eq!(once, twice);
    }
}
