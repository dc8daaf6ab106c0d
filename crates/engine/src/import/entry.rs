//! What files hold, on its way to the database: entries, in pieces of one kind, in batches of a file.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::cell::Cell;

/// How many entries travel together: enough for the database to be quick, few enough to forget about.
pub(super) const ENTRIES_PER_BATCH: usize = 1_000;

/// An entry of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry {
    /// Where it starts.
    pub(super) line: u64,
    /// What it says: a change to be laid over what is there, in the Directory API's form.
    pub(super) change: Map<String, Json>,
    /// The address that a line of a table is about. JSON says that by id, or by the address it gives.
    pub(super) address: Option<String>,
    /// What a table says of one value of a list, whose other values stay.
    pub(super) cells: Vec<Cell>,
}

/// Entries of one kind, in their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Users(Vec<Entry>),
    Groups(Vec<Entry>),
    OrgUnits(Vec<Entry>),
    Domains(Vec<Entry>),
    Schemas(Vec<Entry>),
    /// Groups whose members are listed, and those members, which may come in several pieces.
    Members {
        groups: Vec<(u64, Arc<str>)>,
        members: Vec<MemberEntry>,
    },
}

/// One member of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MemberEntry {
    pub(super) line: u64,
    /// The group's address as the file has it.
    pub(super) group: Arc<str>,
    /// An address, or an object in the Directory API's form.
    pub(super) member: Json,
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        let n = match self {
            Self::Users(entries)
            | Self::Groups(entries)
            | Self::OrgUnits(entries)
            | Self::Domains(entries)
            | Self::Schemas(entries) => entries.len(),
            Self::Members { groups: _, members } => members.len(),
        };
        u64::try_from(n).unwrap_or(u64::MAX)
    }
}

/// What the parser sends.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) path: Arc<Path>,
    pub(super) piece: Piece,
    /// Of all files so far.
    pub(super) read_bytes: u64,
}
