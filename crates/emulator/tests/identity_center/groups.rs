//! Groups: made, shown, renamed, deleted; their members are never shown.

use std::time::Duration;

use crate::world::{World, refused, unparsable};

#[tokio::test]
async fn a_group_is_answered_without_its_members_and_listed_with_none() {
    let world = World::new();
    let user = world.user("ada@example.com").await;
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Dev Ops","externalId":"03x8tuzt",
        "members":[{{"value":"{user}","$ref":"../Users/{user}","type":"User"}}]}}"#
    );
    let made = world.scim("POST", "/Groups", &body).await;
    let id = made.id();
    let expected = r#"{"id":"ID","externalId":"03x8tuzt","meta":{"resourceType":"Group","created":"2026-01-02T03:04:05Z","lastModified":"2026-01-02T03:04:05Z"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Dev Ops"}"#;
    assert_eq!((made.status, made.text().replace(&id, "ID").as_str()), (201, expected));
    assert_eq!(made.response.header("Location"), None);
    let shown = world.scim("GET", &format!("/Groups/{id}"), "").await;
    assert_eq!((shown.status, shown.text()), (200, made.text()));
    let list = world.scim("GET", "/Groups", "").await;
    let expected = r#"{"totalResults":1,"itemsPerPage":1,"startIndex":1,"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"Resources":[{"id":"ID","externalId":"03x8tuzt","meta":{"resourceType":"Group","created":"2026-01-02T03:04:05Z","lastModified":"2026-01-02T03:04:05Z"},"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Dev Ops","members":[]}]}"#;
    assert_eq!(list.text().replace(&id, "ID"), expected);
    assert_eq!(world.center.group(&world.tenant, &id).unwrap().members.len(), 1);
}

#[tokio::test]
async fn name_and_external_id_are_each_one_group_s() {
    let world = World::new();
    let duplicate = refused(409, "Refused to create a new, duplicate resource.");
    world.scim("POST", "/Groups", r#"{"displayName":"Dev","externalId":"1"}"#).await;
    let other = world.scim("POST", "/Groups", r#"{"displayName":"Ops","externalId":"2"}"#).await.id();
    for clash in
        [r#"{"displayName":"Dev"}"#, r#"{"displayName":"DEV"}"#, r#"{"displayName":"New","externalId":"1"}"#]
    {
        assert_eq!(world.scim("POST", "/Groups", clash).await.refusal(), duplicate, "{clash}");
    }
    for (path, value) in [("displayName", "Dev"), ("externalId", "1")] {
        let patch = format!(r#"{{"Operations":[{{"op":"replace","path":"{path}","value":"{value}"}}]}}"#);
        assert_eq!(world.scim("PATCH", &format!("/Groups/{other}"), &patch).await.refusal(), duplicate);
    }
}

#[tokio::test]
async fn the_documented_rename_answers_204_and_nothing() {
    let world = World::new();
    let id = world.scim("POST", "/Groups", r#"{"displayName":"Dev"}"#).await.id();
    world.clock.advance(Duration::from_mins(1));
    let answer = world
        .scim(
            "PATCH",
            &format!("/Groups/{id}"),
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
              {"op":"replace","path":"displayName","value":"Developers"},
              {"op":"replace","path":"externalId","value":"03x8tuzt"}]}"#,
        )
        .await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    let expected = format!(
        r#"{{"id":"{id}","externalId":"03x8tuzt","meta":{{"resourceType":"Group","created":"2026-01-02T03:04:05Z","lastModified":"2026-01-02T03:05:05Z"}},"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Developers"}}"#
    );
    assert_eq!(world.scim("GET", &format!("/Groups/{id}"), "").await.text(), expected);
    let list = world.scim("GET", r#"/Groups?filter=displayName+eq+"dev""#, "").await.json();
    assert_eq!(list["totalResults"], 0, "the name it had is nobody's");
}

#[tokio::test]
async fn a_rename_without_a_path_holds_one_attribute() {
    let world = World::new();
    let id = world.scim("POST", "/Groups", r#"{"displayName":"Dev"}"#).await.id();
    let path = format!("/Groups/{id}");
    let one = r#"{"Operations":[{"op":"replace","value":{"displayName":"Ops"}}]}"#;
    assert_eq!(world.scim("PATCH", &path, one).await.status, 204);
    let two = format!(r#"{{"Operations":[{{"op":"replace","value":{{"id":"{id}","displayName":"New"}}}}]}}"#);
    let detail = "Current PATCH support allows omitting \"path\" attribute only for Add and Replace operations modifying a \
                  single attribute.";
    assert_eq!(world.scim("PATCH", &path, &two).await.refusal(), refused(400, detail));
}

#[tokio::test]
async fn nothing_else_of_a_group_is_made_or_changed() {
    let world = World::new();
    for body in
        [r"{}", r#"{"externalId":"1"}"#, r#"{"displayName":7}"#, r#"{"displayName":"A","description":"B"}"#]
    {
        assert_eq!(world.scim("POST", "/Groups", body).await.refusal(), unparsable(), "{body}");
    }
    let path = format!("/Groups/{}", world.scim("POST", "/Groups", r#"{"displayName":"Dev"}"#).await.id());
    for operations in [
        r"[]",
        r#"[{"op":"replace","path":"description","value":"x"}]"#,
        r#"[{"op":"remove","path":"displayName"}]"#,
        r#"[{"op":"replace","path":"displayName"}]"#,
        r#"[{"op":"move","path":"displayName","value":"x"}]"#,
        r#"[{"path":"displayName","value":"x"}]"#,
    ] {
        let body = format!(r#"{{"Operations":{operations}}}"#);
        assert_eq!(world.scim("PATCH", &path, &body).await.refusal(), unparsable(), "{operations}");
    }
    assert_eq!(world.scim("PATCH", "/Groups/nowhere", r#"{"Operations":[]}"#).await.status, 404);
}

#[tokio::test]
async fn a_group_is_deleted_with_its_members_in_it() {
    let world = World::new();
    let user = world.user("ada@example.com").await;
    let body = format!(r#"{{"displayName":"Dev","members":[{{"value":"{user}"}}]}}"#);
    let id = world.scim("POST", "/Groups", &body).await.id();
    let answer = world.scim("DELETE", &format!("/Groups/{id}"), "").await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(world.scim("DELETE", &format!("/Groups/{id}"), "").await.status, 404);
    let left = world.scim("GET", &format!(r#"/Groups?filter=members.value+eq+"{user}""#), "").await.json();
    assert_eq!(left["totalResults"], 0);
    assert_ne!(world.scim("POST", "/Groups", r#"{"displayName":"Dev"}"#).await.id(), id);
}

#[tokio::test]
async fn a_name_has_spaces_and_at_most_1024_characters() {
    let world = World::new();
    let body = |name: String| format!(r#"{{"displayName":"{name}"}}"#);
    assert_eq!(world.scim("POST", "/Groups", &body("a ".repeat(512))).await.status, 201);
    let refusal = world.scim("POST", "/Groups", &body("a".repeat(1_025))).await.refusal();
    assert!(refusal.1.starts_with("1 validation error detected: Value at 'displayName'"), "{refusal:?}");
    assert!(
        world
            .scim("POST", "/Groups", &body(String::new()))
            .await
            .refusal()
            .1
            .starts_with("2 validation errors")
    );
    assert_eq!(world.scim("POST", "/Groups", &body(r"a\u200bb".to_owned())).await.refusal(), unparsable());
}
