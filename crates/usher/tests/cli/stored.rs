//! Databases that are not opened: another key, a newer version, something else.

use std::os::unix::fs::PermissionsExt;

use crate::desk::{Desk, run};

#[test]
fn a_wrong_key_a_lost_key_and_an_exposed_key_are_refused() {
    let desk = Desk::with_people();
    let key = desk.path("usher-data/key");
    let right = std::fs::read_to_string(&key).unwrap();
    let other = Desk::with_people();
    std::fs::copy(other.path("usher-data/key"), &key).unwrap();
    let said = desk.fails(1, &["status"]);
    assert!(said.contains("does not fit"), "{said}");
    std::fs::remove_file(&key).unwrap();
    assert!(desk.fails(1, &["status"]).contains("is gone"));
    std::fs::write(&key, &right).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let said = desk.fails(1, &["status"]);
    assert!(said.contains("chmod 600") && !said.contains(right.trim()), "{said}");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    desk.succeeds(&["status"]);
}

#[test]
fn a_database_of_a_newer_version_is_not_opened() {
    let desk = Desk::with_people();
    let database = desk.path("usher-data/usher.db");
    let mut bytes = std::fs::read(&database).unwrap();
    // A migration that this version has never heard of, of the same length and order as the last one it knows.
    let known = last_migration();
    let newer = known.replacen('0', "9", 1);
    let is_it = |at: &usize| bytes[*at..].starts_with(known.as_bytes());
    let found: Vec<_> = (0..bytes.len() - known.len()).filter(is_it).collect();
    assert!(!found.is_empty(), "the migration is on record");
    for at in found {
        bytes[at..at + newer.len()].copy_from_slice(newer.as_bytes());
    }
    std::fs::write(&database, &bytes).unwrap();
    let said = desk.fails(1, &["status"]);
    assert!(said.contains("newer version of usher") && said.contains(&newer), "{said}");
    assert_eq!(std::fs::read(&database).unwrap(), bytes, "it is left as it was");
}

/// The name of the newest migration, as its file has it.
fn last_migration() -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../store/migrations/sqlite");
    let files = std::fs::read_dir(folder).expect("the migrations are there");
    let names = files.filter_map(|file| Some(file.ok()?.path().file_stem()?.to_str()?.to_owned()));
    names.max().expect("there is a migration")
}

#[test]
fn a_file_that_is_no_database_is_not_opened() {
    let desk = Desk::with_people();
    desk.write("usher-data/usher.db", "these are the accounts, all of them, in alphabetical order");
    let said = desk.fails(1, &["status"]);
    assert!(said.contains("is not a database"), "{said}");
}

#[test]
fn a_limit_on_the_size_of_files_is_said_and_does_not_kill() {
    let desk = Desk::with_people();
    let people: Vec<_> =
        (10..3_000).map(|n| format!(r#"{{"id": "{n}", "primaryEmail": "p{n}@example.com"}}"#)).collect();
    desk.write("many.json", &format!(r#"{{"users": [{}]}}"#, people.join(",")));
    let mut limited = desk.command(&[]);
    let usher = limited.get_program().to_owned();
    limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -f 400; exec \"$0\" import many.json"]).arg(usher).current_dir(desk.path(""));
    let ended = run(limited);
    assert_eq!(ended.code, 1, "{ended:?}");
    let said = &ended.err;
    assert!(said.contains("check the disk") || said.contains("the disk is full"), "{said}");
    assert!(!said.contains("::"), "no name of a statement: {said}");
    assert_eq!(desk.json(&["directory", "list"])["directories"][0]["users"], 3);
}
