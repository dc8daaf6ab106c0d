use proptest::prelude::*;
use serde_json::json;

use super::*;

fn attributes(flat: &Value) -> Attributes {
    serde_json::from_value(flat.clone()).unwrap()
}

fn check(want: &Value, sent: &Value, returned: &Value, expected: &Value) {
    let changes = changes(&attributes(want), &attributes(sent), &attributes(returned));
    let got: Map<String, Value> =
        changes.into_iter().map(|change| (change.path.to_string(), change.to.unwrap_or_default())).collect();
    assert_eq!(Value::Object(got), *expected, "want {want}, sent {sent}, returned {returned}");
}

#[test]
fn an_attribute_is_written_when_it_differs_from_what_we_sent() {
    let (old, new) = (json!({"title": "Engineer"}), json!({"title": "Lead"}));
    check(&new, &old, &old, &new);
    check(&old, &old, &old, &json!({}));
    check(&new, &json!({}), &json!({}), &new);
}

#[test]
fn an_attribute_the_app_already_has_is_not_written() {
    check(&json!({"title": "Lead"}), &json!({"title": "Engineer"}), &json!({"title": "Lead"}), &json!({}));
    check(&json!({"title": "Lead"}), &json!({}), &json!({"title": "Lead"}), &json!({}));
}

#[test]
fn an_attribute_the_app_normalized_is_not_written_again() {
    let want = json!({"title": "  Lead", "externalId": "1"});
    check(&want, &want, &json!({"title": "lead"}), &json!({}));
}

#[test]
fn an_attribute_no_longer_wanted_is_cleared_only_where_it_is() {
    let sent = json!({"title": "Engineer"});
    check(&json!({}), &sent, &sent, &json!({"title": null}));
    check(&json!({}), &sent, &json!({"title": "engineer"}), &json!({"title": null}));
    check(&json!({}), &sent, &json!({}), &json!({}));
}

#[test]
fn an_attribute_we_never_sent_is_never_touched() {
    check(&json!({}), &json!({}), &json!({"nickName": "Ada"}), &json!({}));
}

#[test]
fn spellings_of_apps_count_as_what_they_mean() {
    let want = json!({"x": true, "y": 3, "userName": "ada@example.com"});
    check(&want, &json!({}), &json!({"x": "True", "y": "3", "userName": "Ada@Example.com"}), &json!({}));
    check(&json!({"x": true}), &json!({}), &json!({"x": "False"}), &json!({"x": true}));
    check(&json!({"title": "lead"}), &json!({}), &json!({"title": "Lead"}), &json!({"title": "lead"}));
}

#[test]
fn lists_are_compared_without_order_and_by_what_we_sent() {
    let want = json!({"phoneNumbers": [{"value": "1", "type": "work"}, {"value": "2"}]});
    let same = json!({"phoneNumbers": [{"value": "2", "display": "2"}, {"Value": "1", "type": "work"}]});
    check(&want, &json!({}), &same, &json!({}));
    check(
        &want,
        &json!({"phoneNumbers": [{"value": "2"}, {"value": "1", "type": "work"}]}),
        &json!({}),
        &json!({}),
    );
    check(&want, &json!({}), &json!({"phoneNumbers": [{"value": "2"}, {"value": "2"}]}), &want);
    let more = json!({"phoneNumbers": [{"value": "2"}, {"value": "1", "type": "work"}, {"value": "3"}]});
    check(&want, &more, &more, &want);
}

#[test]
fn guards_see_new_user_names_and_cleared_attributes() {
    let changes = changes(
        &attributes(&json!({"userName": "new"})),
        &attributes(&json!({"userName": "old", "title": "Lead", "nickName": "A"})),
        &attributes(&json!({"userName": "old", "title": "Lead"})),
    );
    assert!(changes.changes_user_name());
    assert_eq!(changes.cleared().map(AttributePath::as_str).collect::<Vec<_>>(), ["title"]);
    assert_eq!(
        serde_json::to_value(&changes).unwrap(),
        json!([{"path": "title", "to": null}, {"path": "userName", "to": "new"}])
    );
}

/// A few paths and values, so that the three sides meet often.
fn some_attributes() -> impl Strategy<Value = Attributes> {
    let paths = prop::sample::select(vec![
        "userName",
        "title",
        "name.givenName",
        "phoneNumbers",
        "emails[type eq \"work\"].value",
        "emails[type eq \"work\"].primary",
        "emails[type eq \"home\"].value",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    ]);
    let values =
        prop::sample::select(vec![json!("a"), json!("A"), json!(true), json!(3), json!([{"value": "1"}])]);
    prop::collection::btree_map(paths, values, 0..8).prop_map(|pairs| {
        pairs.into_iter().map(|(path, value)| (AttributePath::parse(path).unwrap(), value)).collect()
    })
}

/// An app's own spelling of a value.
fn spelled_by_app(value: &Value) -> Value {
    value.as_str().map_or_else(|| value.clone(), |text| json!(text.to_uppercase()))
}

/// An app that does what it is told and then spells every text its own way.
fn apply(changes: &Changes, mut at_app: Attributes) -> Attributes {
    for Change { path, to } in changes {
        match to {
            Some(value) => at_app.insert(path.clone(), spelled_by_app(value)),
            None => {
                at_app.remove(path);
            }
        }
    }
    at_app
}

proptest! {
    #[test]
    fn an_account_as_wanted_has_no_changes(want in some_attributes(), returned in some_attributes()) {
        prop_assert!(changes(&want, &want, &returned).is_empty());
        prop_assert!(changes(&want, &Attributes::new(), &want).is_empty());
    }

    #[test]
    fn changes_once_applied_leave_nothing_to_change(
        want in some_attributes(),
        sent in some_attributes(),
        returned in some_attributes(),
    ) {
        let first = changes(&want, &sent, &returned);
        let after = apply(&first, returned);
        prop_assert!(changes(&want, &want, &after).is_empty());
        for (path, value) in &want {
            let was_sent = sent.get(path).is_some_and(|sent| same(value, sent));
            let is_there = after.get(path).is_some_and(|after| says(path, after, &spelled_by_app(value)) || says(path, after, value));
            prop_assert!(was_sent || is_there, "{path} was forgotten");
        }
        for path in sent.paths().filter(|path| want.get(path).is_none()) {
            prop_assert!(after.get(path).is_none(), "{path} was left there");
        }
    }

    #[test]
    fn a_resource_says_what_it_was_made_of(attributes in some_attributes()) {
        prop_assert_eq!(Attributes::project(attributes.paths(), &attributes.to_resource()), attributes);
    }
}
