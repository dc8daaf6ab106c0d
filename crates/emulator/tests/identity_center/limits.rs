//! How fast, how many: token buckets by operation, and one of its own for memberships.

use std::time::Duration;

use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::settings::Settings;

use crate::world::{World, person, unparsable};

async fn creates_that_pass(world: &World, name: &str, n: usize) -> usize {
    let mut passed = 0;
    for at in 0..n {
        passed += usize::from(world.post_user(&person(&format!("{name}{at}"))).await.status == 201);
    }
    passed
}

#[tokio::test]
async fn each_operation_has_25_writes_or_40_reads_a_second_of_its_own() {
    let world = World::with(Settings::default());
    assert_eq!(creates_that_pass(&world, "a", 30).await, 25);
    let mut listed = 0;
    for _ in 0..50 {
        listed += usize::from(world.scim("GET", "/Users?count=1", "").await.status == 200);
    }
    assert_eq!(listed, 40);
    assert_eq!(world.scim("GET", "/Users/nobody", "").await.status, 404, "another operation");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(creates_that_pass(&world, "b", 30).await, 25);

    let counters = world.center.counters(&world.tenant).unwrap();
    assert_eq!(counters.throttled, 20);
    let creates = &counters.operations[&Operation::CreateUser];
    assert_eq!((creates.requests, creates.succeeded, creates.max_per_second), (60, 50, 30));
    assert_eq!(counters.operations[&Operation::ListUsers].statuses[&429], 10);
}

#[tokio::test]
async fn an_even_pace_at_the_limit_is_never_refused() {
    let world = World::with(Settings::default());
    for at in 0..100 {
        assert_eq!(world.post_user(&person(&format!("p{at}"))).await.status, 201, "{at}");
        world.clock.advance(Duration::from_millis(40));
    }
}

#[tokio::test]
async fn a_tenant_s_limits_are_not_another_s() {
    let world = World::with(Settings::default());
    assert_eq!(creates_that_pass(&world, "a", 30).await, 25);
    let other = World::of(world.clock.clone(), world.center.clone(), Settings::default());
    assert_eq!(creates_that_pass(&other, "a", 30).await, 25);
}

#[tokio::test]
async fn a_429_is_aws_s_error_with_a_pause_where_a_tenant_says_so() {
    let world = World::with(Settings { writes_per_second: Some(1), ..Settings::default() });
    world.user("a").await;
    let refused = world.post_user(&person("b")).await;
    assert_eq!((refused.status, refused.json()["status"].as_str()), (429, Some("429")));
    assert_eq!(refused.response.header("Retry-After"), None);
    world.set(|settings| settings.retry_after_seconds = Some(3));
    assert_eq!(world.post_user(&person("b")).await.response.header("Retry-After"), Some("3"));
}

#[tokio::test]
async fn memberships_are_counted_apart_and_over_all_operations() {
    let world =
        World::with(Settings { membership_changes_per_second: Some(100), ..Settings::default().unlimited() });
    let mut ids = Vec::new();
    for at in 0..60 {
        ids.push(format!(r#"{{"value":"{}"}}"#, world.user(&format!("p{at}")).await));
    }
    let members = ids.join(",");
    let made =
        world.scim("POST", "/Groups", &format!(r#"{{"displayName":"A","members":[{members}]}}"#)).await;
    assert_eq!(made.status, 201);
    let body = format!(r#"{{"displayName":"B","members":[{members}]}}"#);
    assert_eq!(world.scim("POST", "/Groups", &body).await.status, 429);
    let remove = format!(r#"{{"Operations":[{{"op":"remove","path":"members","value":[{members}]}}]}}"#);
    let path = format!("/Groups/{}", made.id());
    assert_eq!(world.scim("PATCH", &path, &remove).await.status, 429, "removing counts as well");
    assert_eq!(world.center.group(&world.tenant, &made.id()).unwrap().members.len(), 60);
    assert_eq!(world.scim("POST", "/Groups", r#"{"displayName":"C"}"#).await.status, 201, "without members");
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.scim("PATCH", &path, &remove).await.status, 204);
}

#[tokio::test]
async fn there_are_as_many_users_and_groups_as_the_quota_says() {
    let world = World::with(Settings { max_users: 1, max_groups: 1, ..Settings::default().unlimited() });
    world.user("a").await;
    assert_eq!(world.post_user(&person("b")).await.status, 400);
    assert_eq!(world.scim("POST", "/Groups", r#"{"displayName":"A"}"#).await.status, 201);
    assert_eq!(world.scim("POST", "/Groups", r#"{"displayName":"B"}"#).await.status, 400);
    assert_ne!(world.post_user("{}").await.status, 201);
    assert_eq!(world.post_user("{}").await.refusal(), unparsable());
}
