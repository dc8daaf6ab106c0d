//! A directory in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;

use super::{
    Change, Customer, Directory, Domain, Group, Holder, Member, MemberKind, Membership, NotCommitted,
    OrgUnit, Place, Schema, Unavailable, User, Which,
};

/// Everything in memory.
#[derive(Debug, Default)]
pub struct MemoryDirectory {
    kept: RwLock<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    edition: u64,
    customer: Arc<Customer>,
    users: BTreeMap<String, Arc<User>>,
    living: BTreeSet<Place>,
    deleted: BTreeSet<Place>,
    groups: BTreeMap<String, Arc<Group>>,
    group_places: BTreeSet<Place>,
    addresses: BTreeMap<String, Holder>,
    /// Members by group, then by member.
    members: BTreeMap<String, BTreeMap<String, Member>>,
    /// Groups by member.
    memberships: BTreeMap<String, BTreeSet<String>>,
    org_units: BTreeMap<String, Arc<OrgUnit>>,
    domains: BTreeMap<String, Arc<Domain>>,
    schemas: BTreeMap<String, Arc<Schema>>,
}

impl MemoryDirectory {
    /// A directory that has what these changes make.
    pub fn of(changes: impl IntoIterator<Item = Change>) -> Self {
        let directory = Self::default();
        directory.apply(changes);
        directory
    }

    fn kept(&self) -> RwLockReadGuard<'_, Kept> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept_to_edit(&self) -> RwLockWriteGuard<'_, Kept> {
        self.kept.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn apply(&self, changes: impl IntoIterator<Item = Change>) {
        self.kept_to_edit().apply(changes);
    }

    /// Everything that is kept, as what makes it.
    pub(crate) fn as_changes(&self) -> Vec<Change> {
        let kept = self.kept();
        let mut changes = vec![Change::Customer(Customer::clone(&kept.customer))];
        changes.extend(kept.domains.values().map(|domain| Change::Domain(Domain::clone(domain))));
        changes.extend(kept.schemas.values().map(|schema| Change::Schema(Schema::clone(schema))));
        changes.extend(kept.org_units.values().map(|unit| Change::OrgUnit(OrgUnit::clone(unit))));
        changes.extend(kept.users.values().map(|user| Change::User(User::clone(user))));
        changes.extend(kept.groups.values().map(|group| Change::Group(Group::clone(group))));
        for (group, members) in &kept.members {
            let member = |member: &Member| Change::Member { group: group.clone(), member: member.clone() };
            changes.extend(members.values().map(member));
        }
        changes
    }

    /// How many users, deleted users and groups there are.
    pub(crate) fn counts(&self) -> (usize, usize, usize) {
        let kept = self.kept();
        (kept.living.len(), kept.deleted.len(), kept.groups.len())
    }
}

impl Kept {
    fn apply(&mut self, changes: impl IntoIterator<Item = Change>) {
        self.edition += 1;
        for change in changes {
            self.apply_one(change);
        }
    }

    fn apply_one(&mut self, change: Change) {
        match change {
            Change::Customer(customer) => self.customer = Arc::new(customer),
            Change::User(user) => self.put_user(user),
            Change::UserGone(id) => {
                self.take_user(&id);
                self.leave_groups(&id);
            }
            Change::Group(group) => self.put_group(group),
            Change::GroupGone(id) => {
                self.take_group(&id);
                self.leave_groups(&id);
                for member in self.members.remove(&id).unwrap_or_default().into_keys() {
                    self.forget_membership(&member, &id);
                }
            }
            Change::Member { group, member } => {
                self.memberships.entry(member.id.clone()).or_default().insert(group.clone());
                self.members.entry(group).or_default().insert(member.id.clone(), member);
            }
            Change::MemberGone { group, member } => {
                if let Some(members) = self.members.get_mut(&group) {
                    members.remove(&member);
                }
                self.forget_membership(&member, &group);
            }
            Change::OrgUnit(unit) => {
                self.org_units.insert(unit.id.clone(), Arc::new(unit));
            }
            Change::OrgUnitGone(id) => {
                self.org_units.remove(&id);
            }
            Change::Domain(domain) => {
                self.domains.insert(domain.name.clone(), Arc::new(domain));
            }
            Change::DomainGone(name) => {
                self.domains.remove(&name);
            }
            Change::Schema(schema) => {
                self.schemas.insert(schema.id.clone(), Arc::new(schema));
            }
            Change::SchemaGone(id) => {
                self.schemas.remove(&id);
            }
        }
    }

    fn put_user(&mut self, user: User) {
        self.take_user(&user.id);
        if user.deleted_at.is_some() {
            self.deleted.insert(user.place());
        } else {
            self.living.insert(user.place());
            for address in std::iter::once(user.email()).chain(user.aliases()) {
                self.addresses.insert(address.to_lowercase(), Holder::User(user.id.clone()));
            }
        }
        self.users.insert(user.id.clone(), Arc::new(user));
    }

    fn take_user(&mut self, id: &str) {
        let Some(user) = self.users.remove(id) else { return };
        let place = user.place();
        self.living.remove(&place);
        self.deleted.remove(&place);
        self.free(std::iter::once(user.email()).chain(user.aliases()), id);
    }

    fn put_group(&mut self, group: Group) {
        self.take_group(&group.id);
        self.group_places.insert(group.place());
        for address in std::iter::once(group.email()).chain(group.aliases()) {
            self.addresses.insert(address.to_lowercase(), Holder::Group(group.id.clone()));
        }
        self.groups.insert(group.id.clone(), Arc::new(group));
    }

    fn take_group(&mut self, id: &str) {
        let Some(group) = self.groups.remove(id) else { return };
        self.group_places.remove(&group.place());
        self.free(std::iter::once(group.email()).chain(group.aliases()), id);
    }

    /// Frees addresses that are held by this one; another may hold one by now.
    fn free<'a>(&mut self, addresses: impl Iterator<Item = &'a str>, id: &str) {
        for address in addresses.map(str::to_lowercase) {
            let is_held = self.addresses.get(&address).is_some_and(|holder| match holder {
                Holder::User(holder) | Holder::Group(holder) => holder == id,
            });
            if is_held {
                self.addresses.remove(&address);
            }
        }
    }

    fn leave_groups(&mut self, id: &str) {
        for group in self.memberships.remove(id).unwrap_or_default() {
            if let Some(members) = self.members.get_mut(&group) {
                members.remove(id);
            }
        }
    }

    fn forget_membership(&mut self, member: &str, group: &str) {
        if let Some(groups) = self.memberships.get_mut(member) {
            groups.remove(group);
            if groups.is_empty() {
                self.memberships.remove(member);
            }
        }
    }

    fn membership(&self, member: &Member) -> Membership {
        let user = self.users.get(&member.id).filter(|_| member.kind == MemberKind::User);
        let group = self.groups.get(&member.id).filter(|_| member.kind == MemberKind::Group);
        let email = match member.kind {
            MemberKind::User => user.map(|user| user.email().to_owned()),
            MemberKind::Group => group.map(|group| group.email().to_owned()),
            MemberKind::External => member.address.clone(),
            MemberKind::Customer => None,
        };
        let status = user.map_or("ACTIVE", |user| user.status());
        Membership { member: member.clone(), email, status }
    }
}

/// So many behind a place.
fn behind<'a>(
    places: &'a BTreeSet<Place>,
    after: Option<&Place>,
    most: usize,
) -> impl Iterator<Item = &'a Place> {
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    places.range::<Place, _>((from, Bound::Unbounded)).take(most)
}

#[async_trait]
impl Directory for MemoryDirectory {
    async fn customer(&self) -> Result<Arc<Customer>, Unavailable> {
        Ok(Arc::clone(&self.kept().customer))
    }

    async fn user(&self, id: &str) -> Result<Option<Arc<User>>, Unavailable> {
        Ok(self.kept().users.get(id).cloned())
    }

    async fn holder(&self, address: &str) -> Result<Option<Holder>, Unavailable> {
        Ok(self.kept().addresses.get(address).cloned())
    }

    async fn users(
        &self,
        which: Which,
        after: Option<&Place>,
        most: usize,
    ) -> Result<Vec<Arc<User>>, Unavailable> {
        let kept = self.kept();
        let places = match which {
            Which::Living => &kept.living,
            Which::Deleted => &kept.deleted,
        };
        Ok(behind(places, after, most).filter_map(|place| kept.users.get(&place.id).cloned()).collect())
    }

    async fn group(&self, id: &str) -> Result<Option<Arc<Group>>, Unavailable> {
        Ok(self.kept().groups.get(id).cloned())
    }

    async fn groups(&self, after: Option<&Place>, most: usize) -> Result<Vec<Arc<Group>>, Unavailable> {
        let kept = self.kept();
        let places = behind(&kept.group_places, after, most);
        Ok(places.filter_map(|place| kept.groups.get(&place.id).cloned()).collect())
    }

    async fn count_members(&self, group: &str) -> Result<u64, Unavailable> {
        Ok(self.kept().members.get(group).map_or(0, BTreeMap::len) as u64)
    }

    async fn members(
        &self,
        group: &str,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<Membership>, Unavailable> {
        let kept = self.kept();
        let Some(members) = kept.members.get(group) else { return Ok(Vec::new()) };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let members = members.range::<str, _>((from, Bound::Unbounded)).take(most);
        Ok(members.map(|(_, member)| kept.membership(member)).collect())
    }

    async fn member(&self, group: &str, member: &str) -> Result<Option<Membership>, Unavailable> {
        let kept = self.kept();
        let member = kept.members.get(group).and_then(|members| members.get(member));
        Ok(member.map(|member| kept.membership(member)))
    }

    async fn groups_of(&self, member: &str) -> Result<Vec<String>, Unavailable> {
        Ok(self.kept().memberships.get(member).into_iter().flatten().cloned().collect())
    }

    async fn org_units(&self) -> Result<Vec<Arc<OrgUnit>>, Unavailable> {
        Ok(self.kept().org_units.values().cloned().collect())
    }

    async fn domains(&self) -> Result<Vec<Arc<Domain>>, Unavailable> {
        Ok(self.kept().domains.values().cloned().collect())
    }

    async fn schemas(&self) -> Result<Vec<Arc<Schema>>, Unavailable> {
        let mut schemas: Vec<_> = self.kept().schemas.values().cloned().collect();
        schemas.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(schemas)
    }

    async fn edition(&self) -> Result<u64, Unavailable> {
        Ok(self.kept().edition)
    }

    async fn commit(&self, changes: Vec<Change>, edition: u64) -> Result<(), NotCommitted> {
        let mut kept = self.kept_to_edit();
        if kept.edition != edition {
            return Err(Unavailable("it has become another since".to_owned()).into());
        }
        kept.apply(changes);
        Ok(())
    }
}
