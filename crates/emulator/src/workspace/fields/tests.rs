use serde_json::json;

use super::*;

fn masked(mask: &str) -> Value {
    let value = json!({
        "kind": "k",
        "nextPageToken": "t",
        "users": [
            { "id": "1", "name": { "givenName": "A", "familyName": "B" }, "suspended": false },
            { "id": "2", "name": { "givenName": "C" } },
        ],
    });
    Mask::parse(mask).unwrap().of(value)
}

#[test]
fn a_mask_takes_what_it_names() {
    assert_eq!(
        masked("nextPageToken,users(id)"),
        json!({ "nextPageToken": "t", "users": [{ "id": "1" }, { "id": "2" }] })
    );
    let given = json!({ "users": [{ "name": { "givenName": "A" } }, { "name": { "givenName": "C" } }] });
    assert_eq!(masked("users/name/givenName"), given);
    assert_eq!(masked("users(name(givenName))"), given);
    assert_eq!(masked("users(name/givenName)"), given);
    assert_eq!(masked("*"), masked("kind,nextPageToken,users"));
    assert_eq!(
        masked("users/*/givenName"),
        json!({ "users": [{ "id": "1", "name": { "givenName": "A" }, "suspended": false }, { "id": "2", "name": { "givenName": "C" } }] })
    );
}

#[test]
fn the_same_name_twice_is_both() {
    assert_eq!(masked("users(id),users(suspended)"), masked("users(id,suspended)"));
    assert_eq!(masked("users,users(id)"), masked("users"));
}

#[test]
fn what_is_no_mask_is_refused() {
    for mask in ["", "users(", "users(id", "users)", "a,,b", "users()", "/id"] {
        assert_eq!(Mask::parse(mask).unwrap_err().reason, "invalidParameter", "{mask}");
    }
    let deep = "a(".repeat(100_000);
    assert!(Mask::parse(&deep).is_err());
    assert!(Mask::parse(&"a/".repeat(100_000)).is_err());
}
