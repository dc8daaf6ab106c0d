//! A Workspace over a directory that somebody else keeps.

use std::sync::Arc;

use serde_json::json;
use usher_emulator::clock::Clock;
use usher_emulator::workspace::directory::memory::MemoryDirectory;
use usher_emulator::workspace::directory::{Change, Customer, Directory, Domain, OrgUnit, Which};
use usher_emulator::workspace::settings::Settings;
use usher_emulator::workspace::{Options, Workspace};
use usher_model::time::Timestamp;

use crate::world::{BASE, StillClock, World, run};

#[test]
fn edits_reach_the_directory_and_its_own_changes_are_seen() {
    let now = Timestamp::parse(crate::world::NOW).unwrap();
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
    let directory = Arc::new(MemoryDirectory::of([
        Change::Customer(customer),
        Change::Domain(domain),
        Change::OrgUnit(root),
    ]));
    let clock = Arc::new(StillClock::new());
    let options = Options { settings: Settings::default().unlimited(), ..Options::at(BASE) };
    let shared = Arc::clone(&directory) as Arc<dyn Directory>;
    let world = World::of(Arc::clone(&clock), Workspace::over(clock as Arc<dyn Clock>, options, shared));
    let id = world.user("ada");
    assert_eq!(run(directory.users(Which::Living, None, 10)).unwrap().len(), 2);
    let mut user = (*run(directory.user(&id)).unwrap().unwrap()).clone();
    user.fields.insert("suspended".to_owned(), json!(true));
    run(directory.commit(vec![Change::User(user)])).unwrap();
    assert_eq!(world.get("~/users/ada@example.com").ok()["suspended"], true);
}
