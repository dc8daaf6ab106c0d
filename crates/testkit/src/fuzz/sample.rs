//! The resources that inputs are tried on.

use serde_json::{Map, Value, json};

/// The enterprise user of RFC 7643 §8.3, with values that a filter may stumble over.
pub(super) fn scim_user() -> Map<String, Value> {
    object(json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        ],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "externalId": "701984",
        "userName": "bjensen@example.com",
        "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"},
        "displayName": "Babs Jensen",
        "emails": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"}
        ],
        "addresses": [
            {"type": "work", "streetAddress": "100 Universal City Plaza", "postalCode": "91608", "primary": true},
            {"type": "home", "streetAddress": "456 Hollywood Blvd", "postalCode": "91608"}
        ],
        "phoneNumbers": [{"value": "tel:555-555-5555", "type": "work"}],
        "userType": "Employee",
        "title": "Tour Guide",
        "active": true,
        "loginCount": 7,
        "groups": [{"value": "e9e30dba-f08f-4109-8486-d5c6a331660a", "display": "Tour Guides"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "701984",
            "department": "Tour Operations",
            "manager": {"value": "26118915-6090-4610-87e4-49d8ca9f808d", "displayName": "John Smith"}
        },
        "meta": {
            "resourceType": "User",
            "created": "2010-01-23T04:56:22Z",
            "lastModified": "2011-05-13T04:42:34Z",
            "version": "W/\"a330bc54f0671c9\""
        }
    }))
}

/// The group of RFC 7643 §8.4.
pub(super) fn scim_group() -> Map<String, Value> {
    object(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "id": "e9e30dba-f08f-4109-8486-d5c6a331660a",
        "displayName": "Tour Guides",
        "members": [
            {"value": "2819c223-7f76-453a-919d-413861904646", "display": "Babs Jensen"},
            {"value": "902c246b-6245-4190-8e05-00816be7344a", "display": "Mandy Pepperidge"}
        ],
        "meta": {"resourceType": "Group", "version": "W/\"3694e05e9dff592\""}
    }))
}

/// A user as the Directory API writes one, with a little of everything that a mapping may ask for.
pub(super) fn directory_user() -> Value {
    json!({
        "kind": "admin#directory#user",
        "id": "100000000000000000001",
        "primaryEmail": "ada.king@example.com",
        "name": {"givenName": " Ada ", "familyName": "Kíng\u{200b}", "fullName": "Ada King"},
        "suspended": false,
        "orgUnitPath": "/Engineering",
        "emails": [
            {"address": "ada.king@example.com", "primary": true},
            {"address": "ada@home.example", "type": "home"}
        ],
        "organizations": [
            {"title": "Engineer", "department": "Maths", "costCenter": "42", "primary": true},
            {"title": "Poet"}
        ],
        "phones": [{"value": "+44 1", "type": "work"}, {"value": "+44 2", "type": "mobile"}],
        "relations": [{"value": "charles@example.com", "type": "manager"}],
        "aliases": ["a@example.com"],
        "customSchemas": {"Cost-Centers": {"code": 7, "share": 2.5, "tags": [{"type": "work", "value": "x"}]}},
        "notes": {"value": "👩‍💻 likes engines", "contentType": "text_plain"}
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
