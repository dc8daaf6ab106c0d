//! All that a directory says, read from the store, and the document that says the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use usher_model::directory::UserState;
use usher_model::id::{AppId, Email, GroupId, UserId};
use usher_store::directory::{
    self, DomainRecord, GroupRecord, OrgUnitRecord, Owner, Person, SchemaRecord, stage,
};
use usher_store::{Store, StoreError};

/// More than any input makes.
const PAGE: usize = 100_000;

/// All that a directory says.
#[derive(Debug, PartialEq)]
pub(super) struct Mirror {
    people: BTreeMap<UserId, Person>,
    groups: BTreeMap<GroupId, GroupRecord>,
    /// By group, the people who are listed in it.
    members: BTreeMap<GroupId, BTreeSet<UserId>>,
    /// By group, the groups in it, however deep, itself included.
    nested: BTreeMap<GroupId, BTreeSet<GroupId>>,
    /// Groups that everybody is in.
    everyone: BTreeSet<GroupId>,
    owners: BTreeMap<Email, Owner>,
    org_units: Vec<OrgUnitRecord>,
    domains: Vec<DomainRecord>,
    schemas: Vec<SchemaRecord>,
}

impl Mirror {
    pub(super) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut tx = store.read("fuzz::mirror").await?;
        let tx = &mut tx;
        let directory = directory::list(tx).await?.remove(0).id;
        let all = directory::candidates(tx, &directory, &AppId::new("none"), None, PAGE).await?;
        let ids: BTreeSet<UserId> = all.into_iter().map(|candidate| candidate.user.id).collect();
        let people = directory::people(tx, &directory, &ids).await?;
        // No import is under way, and so none has mentioned any.
        let group_ids = stage::unmentioned_groups(tx, &directory, None, PAGE).await?;
        let groups = directory::groups(tx, &directory, &group_ids.into_iter().collect()).await?;
        let ids: Vec<UserId> = ids.into_iter().collect();
        let mut members = BTreeMap::<GroupId, BTreeSet<UserId>>::new();
        for (user, groups) in directory::direct_groups_of(tx, &directory, &ids).await? {
            for group in groups {
                members.entry(group).or_default().insert(user.clone());
            }
        }
        let graph = directory::group_graph(tx, &directory).await?;
        let nested = groups.keys().map(|group| (group.clone(), graph.below(group))).collect();
        let mut addresses = BTreeSet::new();
        addresses.extend(people.values().flat_map(|person| addresses_of(&person.resource, "primaryEmail")));
        addresses.extend(groups.values().flat_map(|group| addresses_of(&group.resource, "email")));
        Ok(Self {
            owners: directory::owners(tx, &directory, &addresses).await?,
            org_units: directory::org_unit_records(tx, &directory).await?,
            domains: directory::domain_records(tx, &directory).await?,
            schemas: directory::schema_records(tx, &directory).await?,
            everyone: graph.everyone,
            people,
            groups,
            members,
            nested,
        })
    }

    /// Says what is other than it should be, and not the whole of both.
    pub(super) fn is(&self, expected: &Self, rule: &str) {
        let lines =
            |mirror: &Self| -> Vec<String> { format!("{mirror:#?}").lines().map(str::to_owned).collect() };
        if self != expected {
            let (is, should) = (lines(self), lines(expected));
            let at = is.iter().zip(&should).take_while(|(is, should)| is == should).count();
            let part = |lines: &[String]| {
                lines.iter().skip(at.saturating_sub(4)).take(12).cloned().collect::<Vec<_>>().join("\n")
            };
            panic!("{rule}; from line {at} it is\n{}\nand should be\n{}", part(&is), part(&should));
        }
    }

    /// Whether nobody lost an address to nobody or to somebody else.
    pub(super) fn has_all_addresses_of(&self, other: &Self) -> bool {
        other.owners.iter().all(|(address, owner)| self.owners.get(address) == Some(owner))
    }

    /// What holds of every directory.
    pub(super) fn check(&self) {
        for (id, person) in &self.people {
            let is_deleted = is_deleted(person);
            for secret in ["password", "hashFunction"] {
                assert!(!person.resource.contains_key(secret), "{id} has a {secret}");
            }
            assert_eq!(person.resource.get("id"), Some(&id.as_str().into()), "an id is the resource's own");
            for address in addresses_of(&person.resource, "primaryEmail") {
                let owner = self.owners.get(&address);
                let is_theirs = owner == Some(&Owner::User(id.clone()));
                assert_eq!(is_theirs, !is_deleted, "{address} of {id} is {owner:?}'s");
            }
            let is_member = self.members.values().any(|members| members.contains(id));
            assert!(!(is_deleted && is_member), "{id} is deleted and in a group");
        }
        for (id, group) in &self.groups {
            for address in addresses_of(&group.resource, "email") {
                assert_eq!(self.owners.get(&address), Some(&Owner::Group(id.clone())), "{address} of {id}");
            }
        }
        let known: BTreeSet<_> = self.org_units.iter().map(|unit| unit.path.folded()).collect();
        let parents = self.org_units.iter().filter_map(|unit| unit.path.folded().parent());
        let in_use = self.people.values().filter(|person| !is_deleted(person));
        for unit in parents.chain(in_use.map(|person| person.user.org_unit.folded())) {
            assert!(unit.as_str() == "/" || known.contains(&unit), "the unit {unit} is in use and not there");
        }
    }

    /// Whoever is there is there in `other` too, as they are here.
    pub(super) fn is_less_than(&self, other: &Self) {
        for (id, person) in self.people.iter().filter(|(_, person)| !is_deleted(person)) {
            assert_eq!(Some(person), other.people.get(id), "whoever stays is as they were");
        }
        for (id, group) in &self.groups {
            assert_eq!(Some(group), other.groups.get(id), "a group that stays is as it was");
        }
    }

    /// The document that says all of it, but for roles and for members from elsewhere.
    pub(super) fn export(&self) -> Value {
        let mut members = Map::new();
        for (id, group) in &self.groups {
            let people = self.members.get(id).into_iter().flatten().map(|user| json!({"id": user.as_str()}));
            let inner = self.nested.get(id).into_iter().flatten().filter(|inner| *inner != id);
            let inner = inner.map(|inner| json!({"id": inner.as_str(), "type": "GROUP"}));
            let everyone = self.everyone.contains(id).then(|| json!({"type": "CUSTOMER"}));
            let list: Value = people.chain(inner).chain(everyone).collect();
            members.insert(group.group.email.as_str().to_owned(), list);
        }
        let all = |resources: Vec<&Map<String, Value>>| -> Value { resources.into_iter().cloned().collect() };
        json!({
            "domains": all(self.domains.iter().map(|record| &record.resource).collect()),
            "organizationUnits": all(self.org_units.iter().map(|record| &record.resource).collect()),
            "schemas": all(self.schemas.iter().map(|record| &record.resource).collect()),
            "users": all(self.people.values().map(|person| &person.resource).collect()),
            "groups": all(self.groups.values().map(|group| &group.resource).collect()),
            "members": members,
        })
    }
}

fn is_deleted(person: &Person) -> bool {
    matches!(person.user.state, UserState::Deleted { .. })
}

/// Every address that a resource claims.
fn addresses_of(resource: &Map<String, Value>, primary: &str) -> BTreeSet<Email> {
    let aliases = ["aliases", "nonEditableAliases"].into_iter().filter_map(|list| resource.get(list));
    let all = aliases.filter_map(Value::as_array).flatten().chain(resource.get(primary));
    all.filter_map(Value::as_str).filter_map(|text| Email::parse(text.trim()).ok()).collect()
}
