use super::*;
use crate::scim::behaviour::Behaviour;

#[tokio::test]
async fn a_patch_may_succeed_and_change_nothing() {
    let app = ScimServer::start().await;
    create(&app, "ada@x").await;
    app.behave(Behaviour::PatchIgnored);
    let answer = ask(&app, "PATCH", "/Users/user-1", Some(&patch(&json!({ "active": false })))).await;
    assert_eq!((answer.status, &answer.json()["active"]), (200, &json!(true)));
    assert_eq!(app.by_id("user-1").unwrap()["active"], true);
}

#[tokio::test]
async fn active_may_be_ignored_and_nothing_else() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::ActiveIgnored);
    let off = json!({ "schemas": [USER], "userName": "ada@x", "active": false });
    assert_eq!(ask(&app, "POST", "/Users", Some(&off)).await.json()["active"], true);
    let change = patch(&json!({ "active": false, "title": "Countess" }));
    ask(&app, "PATCH", "/Users/user-1", Some(&change)).await;
    ask(
        &app,
        "PUT",
        "/Users/user-1",
        Some(&json!({ "schemas": [USER], "userName": "ada@y", "active": false })),
    )
    .await;
    let ada = app.by_id("user-1").unwrap();
    assert_eq!((&ada["active"], &ada["userName"]), (&json!(true), &json!("ada@y")));
}

#[tokio::test]
async fn an_external_id_may_be_thrown_away() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::ExternalIdNotStored);
    let ada = json!({ "schemas": [USER], "userName": "ada@x", "externalId": "E1" });
    assert_eq!(ask(&app, "POST", "/Users", Some(&ada)).await.json().get("externalId"), None);
    ask(&app, "PATCH", "/Users/user-1", Some(&patch(&json!({ "externalId": "E1" })))).await;
    assert_eq!(app.by_id("user-1").unwrap().get("externalId"), None);
}

#[tokio::test]
async fn values_may_be_normalized() {
    for (behaviour, attribute, sent, stored) in [
        (Behaviour::UserNameLowerCased, "userName", "Ada@X", "ada@x"),
        (Behaviour::UserNameUpperCased, "userName", "Ada@X", "ADA@X"),
        (Behaviour::DisplayNameTrimmed, "displayName", "  Ada King ", "Ada King"),
    ] {
        let app = ScimServer::start().await;
        app.behave(behaviour);
        let mut ada = user("first@x");
        ada[attribute] = sent.into();
        assert_eq!(ask(&app, "POST", "/Users", Some(&ada)).await.json()[attribute], stored);
        ask(&app, "PATCH", "/Users/user-1", Some(&patch(&json!({ attribute: sent })))).await;
        assert_eq!(app.users()[0][attribute], stored);
    }
}

#[tokio::test]
async fn two_users_may_have_one_name() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::UniquenessNotEnforced);
    assert_eq!(create(&app, "ada@x").await.status, 201);
    assert_eq!(create(&app, "ada@x").await.status, 201);
    assert_eq!(app.users().len(), 2);
}

#[tokio::test]
async fn an_id_may_be_an_address_or_hold_what_a_url_reserves() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::EmailIds.at(1));
    app.behave(Behaviour::SlashIds);
    assert_eq!(create(&app, "ada+king@x").await.json()["id"], "ada+king@x");
    assert_eq!(get(&app, "/Users/ada%2Bking%40x").await.status, 200);

    let bob = create(&app, "bob@x").await.json();
    assert_eq!(bob["id"], "users/2/a b?c#d%25");
    let location = bob["meta"]["location"].as_str().unwrap();
    let path = location.strip_prefix(&app.endpoint()).unwrap();
    assert_eq!(get(&app, path).await.json()["userName"], "bob@x");
    assert_eq!(ask(&app, "DELETE", path, None).await.status, 204);
}
