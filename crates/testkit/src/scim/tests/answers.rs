use super::*;
use crate::scim::behaviour::Behaviour;

#[tokio::test]
async fn an_invalid_body_has_its_whole_length() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::InvalidJson);
    let answer = create(&app, "ada@x").await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
    serde_json::from_slice::<Value>(&answer.body).unwrap_err();
    assert_eq!(app.users().len(), 1);
}

#[tokio::test]
async fn a_huge_body_is_right_and_huge() {
    let app = app_with_users(1).await;
    app.behave(Behaviour::HugeBody { bytes: 3_000_000 });
    let answer = get(&app, "/Users").await;
    assert!(answer.body.len() > 3_000_000);
    assert_eq!(ids(&answer.json()), ["u1"]);
}

#[tokio::test]
async fn an_error_may_carry_a_number_and_no_type() {
    let app = app_with_users(1).await;
    app.behave(Behaviour::StatusAsNumber);
    app.behave(Behaviour::NoScimType);
    let clash = create(&app, "user1@x").await;
    assert_eq!(clash.status, 409);
    assert_eq!((&clash.json()["status"], clash.json().get("scimType")), (&json!(409), None));
    let fine = get(&app, "/Users/u1").await.json();
    assert_eq!(fine.get("status"), None);
    app.behave(Behaviour::Fails { status: 503, is_done: false });
    assert_eq!(get(&app, "/Users").await.json()["status"], 503);
}

#[tokio::test]
async fn a_create_may_answer_without_a_body() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::EmptyCreated);
    let answer = create(&app, "ada@x").await;
    assert_eq!((answer.status, answer.body.len(), answer.header("location")), (201, 0, None));
    assert_eq!(app.users().len(), 1);
}

#[tokio::test]
async fn writes_may_succeed_with_another_status() {
    let app = app_with_users(1).await;
    app.behave(Behaviour::PatchAnswers(204));
    app.behave(Behaviour::DeleteAnswers(200));
    let suspend = patch(&json!({ "active": false }));
    app.edit("u1", |user| user["schemas"] = json!([USER]));
    let patched = ask(&app, "PATCH", "/Users/u1", Some(&suspend)).await;
    assert_eq!((patched.status, patched.body.len()), (204, 0));
    assert_eq!(app.by_id("u1").unwrap()["active"], false);

    app.behave(Behaviour::PutAnswers(204).at(1));
    app.behave(Behaviour::PutAnswers(201).at(2));
    let put = ask(&app, "PUT", "/Users/u1", Some(&user("ada@x"))).await;
    assert_eq!((put.status, put.body.len()), (204, 0));
    let put = ask(&app, "PUT", "/Users/u1", Some(&user("ada@y"))).await;
    assert_eq!((put.status, &put.json()["userName"]), (201, &json!("ada@y")));
    let deleted = ask(&app, "DELETE", "/Users/u1", None).await;
    assert_eq!((deleted.status, deleted.body.len()), (200, 0));
    assert_eq!(app.users(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_success_status_is_no_answer_to_a_failure() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::PatchAnswers(204));
    assert_eq!(ask(&app, "PATCH", "/Users/nobody", Some(&patch(&json!({})))).await.status, 404);
}

#[tokio::test]
async fn an_external_id_may_be_kept_and_never_shown() {
    let app = app_with_users(1).await;
    app.edit("u1", |user| user["externalId"] = "E1".into());
    app.behave(Behaviour::ExternalIdNotReturned);
    assert_eq!(get(&app, "/Users/u1").await.json().get("externalId"), None);
    let found = get(&app, "/Users?filter=externalId%20eq%20%22E1%22").await.json();
    assert_eq!(ids(&found), ["u1"]);
    assert_eq!(found["Resources"][0].get("externalId"), None);
}
