//! What an edit is about, before and after it, for the audit log.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use usher_emulator::workspace::directory::Change;
use usher_model::directory::UserState;
use usher_model::id::{DirectoryId, GroupId, UserId};
use usher_store::directory;
use usher_store::{StoreError, Tx};

/// Facts by name.
type Facts = BTreeMap<String, Json>;

/// How many groups' memberships are written down by name; of more, how many there were.
const NAMED: usize = 100;

/// What an edit is about.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    users: BTreeSet<UserId>,
    groups: BTreeSet<GroupId>,
    members: BTreeSet<(GroupId, String)>,
    units: bool,
    domains: bool,
    schemas: bool,
}

impl Subjects {
    pub(super) fn of(changes: &[Change]) -> Self {
        let mut of = Self::default();
        for change in changes {
            match change {
                Change::User(user) => drop(of.users.insert(UserId::new(user.id.as_str()))),
                Change::UserGone(id) => drop(of.users.insert(UserId::new(id.as_str()))),
                Change::Group(group) => drop(of.groups.insert(GroupId::new(group.id.as_str()))),
                Change::GroupGone(id) => drop(of.groups.insert(GroupId::new(id.as_str()))),
                Change::Member { group, member } => {
                    let key = member.address.clone().unwrap_or_else(|| member.id.clone());
                    of.members.insert((GroupId::new(group.as_str()), key));
                }
                Change::MemberGone { group, member } => {
                    of.members.insert((GroupId::new(group.as_str()), member.clone()));
                }
                Change::OrgUnit(_) | Change::OrgUnitGone(_) => of.units = true,
                Change::Domain(_) | Change::DomainGone(_) => of.domains = true,
                Change::Schema(_) | Change::SchemaGone(_) => of.schemas = true,
                Change::Customer(_) => {}
            }
        }
        of
    }

    /// What is said of it now.
    pub(super) async fn facts(&self, tx: &mut Tx, id: &DirectoryId) -> Result<Facts, StoreError> {
        let mut facts = Facts::new();
        for person in directory::people(tx, id, &self.users).await?.into_values() {
            facts.insert("state".to_owned(), json!(state(person.user.state)));
            facts.extend(said(person.resource));
        }
        for record in directory::groups(tx, id, &self.groups).await?.into_values() {
            facts.extend(said(record.resource));
        }
        self.memberships(tx, id, &mut facts).await?;
        if self.units {
            for record in directory::org_unit_records(tx, id).await? {
                let description = record.resource.get("description").cloned().unwrap_or_default();
                facts.insert(format!("unit {}", record.path), json!({"description": description}));
            }
        }
        if self.domains {
            for record in directory::domain_records(tx, id).await? {
                let domain = record.domain;
                facts.insert(format!("domain {}", domain.name), json!({"primary": domain.is_primary}));
            }
        }
        if self.schemas {
            for record in directory::schema_records(tx, id).await? {
                let fields = record.resource.get("fields").and_then(Json::as_array).cloned();
                let names = fields.unwrap_or_default().into_iter().filter_map(|field| {
                    let text = |name: &str| field.get(name).and_then(Json::as_str).map(str::to_owned);
                    Some(json!({"name": text("fieldName")?, "type": text("fieldType")}))
                });
                facts.insert(format!("schema {}", record.name), names.collect());
            }
        }
        Ok(facts)
    }

    async fn memberships(&self, tx: &mut Tx, id: &DirectoryId, facts: &mut Facts) -> Result<(), StoreError> {
        let mut n_there = 0_u64;
        for (n, (group, key)) in self.members.iter().enumerate() {
            let Some(known) = directory::member(tx, id, group, key).await? else { continue };
            n_there += 1;
            if n < NAMED {
                let of = directory::group_by_id(tx, id, group).await?;
                let of = of.map_or_else(|| group.to_string(), |group| group.email.to_string());
                let who = known.email.unwrap_or(known.member.key);
                facts.insert(format!("{who} in {of}"), json!(known.member.role));
            }
        }
        if self.members.len() > NAMED {
            facts.insert("memberships".to_owned(), json!(n_there));
        }
        Ok(())
    }
}

/// What a resource says that people would want to read.
fn said(resource: Map<String, Json>) -> impl Iterator<Item = (String, Json)> {
    resource.into_iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "etag" | "id" | "customerId"))
}

fn state(state: UserState) -> &'static str {
    match state {
        UserState::Active => "active",
        UserState::Suspended { .. } => "suspended",
        UserState::Archived { .. } => "archived",
        UserState::Deleted { .. } => "deleted",
        UserState::Unlisted => "unlisted",
    }
}

/// What is not the same before and after.
pub(super) fn differing(before: &Facts, after: &Facts) -> [Option<Json>; 2] {
    let only = |of: &Facts, other: &Facts| -> Option<Json> {
        let kept = of.iter().filter(|(name, value)| other.get(*name) != Some(*value));
        let kept: Map<String, Json> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        (!kept.is_empty()).then_some(Json::Object(kept))
    };
    [only(before, after), only(after, before)]
}
