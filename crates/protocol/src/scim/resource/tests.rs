use serde_json::json;

use super::*;

#[test]
fn a_resource_is_read_with_any_spelling_of_its_names() {
    let body = json!({
        "ID": "2819c223",
        "externalID": "701984",
        "meta": {"resourceType": "User", "version": "W/\"3694e05e9dff590\""},
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    });
    let resource = Resource::read(&Response::json(200, &body)).unwrap();
    assert_eq!(resource.id(), Some("2819c223"));
    assert_eq!(resource.external_id(), Some("701984"));
    assert_eq!(resource.resource_type(), Some("User"));
    assert_eq!(resource.version(), Some("W/\"3694e05e9dff590\""));
    assert_eq!(resource.schemas().count(), 1);
}

#[test]
fn an_answer_without_a_resource_says_what_is_missing() {
    let read = |response| Resource::read(&response).unwrap_err();
    assert_eq!(read(Response::empty(204)), ResourceError::Empty { status: 204 });
    assert_eq!(read(Response::json(200, &json!([]))), ResourceError::NotAnObject { status: 200 });
    assert_eq!(
        read(Response::json(201, &json!({"userName": "a"}))),
        ResourceError::MissingId { status: 201 }
    );
    assert_eq!(read(Response::json(200, &json!({"id": 7}))), ResourceError::MissingId { status: 200 });
    assert!(matches!(read(Response::empty(500)), ResourceError::Refused(_)));
}

#[test]
fn an_id_that_a_url_would_resolve_is_refused() {
    for id in ["", ".", ".."] {
        assert_eq!(ResourceId::parse(id), Err(UnusableId(id.to_owned())));
        assert!(matches!(
            Resource::read(&Response::json(200, &json!({"id": id}))),
            Err(ResourceError::UnusableId(_))
        ));
    }
    assert_eq!(ResourceId::parse("a/b@example.com").unwrap().as_str(), "a/b@example.com");
}
