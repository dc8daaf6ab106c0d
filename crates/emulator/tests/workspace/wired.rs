//! A Workspace over a directory that somebody else keeps.

use std::sync::Arc;

use serde_json::json;
use usher_emulator::clock::Clock;
use usher_emulator::exchange::{Outcome, Request};
use usher_emulator::workspace::directory::memory::MemoryDirectory;
use usher_emulator::workspace::directory::{Change, Customer, Directory, Domain, OrgUnit, Which};
use usher_emulator::workspace::settings::Settings;
use usher_emulator::workspace::{Options, StateError, Workspace};
use usher_model::time::Timestamp;

use crate::still_clock::{NOW, StillClock};
use crate::world::{BASE, World, run};

/// A directory with an organisation and nobody in it.
fn founded() -> Arc<MemoryDirectory> {
    let now = Timestamp::parse(NOW).unwrap();
    let customer = Customer { id: "C0000001".to_owned(), created_at: now, ..Customer::default() };
    let domain = Domain {
        name: "example.com".to_owned(),
        is_primary: true,
        is_verified: true,
        created_at: now,
        aliases: Vec::new(),
    };
    let root =
        OrgUnit { id: "id:root".to_owned(), name: String::new(), parent: None, description: String::new() };
    Arc::new(MemoryDirectory::of([Change::Customer(customer), Change::Domain(domain), Change::OrgUnit(root)]))
}

fn over(directory: Arc<dyn Directory>) -> World {
    let clock = Arc::new(StillClock::new());
    let options = Options { settings: Settings::default().unlimited(), ..Options::at(BASE) };
    World::of(Arc::clone(&clock), Workspace::over(clock as Arc<dyn Clock>, options, directory))
}

/// What somebody else does to the directory.
fn commit(directory: &MemoryDirectory, changes: Vec<Change>) {
    let edition = run(directory.edition()).unwrap();
    run(directory.commit(changes, edition)).unwrap();
}

#[test]
fn edits_reach_the_directory_and_its_own_changes_are_seen() {
    let directory = founded();
    let world = over(Arc::clone(&directory) as _);
    let id = world.user("ada");
    assert_eq!(run(directory.users(Which::Living, None, 10)).unwrap().len(), 2);
    let mut user = (*run(directory.user(&id)).unwrap().unwrap()).clone();
    user.fields.insert("suspended".to_owned(), json!(true));
    commit(&directory, vec![Change::User(user)]);
    assert_eq!(world.get("~/users/ada@example.com").ok()["suspended"], true);
}

#[test]
fn somebody_whose_id_is_not_of_googles_making_is_read_edited_and_restored_by_it() {
    let directory = founded();
    let world = over(Arc::clone(&directory) as _);
    let id = world.user("ada");
    let mut user = (*run(directory.user(&id)).unwrap().unwrap()).clone();
    user.id = "0190-af".to_owned();
    commit(&directory, vec![Change::UserGone(id), Change::User(user)]);
    let named = json!({ "name": { "givenName": "Augusta" } });
    assert_eq!(world.patch("~/users/0190-af", &named).ok()["name"]["givenName"], "Augusta");
    assert_eq!(world.delete("~/users/0190-af").status, 204);
    assert_eq!(world.get("~/users/0190-af").status, 404);
    assert_eq!(world.post("~/users/0190-af/undelete", &json!({ "orgUnitPath": "/" })).status, 204);
    assert_eq!(world.get("~/users/0190-af").ok()["primaryEmail"], "ada@example.com");
    assert_eq!(world.get("~/users/nobody").status, 400);
}

#[test]
fn what_is_beside_the_directory_is_kept_in_a_file_and_the_directory_is_not() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("workspace.jsonl");
    let clock = Arc::new(StillClock::new());
    let open = |directory: Arc<MemoryDirectory>| {
        let options = Options { settings: Settings::default().unlimited(), ..Options::at(BASE) };
        Workspace::open_over(Arc::clone(&clock) as Arc<dyn Clock>, options, directory, &file)
            .unwrap()
            .workspace
    };
    let world = World::of(Arc::clone(&clock), open(founded()));
    world.user("ada");
    world.workspace.create_service_account("usher", "emulated").unwrap();
    world.workspace.create_key("usher@emulated.iam.gserviceaccount.com", Some(crate::world::KEY)).unwrap();
    let (accounts, events) = (world.workspace.service_accounts(), world.events());
    assert_eq!(events, ["CREATE_USER"]);
    drop(world);
    for _ in 0..2 {
        let world = World::of(Arc::clone(&clock), open(founded()));
        assert_eq!(world.workspace.service_accounts(), accounts);
        assert_eq!(world.events(), events);
        assert_eq!(world.get("~/users/ada@example.com").status, 404);
    }
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("primaryEmail"), "{text}");
    let alone = Workspace::open(Arc::clone(&clock) as Arc<dyn Clock>, Options::at(BASE), &file).unwrap_err();
    assert!(matches!(alone, StateError::Foreign(_)));
}

#[test]
fn what_an_administrator_of_the_emulator_does_can_be_shut() {
    let world = World::new();
    for target in ["/emulator", "/emulator/service-accounts", "/emulator/seed"] {
        for http in ["GET", "POST"] {
            let request = Request::new(http, target);
            let Outcome::Answered(answer) = run(world.workspace.answer_clients(request)) else { panic!() };
            assert_eq!(answer.status, 404, "{http} {target}");
        }
    }
}
