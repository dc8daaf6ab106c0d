//! A batch of groups. They are matched as users are, and have no state: whoever is missing under `--replace` is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value as Json};
use usher_model::directory::Group;
use usher_model::id::{Email, GroupId};
use usher_protocol::directory::{fields, merge};
use usher_store::directory::stage::{self, Addresses, Mention};
use usher_store::directory::{self, GroupRecord, Owner};

use super::entry::{ENTRIES_PER_BATCH, Entry};
use super::error::ImportError;
use super::pass::{Pass, at};
use super::person::{aliases, is_id, parse_email};

/// Which group an entry is about.
enum Key {
    Id(GroupId),
    Address(Email),
}

impl Pass<'_> {
    pub(super) async fn take_groups(&mut self, path: &Path, entries: Vec<Entry>) -> Result<(), ImportError> {
        self.has_groups = true;
        let keys =
            entries.iter().map(|entry| key(&entry.change).map_err(|problem| at(path, entry.line, problem)));
        let keys: Vec<Key> = keys.collect::<Result<_, _>>()?;
        let (mut groups, mut holders) = self.gather_groups(&keys).await?;
        let (mut named, mut changed, mut moved) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
        for (entry, key) in entries.iter().zip(keys) {
            let id = match key {
                Key::Id(id) => id,
                Key::Address(address) => match holders.get(&address) {
                    Some(id) => id.clone(),
                    None => GroupId::new((self.new_id)()),
                },
            };
            named.insert(id.clone());
            let before = groups.get(&id);
            let (after, addresses) =
                merged(&entry.change, before, &id).map_err(|problem| at(path, entry.line, problem))?;
            match before {
                None => self.report.groups.added += 1,
                Some(before) if *before == after => {
                    self.report.groups.unchanged += 1;
                    continue;
                }
                Some(_) => self.report.groups.updated += 1,
            }
            for address in addresses.primary.iter().chain(&addresses.aliases) {
                holders.entry(address.clone()).or_insert_with(|| id.clone());
            }
            moved.insert(id.clone(), addresses);
            changed.insert(id.clone());
            groups.insert(id, after);
        }
        let (tx, directory) = (&mut *self.tx, &self.directory);
        if self.options.replace {
            stage::mention(tx, directory, Mention::Group, named.iter().map(GroupId::as_str)).await?;
        }
        let changed: Vec<GroupRecord> = changed.iter().filter_map(|id| groups.get(id)).cloned().collect();
        directory::record_groups(tx, directory, &changed).await?;
        stage::restate(tx, directory, &moved.into_values().collect::<Vec<_>>()).await?;
        Ok(())
    }

    /// The groups that entries could be about, and whose the addresses are that they name.
    async fn gather_groups(
        &mut self,
        keys: &[Key],
    ) -> Result<(BTreeMap<GroupId, GroupRecord>, BTreeMap<Email, GroupId>), ImportError> {
        let (tx, directory) = (&mut *self.tx, &self.directory);
        let (mut ids, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for key in keys {
            match key {
                Key::Id(id) => ids.insert(id.clone()),
                Key::Address(address) => addresses.insert(address.clone()),
            };
        }
        let mut owners = directory::owners(tx, directory, &addresses).await?;
        addresses.retain(|address| !owners.contains_key(address));
        owners.extend(stage::staged_owners(tx, directory, &addresses).await?);
        let groups = owners.into_iter().filter_map(|(address, owner)| match owner {
            Owner::Group(id) => Some((address, id)),
            Owner::User(_) => None,
        });
        let holders: BTreeMap<Email, GroupId> = groups.collect();
        ids.extend(holders.values().cloned());
        Ok((directory::groups(tx, directory, &ids).await?, holders))
    }

    /// Removes the groups that the files did not name.
    pub(super) async fn remove_missing_groups(&mut self) -> Result<(), ImportError> {
        loop {
            let (tx, directory) = (&mut *self.tx, &self.directory);
            // Always from the start: the groups of the page before are gone.
            let gone = stage::unmentioned_groups(tx, directory, None, ENTRIES_PER_BATCH).await?;
            if gone.is_empty() {
                return Ok(());
            }
            let nothing = |id: &GroupId| {
                let owner = Owner::Group(id.clone());
                Addresses { owner, primary: None, aliases: BTreeSet::new() }
            };
            stage::restate(tx, directory, &gone.iter().map(nothing).collect::<Vec<_>>()).await?;
            self.report.members.deleted += directory::remove_groups(tx, directory, &gone).await?;
            self.report.groups.deleted += u64::try_from(gone.len()).unwrap_or(u64::MAX);
        }
    }
}

fn key(change: &Map<String, Json>) -> Result<Key, String> {
    match (change.get("id"), change.get("email")) {
        (Some(Json::String(id)), _) if is_id(id) => Ok(Key::Id(GroupId::new(id))),
        (Some(id), _) => Err(format!("{id} is not an id: an id is a text, not empty")),
        (None, Some(Json::String(address))) => parse_email(address).map(Key::Address),
        (None, _) => Err("the entry has neither an id nor an email".to_owned()),
    }
}

/// The group as it is after the entry, and its addresses.
fn merged(
    change: &Map<String, Json>,
    before: Option<&GroupRecord>,
    id: &GroupId,
) -> Result<(GroupRecord, Addresses), String> {
    let mut resource = before.map(|before| before.resource.clone()).unwrap_or_default();
    merge::merge(&mut resource, change.clone(), fields::GROUP).map_err(|error| error.to_string())?;
    resource.insert("id".to_owned(), id.as_str().into());
    to_group(resource)
}

/// The group that a whole resource of the Directory API describes, and its addresses; or what is wrong with it.
pub fn to_group(mut resource: Map<String, Json>) -> Result<(GroupRecord, Addresses), String> {
    let id = GroupId::new(resource.get("id").and_then(Json::as_str).unwrap_or_default());
    let Some(email) = resource.get("email").and_then(Json::as_str) else {
        return Err("the group has no email, and every group needs one".to_owned());
    };
    let email = parse_email(email)?;
    resource.insert("email".to_owned(), email.as_str().into());
    // A column of text cannot hold U+0000; the resource, which is JSON, keeps it.
    let name = resource.get("name").and_then(Json::as_str).unwrap_or(email.as_str()).replace('\0', "");
    let owner = Owner::Group(id.clone());
    let addresses = Addresses { owner, primary: Some(email.clone()), aliases: aliases(&resource)? };
    Ok((GroupRecord { group: Group { id, email, name }, resource }, addresses))
}
