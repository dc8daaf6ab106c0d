use super::*;
use crate::scim::behaviour::Behaviour;

/// An app with a group, g, of u1 and u2, where u3 is there too, under a behaviour.
async fn under(behaviour: Behaviour) -> ScimServer {
    let app = app_with_group(2, 3).await;
    app.behave(behaviour);
    app
}

fn add(id: &str) -> Value {
    json!([{ "op": "add", "path": "members", "value": [member(id)] }])
}

fn remove_by_list(id: &str) -> Value {
    json!([{ "op": "remove", "path": "members", "value": [member(id)] }])
}

fn remove_by_filter(id: &str) -> Value {
    json!([{ "op": "remove", "path": format!("members[value eq \"{id}\"]") }])
}

fn replace(id: &str) -> Value {
    json!([{ "op": "replace", "path": "members", "value": [member(id)] }])
}

/// A group as a whole, of one member.
fn group_of(name: &str, id: &str) -> Value {
    json!({ "schemas": [GROUP], "displayName": name, "members": [member(id)] })
}

#[tokio::test]
async fn members_may_be_kept_and_never_shown() {
    let app = under(Behaviour::MembersNotReturned).await;
    app.edit("u1", |user| user["members"] = "a user's own".into());
    for target in ["/Groups/g", "/Groups", "/Groups?cursor="] {
        let answer = get(&app, target).await.json();
        assert!(!answer.to_string().contains("members"), "{answer}");
    }
    let created = ask(&app, "POST", "/Groups", Some(&group_of("Ops", "u1"))).await.json();
    assert_eq!(created.get("members"), None);
    let patched = ask(&app, "PATCH", "/Groups/g", Some(&patch(&json!({ "members": [] })))).await;
    assert_eq!((patched.status, patched.json().get("members")), (200, None));
    assert_eq!(members(&app, created["id"].as_str().unwrap()), ["u1"]);
    assert_eq!(get(&app, "/Groups?filter=members.value%20eq%20%22u1%22").await.json()["totalResults"], 1);
    assert_eq!(get(&app, "/Users/u1").await.json()["members"], "a user's own");
}

#[tokio::test]
async fn every_group_may_be_shown_as_empty_as_it_is_not() {
    let app = under(Behaviour::MembersShownEmpty).await;
    assert_eq!(get(&app, "/Groups").await.json()["Resources"][0]["members"], json!([]));
    assert_eq!(get(&app, "/Groups/g").await.json()["members"], json!([]));
    assert_eq!(members(&app, "g"), ["u1", "u2"]);
    assert_eq!(get(&app, "/Groups?filter=members.value%20eq%20%22u1%22").await.json()["totalResults"], 1);
}

#[tokio::test]
async fn lists_may_show_every_group_without_anybody() {
    let app = under(Behaviour::MembersEmptyInLists).await;
    assert_eq!(get(&app, "/Groups").await.json()["Resources"][0]["members"], json!([]));
    assert_eq!(get(&app, "/Groups/g").await.json()["members"], json!([member("u1"), member("u2")]));
    assert_eq!(get(&app, "/Users").await.json()["Resources"][0].get("members"), None);
    app.behave(Behaviour::MembersNotReturned);
    assert_eq!(get(&app, "/Groups?cursor=").await.json()["Resources"][0]["members"], json!([]), "as at AWS");
    assert_eq!(get(&app, "/Groups/g").await.json().get("members"), None);
}

#[tokio::test]
async fn only_add_and_remove_may_change_members() {
    let app = under(Behaviour::MembersOnlyByAddAndRemove).await;
    let created = ask(&app, "POST", "/Groups", Some(&group_of("Ops", "u1"))).await;
    assert_eq!((created.status, created.json().get("members")), (201, None));
    let put = ask(&app, "PUT", "/Groups/g", Some(&group_of("Dev", "u3"))).await;
    assert_eq!((put.status, &put.json()["displayName"]), (200, &json!("Dev")));
    let pathless = json!([{ "op": "replace", "value": { "members": [], "displayName": "Devs" } }]);
    for operations in [replace("u3"), pathless] {
        assert_eq!(patch_group(&app, &operations).await, 200);
    }
    assert_eq!(app.by_id("g").unwrap()["displayName"], "Devs");
    assert_eq!(members(&app, "g"), ["u1", "u2"]);
    patch_group(&app, &add("u3")).await;
    patch_group(&app, &remove_by_list("u1")).await;
    patch_group(&app, &remove_by_filter("u2")).await;
    assert_eq!(members(&app, "g"), ["u3"]);
}

#[tokio::test]
async fn a_replacement_may_add() {
    let app = under(Behaviour::ReplaceAddsMembers).await;
    assert_eq!(patch_group(&app, &replace("u3")).await, 200);
    assert_eq!(members(&app, "g"), ["u1", "u2", "u3"]);
    app.edit("g", |group| group["members"] = json!([member("u1")]));
    let put = ask(&app, "PUT", "/Groups/g", Some(&group_of("Dev", "u2"))).await.json();
    assert_eq!(put["members"], json!([member("u1"), member("u2")]));
    let nobody = json!({ "schemas": [GROUP], "displayName": "Dev" });
    ask(&app, "PUT", "/Groups/g", Some(&nobody)).await;
    assert_eq!(members(&app, "g"), ["u1", "u2"]);
    ask(&app, "PUT", "/Users/u1", Some(&user("ada@x"))).await;
    assert_eq!(app.by_id("u1").unwrap().get("members"), None);
}

#[tokio::test]
async fn a_membership_may_be_ignored_and_all_else_done() {
    let app = under(Behaviour::MembershipIgnored).await;
    for operations in [add("u3"), replace("u3"), remove_by_list("u1"), remove_by_filter("u1")] {
        assert_eq!(patch_group(&app, &operations).await, 200);
    }
    let rename = patch(&json!({ "displayName": "Dev", "members": [] }));
    let answer = ask(&app, "PATCH", "/Groups/g", Some(&rename)).await.json();
    assert_eq!(
        (&answer["displayName"], &answer["members"]),
        (&json!("Dev"), &json!([member("u1"), member("u2")]))
    );
}

#[tokio::test]
async fn a_patch_of_groups_alone_may_be_ignored() {
    let app = app_with_group(2, 3).await;
    app.behave(Behaviour::PatchIgnored.on_groups());
    let rename = patch(&json!({ "displayName": "Dev", "members": [] }));
    assert_eq!(ask(&app, "PATCH", "/Groups/g", Some(&rename)).await.json()["displayName"], "Eng");
    app.edit("u1", |user| user["schemas"] = json!([USER]));
    ask(&app, "PATCH", "/Users/u1", Some(&patch(&json!({ "active": false })))).await;
    assert_eq!(app.by_id("u1").unwrap()["active"], false);
}

#[tokio::test]
async fn a_refusal_may_empty_the_group() {
    let app = under(Behaviour::EmptiedAndRefused).await;
    let rename = patch(&json!({ "displayName": "Dev" }));
    assert_eq!(ask(&app, "PATCH", "/Groups/g", Some(&rename)).await.status, 200);
    assert_eq!(members(&app, "g"), ["u1", "u2"], "it is about members alone");
    assert_eq!(patch_group(&app, &add("u3")).await, 400);
    assert_eq!(members(&app, "g"), [] as [&str; 0]);
    assert_eq!(get(&app, "/Users?filter=groups.value%20eq%20%22g%22").await.json()["totalResults"], 0);
}

#[tokio::test]
async fn one_form_of_removing_may_be_refused() {
    for (behaviour, refused, works) in [
        (Behaviour::RemoveByValueListRefused, remove_by_list("u1"), remove_by_filter("u1")),
        (Behaviour::RemoveByFilterRefused, remove_by_filter("u1"), remove_by_list("u1")),
    ] {
        let app = under(behaviour).await;
        assert_eq!(patch_group(&app, &refused).await, 400, "{refused}");
        assert_eq!(members(&app, "g"), ["u1", "u2"]);
        assert_eq!(patch_group(&app, &works).await, 200, "{works}");
        assert_eq!(members(&app, "g"), ["u2"]);
        assert_eq!(patch_group(&app, &json!([{ "op": "remove", "path": "members" }])).await, 200);
        assert_eq!(members(&app, "g"), [] as [&str; 0], "everybody at once, in either app");
    }
}

#[tokio::test]
async fn a_list_of_values_may_not_be_looked_at() {
    for (behaviour, left) in [
        (Behaviour::RemoveByValueListEmpties, vec![]),
        (Behaviour::RemoveByValueListIgnored, vec!["u1", "u2"]),
    ] {
        let app = under(behaviour).await;
        assert_eq!(patch_group(&app, &remove_by_list("u1")).await, 200);
        assert_eq!(members(&app, "g"), left);
        patch_group(&app, &replace("u3")).await;
        patch_group(&app, &remove_by_filter("u2")).await;
        assert_eq!(members(&app, "g"), ["u3"]);
    }
}

#[tokio::test]
async fn a_member_may_be_stored_twice() {
    for remove in [remove_by_list("u1"), remove_by_filter("u1")] {
        let app = under(Behaviour::MembersStoredTwice).await;
        assert_eq!(patch_group(&app, &add("u1")).await, 200);
        assert_eq!(members(&app, "g"), ["u1", "u2", "u1"]);
        let found = get(&app, "/Users?filter=groups.value%20eq%20%22g%22").await.json();
        assert_eq!(ids(&found), ["u1", "u2"], "a list holds nobody twice");
        patch_group(&app, &remove).await;
        assert_eq!(members(&app, "g"), ["u2"], "all copies go");
    }
}

#[tokio::test]
async fn a_deleted_user_may_stay_a_member() {
    let app = under(Behaviour::DeletedUserStaysMember).await;
    assert_eq!(ask(&app, "DELETE", "/Users/u1", None).await.status, 204);
    assert_eq!(get(&app, "/Groups/g").await.json()["members"], json!([member("u1"), member("u2")]));
    assert_eq!(ids(&get(&app, "/Users?filter=groups.value%20eq%20%22g%22").await.json()), ["u2"]);
    assert_eq!(patch_group(&app, &remove_by_filter("u1")).await, 200);
    assert_eq!(members(&app, "g"), ["u2"]);
}

#[tokio::test]
async fn two_groups_may_have_one_name() {
    let app = under(Behaviour::GroupUniquenessNotEnforced).await;
    assert_eq!(ask(&app, "POST", "/Groups", Some(&group_of("ENG", "u1"))).await.status, 201);
    assert_eq!(get(&app, "/Groups?filter=displayName%20eq%20%22eng%22").await.json()["totalResults"], 2);
    assert_eq!(create(&app, "user1@x").await.status, 409, "of users nothing is said");
}

#[tokio::test]
async fn a_patch_of_a_group_may_answer_with_the_group_or_with_nothing() {
    let app = app_with_group(2, 3).await;
    let added = patch(&json!({ "members": [member("u3")] }));
    let answer = ask(&app, "PATCH", "/Groups/g", Some(&added)).await;
    assert_eq!((answer.status, &answer.json()["members"]), (200, &json!([member("u3")])));
    app.behave(Behaviour::PatchAnswers(204).on_groups());
    let answer = ask(&app, "PATCH", "/Groups/g", Some(&added)).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
}
