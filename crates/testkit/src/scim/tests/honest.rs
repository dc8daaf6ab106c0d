use super::*;
use crate::http::Client;
use crate::scim::setup::{Paging, Setup};

#[tokio::test]
async fn a_user_is_created_read_changed_replaced_and_deleted() {
    let app = ScimServer::start().await;
    let created = create(&app, "Ada@x").await;
    assert_eq!(created.status, 201);
    let location = format!("{}/Users/user-1", app.endpoint());
    assert_eq!(created.header("location"), Some(location.as_str()));
    assert_eq!(created.header("content-type"), Some("application/scim+json"));
    assert_eq!(created.json()["meta"], json!({ "resourceType": "User", "location": location }));
    assert_eq!(get(&app, "/Users/user-1").await.json(), created.json());

    let suspended = ask(&app, "PATCH", "/Users/user-1", Some(&patch(&json!({ "active": false })))).await;
    assert_eq!((suspended.status, &suspended.json()["active"]), (200, &json!(false)));
    let replaced =
        ask(&app, "PUT", "/Users/user-1", Some(&json!({ "schemas": [USER], "userName": "ada@y" }))).await;
    assert_eq!((replaced.status, replaced.json().get("active")), (200, None));
    assert_eq!(app.user_by_name("ADA@y").unwrap()["id"], "user-1");

    let deleted = ask(&app, "DELETE", "/Users/user-1", None).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    assert_eq!(get(&app, "/Users/user-1").await.status, 404);
    assert_eq!(ask(&app, "DELETE", "/Users/user-1", None).await.status, 404);
}

#[tokio::test]
async fn user_names_are_unique_without_regard_to_case_on_every_write() {
    let app = ScimServer::start().await;
    create(&app, "ada@x").await;
    create(&app, "bob@x").await;
    let clash = create(&app, "ADA@X").await;
    assert_eq!(clash.status, 409);
    assert_eq!((&clash.json()["scimType"], &clash.json()["status"]), (&json!("uniqueness"), &json!("409")));
    let rename = patch(&json!({ "userName": "Ada@x" }));
    assert_eq!(ask(&app, "PATCH", "/Users/user-2", Some(&rename)).await.status, 409);
    assert_eq!(ask(&app, "PUT", "/Users/user-2", Some(&user("ADA@x"))).await.status, 409);
    assert_eq!(
        ask(&app, "PATCH", "/Users/user-1", Some(&rename)).await.status,
        200,
        "its own name in other case"
    );
    assert_eq!(app.users().len(), 2);
}

#[tokio::test]
async fn without_the_token_nothing_is_done() {
    let app = ScimServer::start().await;
    for token in [None, Some("another")] {
        let stranger = Client::new(&app.endpoint(), token);
        let answer = stranger.send("POST", "/Users", Some(&user("ada@x"))).await.unwrap();
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")));
    }
    assert_eq!(app.users(), [] as [Value; 0]);
    assert_eq!(app.log().iter().map(|logged| logged.has_bearer).collect::<Vec<_>>(), [false, true]);
    app.set_token("another");
    assert_eq!(create(&app, "ada@x").await.status, 201);
}

#[tokio::test]
async fn lists_are_paged_by_index() {
    let app = app_with_users(5).await;
    let page = get(&app, "/Users?startIndex=4&count=3").await.json();
    assert_eq!(ids(&page), ["u4", "u5"]);
    assert_eq!(
        (&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]),
        (&json!(5), &json!(4), &json!(2))
    );
    assert_eq!(page.get("nextCursor"), None);
    assert_eq!(ids(&get(&app, "/Users?startIndex=9").await.json()), [] as [&str; 0]);
    assert_eq!(get(&app, "/Users?count=0").await.json()["totalResults"], 5);
    assert_eq!(get(&app, "/Users?count=many").await.status, 400);
}

#[tokio::test]
async fn a_cursor_loses_and_repeats_nobody_while_people_come_and_go() {
    let app = app_with_users(5).await;
    let first = get(&app, "/Users?cursor=&count=2").await.json();
    assert_eq!((ids(&first), &first["nextCursor"]), (vec!["u1", "u2"], &json!("after-2")));
    app.remove("u1");
    app.insert_user(json!({ "id": "u6", "userName": "user6@x" }));
    let second = get(&app, "/Users?cursor=after-2&count=2").await.json();
    assert_eq!((ids(&second), &second["nextCursor"]), (vec!["u3", "u4"], &json!("after-4")));
    let last = get(&app, "/Users?cursor=after-4&count=2").await.json();
    assert_eq!((ids(&last), last.get("nextCursor")), (vec!["u5", "u6"], None));
    assert_eq!(get(&app, "/Users?cursor=made-up").await.json()["scimType"], "invalidCursor");
}

#[tokio::test]
async fn filters_find_by_user_name_external_id_and_id() {
    let app = app_with_users(2).await;
    app.edit("u2", |user| user["externalId"] = "E2".into());
    for (filter, found) in [
        ("userName%20eq%20%22USER2%40x%22", vec!["u2"]),
        ("externalId+eq+%22E2%22", vec!["u2"]),
        ("externalId%20eq%20%22e2%22", vec![]),
        ("id%20eq%20%22u1%22", vec!["u1"]),
    ] {
        assert_eq!(ids(&get(&app, &format!("/Users?filter={filter}")).await.json()), found, "{filter}");
    }
    assert_eq!(get(&app, "/Users?filter=userName%20sw%20%22u%22").await.json()["scimType"], "invalidFilter");
}

#[tokio::test]
async fn what_is_not_a_user_is_refused() {
    let app = ScimServer::start().await;
    for (body, scim_type) in [
        (json!({ "userName": "a" }), "invalidValue"),
        (json!({ "schemas": [USER] }), "invalidValue"),
        (json!([]), "invalidSyntax"),
    ] {
        let refused = ask(&app, "POST", "/Users", Some(&body)).await;
        assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!(scim_type)), "{body}");
    }
    assert_eq!(ask(&app, "POST", "/ServiceProviderConfig", None).await.status, 405);
    assert_eq!(get(&app, "/Nothing").await.status, 404);
}

#[tokio::test]
async fn an_app_says_what_it_cannot_do_and_does_not_do_it() {
    let setup = Setup {
        paging: Paging::Cursor,
        page_size: 1,
        has_patch: false,
        has_filter: false,
        ..Setup::default()
    };
    let app = ScimServer::start_with(setup).await;
    let config = get(&app, "/ServiceProviderConfig").await.json();
    assert_eq!(config["patch"]["supported"], false);
    assert_eq!(config["filter"]["supported"], false);
    assert_eq!(config["pagination"]["index"], false);
    create(&app, "ada@x").await;
    create(&app, "bob@x").await;
    assert_eq!(
        ask(&app, "PATCH", "/Users/user-1", Some(&patch(&json!({ "active": false })))).await.status,
        501
    );
    assert_eq!(get(&app, "/Users?filter=id%20eq%20%221%22").await.json()["scimType"], "invalidFilter");
    assert_eq!(get(&app, "/Users?startIndex=2&count=9").await.json()["nextCursor"], "after-1");

    let app = ScimServer::start_with(Setup { paging: Paging::Index, ..Setup::default() }).await;
    assert_eq!(get(&app, "/Users?cursor=").await.json()["startIndex"], 1);
}

#[tokio::test]
async fn a_stopped_app_is_gone() {
    let app = ScimServer::start().await;
    let client = app.client();
    app.stop().await;
    client.get("/Users").await.unwrap_err();
}
