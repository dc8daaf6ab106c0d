//! Reads a state file. A last line without its end was being written when the process was killed, and nobody was
//! answered for it: it is left out. Any other line that cannot be read is damage, and nothing is guessed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use crate::identity_center::journal::entry::{Entry, FORMAT, Header, VERSION};
use crate::identity_center::tenant::Tenant;
use crate::state_file::error::StateError;

/// The longest line: a group of every user that a tenant may have is far from it.
const MAX_LINE_BYTES: u64 = 256 * 1_048_576;
/// The longest header.
const MAX_HEADER_BYTES: u64 = 4_096;

/// What a state file holds.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    pub(super) tenants: BTreeMap<String, Tenant>,
    pub(super) cut_line: Option<u64>,
}

/// Reads a state file; one that is not there, or empty, holds nothing.
pub(super) fn read(path: &Path, max_logged: usize) -> Result<Replayed, StateError> {
    let failed = |source: io::Error| StateError::io("read", path, &source);
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Replayed::default()),
        Err(error) => return Err(failed(error)),
    };
    let mut file = BufReader::new(file);
    let mut replayed = Replayed::default();
    let mut line = Vec::new();
    file.by_ref().take(MAX_HEADER_BYTES).read_until(b'\n', &mut line).map_err(failed)?;
    if line.is_empty() {
        return Ok(replayed);
    }
    check_header(path, &line)?;
    for number in 2.. {
        line.clear();
        file.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line).map_err(failed)?;
        if line.is_empty() {
            break;
        }
        let is_last = file.fill_buf().map_err(failed)?.is_empty();
        if is_last && line.last() != Some(&b'\n') {
            replayed.cut_line = Some(number);
            break;
        }
        let damaged = |problem| StateError::Damaged { path: path.to_owned(), line: number, problem };
        let entry = serde_json::from_slice(&line).map_err(|error| damaged(error.to_string()))?;
        carry_out(&mut replayed.tenants, entry, max_logged).map_err(damaged)?;
    }
    Ok(replayed)
}

fn check_header(path: &Path, line: &[u8]) -> Result<(), StateError> {
    let header: Option<Header> = serde_json::from_slice(line).ok();
    match header.filter(|header| header.format == FORMAT && line.ends_with(b"\n")) {
        None => Err(StateError::Foreign(path.to_owned())),
        Some(Header { version, .. }) if version > VERSION => {
            Err(StateError::Newer { path: path.to_owned(), found: version, known: VERSION })
        }
        Some(_) => Ok(()),
    }
}

fn carry_out(
    tenants: &mut BTreeMap<String, Tenant>,
    entry: Entry<'_>,
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
