//! What an import changed, or would change.

use serde::Serialize;

/// At most so many warnings are kept in words; the rest are counted.
const WARNINGS_MAX: usize = 20;

/// What an import changed, or, as a preview, would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    pub users: KindReport,
    pub groups: KindReport,
    pub members: KindReport,
    pub org_units: KindReport,
    pub domains: KindReport,
    pub schemas: KindReport,
    /// Sentences; the first of them.
    pub warnings: Vec<String>,
    /// How many there were.
    pub n_warnings: u64,
}

/// What became of the entries of one kind. Somebody named twice counts twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KindReport {
    pub added: u64,
    pub updated: u64,
    pub deleted: u64,
    /// Deleted before, and now no longer.
    pub restored: u64,
    /// The same after merging; not written.
    pub unchanged: u64,
}

impl ImportReport {
    /// Whether anything is other than it was.
    pub fn is_changed(&self) -> bool {
        let kinds = [self.users, self.groups, self.members, self.org_units, self.domains, self.schemas];
        kinds.iter().any(KindReport::is_changed)
    }

    pub(super) fn warn(&mut self, warning: String) {
        self.n_warnings += 1;
        if self.warnings.len() < WARNINGS_MAX {
            self.warnings.push(warning);
        }
    }
}

impl KindReport {
    /// Whether anything is other than it was.
    pub fn is_changed(&self) -> bool {
        self.added + self.updated + self.deleted + self.restored > 0
    }
}
