use super::*;

#[tokio::test]
async fn a_group_is_created_read_changed_replaced_and_deleted() {
    let app = app_with_users(2).await;
    let group =
        json!({ "schemas": [GROUP], "displayName": "Eng", "externalId": "E", "members": [member("u1")] });
    let created = ask(&app, "POST", "/Groups", Some(&group)).await;
    assert_eq!((created.status, &created.json()["members"]), (201, &json!([{ "value": "u1" }])));
    let path = format!("/Groups/{}", created.json()["id"].as_str().unwrap());
    assert_eq!(get(&app, &path).await.json(), created.json());

    let renamed = ask(&app, "PATCH", &path, Some(&patch(&json!({ "displayName": "Dev" })))).await;
    assert_eq!((renamed.status, &renamed.json()["displayName"]), (200, &json!("Dev")));
    let other = json!({ "schemas": [GROUP], "displayName": "Ops", "members": [member("u2")] });
    let replaced = ask(&app, "PUT", &path, Some(&other)).await.json();
    assert_eq!(
        (&replaced["displayName"], &replaced["members"]),
        (&json!("Ops"), &json!([{ "value": "u2" }]))
    );
    assert_eq!(replaced.get("externalId"), None);
    assert_eq!(ask(&app, "DELETE", &path, None).await.status, 204);
    assert_eq!(get(&app, &path).await.status, 404);
}

#[tokio::test]
async fn members_come_and_go_by_every_form_of_a_patch() {
    let app = app_with_group(1, 4).await;
    for (operation, left) in [
        (json!({ "op": "add", "path": "members", "value": [member("u1"), member("u2")] }), vec!["u1", "u2"]),
        (json!({ "op": "Add", "value": { "members": [member("u3")] } }), vec!["u1", "u2", "u3"]),
        (json!({ "op": "add", "path": "members", "value": member("u4") }), vec!["u1", "u2", "u3", "u4"]),
        (json!({ "op": "remove", "path": "members[value eq \"u1\"]" }), vec!["u2", "u3", "u4"]),
        (
            json!({ "op": "remove", "path": format!("{GROUP}:members[value eq \"u9\"]") }),
            vec!["u2", "u3", "u4"],
        ),
        (
            json!({ "op": "remove", "path": "members", "value": [{ "value": "u2", "type": "User" }, member("u9")] }),
            vec!["u3", "u4"],
        ),
        (
            json!({ "op": "replace", "path": "members", "value": [member("u1"), member("u2")] }),
            vec!["u1", "u2"],
        ),
        (json!({ "op": "replace", "value": { "members": [member("u2")] } }), vec!["u2"]),
        (json!({ "op": "remove", "path": "members" }), vec![]),
        (json!({ "op": "add", "path": "members", "value": member("u1") }), vec!["u1"]),
        (json!({ "op": "replace", "path": "members", "value": [] }), vec![]),
    ] {
        assert_eq!(patch_group(&app, &json!([operation])).await, 200, "{operation}");
        assert_eq!(members(&app, "g"), left, "{operation}");
    }
}

#[tokio::test]
async fn what_is_no_member_is_refused_and_changes_nothing() {
    let app = app_with_group(1, 2).await;
    for value in
        [json!("u2"), json!(["u2"]), json!([{ "display": "u2" }]), json!([member("u2"), { "value": 2 }])]
    {
        for op in ["add", "replace", "remove"] {
            let operations = json!([
                { "op": "replace", "path": "displayName", "value": "Renamed" },
                { "op": op, "path": "members", "value": value },
            ]);
            assert_eq!(patch_group(&app, &operations).await, 400, "{operations}");
        }
        let group = json!({ "schemas": [GROUP], "displayName": "Ops", "members": value });
        assert_eq!(ask(&app, "POST", "/Groups", Some(&group)).await.json()["scimType"], "invalidValue");
    }
    assert_eq!((members(&app, "g"), &app.groups()[0]["displayName"]), (vec!["u1".to_owned()], &json!("Eng")));
}

#[tokio::test]
async fn a_deleted_user_leaves_every_group() {
    let app = app_with_group(2, 2).await;
    let other = app.insert_group(json!({ "displayName": "Ops", "members": [member("u1")] }));
    ask(&app, "DELETE", "/Users/u1", None).await;
    assert_eq!((members(&app, "g"), members(&app, &other)), (vec!["u2".to_owned()], vec![]));
    assert!(app.remove("u2"), "by hand, past SCIM");
    assert_eq!(members(&app, "g"), [] as [&str; 0]);
    assert_eq!(get(&app, "/Groups?filter=members.value%20eq%20%22u1%22").await.json()["totalResults"], 0);
}

#[tokio::test]
async fn group_names_are_unique_without_regard_to_case_on_every_write() {
    let app = app_with_group(0, 1).await;
    let named = |name: &str| json!({ "schemas": [GROUP], "displayName": name });
    let clash = ask(&app, "POST", "/Groups", Some(&named("ENG"))).await;
    assert_eq!((clash.status, &clash.json()["scimType"]), (409, &json!("uniqueness")));
    let ops = ask(&app, "POST", "/Groups", Some(&named("Ops"))).await.json();
    let path = format!("/Groups/{}", ops["id"].as_str().unwrap());
    let rename = patch(&json!({ "displayName": "eng" }));
    assert_eq!(ask(&app, "PATCH", &path, Some(&rename)).await.status, 409);
    assert_eq!(ask(&app, "PUT", &path, Some(&named("Eng"))).await.status, 409);
    assert_eq!(
        ask(&app, "PATCH", "/Groups/g", Some(&rename)).await.status,
        200,
        "its own name in other case"
    );
    app.edit("g", |group| group["displayName"] = "Ops".into());
    let add = json!([{ "op": "add", "path": "members", "value": [member("u1")] }]);
    assert_eq!(patch_group(&app, &add).await, 200, "a name that it has it may keep");
}

#[tokio::test]
async fn memberships_are_read_from_either_side() {
    let app = app_with_group(2, 3).await;
    let other = json!({ "id": "h", "displayName": "Ops", "externalId": "E", "members": [member("u2"), member("u9")] });
    app.insert_group(other);
    for (target, found) in [
        ("/Users?filter=groups.value%20eq%20%22g%22", vec!["u1", "u2"]),
        ("/Users?filter=Groups.Value+eq+%22h%22", vec!["u2"]),
        ("/Users?filter=groups.value%20eq%20%22none%22", vec![]),
        ("/Users?filter=groups.value%20eq%20%22u1%22", vec![]),
        ("/Users?filter=members.value%20eq%20%22u2%22", vec![]),
        ("/Groups?filter=members.value%20eq%20%22u1%22", vec!["g"]),
        ("/Groups?filter=members.value%20eq%20%22u2%22", vec!["g", "h"]),
        ("/Groups?filter=members.value%20eq%20%22u3%22", vec![]),
        ("/Groups?filter=groups.value%20eq%20%22g%22", vec![]),
        ("/Groups?filter=displayName%20eq%20%22eNG%22", vec!["g"]),
        ("/Groups?filter=externalId%20eq%20%22E%22", vec!["h"]),
        ("/Groups?filter=externalId%20eq%20%22e%22", vec![]),
        ("/Groups?filter=userName%20eq%20%22Eng%22", vec![]),
    ] {
        assert_eq!(ids(&get(&app, target).await.json()), found, "{target}");
    }
    patch_group(&app, &json!([{ "op": "remove", "path": "members[value eq \"u1\"]" }])).await;
    assert_eq!(ids(&get(&app, "/Users?filter=groups.value%20eq%20%22g%22").await.json()), ["u2"]);
    app.edit("g", |group| group["members"] = json!([member("u3")]));
    assert_eq!(ids(&get(&app, "/Groups?filter=members.value%20eq%20%22u3%22").await.json()), ["g"]);
}

#[tokio::test]
async fn memberships_are_paged_by_index_and_by_cursor() {
    let app = app_with_group(4, 5).await;
    let filter = "filter=groups.value%20eq%20%22g%22&count=2";
    let page = get(&app, &format!("/Users?{filter}&startIndex=3")).await.json();
    assert_eq!((ids(&page), &page["totalResults"]), (vec!["u3", "u4"], &json!(4)));
    let first = get(&app, &format!("/Users?{filter}&cursor=")).await.json();
    assert_eq!(ids(&first), ["u1", "u2"]);
    let cursor = first["nextCursor"].as_str().unwrap();
    let last = get(&app, &format!("/Users?{filter}&cursor={cursor}")).await.json();
    assert_eq!((ids(&last), last.get("nextCursor")), (vec!["u3", "u4"], None), "a full page may be the last");

    app.insert_group(json!({ "id": "h", "displayName": "Ops", "members": [member("u1")] }));
    let filter = "filter=members.value%20eq%20%22u1%22&count=1";
    let page = get(&app, &format!("/Groups?{filter}&startIndex=2")).await.json();
    assert_eq!((ids(&page), &page["totalResults"]), (vec!["h"], &json!(2)));
    let first = get(&app, &format!("/Groups?{filter}&cursor=")).await.json();
    let cursor = first["nextCursor"].as_str().unwrap();
    let last = get(&app, &format!("/Groups?{filter}&cursor={cursor}")).await.json();
    assert_eq!((ids(&last), last.get("nextCursor")), (vec!["h"], None));
}
