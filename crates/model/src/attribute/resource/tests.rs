use serde_json::json;

use super::*;

fn attributes(flat: &Value) -> Attributes {
    serde_json::from_value(flat.clone()).unwrap()
}

#[test]
fn a_resource_nests_what_paths_spell_flat() {
    let attributes = attributes(&json!({
        "userName": "ada@example.com",
        "name.givenName": "Ada",
        "Name.familyName": "Byron",
        "emails[type eq \"work\"].value": "ada@example.com",
        "emails[type eq \"work\"].primary": true,
        "emails[type eq \"home\"].value": "ada@example.org",
        "phoneNumbers": [{"value": "1"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Maths",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value": "42",
    }));
    let expected = json!({
        "userName": "ada@example.com",
        "Name": {"givenName": "Ada", "familyName": "Byron"},
        "emails": [
            {"type": "home", "value": "ada@example.org"},
            {"type": "work", "value": "ada@example.com", "primary": true},
        ],
        "phoneNumbers": [{"value": "1"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Maths", "manager": {"value": "42"}},
    });
    let resource = Value::Object(attributes.to_resource());
    assert_eq!(resource, expected, "one object for both spellings of `name`");
    assert_eq!(Attributes::project(attributes.paths(), resource.as_object().unwrap()), attributes);
}

#[test]
fn a_projection_reads_what_apps_really_send() {
    let resource = json!({
        "USERNAME": "Ada",
        "name": "not an object",
        "title": null,
        "emails": ["odd", {"value": "none"}, {"Type": "WORK", "Value": "ada@example.com", "display": "Ada"}],
        "URN:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"Department": "Maths"},
    });
    let wanted = attributes(&json!({
        "userName": "x",
        "name.givenName": "x",
        "title": "x",
        "externalId": "x",
        "emails[type eq \"work\"].value": "x",
        "emails[type eq \"home\"].value": "x",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "x",
    }));
    let expected = attributes(&json!({
        "userName": "Ada",
        "emails[type eq \"work\"].value": "ada@example.com",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Maths",
    }));
    assert_eq!(Attributes::project(wanted.paths(), resource.as_object().unwrap()), expected);
}
