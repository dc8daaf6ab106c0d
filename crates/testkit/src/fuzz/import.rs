//! A file imported into a directory that has people already, in every way that an import can be asked for.
//!
//! Held to the invariants of `usher_engine::import`: as a whole or not at all, a preview changes nothing and says what
//! the import says, the same files a second time change nothing, what is exported is imported as it was.

mod desk;
mod mirror;

use std::cell::RefCell;

use usher_engine::import::{Import, ImportReport};

use self::desk::Desk;
use self::mirror::Mirror;

/// Larger files have nothing in them that smaller ones have not, and take long.
const MAX_BYTES: usize = 64 * 1024;

const PLAIN: Import = Import { replace: false, preview: false };
const PREVIEW: Import = Import { replace: false, preview: true };
const REPLACE: Import = Import { replace: true, preview: false };

thread_local! {
    /// A store takes longer to make than a hundred imports; each check begins with it as it was.
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

/// Checks one file of this name.
pub(super) fn check(name: &str, bytes: &[u8]) {
    if bytes.len() > MAX_BYTES {
        return;
    }
    DESK.with_borrow_mut(|desk| check_at(desk.get_or_insert_with(Desk::new), name, bytes));
}

fn check_at(desk: &mut Desk, name: &str, bytes: &[u8]) {
    desk.begin();
    desk.write(name, bytes);
    let before = desk.mirror();
    let previewed = desk.import(name, PREVIEW);
    desk.mirror().is(&before, "a preview changes nothing");
    let Ok(previewed) = previewed else { return };

    desk.begin();
    let report = imported(desk, name, PLAIN);
    assert_eq!(report, previewed, "a preview says what the import says");
    let after = desk.mirror();
    assert!(report.is_changed() || after == before, "what changes something says so");
    after.check();
    if after.has_all_addresses_of(&before) && !renames(bytes) {
        again(desk, name, &after);
    }
    moves_house(desk, &after);
    replaces(desk, name, &after);
}

/// Whether a table gives new addresses to those whom it names by address: done twice, that is about others.
fn renames(table: &[u8]) -> bool {
    let header = table.split(|byte| *byte == b'\n').next().unwrap_or_default();
    String::from_utf8_lossy(header).to_lowercase().contains("new primary email")
}

fn again(desk: &mut Desk, name: &str, after: &Mirror) {
    imported(desk, name, PLAIN);
    desk.mirror().is(after, "the same file a second time changes nothing");
    desk.a_day_passes();
    if !imported(desk, name, PREVIEW).is_changed() {
        imported(desk, name, PLAIN);
        desk.mirror().is(after, "and changes nothing a day later");
    }
}

/// What is exported is imported elsewhere as it was.
fn moves_house(desk: &mut Desk, mirror: &Mirror) {
    desk.begin_with_nobody();
    desk.write("export.json", mirror.export().to_string().as_bytes());
    imported(desk, "export.json", PLAIN);
    desk.mirror().is(mirror, "what is exported is imported as it was");
}

/// Whoever the file does not name goes, and the others are as they are without that.
fn replaces(desk: &mut Desk, name: &str, plain: &Mirror) {
    desk.begin();
    let before = desk.mirror();
    if desk.import(name, REPLACE).is_err() {
        desk.mirror().is(&before, "an import stands as a whole or not at all");
        return;
    }
    let after = desk.mirror();
    after.check();
    after.is_less_than(plain);
    if after.has_all_addresses_of(&before) {
        imported(desk, name, REPLACE);
        desk.mirror().is(&after, "the same file a second time changes nothing");
    }
}

/// An import that has to succeed, because the same one did.
fn imported(desk: &mut Desk, name: &str, options: Import) -> ImportReport {
    match desk.import(name, options) {
        Ok(report) => report,
        Err(error) => panic!("what was imported once is refused: {error}"),
    }
}
