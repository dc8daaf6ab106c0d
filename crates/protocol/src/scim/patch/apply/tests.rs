use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::scim::{ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, PATCH_OP_SCHEMA, USER_SCHEMA};

const LENIENT: PatchOptions = PatchOptions { booleans_as_strings: true, add_creates_chosen_value: true };

fn object(value: Value) -> Map<String, Value> {
    serde_json::from_value(value).unwrap()
}

fn request(operations: &Value) -> PatchRequest {
    let body = json!({"schemas": [PATCH_OP_SCHEMA], "Operations": operations});
    let request = PatchRequest::read(&body).unwrap();
    assert_eq!(PatchRequest::read(&request.to_json()).unwrap(), request, "printed and read again");
    request
}

fn patched(resource: Value, operations: &Value, options: PatchOptions) -> Result<Value, ScimError> {
    let mut resource = object(resource);
    request(operations).apply(&mut resource, options)?;
    Ok(resource.into())
}

#[track_caller]
fn check(resource: Value, operations: &Value, expected: &Value) {
    assert_eq!(&patched(resource, operations, PatchOptions::default()).unwrap(), expected);
}

#[track_caller]
fn refused(resource: &Value, operations: &Value, expected: ScimType) {
    let mut changed = object(resource.clone());
    let error = request(operations).apply(&mut changed, PatchOptions::default()).unwrap_err();
    assert_eq!(error.status, 400);
    assert_eq!(error.scim_type, Some(expected), "{error}");
    assert_eq!(&Value::from(changed), resource, "after an error the resource is as it was");
}

fn group(members: &Value) -> Value {
    let mut group = json!({"schemas": [GROUP_SCHEMA], "id": "acbf3ae7", "displayName": "Group A"});
    if members.as_array().is_some_and(|members| !members.is_empty()) {
        group["members"] = members.clone();
    }
    group
}

fn babs() -> Value {
    json!({"display": "Babs Jensen", "$ref": "https://example.com/v2/Users/2819c223", "value": "2819c223"})
}

fn james() -> Value {
    json!({"display": "James Smith", "$ref": "https://example.com/v2/Users/08e1d05d", "value": "08e1d05d"})
}

#[test]
fn rfc_add_a_member() {
    let add = json!([{"op": "add", "path": "members", "value": [babs()]}]);
    check(group(&json!([])), &add, &group(&json!([babs()])));
    check(group(&json!([babs()])), &add, &group(&json!([babs()])));
    check(group(&json!([james()])), &add, &group(&json!([james(), babs()])));
}

#[test]
fn rfc_add_without_a_path() {
    let operations = json!([{"op": "add", "value": {
        "emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs"}}]);
    let user = json!({"emails": [{"value": "b@example.com", "type": "work"}]});
    let expected = json!({
        "emails": [{"value": "b@example.com", "type": "work"}, {"value": "babs@jensen.org", "type": "home"}],
        "nickname": "Babs"});
    check(user, &operations, &expected);
}

#[test]
fn rfc_remove_one_member_and_all_members() {
    let both = group(&json!([babs(), james()]));
    let one = json!([{"op": "remove", "path": "members[value eq \"2819c223\"]"}]);
    check(both.clone(), &one, &group(&json!([james()])));
    check(both.clone(), &json!([{"op": "remove", "path": "members"}]), &group(&json!([])));
    let other = json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"example.com\"]"}]);
    check(
        json!({"emails": [{"type": "work", "value": "a@example.com"}, {"type": "work", "value": "a@x.org"}]}),
        &other,
        &json!({"emails": [{"type": "work", "value": "a@x.org"}]}),
    );
}

#[test]
fn rfc_remove_and_add_in_one_request() {
    let operations = json!([
        {"op": "remove", "path": "members[value eq \"2819c223\"]"},
        {"op": "add", "path": "members", "value": [james()]},
    ]);
    check(group(&json!([babs()])), &operations, &group(&json!([james()])));
}

#[test]
fn rfc_replace_all_members() {
    let operations = json!([{"op": "replace", "path": "members", "value": [babs(), james()]}]);
    check(group(&json!([{"value": "old"}])), &operations, &group(&json!([babs(), james()])));
}

#[test]
fn rfc_replace_a_work_address() {
    let address = json!({"type": "work", "streetAddress": "911 Universal City Plaza", "primary": true});
    let operations = json!([{"op": "replace", "path": "addresses[type eq \"work\"]", "value": address}]);
    let user = json!({"addresses": [
        {"type": "home", "streetAddress": "h", "primary": true},
        {"type": "work", "streetAddress": "w", "postalCode": "91608"}]});
    let expected = json!({"addresses": [
        {"type": "home", "streetAddress": "h", "primary": false}, address]});
    check(user, &operations, &expected);
}

#[test]
fn rfc_replace_one_sub_attribute_of_chosen_values() {
    let operations = json!([{
        "op": "replace", "path": "addresses[type eq \"work\"].streetAddress", "value": "1010 Broadway Ave"}]);
    check(
        json!({"addresses": [{"type": "work", "streetAddress": "w", "postalCode": "91608"}]}),
        &operations,
        &json!({"addresses": [{"type": "work", "streetAddress": "1010 Broadway Ave", "postalCode": "91608"}]}),
    );
    refused(&json!({"addresses": [{"type": "home"}]}), &operations, ScimType::NoTarget);
}

#[test]
fn replace_keeps_the_parts_of_a_complex_attribute_that_it_does_not_name() {
    check(
        json!({"name": {"givenName": "Ada", "familyName": "Byron"}}),
        &json!([{"op": "replace", "path": "name", "value": {"familyName": "Lovelace"}}]),
        &json!({"name": {"givenName": "Ada", "familyName": "Lovelace"}}),
    );
    check(
        json!({}),
        &json!([{"op": "Replace", "value": {"name.familyName": "Lovelace"}}]),
        &json!({"name": {"familyName": "Lovelace"}}),
    );
}

#[test]
fn members_are_taken_away_by_a_list_of_values_as_aws_and_entra_do() {
    let both = group(&json!([babs(), james()]));
    let operations = json!([{"op": "Remove", "path": "members", "value": [{"value": "2819c223"}]}]);
    check(both.clone(), &operations, &group(&json!([james()])));
    let unknown = json!([{"op": "remove", "path": "members", "value": [{"value": "nobody"}, {}]}]);
    check(both.clone(), &unknown, &both);
    let empty = json!([{"op": "remove", "path": "members", "value": []}]);
    check(both.clone(), &empty, &both);
}

#[test]
fn a_member_whose_id_differs_in_case_is_another_one() {
    let operations = json!([{"op": "remove", "path": "members[value eq \"2819C223\"]"}]);
    check(group(&json!([babs()])), &operations, &group(&json!([babs()])));
}

#[test]
fn one_value_is_primary_the_one_set_last() {
    let user =
        json!({"emails": [{"value": "a", "type": "work", "primary": true}, {"value": "b", "type": "home"}]});
    check(
        user.clone(),
        &json!([{"op": "add", "path": "emails", "value": {"value": "c", "primary": true}}]),
        &json!({"emails": [
            {"value": "a", "type": "work", "primary": false},
            {"value": "b", "type": "home"},
            {"value": "c", "primary": true}]}),
    );
    check(
        user,
        &json!([{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}]),
        &json!({"emails": [
            {"value": "a", "type": "work", "primary": false}, {"value": "b", "type": "home", "primary": true}]}),
    );
}

#[test]
fn extensions_are_made_changed_and_dropped() {
    let urn = ENTERPRISE_USER_SCHEMA;
    let add = json!([{"op": "add", "path": format!("{urn}:department"), "value": "Math"}]);
    let with = json!({"schemas": [USER_SCHEMA, urn], urn: {"department": "Math"}});
    check(json!({"schemas": [USER_SCHEMA]}), &add, &with);
    let pathless = json!([{"op": "add", "value": {urn: {"department": "Math"}}}]);
    check(json!({"schemas": [USER_SCHEMA]}), &pathless, &with);
    let manager = json!([{"op": "replace", "path": format!("{urn}:manager.value"), "value": "26118915"}]);
    let with_manager = json!({"schemas": [USER_SCHEMA, urn],
        urn: {"department": "Math", "manager": {"value": "26118915"}}});
    check(with.clone(), &manager, &with_manager);
    let remove = json!([{"op": "remove", "path": format!("{urn}:department")}]);
    check(with.clone(), &remove, &json!({"schemas": [USER_SCHEMA]}));
    check(with, &json!([{"op": "remove", "path": urn}]), &json!({"schemas": [USER_SCHEMA]}));
}

#[test]
fn a_core_schema_in_front_of_a_name_changes_nothing() {
    let operations = json!([{"op": "replace", "path": format!("{USER_SCHEMA}:userName"), "value": "b"}]);
    check(json!({"username": "a"}), &operations, &json!({"username": "b"}));
}

#[test]
fn booleans_in_strings_are_an_option() {
    let operations = json!([{"op": "Replace", "path": "active", "value": "False"}]);
    let user = json!({"active": true});
    assert_eq!(patched(user.clone(), &operations, LENIENT), Ok(json!({"active": false})));
    refused(&user, &operations, ScimType::InvalidValue);
    let nonsense = json!([{"op": "replace", "path": "active", "value": "perhaps"}]);
    assert!(patched(user, &nonsense, LENIENT).is_err());
}

#[test]
fn adding_to_a_value_that_is_not_there_is_an_option() {
    let operations = json!([{"op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@x"}]);
    assert_eq!(
        patched(json!({}), &operations, LENIENT),
        Ok(json!({"emails": [{"type": "work", "value": "a@x"}]}))
    );
    refused(&json!({}), &operations, ScimType::NoTarget);
}

#[test]
fn what_is_refused_changes_nothing() {
    let user = json!({"id": "1", "userName": "a", "emails": [{"value": "a@x"}]});
    refused(&user, &json!([{"op": "remove"}]), ScimType::NoTarget);
    refused(&user, &json!([{"op": "add", "value": "x"}]), ScimType::InvalidValue);
    refused(&user, &json!([{"op": "add", "path": "title"}]), ScimType::InvalidValue);
    refused(&user, &json!([{"op": "replace", "path": "id", "value": "2"}]), ScimType::Mutability);
    refused(&user, &json!([{"op": "remove", "path": "meta"}]), ScimType::Mutability);
    refused(&user, &json!([{"op": "add", "value": {"1st": 1}}]), ScimType::InvalidPath);
    let half = json!([{"op": "replace", "path": "userName", "value": "b"}, {"op": "remove"}]);
    refused(&user, &half, ScimType::NoTarget);
    let own_id = json!([{"op": "replace", "value": {"id": "1", "userName": "b"}}]);
    check(user, &own_id, &json!({"id": "1", "userName": "b", "emails": [{"value": "a@x"}]}));
}

#[test]
fn null_takes_a_value_away() {
    check(
        json!({"title": "x", "name": {"givenName": "A", "familyName": "B"}}),
        &json!([{"op": "replace", "value": {"title": null, "name": {"givenName": null}}}]),
        &json!({"name": {"familyName": "B"}}),
    );
}

#[test]
fn adding_null_adds_nothing_and_takes_nothing_away() {
    let both = group(&json!([babs(), james()]));
    check(both.clone(), &json!([{"op": "add", "path": "members", "value": null}]), &both);
    check(both.clone(), &json!([{"op": "add", "value": {"members": null, "displayName": null}}]), &both);
    check(json!({"active": true}), &json!([{"op": "replace", "path": "active", "value": null}]), &json!({}));
}

#[test]
fn nothing_empty_is_left() {
    let add = json!([
        {"op": "add", "path": "emails", "value": [{}, {"value": "a@x", "type": null, "display": null}]},
        {"op": "add", "path": "name", "value": {"familyName": null, "givenName": "A"}},
        {"op": "add", "path": "photos", "value": [{"value": null}]},
        {"op": "add", "path": "nickName", "value": []},
    ]);
    let user = json!({"nickName": "N", "emails": [{"value": "a@x"}], "name": {"givenName": "A"}});
    check(json!({"nickName": "N"}), &add, &user);
    check(user.clone(), &add, &user);
    check(
        user.clone(),
        &json!([{"op": "remove", "path": "emails.value"}]),
        &json!({
        "nickName": "N", "name": {"givenName": "A"}}),
    );
    let chosen = json!([{"op": "replace", "path": "emails[value pr].value", "value": null}]);
    check(user, &chosen, &json!({"nickName": "N", "name": {"givenName": "A"}}));
}

#[test]
fn an_address_that_is_not_primary_any_more_is_the_same_address() {
    let two = json!([{"op": "add", "path": "addresses", "value": [
        {"type": "work", "primary": true}, {"type": "home", "primary": true}]}]);
    let user = json!({"addresses": [{"type": "work", "primary": false}, {"type": "home", "primary": true}]});
    check(json!({}), &two, &user);
    check(user.clone(), &two, &user);
    let work = json!([{"op": "add", "path": "addresses", "value": {"type": "work", "primary": true}}]);
    check(
        user,
        &work,
        &json!({"addresses": [{"type": "work", "primary": true}, {"type": "home", "primary": false}]}),
    );
}

#[test]
fn lists_of_an_apps_own_may_hold_numbers() {
    let replace = json!([{"op": "replace", "path": "levels", "value": [1, 2, 1]}]);
    check(json!({}), &replace, &json!({"levels": [1, 2]}));
    check(json!({"levels": [1, 2]}), &replace, &json!({"levels": [1, 2]}));
    check(json!({"levels": "none"}), &replace, &json!({"levels": [1, 2]}));
    refused(&json!({}), &json!([{"op": "add", "path": "members", "value": [1]}]), ScimType::InvalidValue);
}

#[test]
fn a_value_is_only_made_where_it_meets_the_filter() {
    for filter in ["type eq \"a\" and type eq \"b\"", "type.sub eq \"a\"", "primary eq \"x\""] {
        let add = json!([{"op": "add", "path": format!("emails[{filter}].value"), "value": "a@x"}]);
        assert!(patched(json!({}), &add, LENIENT).is_err(), "{filter}");
    }
    let name = json!([{"op": "add", "path": "name[familyName eq \"B\"].givenName", "value": "A"}]);
    let user = json!({"name": {"familyName": "C"}});
    assert!(patched(user, &name, LENIENT).is_err(), "a complex attribute of one value becomes no list");
}

#[test]
fn a_filter_behind_a_sub_attribute_is_refused() {
    let user = json!({"emails": [{"value": "a@x", "type": "work"}]});
    let remove = json!([{"op": "remove", "path": "emails.value[type eq \"work\"]"}]);
    refused(&user, &remove, ScimType::InvalidPath);
}

#[test]
fn a_body_that_is_no_patch_says_why() {
    let read = |body: Value| PatchRequest::read(&body).unwrap_err().to_string();
    insta::assert_snapshot!(read(json!([])), @"400 invalidSyntax: the body is not an object");
    insta::assert_snapshot!(
        read(json!({"Operations": []})),
        @r#"400 invalidSyntax: "schemas" does not name urn:ietf:params:scim:api:messages:2.0:PatchOp"#
    );
    let operations =
        |operations: Value| read(json!({"schemas": [PATCH_OP_SCHEMA], "Operations": operations}));
    insta::assert_snapshot!(
        operations(json!([{"op": "move"}])),
        @r#"400 invalidSyntax: an operation has no "op" of add, replace or remove"#
    );
    insta::assert_snapshot!(
        operations(json!([{"op": "add", "path": "emails[type"}])),
        @r#"400 invalidPath: the path "emails[type" is wrong: the filter has no operator at byte 11"#
    );
    insta::assert_snapshot!(
        operations(json!([])),
        @r#"400 invalidSyntax: "Operations" needs 1 to 1000 operations"#
    );
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ab]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let name =
            proptest::sample::select(vec!["value", "type", "primary", "emails", "members", "name", "active"]);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..3).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<Map<_, _>>()
                    .into()
            }),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let paths = vec![
        "emails",
        "members",
        "name",
        "active",
        "emails.value",
        "emails[value eq \"a\"]",
        "name[type pr]",
        "emails[type eq \"b\"].primary",
        "members[value eq \"a\"].value",
        "urn:x:y:emails",
        "schemas",
    ];
    let op = proptest::sample::select(vec!["add", "replace", "remove"]);
    let path = proptest::option::of(proptest::sample::select(paths));
    (op, path, proptest::option::of(json_value())).prop_map(|(op, path, value)| {
        let mut operation = json!({"op": op});
        if let Some(path) = path {
            operation["path"] = path.into();
        }
        if let Some(value) = value {
            operation["value"] = value;
        }
        operation
    })
}

proptest! {
    #[test]
    fn no_patch_panics_and_errors_change_nothing(
        resource in proptest::collection::btree_map("emails|members|name|active", json_value(), 0..4),
        operations in proptest::collection::vec(operation(), 1..4),
        lenient in any::<bool>(),
    ) {
        let before = Map::from_iter(resource);
        let mut after = before.clone();
        let options = if lenient { LENIENT } else { PatchOptions::default() };
        if request(&operations.into()).apply(&mut after, options).is_err() {
            prop_assert_eq!(before, after);
        }
    }

    #[test]
    fn a_patch_of_plain_values_done_twice_is_done_once(operations in proptest::collection::vec(
        ("add|replace", "title|userName|nickName", "[a-z]{0,3}")
            .prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value})), 1..5)
    ) {
        let request = request(&operations.into());
        let mut once = Map::new();
        request.apply(&mut once, PatchOptions::default()).unwrap();
        let mut twice = once.clone();
        request.apply(&mut twice, PatchOptions::default()).unwrap();
        prop_assert_eq!(once, twice);
    }
}
