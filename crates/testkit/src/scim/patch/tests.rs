use serde_json::json;

use super::*;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn ada() -> Map<String, Value> {
    let ada = json!({
        "id": "1", "userName": "ada@x", "active": true, "name": {"givenName": "Ada", "familyName": "King"},
        "emails": [{"value": "ada@x", "type": "work"}, {"value": "a@home", "type": "home"}],
        ENTERPRISE: {"department": "Math", "manager": {"value": "7"}},
        "members": [{"value": "1"}, {"value": "2"}],
    });
    ada.as_object().unwrap().clone()
}

fn patch(operations: &Value) -> Result<Value, Refused> {
    let patch = json!({"schemas": [SCHEMA], "Operations": operations});
    patched(&ada(), &changes(&patch)?, apply).map(Value::Object)
}

fn refusal(operations: &Value) -> Option<&'static str> {
    patch(operations).unwrap_err().scim_type
}

#[test]
fn an_attribute_is_replaced_by_path_and_without_one() {
    assert_eq!(
        patch(&json!([{"op": "Replace", "path": "ACTIVE", "value": false}])).unwrap()["active"],
        false
    );
    let both =
        patch(&json!([{"op": "replace", "value": {"active": false, "name.givenName": "Augusta"}}])).unwrap();
    assert_eq!(both["active"], false);
    assert_eq!(both["name"], json!({"givenName": "Augusta", "familyName": "King"}));
}

#[test]
fn one_of_many_values_is_found_by_its_filter() {
    let path = "emails[type eq \"work\"].value";
    let mails = patch(&json!([{"op": "replace", "path": path, "value": "ada@y"}])).unwrap();
    assert_eq!(mails["emails"][0], json!({"value": "ada@y", "type": "work"}));
    assert_eq!(mails["emails"][1]["value"], "a@home");
    assert_eq!(
        refusal(&json!([{"op": "replace", "path": "emails[type eq \"other\"].value", "value": "b"}])),
        Some("noTarget")
    );
}

#[test]
fn an_extension_is_reached_by_its_urn() {
    let path = format!("{ENTERPRISE}:department");
    let moved = patch(&json!([{"op": "add", "path": path, "value": "Art"}])).unwrap();
    assert_eq!(moved[ENTERPRISE], json!({"department": "Art", "manager": {"value": "7"}}));
    let merged = patch(&json!([{"op": "add", "value": {ENTERPRISE: {"department": "Art"}}}])).unwrap();
    assert_eq!(merged, moved);
    let gone = patch(&json!([{"op": "remove", "path": ENTERPRISE}])).unwrap();
    assert_eq!(gone.get(ENTERPRISE), None);
}

#[test]
fn values_of_a_list_come_and_go_one_by_one() {
    let added =
        patch(&json!([{"op": "add", "path": "members", "value": [{"value": "2"}, {"value": "3"}]}])).unwrap();
    assert_eq!(added["members"], json!([{"value": "1"}, {"value": "2"}, {"value": "3"}]));
    for remove in [
        json!({"op": "remove", "path": "members[value eq \"1\"]"}),
        json!({"op": "remove", "path": "members", "value": [{"value": "1"}]}),
    ] {
        assert_eq!(patch(&json!([remove])).unwrap()["members"], json!([{"value": "2"}]));
    }
    assert_eq!(patch(&json!([{"op": "remove", "path": "members"}])).unwrap().get("members"), None);
}

#[test]
fn null_and_empty_are_absent() {
    let cleared =
        patch(&json!([{"op": "replace", "value": {"emails": [], "name": {"givenName": null}}}])).unwrap();
    assert_eq!(cleared.get("emails"), None);
    assert_eq!(cleared["name"], json!({"familyName": "King"}));
}

#[test]
fn what_makes_no_sense_is_refused_as_a_whole() {
    assert_eq!(refusal(&json!([{"op": "replace", "path": "id", "value": "2"}])), Some("mutability"));
    assert_eq!(refusal(&json!([{"op": "remove"}])), Some("noTarget"));
    assert_eq!(refusal(&json!([{"op": "add", "path": "a[b"  , "value": 1}])), Some("invalidPath"));
    assert_eq!(refusal(&json!([{"op": "move", "path": "a"}])), Some("invalidSyntax"));
    assert_eq!(refusal(&json!([])), Some("invalidSyntax"));
    assert!(
        changes(&json!({"Operations": [{"op": "remove", "path": "title"}]})).is_err(),
        "without a schema"
    );
}
