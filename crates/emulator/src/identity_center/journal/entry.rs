//! What stands in the state file: a header, and entries, a line each.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::identity_center::store::{Change, Key};
use crate::identity_center::tenant::Record;

/// What the first line says of the file.
pub(super) const FORMAT: &str = "usher-emulator identity-center";
/// The version of the format that is written, and the newest that is read.
pub(super) const VERSION: u32 = 1;

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub(super) format: String,
    pub(super) version: u32,
}

/// What has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Entry<'a> {
    /// A tenant is made, or is another than before. Its people stay.
    Tenant(Cow<'a, Record>),
    /// People of a tenant change: all that one request did.
    People { tenant: Cow<'a, str>, changes: Cow<'a, [Change]> },
    /// The next user or group of a tenant has this key at least, though those before may be gone.
    NextKey { tenant: Cow<'a, str>, key: Key },
}

impl Entry<'_> {
    /// The line, with its end.
    pub(super) fn line(&self) -> Vec<u8> {
        line(self)
    }
}

/// The line, with its end.
pub(super) fn line(of: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(of).expect("invariant: what is kept is JSON");
    line.push(b'\n');
    line
}
