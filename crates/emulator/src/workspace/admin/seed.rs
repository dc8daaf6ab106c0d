//! A whole directory at once, in the Directory API's JSON.
//!
//! What is there already is changed, by address; nothing is taken away. What only Google can say (ids, times, who is an
//! administrator, who is deleted) is taken as it is given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use usher_model::time::Timestamp;

use super::AdminError;
use crate::workspace::Workspace;
use crate::workspace::answer;
use crate::workspace::call::is_address;
use crate::workspace::directory::{Change, Directory, Domain, Holder, OrgUnit, User, flag, text};
use crate::workspace::methods::{schemas, users};
use crate::workspace::tree::Tree;
use crate::workspace::wire;

mod groups;

/// The keys of a seed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Seed {
    #[serde(default)]
    domains: Vec<Map<String, Value>>,
    #[serde(default)]
    schemas: Vec<Map<String, Value>>,
    #[serde(default)]
    organization_units: Vec<Map<String, Value>>,
    #[serde(default)]
    users: Vec<Map<String, Value>>,
    #[serde(default)]
    groups: Vec<Map<String, Value>>,
    /// By the address of the group.
    #[serde(default)]
    members: BTreeMap<String, Vec<Map<String, Value>>>,
}

/// How much a seed had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seeded {
    /// Domains.
    pub domains: usize,
    /// Schemas.
    pub schemas: usize,
    /// Organizational units.
    pub organization_units: usize,
    /// Users.
    pub users: usize,
    /// Groups.
    pub groups: usize,
    /// Memberships.
    pub members: usize,
}

/// What is written by Google when it shows something, and kept elsewhere or not at all.
const SHOWN: [&str; 9] = [
    "kind",
    "etag",
    "id",
    "customerId",
    "orgUnitPath",
    "deletionTime",
    "nonEditableAliases",
    "password",
    "hashFunction",
];

struct Sower<'a> {
    workspace: &'a Workspace,
    directory: &'a dyn Directory,
    now: Timestamp,
    /// Addresses that this seed has given out, in small letters.
    given: BTreeMap<String, Holder>,
    units: Vec<Arc<OrgUnit>>,
    changes: Vec<Change>,
}

impl Workspace {
    /// Takes a directory in, as a whole or not at all. No activity is written and no channel told.
    pub async fn seed(&self, body: &[u8]) -> Result<Seeded, AdminError> {
        let seed: Seed = serde_json::from_slice(body)
            .map_err(|error| AdminError::BadRequest(format!("the seed is not what is expected: {error}")))?;
        let turn = self.inner.turn().await?;
        let directory = &*self.inner.directory;
        let mut sower = Sower {
            workspace: self,
            directory,
            now: self.inner.clock.now(),
            given: BTreeMap::new(),
            units: directory.org_units().await?,
            changes: Vec::new(),
        };
        let seeded = Seeded {
            domains: seed.domains.len(),
            schemas: seed.schemas.len(),
            organization_units: seed.organization_units.len(),
            users: seed.users.len(),
            groups: seed.groups.len(),
            members: seed.members.values().map(Vec::len).sum(),
        };
        sower.domains(&seed.domains).await?;
        sower.schemas(&seed.schemas).await?;
        sower.units(seed.organization_units)?;
        let tree = Tree::new(sower.units.clone());
        for user in seed.users {
            sower.user(user, &tree).await?;
        }
        for group in seed.groups {
            sower.group(group).await?;
        }
        for (group, members) in seed.members {
            sower.members(&group, members).await?;
        }
        match answer::commit(&self.inner, &turn, sower.changes, Vec::new()).await {
            Ok(()) => Ok(seeded),
            Err(_) => Err(AdminError::Refused("the directory could not keep the seed".to_owned())),
        }
    }
}

fn wrong(what: impl Into<String>) -> AdminError {
    AdminError::BadRequest(what.into())
}

impl Sower<'_> {
    /// Whose an address is, here or in the directory.
    async fn holder(&self, address: &str) -> Result<Option<Holder>, AdminError> {
        let address = address.to_lowercase();
        match self.given.get(&address) {
            Some(holder) => Ok(Some(holder.clone())),
            None => Ok(self.directory.holder(&address).await?),
        }
    }

    async fn domains(&mut self, domains: &[Map<String, Value>]) -> Result<(), AdminError> {
        let known = self.directory.domains().await?;
        let names_primary = domains.iter().any(|domain| flag(domain, "isPrimary"));
        for old in known.iter().filter(|domain| names_primary && domain.is_primary) {
            // The domain that the organisation began with makes room for the one that is named.
            let is_named =
                domains.iter().any(|domain| text(domain, "domainName").eq_ignore_ascii_case(&old.name));
            if !is_named {
                self.changes.push(Change::DomainGone(old.name.clone()));
            }
        }
        for domain in domains {
            let name = text(domain, "domainName").to_lowercase();
            if !is_address(&format!("x@{name}")) {
                return Err(wrong(format!("`{name}` is no domain")));
            }
            let there = known.iter().find(|known| known.name == name);
            let aliases = domain.get("domainAliases").and_then(Value::as_array).into_iter().flatten();
            let aliases = aliases.filter_map(|alias| alias.get("domainAliasName").and_then(Value::as_str));
            self.changes.push(Change::Domain(Domain {
                is_primary: if names_primary {
                    flag(domain, "isPrimary")
                } else {
                    there.is_some_and(|there| there.is_primary)
                },
                is_verified: domain.get("verified").and_then(Value::as_bool).unwrap_or(true),
                created_at: there.map_or(self.now, |there| there.created_at),
                aliases: aliases.map(|alias| (alias.to_lowercase(), self.now)).collect(),
                name,
            }));
        }
        Ok(())
    }

    async fn schemas(&mut self, all: &[Map<String, Value>]) -> Result<(), AdminError> {
        let known = self.directory.schemas().await?;
        for given in all {
            let name = text(given, "schemaName");
            let specs = given.get("fields").and_then(Value::as_array).cloned().unwrap_or_default();
            let clock = self.workspace.clock();
            let made = schemas::new(&*clock, name, text(given, "displayName"), &specs);
            let mut schema =
                made.map_err(|refusal| wrong(format!("schema `{name}`: {}", refusal.message)))?;
            let there = known.iter().find(|known| known.name == name).map(|known| known.id.clone());
            let given_id = Some(text(given, "schemaId")).filter(|id| !id.is_empty()).map(str::to_owned);
            if let Some(id) = there.or(given_id) {
                schema.id = id;
            }
            self.changes.push(Change::Schema(schema));
        }
        Ok(())
    }

    /// Units in any order: those above are made first.
    fn units(&mut self, mut all: Vec<Map<String, Value>>) -> Result<(), AdminError> {
        all.sort_by_key(|unit| text(unit, "orgUnitPath").matches('/').count());
        let mut met = BTreeSet::new();
        for unit in all {
            let path = text(&unit, "orgUnitPath").trim_end_matches('/').to_owned();
            if path.is_empty() || !met.insert(path.to_lowercase()) {
                continue;
            }
            let (above, name) = path.rsplit_once('/').unwrap_or(("", &path));
            let tree = Tree::new(self.units.clone());
            let parent = tree.find(above).ok_or_else(|| wrong(format!("there is no unit above `{path}`")))?;
            let there = tree.find(&path);
            let given_id = Some(text(&unit, "orgUnitId")).filter(|id| !id.is_empty()).map(str::to_owned);
            let id = there.map(|there| there.id.clone()).or(given_id);
            let made = OrgUnit {
                id: id.unwrap_or_else(|| wire::org_unit_id(&*self.workspace.clock())),
                name: name.to_owned(),
                parent: Some(parent.id.clone()),
                description: text(&unit, "description").to_owned(),
            };
            self.units.retain(|known| known.id != made.id);
            self.units.push(Arc::new(made.clone()));
            self.changes.push(Change::OrgUnit(made));
        }
        Ok(())
    }

    async fn user(&mut self, given: Map<String, Value>, tree: &Tree) -> Result<(), AdminError> {
        let email = text(&given, "primaryEmail").to_lowercase();
        if !is_address(&email) {
            return Err(wrong(format!("a user has no address: `{email}`")));
        }
        let deleted_at = Timestamp::parse(text(&given, "deletionTime")).ok();
        let given_id = Some(text(&given, "id")).filter(|id| !id.is_empty()).map(str::to_owned);
        let there = match (self.holder(&email).await?, &given_id) {
            (_, Some(id)) => self.directory.user(id).await?,
            (Some(Holder::User(id)), None) if deleted_at.is_none() => self.directory.user(&id).await?,
            (Some(Holder::Group(_)), None) => {
                return Err(wrong(format!("a group has the address `{email}`")));
            }
            (_, None) => None,
        };
        let id = there.as_ref().map(|there| there.id.clone()).or(given_id);
        let id = id.unwrap_or_else(|| wire::user_id(&*self.workspace.clock()));
        let mut fields = there.map_or_else(|| users::defaults(self.now), |there| there.fields.clone());
        for (name, value) in &given {
            if value.is_null() {
                fields.remove(name);
            } else if !SHOWN.contains(&name.as_str()) {
                fields.insert(name.clone(), value.clone());
            }
        }
        fields.insert("primaryEmail".to_owned(), json!(email));
        complete(&mut fields, self.now);
        let path = Some(text(&given, "orgUnitPath")).filter(|path| !path.is_empty()).unwrap_or("/");
        let unit =
            tree.find(path).ok_or_else(|| wrong(format!("there is no organizational unit `{path}`")))?;
        let user = User { id, org_unit: unit.id.clone(), deleted_at, fields };
        if deleted_at.is_none() {
            for address in std::iter::once(user.email()).chain(user.aliases()) {
                self.given.insert(address.to_lowercase(), Holder::User(user.id.clone()));
            }
        }
        self.changes.push(Change::User(user));
        Ok(())
    }
}

/// What follows from what was given.
fn complete(fields: &mut Map<String, Value>, now: Timestamp) {
    let mut name = fields.get("name").and_then(Value::as_object).cloned().unwrap_or_default();
    let full = format!("{} {}", text(&name, "givenName"), text(&name, "familyName"));
    name.insert("fullName".to_owned(), json!(full.trim()));
    fields.insert("name".to_owned(), Value::Object(name));
    for (state, time) in [("suspended", "suspensionTime"), ("archived", "archivalTime")] {
        if !flag(fields, state) {
            fields.remove(time);
        } else if !fields.contains_key(time) {
            fields.insert(time.to_owned(), json!(wire::instant(now)));
        }
    }
    if flag(fields, "suspended") {
        fields.entry("suspensionReason").or_insert_with(|| json!("ADMIN"));
    } else {
        fields.remove("suspensionReason");
    }
}
