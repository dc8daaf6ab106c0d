use serde_json::json;

use super::*;

fn path(text: &str) -> AttributePath {
    AttributePath::parse(text).unwrap()
}

#[test]
fn nothing_empty_is_ever_inside() {
    let mut attributes = Attributes::new();
    for empty in [json!(null), json!(""), json!([]), json!({}), json!([null, "", {"value": ""}])] {
        attributes.insert(path("title"), empty);
        assert!(attributes.is_empty());
    }
    attributes.insert(path("title"), json!("Engineer"));
    attributes.insert(path("TITLE"), json!(""));
    assert_eq!(attributes.get(&path("title")), None, "an empty value takes the earlier one away");

    attributes.insert(path("phoneNumbers"), json!([{"value": "1", "type": ""}, {"value": null}]));
    assert_eq!(attributes.get(&path("phoneNumbers")), Some(&json!([{"value": "1"}])));
    attributes.insert(path("active"), json!(false));
    assert_eq!(attributes.len(), 2, "false is a value");
}

#[test]
fn attributes_are_a_flat_object_in_json() {
    let read: Attributes =
        serde_json::from_str(r#"{"userName": "ada", "name.givenName": "Ada", "title": null}"#).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), r#"{"name.givenName":"Ada","userName":"ada"}"#);
    assert_eq!(read.user_name(), Some("ada"));
    assert_eq!(read.external_id(), None);
}
