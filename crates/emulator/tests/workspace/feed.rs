//! The audit log.

use std::time::Duration;

use serde_json::json;
use usher_emulator::workspace::fault::{Fault, FaultRule};

use crate::world::{ADMIN, World};

const FEED: &str = "/admin/reports/v1/activity/users/all/applications/admin";

#[test]
fn an_activity_says_who_did_what_to_whom() {
    let world = World::new();
    world.user("ada");
    world.clock.advance(Duration::from_mins(1));
    world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
    let body = world.get(FEED).ok();
    let newest = &body["items"][0];
    assert_eq!(newest["id"]["time"], "2026-01-02T03:05:05.160Z");
    assert_eq!(newest["id"]["applicationName"], "admin");
    assert_eq!(newest["actor"]["email"], ADMIN);
    assert_eq!(newest["ownerDomain"], "example.com");
    assert_eq!(
        newest["events"],
        json!([{
            "type": "USER_SETTINGS", "name": "SUSPEND_USER",
            "parameters": [{ "name": "USER_EMAIL", "value": "ada@example.com" }],
        }])
    );
    assert_ne!(newest["id"]["uniqueQualifier"], body["items"][1]["id"]["uniqueQualifier"]);
}

#[test]
fn the_feed_is_narrowed_and_paged() {
    let world = World::new();
    for name in ["a1", "b2", "c3", "d4", "e5"] {
        world.user(name);
        world.clock.advance(Duration::from_mins(1));
    }
    let names = |query: &str| {
        let body = world.get(&format!("{FEED}?{query}")).ok();
        let items = body["items"].as_array().cloned().unwrap_or_default();
        let name = |item: &serde_json::Value| {
            item["events"][0]["parameters"][0]["value"].as_str().unwrap()[..2].to_owned()
        };
        items.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(""), ["e5", "d4", "c3", "b2", "a1"]);
    assert_eq!(names("startTime=2026-01-02T03:06:00Z&endTime=2026-01-02T03:08:00.000Z"), ["d4", "c3"]);
    assert_eq!(names("filters=USER_EMAIL==b2@example.com"), ["b2"]);
    assert_eq!(names("eventName=CREATE_USER").len(), 5);
    assert!(names("eventName=DELETE_USER").is_empty());
    let first = world.get(&format!("{FEED}?maxResults=2")).ok();
    let token = first["nextPageToken"].as_str().unwrap();
    world.user("f6");
    assert_eq!(
        names(&format!("maxResults=2&pageToken={token}")),
        ["c3", "b2"],
        "what is new pushes nothing on"
    );
}

#[test]
fn profile_edits_leave_no_activity() {
    let world = World::new();
    world.user("ada");
    world
        .put(
            "~/users/ada@example.com",
            &json!({ "phones": [{ "value": "+1" }], "organizations": [{ "title": "t" }] }),
        )
        .ok();
    assert_eq!(world.events(), ["CREATE_USER"]);
    let name = json!({ "name": { "givenName": "A", "familyName": "B" } });
    world.put("~/users/ada@example.com", &name).ok();
    assert_eq!(world.events(), ["CHANGE_LAST_NAME", "CHANGE_FIRST_NAME", "CREATE_USER"]);
}

#[test]
fn the_feed_loses_doubles_and_is_late_on_command() {
    let world = World::new();
    world.workspace.add_fault(FaultRule::always("CREATE_USER", Fault::FeedLost)).unwrap();
    world.workspace.add_fault(FaultRule::always("SUSPEND_USER", Fault::FeedDoubled)).unwrap();
    world.workspace.add_fault(FaultRule::always("DELETE_USER", Fault::FeedLate { seconds: 300 })).unwrap();
    world.user("ada");
    world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
    world.delete("~/users/ada@example.com");
    assert_eq!(world.events(), ["SUSPEND_USER", "SUSPEND_USER"]);
    let body = world.get(FEED).ok();
    assert_eq!(body["items"][0]["id"], body["items"][1]["id"], "told apart by nothing");
    world.clock.advance(Duration::from_mins(5));
    assert_eq!(world.events()[0], "DELETE_USER");
    let late = world.get(&format!("{FEED}?eventName=DELETE_USER")).ok();
    assert_eq!(late["items"][0]["id"]["time"], "2026-01-02T03:04:05.160Z");
}
