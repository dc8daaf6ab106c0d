//! Takes what `cargo xtask directory` wrote apart: its users, in the order of their ids, and everything else.
//!
//! Held in memory as a whole: what makes the data is not what is measured.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A directory's document.
pub(crate) struct Document {
    /// The users' resources, by id.
    pub(crate) users: BTreeMap<String, Box<RawValue>>,
    /// The document without its users.
    pub(crate) rest: String,
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

/// Reads a document.
pub(crate) fn read(file: &Path) -> anyhow::Result<Document> {
    let text = std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))?;
    let mut parts: BTreeMap<String, &RawValue> = serde_json::from_str(&text)?;
    let users = parts.remove("users").context("the document has no users")?;
    let users: Vec<Box<RawValue>> = serde_json::from_str(users.get())?;
    let identified = |user: Box<RawValue>| -> anyhow::Result<_> {
        let Identified { id } = serde_json::from_str(user.get())?;
        Ok((id, user))
    };
    let users = users.into_iter().map(identified).collect::<anyhow::Result<_>>()?;
    Ok(Document { users, rest: serde_json::to_string(&parts)? })
}
