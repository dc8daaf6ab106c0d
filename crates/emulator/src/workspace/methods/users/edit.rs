//! What a body does to a user.
//!
//! An attribute that is absent stays, `null` clears, a list is replaced as a whole; with PATCH a list cannot be emptied.
//! What is Google's to write is passed over, and passwords are forgotten.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use usher_model::time::Timestamp;

use super::custom;
use crate::workspace::catalog::catalog;
use crate::workspace::directory::{Schema, User, flag, text};
use crate::workspace::refusal::Refusal;
use crate::workspace::tree::Tree;
use crate::workspace::wire;

/// The most letters of a given or family name.
const MAX_NAME: usize = 60;
/// The most letters of a display name.
const MAX_DISPLAY_NAME: usize = 256;
/// Lists of objects, and how many bytes each may have.
const LISTS: [(&str, usize); 12] = [
    ("addresses", 10_240),
    ("emails", 10_240),
    ("externalIds", 2_048),
    ("ims", 2_048),
    ("keywords", 1_024),
    ("languages", 1_024),
    ("locations", 10_240),
    ("organizations", 10_240),
    ("phones", 1_024),
    ("posixAccounts", 10_240),
    ("relations", 2_048),
    ("websites", 2_048),
];

/// Which method edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Insert,
    Update,
    Patch,
}

/// What an edit has at hand.
pub(super) struct Edit<'a> {
    pub(super) mode: Mode,
    pub(super) tree: &'a Tree,
    pub(super) schemas: &'a [Arc<Schema>],
    pub(super) now: Timestamp,
}

impl Edit<'_> {
    /// Does to the user what the body says; the primary address is somebody else's to see to.
    pub(super) fn apply(&self, user: &mut User, body: Map<String, Value>) -> Result<(), Refusal> {
        let is_new = self.mode == Mode::Insert;
        for (name, value) in body {
            let is_immutable = matches!(name.as_str(), "isGuestUser" | "guestAccountInfo") && !is_new;
            let is_others = matches!(name.as_str(), "primaryEmail" | "password" | "hashFunction" | "id");
            if is_others || is_immutable || catalog().is_read_only("User", &name) {
                continue;
            }
            match name.as_str() {
                "name" => Self::rename(user, value)?,
                "orgUnitPath" => self.relocate(user, &value)?,
                "suspended" | "archived" => self.switch(user, &name, value.as_bool().unwrap_or(false)),
                "customSchemas" => custom::apply(user, value, self.schemas)?,
                _ => self.set(user, name, value)?,
            }
        }
        if is_new && !user.fields.contains_key("name") {
            return Err(Refusal::invalid_message("Invalid Given/Family Name: FamilyName"));
        }
        Ok(())
    }

    fn rename(user: &mut User, value: Value) -> Result<(), Refusal> {
        let mut name = user.fields.get("name").and_then(Value::as_object).cloned().unwrap_or_default();
        let Value::Object(body) = value else {
            return Err(Refusal::invalid_message("Invalid Given/Family Name: FamilyName"));
        };
        for (part, value) in body {
            match (part.as_str(), value) {
                ("fullName", _) => {}
                ("displayName", Value::Null) => {
                    name.remove("displayName");
                }
                (_, value) => {
                    name.insert(part, value);
                }
            }
        }
        for (part, what) in [("givenName", "GivenName"), ("familyName", "FamilyName")] {
            let length = text(&name, part).trim().chars().count();
            if !(1..=MAX_NAME).contains(&length) {
                return Err(Refusal::invalid_message(format!("Invalid Given/Family Name: {what}")));
            }
        }
        if text(&name, "displayName").chars().count() > MAX_DISPLAY_NAME {
            return Err(Refusal::invalid("displayName"));
        }
        let full = format!("{} {}", text(&name, "givenName"), text(&name, "familyName"));
        name.insert("fullName".to_owned(), json!(full));
        user.fields.insert("name".to_owned(), Value::Object(name));
        Ok(())
    }

    fn relocate(&self, user: &mut User, value: &Value) -> Result<(), Refusal> {
        let Some(path) = value.as_str() else { return Ok(()) };
        let unit = self.tree.find(path).ok_or_else(|| Refusal::invalid("INVALID_OU_ID"))?;
        user.org_unit.clone_from(&unit.id);
        Ok(())
    }

    /// Suspends or archives, or takes that back. When it happened is the directory's to say.
    fn switch(&self, user: &mut User, name: &str, on: bool) {
        if flag(&user.fields, name) == on {
            return;
        }
        user.fields.insert(name.to_owned(), json!(on));
        let time = if name == "suspended" { "suspensionTime" } else { "archivalTime" };
        if on {
            user.fields.insert(time.to_owned(), json!(wire::instant(self.now)));
        } else {
            user.fields.remove(time);
        }
        if name == "suspended" {
            if on {
                user.fields.insert("suspensionReason".to_owned(), json!("ADMIN"));
            } else {
                user.fields.remove("suspensionReason");
            }
        }
    }

    fn set(&self, user: &mut User, name: String, value: Value) -> Result<(), Refusal> {
        let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        let list = LISTS.iter().find(|(list, _)| *list == name).map(|(_, most)| *most);
        if is_empty {
            if list.is_none() || self.mode != Mode::Patch {
                user.fields.remove(&name);
            }
            return Ok(());
        }
        if let Some(most) = list {
            let is_right = value.as_array().is_some_and(|items| items.iter().all(Value::is_object));
            if !is_right || value.to_string().len() > most {
                return Err(Refusal::invalid(&name));
            }
        }
        user.fields.insert(name, value);
        Ok(())
    }
}
