//! One edit of Google's API, as one transaction of the store.
//!
//! It goes as an import does: people and groups are written, their addresses stated anew and settled at the end. Changes
//! of members come after that, because a member has to be somebody.

use std::collections::{BTreeMap, BTreeSet};

use usher_emulator::workspace::directory::{
    Change, Customer, Domain, Group, Member, MemberKind, OrgUnit, Schema, User,
};
use usher_engine::import::{addresses, is_deleted};
use usher_model::directory::OrgUnitPath;
use usher_model::id::{DirectoryId, GroupId, UserId};
use usher_model::time::Timestamp;
use usher_store::admin::action::{self, Action};
use usher_store::directory::stage::{self, Addresses, Missing};
use usher_store::directory::{self, Owner, Person, Place, Roll};
use usher_store::{Store, StoreError, Tx, access, app};

use super::noted::{Subjects, differing};
use super::organisation::{self, Founded};
use super::units::{Edited, Units};
use super::{CHANGED_MEANWHILE, EditError, LOOKED_AT, Note, form};

/// What an edit wants, sorted; of two changes of one thing the later counts. None: it goes.
#[derive(Debug, Default)]
struct Wanted {
    customer: Option<Customer>,
    org_units: BTreeMap<String, Option<OrgUnit>>,
    domains: BTreeMap<String, Option<Domain>>,
    schemas: BTreeMap<String, Option<Schema>>,
    users: BTreeMap<UserId, Option<User>>,
    groups: BTreeMap<GroupId, Option<Group>>,
    members: Vec<(GroupId, Joins)>,
}

#[derive(Debug)]
enum Joins {
    As(Member),
    NotAnyMore(String),
}

struct Pass<'a> {
    tx: &'a mut Tx,
    id: &'a DirectoryId,
    now: Timestamp,
    founded: Founded,
    /// The directory says something else than before.
    is_changed: bool,
}

/// What an edit is made to, when, and how it is written down.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    pub(super) id: &'a DirectoryId,
    pub(super) now: Timestamp,
    pub(super) edition: u64,
    pub(super) note: Option<&'a Note>,
}

/// Keeps what an edit does that was begun in this edition, as a whole or not at all.
pub(super) async fn commit(store: &Store, at: At<'_>, changes: Vec<Change>) -> Result<(), EditError> {
    let mut tx = store.begin("embedded::commit").await?;
    let kept = noted(&mut tx, at, changes).await;
    tx.commit_or_roll_back(kept).await
}

/// Makes an edit, and writes down what it changed where somebody is to know.
async fn noted(tx: &mut Tx, at: At<'_>, changes: Vec<Change>) -> Result<(), EditError> {
    let Some(Note { action, version }) = at.note else {
        return carry_out(tx, at, Wanted::of(changes)).await;
    };
    stage::lock(tx, at.id).await?;
    if let Some((user, version)) = version {
        let known = directory::people(tx, at.id, &BTreeSet::from([user.clone()])).await?;
        if known.get(user).is_none_or(|person| person.fingerprint() != version) {
            return Err(EditError::Refused(CHANGED_MEANWHILE));
        }
    }
    let subjects = Subjects::of(&changes);
    let before = subjects.facts(tx, at.id).await?;
    carry_out(tx, at, Wanted::of(changes)).await?;
    let after = subjects.facts(tx, at.id).await?;
    let [before, after] = differing(&before, &after);
    Ok(action::append(tx, &Action { before, after, ..action.clone() }).await?)
}

async fn carry_out(tx: &mut Tx, at: At<'_>, wanted: Wanted) -> Result<(), EditError> {
    let At { id, now, edition, note: _ } = at;
    stage::lock(tx, id).await?;
    if directory::edition(tx, id).await? != edition {
        return Err(EditError::Stale);
    }
    directory::advance(tx, id).await?;
    let founded = organisation::read(tx, id).await?;
    let mut pass = Pass { tx, id, now, founded, is_changed: false };
    let Wanted { customer, org_units, domains, schemas, users, groups, members } = wanted;
    let units = pass.structure(customer, org_units).await?;
    pass.domains(domains).await?;
    pass.schemas(schemas).await?;
    pass.users(users, &units).await?;
    pass.groups(groups).await?;
    if stage::settle_addresses(pass.tx, id).await?.is_some() {
        return Err(EditError::Contradicts("two would have one address"));
    }
    for (group, joins) in members {
        pass.member(&group, joins).await?;
    }
    stage::clear(pass.tx, id).await?;
    if pass.is_changed {
        app::touch(pass.tx, id, now).await?;
    }
    Ok(())
}

impl Wanted {
    fn of(changes: Vec<Change>) -> Self {
        let mut wanted = Self::default();
        for change in changes {
            match change {
                Change::Customer(customer) => wanted.customer = Some(customer),
                Change::User(user) => {
                    wanted.users.insert(UserId::new(user.id.as_str()), Some(user));
                }
                Change::UserGone(id) => {
                    wanted.users.insert(UserId::new(id), None);
                }
                Change::Group(group) => {
                    wanted.groups.insert(GroupId::new(group.id.as_str()), Some(group));
                }
                Change::GroupGone(id) => {
                    let id = GroupId::new(id);
                    wanted.members.retain(|(group, _)| *group != id);
                    wanted.groups.insert(id, None);
                }
                Change::Member { group, member } => {
                    wanted.members.push((GroupId::new(group), Joins::As(member)));
                }
                Change::MemberGone { group, member } => {
                    wanted.members.push((GroupId::new(group), Joins::NotAnyMore(member)));
                }
                Change::OrgUnit(unit) => {
                    wanted.org_units.insert(unit.id.clone(), Some(unit));
                }
                Change::OrgUnitGone(id) => {
                    wanted.org_units.insert(id, None);
                }
                Change::Domain(domain) => {
                    wanted.domains.insert(domain.name.clone(), Some(domain));
                }
                Change::DomainGone(name) => {
                    wanted.domains.insert(name, None);
                }
                Change::Schema(schema) => {
                    wanted.schemas.insert(schema.id.clone(), Some(schema));
                }
                Change::SchemaGone(id) => {
                    wanted.schemas.insert(id, None);
                }
            }
        }
        wanted
    }
}

impl Pass<'_> {
    /// The organisation and its units. Whoever is in a unit that moves goes along, and so does what apps say of it.
    async fn structure(
        &mut self,
        customer: Option<Customer>,
        changes: BTreeMap<String, Option<OrgUnit>>,
    ) -> Result<Units, EditError> {
        let records = directory::org_unit_records(self.tx, self.id).await?;
        let mut units = Units::new(self.id, self.founded.root.clone(), records);
        let root = changes.get(&self.founded.root.id);
        let root = root.map(|root| root.clone().ok_or(EditError::Contradicts("the root unit would be gone")));
        let founded = Founded {
            customer: customer.unwrap_or_else(|| self.founded.customer.clone()),
            root: root.transpose()?.unwrap_or_else(|| self.founded.root.clone()),
        };
        if founded != self.founded {
            directory::record_organisation(self.tx, self.id, &founded.written()).await?;
            self.founded = founded;
        }
        if changes.is_empty() {
            return Ok(units);
        }
        let edited = units.edit(changes).ok_or(EditError::Contradicts("two units would be at one path"))?;
        directory::remove_org_units(self.tx, self.id, &edited.gone).await?;
        directory::record_org_units(self.tx, self.id, &edited.records).await?;
        self.move_people(&edited.moved).await?;
        self.move_switches(&edited).await?;
        let in_use = stage::org_units_in_use(self.tx, self.id).await?;
        if in_use.iter().any(|unit| edited.gone.contains(&unit.folded())) {
            return Err(EditError::Contradicts("somebody is in a unit that would be gone"));
        }
        self.is_changed = true;
        Ok(units)
    }

    /// One edit moves one unit, with those below it: nobody who was moved is met again.
    async fn move_people(&mut self, moved: &[(OrgUnitPath, OrgUnitPath)]) -> Result<(), EditError> {
        if moved.is_empty() {
            return Ok(());
        }
        for spelled in directory::units_of_people(self.tx, self.id).await? {
            let folded = spelled.folded();
            let Some((_, to)) = moved.iter().find(|(from, to)| from.folded() == folded && *to != spelled)
            else {
                continue;
            };
            let mut after: Option<UserId> = None;
            loop {
                let page =
                    directory::people_in_unit(self.tx, self.id, &spelled, after.as_ref(), LOOKED_AT).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.user.id.clone());
                let people = page.iter().map(|person| form::moved(person, to.as_str()));
                let people: Vec<Person> = people.collect::<Result<_, _>>().map_err(EditError::Form)?;
                directory::record_people(self.tx, self.id, &people).await?;
            }
        }
        Ok(())
    }

    /// What an app's access says of a unit is said of the same unit at its new path. What it says of a path where no unit is
    /// any more, or another one than before, was said of a unit that is gone, and nobody inherits it.
    async fn move_switches(&mut self, edited: &Edited) -> Result<(), StoreError> {
        let arrived = edited.moved.iter().map(|(_, to)| to);
        let others: BTreeSet<OrgUnitPath> =
            arrived.chain(&edited.new).chain(&edited.gone).map(OrgUnitPath::folded).collect();
        for app in app::list(self.tx).await?.into_iter().filter(|app| app.directory == *self.id) {
            let switches = access::access_list(self.tx, &app.id).await?.units;
            for (unit, _) in switches.iter().filter(|(unit, _)| others.contains(&unit.folded())) {
                access::set_unit(self.tx, &app.id, unit, None).await?;
            }
            for (from, to) in &edited.moved {
                let switch = switches.iter().find(|(unit, _)| unit.folded() == from.folded());
                if let Some((_, switch)) = switch {
                    access::set_unit(self.tx, &app.id, to, Some(*switch)).await?;
                }
            }
        }
        Ok(())
    }

    async fn domains(&mut self, changes: BTreeMap<String, Option<Domain>>) -> Result<(), EditError> {
        if changes.is_empty() {
            return Ok(());
        }
        let known = directory::domains(self.tx, self.id).await?;
        let mut has_primary = known.iter().any(|domain| domain.is_primary);
        let (mut gone, mut records) = (Vec::new(), Vec::new());
        for (name, domain) in changes {
            match domain {
                Some(domain) => {
                    // The first domain of an organisation is its primary one; the API cannot say so.
                    let is_primary = domain.is_primary || !has_primary;
                    if is_primary && known.is_empty() && self.is_anybody_outside(&domain.name).await? {
                        return Err(EditError::Refused(
                            "the first domain of the directory is its primary one, and somebody has an address elsewhere; \
                             import the domains, with the primary one among them",
                        ));
                    }
                    has_primary = true;
                    records.push(form::domain_record(&Domain { is_primary, ..domain }));
                }
                None => gone.push(name),
            }
        }
        directory::remove_domains(self.tx, self.id, &gone).await?;
        directory::record_domains(self.tx, self.id, &records).await?;
        let domains = directory::domains(self.tx, self.id).await?;
        if !domains.is_empty() && domains.iter().filter(|domain| domain.is_primary).count() != 1 {
            return Err(EditError::Contradicts("exactly one domain is the primary one"));
        }
        self.is_changed = true;
        Ok(())
    }

    /// Whether somebody who is not deleted has an address in another domain.
    async fn is_anybody_outside(&mut self, domain: &str) -> Result<bool, StoreError> {
        let mut last = (String::new(), String::new());
        loop {
            let after = Place { address: &last.0, id: &last.1 };
            let page = directory::people_by_address(self.tx, self.id, Roll::Living, after, LOOKED_AT).await?;
            let Some(end) = page.last() else { return Ok(false) };
            last = (end.user.primary_email.to_string(), end.user.id.to_string());
            if page.iter().any(|person| !person.user.primary_email.domain().eq_ignore_ascii_case(domain)) {
                return Ok(true);
            }
        }
    }

    async fn schemas(&mut self, changes: BTreeMap<String, Option<Schema>>) -> Result<(), EditError> {
        if changes.is_empty() {
            return Ok(());
        }
        let known = directory::schema_records(self.tx, self.id).await?;
        let is_changed = |record: &&directory::SchemaRecord| changes.contains_key(&form::schema(record).id);
        let before: Vec<String> = known.iter().filter(is_changed).map(|record| record.name.clone()).collect();
        directory::remove_schemas(self.tx, self.id, &before).await?;
        let records: Vec<_> = changes.into_values().flatten().map(form::schema_record).collect();
        directory::record_schemas(self.tx, self.id, &records).await?;
        self.is_changed = true;
        Ok(())
    }

    async fn users(
        &mut self,
        changes: BTreeMap<UserId, Option<User>>,
        units: &Units,
    ) -> Result<(), EditError> {
        let ids: BTreeSet<UserId> = changes.keys().cloned().collect();
        let before = directory::people(self.tx, self.id, &ids).await?;
        let mut people = Vec::new();
        for (id, user) in changes {
            let before = before.get(&id);
            let after = match (user, before) {
                (Some(user), before) => form::person(&user, before, units).map_err(EditError::Form)?,
                // A row is never removed: whoever is gone for good stays deleted.
                (None, Some(before)) if !is_deleted(before) => {
                    form::deleted(before, self.now).map_err(EditError::Form)?
                }
                (None, _) => continue,
            };
            if before != Some(&after) {
                people.push(after);
            }
        }
        if people.is_empty() {
            return Ok(());
        }
        let stated: Vec<Addresses> =
            people.iter().map(addresses).collect::<Result<_, _>>().map_err(EditError::Form)?;
        directory::record_people(self.tx, self.id, &people).await?;
        stage::restate(self.tx, self.id, &stated).await?;
        let left: Vec<UserId> =
            people.iter().filter(|person| is_deleted(person)).map(|person| person.user.id.clone()).collect();
        directory::leave_groups(self.tx, self.id, &left).await?;
        self.is_changed = true;
        Ok(())
    }

    async fn groups(&mut self, changes: BTreeMap<GroupId, Option<Group>>) -> Result<(), EditError> {
        let ids: BTreeSet<GroupId> = changes.keys().cloned().collect();
        let before = directory::groups(self.tx, self.id, &ids).await?;
        let (mut records, mut stated, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for (id, group) in changes {
            let Some(group) = group else {
                let owner = Owner::Group(id.clone());
                stated.push(Addresses { owner, primary: None, aliases: BTreeSet::new() });
                gone.push(id);
                continue;
            };
            let (record, addresses) = form::group_record(&group, before.get(&id)).map_err(EditError::Form)?;
            if before.get(&id) != Some(&record) {
                records.push(record);
                stated.push(addresses);
            }
        }
        if stated.is_empty() {
            return Ok(());
        }
        directory::record_groups(self.tx, self.id, &records).await?;
        directory::remove_groups(self.tx, self.id, &gone).await?;
        stage::restate(self.tx, self.id, &stated).await?;
        self.is_changed = true;
        Ok(())
    }

    async fn member(&mut self, group: &GroupId, joins: Joins) -> Result<(), EditError> {
        let member = match joins {
            Joins::As(member) => member,
            Joins::NotAnyMore(member) => {
                let customer = self.founded.customer.id.clone();
                let known = super::member(self.tx, self.id, group, &member, &customer).await?;
                if let Some(known) = known {
                    let missing = Missing { group: group.clone(), member: known.member.key };
                    self.is_changed |= stage::drop_membership(self.tx, self.id, &missing).await?;
                }
                return Ok(());
            }
        };
        let is_there = match member.kind {
            MemberKind::User => {
                let ids = BTreeSet::from([UserId::new(member.id.as_str())]);
                let found = directory::people(self.tx, self.id, &ids).await?;
                found.values().any(|person| !is_deleted(person))
            }
            MemberKind::Group => {
                directory::group_by_id(self.tx, self.id, &GroupId::new(member.id.as_str())).await?.is_some()
            }
            MemberKind::External | MemberKind::Customer => true,
        };
        if !is_there || directory::group_by_id(self.tx, self.id, group).await?.is_none() {
            return Err(EditError::Contradicts("a member, or the group, is not there"));
        }
        directory::record_member(self.tx, self.id, group, &form::member_record(member)).await?;
        self.is_changed = true;
        Ok(())
    }
}
