//! PATCH of users: what it may say, and what it does.

use serde_json::{Value, json};

use crate::world::{Answer, World, refused, unparsable};

async fn patch(world: &World, id: &str, operations: &str) -> Answer {
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":{operations}}}"#
    );
    world.scim("PATCH", &format!("/Users/{id}"), &body).await
}

/// The user after operations that must pass, and that the answer showed it whole.
async fn patched(world: &World, id: &str, operations: &str) -> Value {
    let answer = patch(world, id, operations).await;
    assert_eq!(answer.status, 200, "{operations}: {}", answer.text());
    assert_eq!(answer.json(), world.shown(id).await, "{operations}");
    answer.json()
}

#[tokio::test]
async fn a_user_is_switched_off_and_on_by_boolean_or_text() {
    let world = World::new();
    let id = world.user("ada@example.com").await;
    for (operations, is_active) in [
        (r#"[{"op":"replace","path":"active","value":"false"}]"#, false),
        (r#"[{"op":"Replace","path":"active","value":true}]"#, true),
        (r#"[{"op":"replace","value":{"active":false}}]"#, false),
        (r#"[{"op":"REPLACE","path":"Active","value":"True"}]"#, true),
    ] {
        assert_eq!(patched(&world, &id, operations).await["active"], is_active, "{operations}");
    }
}

#[tokio::test]
async fn every_kind_of_attribute_is_set_and_cleared() {
    let world = World::new();
    let id = world.user("ada@example.com").await;
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let user = patched(
        &world,
        &id,
        r#"[{"op":"add","path":"title","value":"Countess"},
            {"op":"replace","path":"name.givenName","value":"Ada"},
            {"op":"replace","path":"userName","value":"ada2@example.com"},
            {"op":"replace","path":"emails","value":[{"value":"ada2@example.com","type":"work","primary":true}]},
            {"op":"add","path":"phoneNumbers","value":[{"value":"+44 1","type":"work"}]},
            {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Math"},
            {"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":"m"}}]"#,
    )
    .await;
    assert_eq!(
        (&user["title"], &user["name"]["givenName"], &user["name"]["familyName"]),
        (&json!("Countess"), &json!("Ada"), &json!("F"))
    );
    assert_eq!(
        (&user["userName"], &user["emails"][0]["value"]),
        (&json!("ada2@example.com"), &json!("ada2@example.com"))
    );
    assert_eq!(user[enterprise], json!({"department": "Math", "manager": {"value": "m"}}));
    let user = patched(
        &world,
        &id,
        r#"[{"op":"remove","path":"title"},{"op":"remove","path":"phoneNumbers"},{"op":"remove","path":"emails"},
            {"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"},
            {"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department"},
            {"op":"remove","path":"nickName"}]"#,
    )
    .await;
    for gone in ["title", "phoneNumbers", "emails", enterprise] {
        assert_eq!(user.get(gone), None, "{gone}");
    }
    world.user("ada2@example.org").await;
}

#[tokio::test]
async fn an_element_of_a_list_is_meant_by_its_type() {
    let world = World::new();
    let id = world.user("ada@example.com").await;
    let user = patched(
        &world,
        &id,
        r#"[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"new@example.com"},
            {"op":"Add","path":"phoneNumbers[type eq \"work\"].value","value":"+44 2"}]"#,
    )
    .await;
    assert_eq!(user["emails"], json!([{"value": "new@example.com", "type": "work", "primary": true}]));
    assert_eq!(user["phoneNumbers"], json!([{"value": "+44 2", "type": "work"}]));
    let other = r#"[{"op":"add","path":"emails[type eq \"home\"].value","value":"home@example.com"}]"#;
    let limit = refused(400, "List attribute emails exceeds allowed limit of 1");
    assert_eq!(patch(&world, &id, other).await.refusal(), limit);
    for bad in
        [r#"emails[type ne \"work\"].value"#, r#"emails[type eq \"work\""#, r#"title[type eq \"work\"]"#]
    {
        let operations = format!(r#"[{{"op":"replace","path":"{bad}","value":"x"}}]"#);
        assert_eq!(patch(&world, &id, &operations).await.refusal(), unparsable(), "{bad}");
    }
}

#[tokio::test]
async fn without_a_path_one_attribute_is_set_and_two_are_refused_in_aws_s_words() {
    let world = World::new();
    let id = world.user("ada@example.com").await;
    for op in ["add", "replace"] {
        let operations = format!(r#"[{{"op":"{op}","value":{{"title":"{op}"}}}}]"#);
        assert_eq!(patched(&world, &id, &operations).await["title"], op);
        let operations = format!(r#"[{{"op":"{op}","value":{{"title":"x","nickName":"y"}}}}]"#);
        let detail = "Current PATCH support allows omitting \"path\" attribute only for Add and Replace operations \
                      modifying a single attribute.";
        assert_eq!(patch(&world, &id, &operations).await.refusal(), refused(400, detail), "{op}");
    }
    for operations in [r#"[{"op":"remove"}]"#, r#"[{"op":"remove","value":{"title":"x"}}]"#] {
        assert_eq!(
            patch(&world, &id, operations).await.refusal(),
            refused(400, "Missing path in PATCH request")
        );
    }
}

#[tokio::test]
async fn what_aws_does_not_change_is_refused() {
    let world = World::new();
    let id = world.user("ada@example.com").await;
    for operations in [
        r"[]",
        r"{}",
        r#"["replace"]"#,
        r#"[{"path":"title","value":"x"}]"#,
        r#"[{"op":"copy","path":"title","value":"x"}]"#,
        r#"[{"op":"replace","path":"title"}]"#,
        r#"[{"op":"replace","path":"","value":"x"}]"#,
        r#"[{"op":"replace","path":"title.part","value":"x"}]"#,
        r#"[{"op":"replace","path":"shoeSize","value":"44"}]"#,
        r#"[{"op":"replace","path":"id","value":"x"}]"#,
        r#"[{"op":"replace","path":"password","value":"x"}]"#,
        r#"[{"op":"add","path":"roles","value":[{"value":"admin"}]}]"#,
        r#"[{"op":"remove","path":"userName"}]"#,
        r#"[{"op":"remove","path":"active"}]"#,
        r#"[{"op":"remove","path":"displayName"}]"#,
        r#"[{"op":"remove","path":"name.familyName"}]"#,
        r#"[{"op":"replace","path":"active","value":true},{"op":"replace","path":"active","value":false}]"#,
        r#"[{"op":"replace","path":"userName","value":"a"},{"op":"replace","path":"userName","value":"b"}]"#,
        r#"[{"op":"replace","path":"userName","value":"a b"}]"#,
        r#"[{"op":"replace","path":"userName","value":"Administrator"}]"#,
    ] {
        assert_eq!(patch(&world, &id, operations).await.refusal(), unparsable(), "{operations}");
    }
    let nobody = patch(&world, "nobody", r#"[{"op":"replace","path":"active","value":false}]"#).await;
    assert_eq!(nobody.status, 404);
}

#[tokio::test]
async fn a_patch_is_done_as_a_whole_or_not_at_all() {
    let world = World::new();
    let id = world.user("ada@example.com").await;
    let before = world.shown(&id).await;
    let operations =
        r#"[{"op":"replace","path":"title","value":"x"},{"op":"replace","path":"nickName","value":""}]"#;
    assert_eq!(patch(&world, &id, operations).await.status, 400);
    assert_eq!(world.shown(&id).await, before);
}
