//! Users: made, shown, overwritten, patched, deleted.

use std::time::Duration;

use crate::world::{World, refused, unparsable};

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

#[tokio::test]
async fn a_user_needs_names_a_user_name_and_a_display_name_and_nothing_else() {
    let world = World::new();
    let answer = world
        .post_user(r#"{"userName":"bo","name":{"givenName":"Bo","familyName":"Li"},"displayName":"Bo Li"}"#)
        .await;
    let expected = r#"{"id":"ID","meta":{"resourceType":"User","created":"2026-01-02T03:04:05Z","lastModified":"2026-01-02T03:04:05Z"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bo","name":{"familyName":"Li","givenName":"Bo"},"displayName":"Bo Li","active":true}"#;
    assert_eq!((answer.status, answer.text().replace(&answer.id(), "ID").as_str()), (201, expected));
    for without in [
        r#"{"name":{"givenName":"C","familyName":"D"},"displayName":"C D"}"#,
        r#"{"userName":"c","name":{"familyName":"D"},"displayName":"C D"}"#,
        r#"{"userName":"c","name":{"givenName":"C"},"displayName":"C D"}"#,
        r#"{"userName":"c","displayName":"C D"}"#,
        r#"{"userName":"c","name":{"givenName":"C","familyName":"D"}}"#,
    ] {
        assert_eq!(world.post_user(without).await.refusal(), unparsable(), "{without}");
    }
}

#[tokio::test]
async fn a_user_is_shown_with_everything_that_is_supported_and_nothing_that_is_absent() {
    let world = World::new();
    let answer = world
        .post_user(
            r#"{"userName":"ada","displayName":"Ada B","nickName":"A","profileUrl":"https://example.com/ada","title":"Countess",
            "userType":"Employee","preferredLanguage":"en","locale":"en-GB","timezone":"Europe/London","active":"false",
            "name":{"formatted":"Ada B","familyName":"Byron","givenName":"Ada","middleName":"K","honorificPrefix":"Lady","honorificSuffix":"I"},
            "phoneNumbers":[{"value":"+44 1","type":"work"}],"addresses":[{"type":"work"}],
            "roles":[{"value":"admin","type":"work","primary":true}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"1","costCenter":"2",
            "organization":"3","division":"4","department":"5","manager":{"value":"6","$ref":"../Users/6"}}}"#,
        )
        .await;
    let id = answer.id();
    let shown = world.scim("GET", &format!("/Users/{id}"), "").await;
    assert_eq!((shown.status, shown.text()), (200, answer.text()));
    let expected = r#"{"id":"ID","meta":{"resourceType":"User","created":"2026-01-02T03:04:05Z","lastModified":"2026-01-02T03:04:05Z"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"ada","name":{"formatted":"Ada B","familyName":"Byron","givenName":"Ada","middleName":"K","honorificPrefix":"Lady","honorificSuffix":"I"},"displayName":"Ada B","nickName":"A","title":"Countess","userType":"Employee","preferredLanguage":"en","locale":"en-GB","timezone":"Europe/London","active":false,"phoneNumbers":[{"value":"+44 1","type":"work"}],"addresses":[{"type":"work"}],"roles":[{"value":"admin","type":"work","primary":true}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"1","costCenter":"2","organization":"3","division":"4","department":"5","manager":{"value":"6"}}}"#;
    assert_eq!(answer.text().replace(&id, "ID"), expected);
}

#[tokio::test]
async fn a_put_is_the_whole_user_and_answers_201() {
    let world = World::new();
    let id = world.user("ada@example.com").await;
    world.clock.advance(Duration::from_mins(1));
    let body = format!(
        r#"{{"id":"{id}","userName":"ada2@example.com","name":{{"givenName":"A","familyName":"B"}},"displayName":"A B","active":false}}"#
    );
    let answer = world.scim("PUT", &format!("/Users/{id}"), &body).await;
    let expected = r#"{"id":"ID","meta":{"resourceType":"User","created":"2026-01-02T03:04:05Z","lastModified":"2026-01-02T03:05:05Z"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada2@example.com","name":{"familyName":"B","givenName":"A"},"displayName":"A B","active":false}"#;
    assert_eq!((answer.status, answer.text().replace(&id, "ID").as_str()), (201, expected));
    world.user("ada@example.com").await;
    assert_eq!(world.scim("PUT", &format!("/Users/{id}"), "{}").await.refusal(), unparsable());
    assert_eq!(world.scim("PUT", "/Users/nobody", &body).await.status, 404);
}

#[tokio::test]
async fn a_delete_answers_204_without_a_body_and_a_user_made_again_has_another_id() {
    let world = World::new();
    let id = world.user("ada@example.com").await;
    let answer = world.scim("DELETE", &format!("/Users/{id}"), "").await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert!(answer.response.header("x-amzn-RequestId").is_some());
    assert_eq!(answer.response.header("Content-Type"), None);
    for method in ["GET", "DELETE"] {
        assert_eq!(world.scim(method, &format!("/Users/{id}"), "").await.status, 404, "{method}");
    }
    assert_ne!(world.user("ada@example.com").await, id);
}

#[tokio::test]
async fn user_name_address_and_external_id_are_each_one_person_s() {
    let world = World::new();
    let body = |name: &str, email: &str, external_id: &str| {
        format!(
            r#"{{"userName":"{name}","externalId":"{external_id}","name":{{"givenName":"G","familyName":"F"}},"displayName":"G F",
            "emails":[{{"value":"{email}","type":"work","primary":true}}]}}"#
        )
    };
    assert_eq!(world.post_user(&body("a", "a@example.com", "1")).await.status, 201);
    let other = world.post_user(&body("b", "b@example.com", "2")).await.id();
    let duplicate = refused(409, "Refused to create a new, duplicate resource.");
    for clash in
        [body("a", "c@example.com", "3"), body("c", "a@example.com", "3"), body("c", "c@example.com", "1")]
    {
        assert_eq!(world.post_user(&clash).await.refusal(), duplicate, "{clash}");
        assert_eq!(
            world.scim("PUT", &format!("/Users/{other}"), &clash).await.refusal(),
            duplicate,
            "{clash}"
        );
    }
    for path in ["userName", "externalId"] {
        let value = if path == "userName" { "a" } else { "1" };
        let patch = format!(r#"{{"Operations":[{{"op":"replace","path":"{path}","value":"{value}"}}]}}"#);
        assert_eq!(world.scim("PATCH", &format!("/Users/{other}"), &patch).await.refusal(), duplicate);
    }
    let external_ids_are_exact = body("c", "c@example.com", "x");
    assert_eq!(world.post_user(&external_ids_are_exact).await.status, 201);
    assert_eq!(world.post_user(&body("d", "d@example.com", "X")).await.status, 201);
}
