//! How a mapped account is spelled in SCIM: bodies of creates, of PATCH and of PUT.
//!
//! Pure. What an app's template says of its ways ([`Quirks`]) ends here.

use serde_json::{Map, Value, json};
use usher_model::attribute::Attributes;
use usher_model::attribute::changes::{Change, Changes};
use usher_model::attribute::path::AttributePath;
use usher_model::template::{ListPatch, Quirks};
use usher_protocol::scim::USER_SCHEMA;
use usher_protocol::scim::patch::apply::PatchOptions;
use usher_protocol::scim::patch::{PatchOperation, PatchRequest};
use usher_protocol::scim::path::PatchPath;
use usher_protocol::scim::resource::Resource;

/// What a write makes of the account besides its attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switching {
    /// `active` is not written.
    Leave,
    /// Switched on.
    On,
    /// Switched off.
    Off,
}

/// The body of a create. New accounts are on.
pub fn new_account(attributes: &Attributes) -> Resource {
    let mut resource = attributes.to_resource();
    resource.insert("schemas".to_owned(), schemas(&resource));
    resource.insert("active".to_owned(), Value::Bool(true));
    Resource::new(resource)
}

/// A PATCH of exactly these changes. `current` is what the app has, as far as we know.
pub fn patch(changes: &Changes, switching: Switching, current: &Attributes, quirks: &Quirks) -> PatchRequest {
    let mut operations: Vec<PatchOperation> = Vec::new();
    let mut written: Vec<&AttributePath> = Vec::new();
    for change in changes {
        if written.iter().any(|path| path.same_entry(&change.path)) {
            continue;
        }
        if change.path.entry_type().is_some() && as_whole_entry(&change.path, changes, current, quirks) {
            written.push(&change.path);
            operations.push(entry(&change.path, changes, current, quirks));
        } else {
            operations.push(one(change));
        }
    }
    match switching {
        Switching::Leave => {}
        Switching::On => operations.push(PatchOperation::replace(active(), Value::Bool(true))),
        Switching::Off => operations.push(PatchOperation::replace(active(), Value::Bool(false))),
    }
    PatchRequest { operations }
}

/// A whole account for a PUT: what was read, with the changes in it. What we do not map stays.
pub fn merged(
    mut read: Resource,
    patch: &PatchRequest,
) -> Result<Resource, usher_protocol::scim::error::ScimError> {
    patch.apply(read.attributes_mut(), PatchOptions::default())?;
    let schemas = schemas(read.attributes());
    let attributes = read.attributes_mut();
    attributes.insert("schemas".to_owned(), schemas);
    // The server's own: it would have to ignore them, and some refuse them instead.
    attributes.remove("meta");
    attributes.remove("groups");
    Ok(read)
}

/// The schemas that a resource's attributes belong to.
fn schemas(resource: &Map<String, Value>) -> Value {
    let extensions = resource.keys().filter(|key| key.starts_with("urn:")).map(String::as_str);
    json!(std::iter::once(USER_SCHEMA).chain(extensions).collect::<Vec<_>>())
}

fn active() -> PatchPath {
    PatchPath::parse("active").expect("invariant: active is a path")
}

fn path(path: &AttributePath) -> PatchPath {
    PatchPath::parse(path.as_str()).expect("invariant: every attribute path is a PATCH path")
}

fn one(change: &Change) -> PatchOperation {
    match &change.to {
        Some(value) => PatchOperation::replace(path(&change.path), value.clone()),
        None => PatchOperation::remove(path(&change.path)),
    }
}

/// An entry of a list is written as a whole where the app wants lists whole, where the app has no such
/// entry yet (a filtered path would find nothing), and where nothing of it is left.
fn as_whole_entry(path: &AttributePath, changes: &Changes, current: &Attributes, quirks: &Quirks) -> bool {
    quirks.list_patch == ListPatch::WholeList
        || !current.paths().any(|there| there.same_entry(path))
        || after(path, changes, current).is_empty()
}

/// What an entry holds after the changes, as far as it is mapped.
fn after(path: &AttributePath, changes: &Changes, current: &Attributes) -> Attributes {
    let mut entry = current.clone();
    entry.retain(|there| there.same_entry(path));
    for change in changes.iter().filter(|change| change.path.same_entry(path)) {
        entry.remove(&change.path);
        if let Some(value) = &change.to {
            entry.insert(change.path.clone(), value.clone());
        }
    }
    entry
}

fn entry(path: &AttributePath, changes: &Changes, current: &Attributes, quirks: &Quirks) -> PatchOperation {
    let entry = after(path, changes, current);
    let list = list_path(path);
    let name = path.attribute();
    if entry.is_empty() {
        return PatchOperation::remove(match quirks.list_patch {
            ListPatch::WholeList => list,
            ListPatch::Entry => whole_entry_path(path),
        });
    }
    let mut value =
        entry.to_resource().remove(name).expect("invariant: an entry that is not empty is in the resource");
    if quirks.primary_lists.contains(&name) {
        // Whether or not the app showed that it is: the mapping has seen to it.
        value[0]["primary"] = Value::Bool(true);
    }
    match quirks.list_patch {
        ListPatch::WholeList => PatchOperation::replace(list, value),
        ListPatch::Entry => PatchOperation::add(list, value),
    }
}

fn list_path(path: &AttributePath) -> PatchPath {
    PatchPath::parse(path.attribute()).expect("invariant: an attribute's name is a PATCH path")
}

fn whole_entry_path(path: &AttributePath) -> PatchPath {
    let text =
        format!("{}[type eq {}]", path.attribute(), Value::from(path.entry_type().unwrap_or_default()));
    PatchPath::parse(&text).expect("invariant: an entry's path is a PATCH path")
}

#[cfg(test)]
mod tests;
