//! The state file: every change of tenants, users, groups and memberships. No value of a token is in it, only hashes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use crate::identity_center::journal::entry::Entry;
use crate::identity_center::tenant::Tenant;
use crate::state_file::error::StateError;
use crate::state_file::{Format, Journal, StateFile, Writing};

pub(crate) mod entry;

const FORMAT: Format = Format { name: "usher-emulator identity-center", version: 1 };
/// How many changes a line holds when the file is written anew.
const CHANGES_PER_LINE: usize = 100;

/// A state file that was read, and made smaller.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) journal: Journal,
    pub(crate) tenants: BTreeMap<String, Tenant>,
    /// The number of the last line, if it was cut.
    pub(crate) cut_line: Option<u64>,
}

/// Takes a file, which need not be there, reads it, and writes it anew without what is over.
pub(crate) fn open(path: &Path, max_logged: usize) -> Result<Opened, StateError> {
    let file = StateFile::take(path, FORMAT)?;
    let mut tenants = BTreeMap::new();
    let read = file.read(|entry| carry_out(&mut tenants, entry, max_logged))?;
    let journal = file.rewrite(|into| tenants.values().try_for_each(|tenant| write(into, tenant)))?;
    Ok(Opened { journal, tenants, cut_line: read.cut_line })
}

fn carry_out(
    tenants: &mut BTreeMap<String, Tenant>,
    entry: Entry<'static>,
    max_logged: usize,
) -> Result<(), String> {
    let of = |tenant: &str| format!("there is no tenant `{tenant}`");
    match entry {
        Entry::Tenant(record) => {
            let record = record.into_owned();
            match tenants.get_mut(&record.id) {
                Some(tenant) => tenant.set_record(record),
                None => {
                    tenants.insert(record.id.clone(), Tenant::new(record, max_logged));
                }
            }
        }
        Entry::People { tenant, changes } => {
            let tenant = tenants.get_mut(&*tenant).ok_or_else(|| of(&tenant))?;
            for change in changes.into_owned() {
                tenant.store.apply(change);
            }
        }
        Entry::NextKey { tenant, key } => {
            tenants.get_mut(&*tenant).ok_or_else(|| of(&tenant))?.store.skip_keys_before(key);
        }
    }
    Ok(())
}

fn write(into: &mut Writing<'_>, tenant: &Tenant) -> io::Result<()> {
    let id = Cow::Borrowed(tenant.record.id.as_str());
    into.entry(&Entry::Tenant(Cow::Borrowed(&tenant.record)))?;
    let mut changes = tenant.store.as_changes();
    loop {
        let some: Vec<_> = changes.by_ref().take(CHANGES_PER_LINE).collect();
        if some.is_empty() {
            break;
        }
        into.entry(&Entry::People { tenant: id.clone(), changes: Cow::Owned(some) })?;
    }
    into.entry(&Entry::NextKey { tenant: id, key: tenant.store.next_key() })
}
