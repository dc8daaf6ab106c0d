//! What a plan says that somebody approved, read from its file as anybody could.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Ledger;
use crate::sim::mind::Kind;

/// What may be done under an approved plan.
#[derive(Clone, Debug, Default)]
pub(in crate::sim) struct Approved {
    /// Who, and the name of what is done to their account.
    people: BTreeSet<(String, String)>,
    /// Which group, the name of what is done to it, and who is named.
    groups: BTreeSet<(String, String)>,
    added: BTreeSet<(String, String)>,
    removed: BTreeSet<(String, String)>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Approved {
    /// Reads a plan's file.
    fn read(file: &str) -> Self {
        let mut approved = Self::default();
        for line in file.lines().skip(1) {
            let line: Value = serde_json::from_str(line).expect("a plan's file is lines of JSON");
            let operation = &line["operation"];
            let kind = text(&operation["operation"]);
            if line["user"].is_string() {
                approved.people.insert((text(&line["user"]), kind));
                continue;
            }
            let group = text(&line["group"]);
            for member in operation["members"].as_array().into_iter().flatten() {
                if let Some(user) = member.as_str() {
                    approved.added.insert((group.clone(), user.to_owned()));
                } else {
                    approved.removed.insert((group.clone(), text(&member["account"])));
                }
            }
            approved.groups.insert((group, kind));
        }
        approved
    }

    pub(in crate::sim) fn has_person(&self, user: &str, kind: Kind) -> bool {
        let kinds: &[&str] = match kind {
            Kind::Create => &["create"],
            Kind::Adopt | Kind::Update => &["adopt", "update"],
            Kind::Suspend => &["suspend"],
            Kind::Unsuspend => &["unsuspend"],
            Kind::Delete => &["delete"],
        };
        kinds.iter().any(|kind| self.people.contains(&(user.to_owned(), (*kind).to_owned())))
    }

    pub(in crate::sim) fn has_group(&self, group: &str, kinds: &[&str]) -> bool {
        kinds.iter().any(|kind| self.groups.contains(&(group.to_owned(), (*kind).to_owned())))
    }

    pub(in crate::sim) fn adds(&self, group: &str, user: &str) -> bool {
        self.added.contains(&(group.to_owned(), user.to_owned()))
    }

    pub(in crate::sim) fn removes(&self, group: &str, account: &str) -> bool {
        self.removed.contains(&(group.to_owned(), account.to_owned()))
    }
}

impl Ledger {
    /// Somebody approves a plan.
    pub(in crate::sim) fn approve(&mut self, file: &str) {
        self.trace.note(&|| format!("approved {file}"));
        self.approved = Approved::read(file);
    }
}
