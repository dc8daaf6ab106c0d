//! Writes a state file anew, with nothing in it that is over. The old file is there until the new one is complete and
//! on the disk.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::identity_center::journal::entry::{Entry, FORMAT, Header, VERSION, line};
use crate::identity_center::tenant::Tenant;
use crate::state_file::lock::beside;

/// How many changes a line holds.
const CHANGES_PER_LINE: usize = 100;

/// Writes the file and returns it, to be appended to.
pub(super) fn write(path: &Path, tenants: &BTreeMap<String, Tenant>) -> io::Result<File> {
    let beside = beside(path, ".new");
    // What an earlier process may have left there.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&beside)?;
    let mut into = BufWriter::new(&file);
    into.write_all(&line(&Header { format: FORMAT.to_owned(), version: VERSION }))?;
    for tenant in tenants.values() {
        write_tenant(&mut into, tenant)?;
    }
    into.flush()?;
    drop(into);
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(file)
}

fn write_tenant(into: &mut BufWriter<&File>, tenant: &Tenant) -> io::Result<()> {
    let id = Cow::Borrowed(tenant.record.id.as_str());
    into.write_all(&Entry::Tenant(Cow::Borrowed(&tenant.record)).line())?;
    let mut changes = tenant.store.as_changes();
    loop {
        let some: Vec<_> = changes.by_ref().take(CHANGES_PER_LINE).collect();
        if some.is_empty() {
            break;
        }
        into.write_all(&Entry::People { tenant: id.clone(), changes: Cow::Owned(some) }.line())?;
    }
    into.write_all(&Entry::NextKey { tenant: id, key: tenant.store.next_key() }.line())
}
