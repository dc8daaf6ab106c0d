//! The state file.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::json;
use usher_emulator::clock::Clock;
use usher_emulator::workspace::{Opened, Options, StateError, Workspace};

use crate::still_clock::StillClock;
use crate::world::{BASE, KEY, World};

fn open(clock: &Arc<StillClock>, file: &Path) -> Opened {
    Workspace::open(Arc::clone(clock) as Arc<dyn Clock>, Options::at(BASE), file).unwrap()
}

#[test]
fn what_was_answered_is_there_the_next_time() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("workspace.jsonl");
    let clock = Arc::new(StillClock::new());
    let world = World::of(Arc::clone(&clock), open(&clock, &file).workspace);
    let id = world.user("ada");
    world.group("team");
    world.post("~/groups/team@example.com/members", &json!({ "email": "ada@example.com" })).ok();
    world.post("~/customer/my_customer/orgunits", &json!({ "name": "A", "parentOrgUnitPath": "/" })).ok();
    let gone = world.user("gone");
    world.delete("~/users/gone@example.com");
    world.workspace.create_service_account("usher", "emulated").unwrap();
    let key = world.workspace.create_key("usher@emulated.iam.gserviceaccount.com", Some(KEY)).unwrap();
    world.set(|settings| settings.feed_lag_seconds = 7);
    let (customer, events) = (world.get("~/customers/my_customer").ok(), world.events());
    let accounts = world.workspace.service_accounts();
    drop(world);
    for _ in 0..2 {
        let Opened { workspace, cut_line } = open(&clock, &file);
        assert_eq!(cut_line, None);
        assert_eq!(workspace.service_accounts(), accounts);
        let world = World::of(Arc::clone(&clock), workspace);
        assert_eq!(world.get("~/customers/my_customer").ok(), customer);
        assert_eq!(world.get("~/users/ada@example.com").ok()["id"], id.as_str());
        assert_eq!(
            world.get("~/groups/team@example.com/members").column("members", "email"),
            ["ada@example.com"]
        );
        assert_eq!(
            world.get("~/users?customer=my_customer&showDeleted=true").column("users", "id"),
            [gone.as_str()]
        );
        assert_eq!(world.workspace.settings().feed_lag_seconds, 7);
        clock.advance(std::time::Duration::from_secs(10));
        assert_eq!(world.events(), events);
    }
    let text = fs::read_to_string(&file).unwrap();
    let body = key["private_key"].as_str().unwrap().lines().nth(1).unwrap();
    assert!(!text.contains(body), "the private part of a key that was handed out is kept nowhere");
    assert!(!text.contains("correct horse"));
}

#[test]
fn a_file_that_is_something_else_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("workspace.jsonl");
    fs::write(&file, "hello\n").unwrap();
    let clock: Arc<dyn Clock> = Arc::new(StillClock::new());
    let failure = Workspace::open(Arc::clone(&clock), Options::at(BASE), &file).unwrap_err();
    assert!(matches!(failure, StateError::Foreign(_)));
    assert_eq!(fs::read_to_string(&file).unwrap(), "hello\n");
    fs::remove_file(&file).unwrap();
    let opened = Workspace::open(Arc::clone(&clock), Options::at(BASE), &file).unwrap();
    let second = Workspace::open(clock, Options::at(BASE), &file).unwrap_err();
    assert!(matches!(second, StateError::InUse { .. }));
    drop(opened);
}

#[test]
fn a_last_line_that_was_cut_is_left_out_and_any_other_damage_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("workspace.jsonl");
    let clock = Arc::new(StillClock::new());
    let world = World::of(Arc::clone(&clock), open(&clock, &file).workspace);
    world.user("ada");
    world.user("ben");
    drop(world);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, &text[..text.len() - 20]).unwrap();
    let opened = open(&clock, &file);
    assert!(opened.cut_line.is_some());
    let world = World::of(Arc::clone(&clock), opened.workspace);
    world.get("~/users/ada@example.com").ok();
    assert_eq!(world.get("~/users/ben@example.com").status, 404);
    drop(world);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("{\"settings\"", "{\"setting\"", 1)).unwrap();
    let clock: Arc<dyn Clock> = clock;
    let failure = Workspace::open(clock, Options::at(BASE), &file).unwrap_err();
    assert!(matches!(failure, StateError::Damaged { line: 2, .. }), "{failure}");
}
