//! What goes wrong on command, and what of it happened nevertheless.

use std::time::Duration;

use serde_json::{Value, json};
use usher_emulator::clock::Clock as _;
use usher_emulator::exchange::Outcome;
use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::fault::FaultRule;

use crate::world::{World, authorized, person, unparsable};

fn put_in_force(world: &World, operations: &[&str], fault: &Value, when: &Value) -> u64 {
    let rule = json!({"operations": operations, "fault": fault, "when": when});
    let rule: FaultRule = serde_json::from_value(rule).unwrap();
    world.center.add_fault(&world.tenant, rule).unwrap()
}

fn once() -> Value {
    json!({"kind": "next", "n": 1})
}

fn n_users(world: &World) -> usize {
    world.center.tenant(&world.tenant).unwrap().users
}

#[tokio::test]
async fn a_lost_request_did_nothing_and_a_lost_answer_did_all() {
    let world = World::new();
    for (kind, n_made) in [("lost-request", 0), ("lost-answer", 1)] {
        put_in_force(&world, &["CreateUser"], &json!({"kind": kind}), &once());
        let outcome = world.wire(&authorized("POST", "/Users", &person("ada"))).await;
        assert_eq!((outcome, n_users(&world)), (Outcome::Dropped, n_made), "{kind}");
    }
    assert_eq!(world.post_user(&person("ada")).await.status, 409, "the rules are over, and she is there");
    let log = world.center.requests(&world.tenant, 0, 9).unwrap();
    let seen: Vec<_> =
        log.iter().map(|request| (request.status, request.fault, request.subject.as_deref())).collect();
    assert_eq!(
        seen,
        [
            (None, Some("lost-request"), Some("ada")),
            (None, Some("lost-answer"), Some("ada")),
            (Some(409), None, Some("ada"))
        ]
    );
}

#[tokio::test]
async fn a_refusal_is_never_lost_with_the_answer() {
    let world = World::new();
    put_in_force(&world, &[], &json!({"kind": "lost-answer"}), &json!({"kind": "always"}));
    assert_eq!(world.post_user("{}").await.refusal(), unparsable());
}

#[tokio::test]
async fn errors_on_command_do_nothing_but_the_400_with_effect() {
    let world = World::new();
    put_in_force(&world, &[], &json!({"kind": "server-error"}), &once());
    let answer = world.post_user(&person("a")).await;
    assert_eq!((answer.status, answer.json()["status"].as_str()), (500, Some("500")));
    put_in_force(&world, &[], &json!({"kind": "too-many-requests"}), &once());
    let answer = world.post_user(&person("a")).await;
    assert_eq!((answer.status, answer.response.header("Retry-After")), (429, None));
    put_in_force(&world, &[], &json!({"kind": "too-many-requests", "retry_after_seconds": 7}), &once());
    assert_eq!(world.post_user(&person("a")).await.response.header("Retry-After"), Some("7"));
    assert_eq!(n_users(&world), 0);
    put_in_force(&world, &[], &json!({"kind": "bad-request-with-effect"}), &once());
    assert_eq!(world.scim("GET", "/Users", "").await.status, 200, "it is for writes");
    assert_eq!(world.post_user(&person("a")).await.refusal(), unparsable());
    assert_eq!(n_users(&world), 1);
}

#[tokio::test]
async fn a_write_of_people_without_effect_is_answered_like_one_with_it() {
    let world = World::new();
    let id = world.user("ada").await;
    let before = world.shown(&id).await;
    let path = format!("/Users/{id}");
    put_in_force(&world, &[], &json!({"kind": "no-effect"}), &json!({"kind": "always"}));
    world.clock.advance(Duration::from_mins(1));
    world.user("bo").await;
    assert_eq!(n_users(&world), 2, "it is not for creates");
    let off = r#"{"Operations":[{"op":"replace","path":"active","value":false}]}"#;
    for (method, body, status) in [("PATCH", off, 200), ("PUT", &person("ada2"), 201)] {
        let answer = world.scim(method, &path, body).await;
        assert_eq!((answer.status, &answer.json()), (status, &before), "{method}");
    }
    let answer = world.scim("DELETE", &path, "").await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    assert_eq!(world.shown(&id).await, before);
    let log = world.center.requests(&world.tenant, 0, 9).unwrap();
    let struck: Vec<_> = log.iter().filter_map(|request| Some((request.fault?, request.status?))).collect();
    assert_eq!(struck, [("no-effect", 200), ("no-effect", 201), ("no-effect", 204)]);
}

#[tokio::test]
async fn a_write_of_a_group_without_effect_is_answered_like_one_with_it() {
    let world = World::new();
    let (ada, bo) = (world.user("ada").await, world.user("bo").await);
    let made = format!(r#"{{"displayName":"G","members":[{{"value":"{ada}"}}]}}"#);
    let path = format!("/Groups/{}", world.scim("POST", "/Groups", &made).await.id());
    let before = world.center.group(&world.tenant, "G").unwrap();
    world.clock.advance(Duration::from_mins(1));
    put_in_force(
        &world,
        &["PatchGroup", "DeleteGroup"],
        &json!({"kind": "no-effect"}),
        &json!({"kind": "always"}),
    );
    for operation in [
        format!(r#"{{"op":"add","path":"members","value":[{{"value":"{bo}"}}]}}"#),
        format!(r#"{{"op":"remove","path":"members","value":[{{"value":"{ada}"}}]}}"#),
        r#"{"op":"replace","path":"displayName","value":"H"}"#.to_owned(),
    ] {
        let answer = world.scim("PATCH", &path, &format!(r#"{{"Operations":[{operation}]}}"#)).await;
        assert_eq!((answer.status, answer.text()), (204, ""), "{operation}");
    }
    assert_eq!(world.scim("DELETE", &path, "").await.status, 204);
    assert_eq!(world.center.group(&world.tenant, "G").unwrap(), before);
}

#[tokio::test]
async fn what_would_be_refused_is_refused_without_effect_too() {
    let world = World::new();
    let id = world.user("ada").await;
    world.user("bo").await;
    put_in_force(&world, &[], &json!({"kind": "no-effect"}), &json!({"kind": "always"}));
    let taken = r#"{"Operations":[{"op":"replace","path":"userName","value":"bo"}]}"#;
    assert_eq!(world.scim("PATCH", &format!("/Users/{id}"), taken).await.status, 409);
    assert_eq!(world.scim("PATCH", &format!("/Users/{id}"), "{}").await.refusal(), unparsable());
    assert_eq!(world.scim("DELETE", "/Users/nobody", "").await.status, 404);
    assert_eq!(world.scim("DELETE", "/Groups/none", "").await.status, 404);
}

#[tokio::test]
async fn a_400_with_effect_changes_a_group_all_the_same() {
    let world = World::new();
    let (ada, bo) = (world.user("ada").await, world.user("bo").await);
    let made = format!(r#"{{"displayName":"G","members":[{{"value":"{ada}"}}]}}"#);
    let path = format!("/Groups/{}", world.scim("POST", "/Groups", &made).await.id());
    put_in_force(&world, &["PatchGroup"], &json!({"kind": "bad-request-with-effect"}), &once());
    let body = format!(
        r#"{{"Operations":[{{"op":"remove","path":"members","value":[{{"value":"{ada}"}}]}},
        {{"op":"add","path":"members","value":[{{"value":"{bo}"}}]}},
        {{"op":"replace","path":"displayName","value":"H"}}]}}"#
    );
    assert_eq!(world.scim("PATCH", &path, &body).await.refusal(), unparsable());
    let members = world.center.group(&world.tenant, "H").unwrap().members;
    assert_eq!(members.iter().map(|member| &member.id).collect::<Vec<_>>(), [&bo]);
    assert_eq!(world.scim("PATCH", &path, &body).await.status, 204, "the rule is over");
}

#[tokio::test]
async fn a_slow_answer_takes_its_time_by_the_clock() {
    let world = World::new();
    put_in_force(&world, &["ListUsers"], &json!({"kind": "slow", "millis": 2500}), &once());
    let before = world.clock.now();
    assert_eq!(world.scim("GET", "/Users", "").await.status, 200);
    assert_eq!(world.clock.now().since(before), Duration::from_millis(2_500));
    assert_eq!(world.center.requests(&world.tenant, 0, 1).unwrap()[0].duration_micros, 2_500_000);
}

#[tokio::test]
async fn short_and_empty_pages_go_on_and_nobody_is_missing() {
    let world = World::new();
    for at in 0..5 {
        world.user(&format!("p{at}")).await;
    }
    put_in_force(
        &world,
        &["ListUsers"],
        &json!({"kind": "short-page", "most": 0}),
        &json!({"kind": "every", "nth": 2}),
    );
    put_in_force(
        &world,
        &["ListUsers"],
        &json!({"kind": "short-page", "most": 2}),
        &json!({"kind": "always"}),
    );
    let (mut sizes, mut path) = (Vec::new(), "/Users?cursor".to_owned());
    loop {
        let page = world.scim("GET", &path, "").await.json();
        sizes.push(page["Resources"].as_array().unwrap().len());
        let Some(next) = page.get("nextCursor").and_then(Value::as_str) else { break };
        path = format!("/Users?cursor={}", next.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
    }
    assert_eq!(sizes, [2, 0, 2, 0, 1]);
    let cut = world.scim("GET", "/Users", "").await.json();
    assert_eq!(cut["totalResults"], 5, "a list without a cursor cannot go on");
}

#[tokio::test]
async fn a_stale_read_shows_what_was_there_and_a_write_is_never_stale() {
    let world = World::new();
    let id = world.user("ada").await;
    let rule = put_in_force(&world, &[], &json!({"kind": "stale-read"}), &json!({"kind": "always"}));
    let off = r#"{"Operations":[{"op":"replace","path":"active","value":false}]}"#;
    assert_eq!(world.scim("PATCH", &format!("/Users/{id}"), off).await.json()["active"], false);
    world.user("bo").await;
    assert_eq!(world.shown(&id).await["active"], true);
    assert_eq!(world.scim("GET", "/Users", "").await.json()["totalResults"], 1);
    world.center.end_fault(&world.tenant, rule).unwrap();
    assert_eq!(world.shown(&id).await["active"], false);
    assert_eq!(world.scim("GET", "/Users", "").await.json()["totalResults"], 2);
}

#[tokio::test]
async fn another_hand_edits_at_the_request_that_was_named() {
    let world = World::new();
    let id = world.user("ada").await;
    let edit = json!({"kind": "edit", "edit": {"kind": "disable-user", "user": "ada"}});
    put_in_force(&world, &["GetUser"], &edit, &json!({"kind": "at", "nth": 3}));
    for is_active in [true, true, false, false] {
        assert_eq!(world.shown(&id).await["active"], is_active);
    }
}

#[tokio::test]
async fn another_hand_is_at_a_group_when_it_is_patched() {
    let world = World::new();
    let (ada, bo) = (world.user("ada").await, world.user("bo").await);
    let path = format!("/Groups/{}", world.scim("POST", "/Groups", r#"{"displayName":"G"}"#).await.id());
    let add = format!(r#"{{"Operations":[{{"op":"add","path":"members","value":[{{"value":"{ada}"}}]}}]}}"#);
    for (edit, status, name, members) in [
        (json!({"kind": "add-member", "group": "G", "user": "bo"}), 204, Some("G"), vec![&ada, &bo]),
        (json!({"kind": "remove-member", "group": "G", "user": "bo"}), 204, Some("G"), vec![&ada]),
        (json!({"kind": "rename-group", "group": "G", "display_name": "H"}), 204, Some("H"), vec![&ada]),
        (json!({"kind": "delete-group", "group": "H"}), 404, None, vec![]),
    ] {
        put_in_force(&world, &["PatchGroup"], &json!({"kind": "edit", "edit": edit}), &once());
        assert_eq!(world.scim("PATCH", &path, &add).await.status, status, "{edit}");
        let groups = world.center.groups(&world.tenant, 0, 9).unwrap();
        assert_eq!(groups.first().map(|group| group.display_name.as_str()), name, "{edit}");
        let ids: Vec<_> = groups.iter().flat_map(|group| &group.members).map(|member| &member.id).collect();
        assert_eq!(ids, members, "{edit}");
    }
}

#[tokio::test]
async fn equal_seeds_give_equal_faults_and_other_operations_draw_nothing() {
    let mut rows = Vec::new();
    for seed in [7, 7, 8] {
        let world = World::new();
        let chance = json!({"kind": "chance", "per_mille": 300, "seed": seed});
        put_in_force(&world, &["ListUsers"], &json!({"kind": "server-error"}), &chance);
        let mut row = Vec::new();
        for at in 0..200 {
            if at % 3 == usize::from(seed == 7) {
                world.scim("GET", "/Groups", "").await;
            }
            row.push(world.scim("GET", "/Users", "").await.status);
        }
        let struck = row.iter().filter(|status| **status == 500).count();
        assert!((40..=80).contains(&struck), "{struck} of 200");
        rows.push(row);
    }
    assert_eq!(rows[0], rows[1]);
    assert_ne!(rows[0], rows[2]);
}

#[tokio::test]
async fn whoever_is_not_let_in_uses_no_fault_up() {
    let world = World::new();
    put_in_force(&world, &[], &json!({"kind": "server-error"}), &once());
    assert_eq!(world.http("GET /{tenant}/scim/v2/Users").await.status, 401);
    assert_eq!(world.scim("GET", "/Users", "").await.status, 500);
    let counters = world.center.counters(&world.tenant).unwrap();
    assert_eq!(counters.operations[&Operation::ListUsers].statuses[&401], 1);
}
