//! Memberships: added and removed by lists, read by filters, never replaced.

use serde_json::Value;
use usher_emulator::identity_center::settings::{BadRequestOr404, MemberReplace, Tolerance};

use crate::world::{World, refused, unparsable};

/// A group named `G` and so many people.
async fn group_and_people(world: &World, n: usize) -> (String, Vec<String>) {
    let group = world.scim("POST", "/Groups", r#"{"displayName":"G"}"#).await.id();
    let mut people = Vec::new();
    for at in 0..n {
        people.push(world.user(&format!("p{at}@example.com")).await);
    }
    (group, people)
}

fn list(ids: &[String]) -> String {
    let members: Vec<String> = ids.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
    format!("[{}]", members.join(","))
}

fn operation(op: &str, ids: &[String]) -> String {
    format!(r#"{{"op":"{op}","path":"members","value":{}}}"#, list(ids))
}

async fn patch(world: &World, group: &str, operations: &[String]) -> crate::world::Answer {
    let body = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{}]}}"#,
        operations.join(",")
    );
    world.scim("PATCH", &format!("/Groups/{group}"), &body).await
}

async fn members(world: &World, group: &str) -> Vec<String> {
    let path = format!("/Users?cursor&filter=groups.value%20eq%20%22{group}%22");
    let page = world.scim("GET", &path, "").await.json();
    let users = page["Resources"].as_array().unwrap();
    users.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_documented_adds_and_removes_answer_204_and_nothing() {
    let world = World::new();
    let (group, people) = group_and_people(&world, 3).await;
    let answer = patch(&world, &group, &[operation("add", &people)]).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(members(&world, &group).await, people);
    let answer = patch(&world, &group, &[operation("Remove", &people[..2])]).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(members(&world, &group).await, people[2..]);
}

#[tokio::test]
async fn members_are_read_by_four_filters_and_an_unknown_one_is_a_404() {
    let world = World::new();
    let (group, people) = group_and_people(&world, 2).await;
    patch(&world, &group, &[operation("add", &people[..1])]).await;
    let (member, other) = (&people[0], &people[1]);
    let found = async |filter: String| {
        let answer = world.scim("GET", &format!("/Groups?filter={filter}"), "").await;
        (answer.status, answer.json()["totalResults"].clone())
    };
    for (member, n) in [(member, 1), (other, 0)] {
        assert_eq!(found(format!(r#"members.value+eq+"{member}""#)).await, (200, n.into()));
        for name in ["member", "members"] {
            assert_eq!(found(format!(r#"id+eq+"{group}"+and+{name}+eq+"{member}""#)).await, (200, n.into()));
            assert_eq!(found(format!(r#"{name}+eq+"{member}"+and+id+eq+"{group}""#)).await, (200, n.into()));
        }
    }
    assert_eq!(found(r#"members.value+eq+"nobody""#.to_owned()).await, (404, Value::Null));
    assert_eq!(found(format!(r#"id+eq+"{group}"+and+members+eq+"nobody""#)).await, (404, Value::Null));
    assert_eq!(found(format!(r#"id+eq+"none"+and+members+eq+"{member}""#)).await, (200, 0.into()));
}

#[tokio::test]
async fn one_request_changes_a_hundred_memberships_and_not_one_more() {
    let world = World::new();
    let (group, people) = group_and_people(&world, 101).await;
    assert_eq!(patch(&world, &group, &[operation("add", &people)]).await.refusal(), unparsable());
    let made = format!(r#"{{"displayName":"H","members":{}}}"#, list(&people));
    assert_eq!(world.scim("POST", "/Groups", &made).await.refusal(), unparsable());
    assert_eq!(patch(&world, &group, &[operation("add", &people[..100])]).await.status, 204);
    let both = [operation("add", &people[100..]), operation("remove", &people[..100])];
    assert_eq!(patch(&world, &group, &both).await.refusal(), unparsable(), "the operations are added up");
    assert_eq!(members(&world, &group).await, people[..100]);
}

#[tokio::test]
async fn replacing_or_removing_all_members_is_refused_and_changes_nothing() {
    let world = World::new();
    let (group, people) = group_and_people(&world, 1).await;
    patch(&world, &group, &[operation("add", &people)]).await;
    for replaces in [
        operation("replace", &people),
        operation("replace", &[]),
        operation("remove", &[]),
        r#"{"op":"replace","path":"members"}"#.to_owned(),
        r#"{"op":"remove","path":"members"}"#.to_owned(),
        r#"{"op":"replace","value":{"members":[]}}"#.to_owned(),
    ] {
        let refusal = patch(&world, &group, std::slice::from_ref(&replaces)).await.refusal();
        assert_eq!(refusal, refused(400, "Replacing group memberships is not supported."), "{replaces}");
    }
    assert_eq!(members(&world, &group).await, people);
}

#[tokio::test]
async fn in_2024_a_refused_replace_emptied_the_group() {
    let world = World::new();
    let (group, people) = group_and_people(&world, 1).await;
    patch(&world, &group, &[operation("add", &people)]).await;
    world.set(|settings| settings.member_replace = MemberReplace::Quirks2024);
    for silent in [operation("replace", &[]), r#"{"op":"replace","path":"members"}"#.to_owned()] {
        assert_eq!(patch(&world, &group, &[silent]).await.status, 204);
    }
    assert_eq!(members(&world, &group).await, people);
    let empty = r#"{"op":"replace","path":"members","value":[{"value":""}]}"#.to_owned();
    assert_eq!(patch(&world, &group, &[empty]).await.refusal(), unparsable());
    assert_eq!(members(&world, &group).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_request_that_is_refused_for_one_member_changes_none() {
    let world = World::new();
    let (group, people) = group_and_people(&world, 1).await;
    let with_nobody = [people[0].clone(), "nobody".to_owned()];
    let nested = r#"{"op":"add","path":"members","value":[{"value":"GROUP","type":"Group"}]}"#
        .replace("GROUP", &group);
    assert_eq!(patch(&world, &group, &[operation("add", &with_nobody)]).await.status, 404);
    assert_eq!(patch(&world, &group, &[operation("add", &people), nested]).await.refusal(), unparsable());
    let itself = operation("add", std::slice::from_ref(&group));
    assert_eq!(patch(&world, &group, &[itself]).await.refusal(), unparsable());
    let rename = r#"{"op":"replace","path":"displayName","value":"Renamed"}"#.to_owned();
    assert_eq!(patch(&world, &group, &[rename, operation("add", &with_nobody)]).await.status, 404);
    assert_eq!(members(&world, &group).await, Vec::<String>::new());
    assert_eq!(world.scim("GET", &format!("/Groups/{group}"), "").await.json()["displayName"], "G");
}

#[tokio::test]
async fn what_is_unknown_of_members_is_as_a_tenant_says() {
    let world = World::new();
    let (group, people) = group_and_people(&world, 1).await;
    let (add, remove) = (operation("add", &people), operation("remove", &people));
    let of_path = format!(r#"{{"op":"remove","path":"members[value eq \"{}\"]"}}"#, people[0]);
    let once = |operation: &String| vec![operation.clone()];
    assert_eq!(patch(&world, &group, &once(&of_path)).await.refusal(), unparsable());
    assert_eq!(patch(&world, &group, &once(&remove)).await.status, 204, "nobody to remove");
    assert_eq!(patch(&world, &group, &once(&add)).await.status, 204);
    assert_eq!(patch(&world, &group, &once(&add)).await.status, 204, "a member already");
    world.set(|settings| {
        settings.existing_member = Tolerance::Refuse;
        settings.absent_member = Tolerance::Refuse;
        settings.unknown_member = BadRequestOr404::BadRequest;
        settings.member_path = Tolerance::Accept;
    });
    assert_eq!(patch(&world, &group, &once(&add)).await.status, 409);
    assert_eq!(patch(&world, &group, &once(&of_path)).await.status, 204);
    assert_eq!(patch(&world, &group, &once(&remove)).await.status, 404);
    let unknown = operation("add", &["nobody".to_owned()]);
    assert_eq!(patch(&world, &group, &[unknown]).await.refusal(), unparsable());
}

#[tokio::test]
async fn a_user_that_is_deleted_leaves_their_groups() {
    let world = World::new();
    let (group, people) = group_and_people(&world, 2).await;
    patch(&world, &group, &[operation("add", &people)]).await;
    world.scim("DELETE", &format!("/Users/{}", people[0]), "").await;
    assert_eq!(members(&world, &group).await, people[1..]);
    assert_eq!(world.center.group(&world.tenant, &group).unwrap().members.len(), 1);
}
