//! Users: made, shown, overwritten, patched, deleted.

use crate::world::World;

#[tokio::test]
async fn the_documented_create_is_answered_as_documented() {
    let world = World::new();
    let answer = world
        .http(
            r#"POST /{tenant}/scim/v2/Users
Authorization: Bearer {token}
Content-Type: application/scim+json

{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"externalId":"1183912","userName":"ada@example.com",
 "name":{"givenName":"Ada","familyName":"Byron"},"displayName":"Ada Byron","active":true,
 "emails":[{"value":"ada@example.com","type":"work","primary":true}],
 "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Math"}}"#,
        )
        .await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.response.header("Content-Type"), Some("application/json"));
    assert!(answer.response.header("x-amzn-RequestId").is_some());
    assert_eq!(answer.response.header("Location"), None);
    let expected = r#"{"id":"ID","externalId":"1183912","meta":{"resourceType":"User","created":"2026-01-02T03:04:05Z","lastModified":"2026-01-02T03:04:05Z"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"ada@example.com","name":{"familyName":"Byron","givenName":"Ada"},"displayName":"Ada Byron","active":true,"emails":[{"value":"ada@example.com","type":"work","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Math"}}"#;
    assert_eq!(answer.text().replace(&answer.id(), "ID"), expected);
}
