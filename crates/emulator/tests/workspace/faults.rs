//! Google's bad days, on command.

use serde_json::{Value, json};
use usher_emulator::exchange::Outcome;
use usher_emulator::when::When;
use usher_emulator::workspace::fault::{ErrorReason, Fault, FaultRule};

use crate::world::{World, refused};

const LIST: &str = "~/users?customer=my_customer&maxResults=3";

fn with_people() -> World {
    let world = World::new();
    for n in 0..8 {
        world.user(&format!("u{n}"));
    }
    world
}

fn put(world: &World, method: &str, fault: Fault) {
    world.workspace.end_faults();
    world.workspace.add_fault(FaultRule::always(method, fault)).unwrap();
}

fn pages(world: &World) -> Vec<usize> {
    let (mut sizes, mut token) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("{LIST}{token}"));
        sizes.push(page.column("users", "id").len());
        match page.ok()["nextPageToken"].as_str() {
            Some(next) => token = format!("&pageToken={next}"),
            None => return sizes,
        }
    }
}

#[test]
fn lists_answer_200_and_not_all_is_there() {
    let world = with_people();
    assert_eq!(pages(&world), [3, 3, 3]);
    put(&world, "directory.users.list", Fault::MissingItems { nth: 3 });
    assert_eq!(pages(&world), [2, 2, 2]);
    put(&world, "directory.users.list", Fault::ShortPage { most: 2 });
    assert_eq!(pages(&world), [2, 2, 2, 2, 1]);
    put(&world, "directory.users.list", Fault::CutList);
    assert_eq!(pages(&world), [3]);
    put(&world, "directory.users.list", Fault::EmptyList);
    assert_eq!(pages(&world), [0]);
}

#[test]
fn a_listing_breaks_off_at_the_page_that_is_named() {
    let world = with_people();
    let fault = Fault::Error { status: 503, reason: ErrorReason::BackendError };
    let rule = FaultRule {
        page: Some(2),
        when: When::Next { n: 1 },
        ..FaultRule::always("directory.users.list", fault)
    };
    world.workspace.add_fault(rule).unwrap();
    let first = world.get(LIST).ok();
    let next = format!("{LIST}&pageToken={}", first["nextPageToken"].as_str().unwrap());
    let sentence = "Service unavailable. Please try again";
    assert_eq!(world.get(&next).refusal(), refused(503, "backendError", sentence));
    assert_eq!(world.get(&next).column("users", "id").len(), 3);
    let rule =
        FaultRule { page: Some(2), ..FaultRule::always("directory.users.list", Fault::ExpiredPageToken) };
    world.workspace.add_fault(rule).unwrap();
    assert_eq!(world.get(&next).refusal(), refused(400, "invalid", "Invalid Input: pageToken"));
    world.get(LIST).ok();
}

#[test]
fn members_and_groups_go_missing_too() {
    let world = with_people();
    world.group("team");
    for n in 0..3 {
        world
            .post("~/groups/team@example.com/members", &json!({ "email": format!("u{n}@example.com") }))
            .ok();
    }
    put(&world, "directory.members.list", Fault::MissingItems { nth: 2 });
    assert_eq!(world.get("~/groups/team@example.com/members").column("members", "id").len(), 2);
    put(&world, "directory.groups.list", Fault::EmptyList);
    assert!(world.get("~/groups?customer=my_customer").ok().get("groups").is_none());
}

#[test]
fn errors_html_and_silence() {
    let world = with_people();
    put(&world, "directory.users.list", Fault::Html { status: 502 });
    let answer = world.get(LIST);
    assert_eq!(answer.status, 502);
    assert_eq!(answer.response.header("content-type"), Some("text/html; charset=UTF-8"));
    assert!(answer.text().starts_with("<!DOCTYPE html>"));
    put(&world, "directory.users.list", Fault::Error { status: 429, reason: ErrorReason::RateLimitExceeded });
    assert_eq!(world.get(LIST).refusal(), refused(429, "rateLimitExceeded", "Rate Limit Exceeded"));
    put(&world, "directory.users.insert", Fault::LostAnswer);
    let body = json!({
        "primaryEmail": "x@example.com", "name": { "givenName": "a", "familyName": "b" }, "password": "correct horse",
    });
    assert_eq!(world.outcome("POST ~/users", &body), Outcome::Dropped);
    world.get("~/users/x@example.com").ok();
    put(&world, "directory.users.delete", Fault::LostRequest);
    assert_eq!(world.outcome("DELETE ~/users/x@example.com", &Value::Null), Outcome::Dropped);
    world.get("~/users/x@example.com").ok();
    put(&world, "directory.users.get", Fault::Slow { millis: 1_500 });
    world.get("~/users/x@example.com").ok();
    let logged = world.workspace.requests(0, 1_000);
    assert_eq!(logged.last().unwrap().duration_micros, 1_500_000);
    assert_eq!(logged.last().unwrap().fault, Some("slow"));
}
