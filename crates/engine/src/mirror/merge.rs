//! A whole listing into the mirror, in one transaction: nothing here asks anybody.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use usher_model::directory::{Group, OrgUnitPath, UserState};
use usher_model::id::{DirectoryId, Email, GroupId, UserId};
use usher_model::time::Timestamp;
use usher_protocol::directory::member::{Member, MemberKind};
use usher_store::Tx;
use usher_store::directory::listing::{self, Heard, ListingPage, PageOf};
use usher_store::directory::stage::{self, Addresses, Mention, RosterMember};
use usher_store::directory::{self, Domain, DomainRecord, GroupRecord, OrgUnitRecord, Owner, SchemaRecord};

use super::fetch::Fetched;
use super::needs::Needs;
use super::people::{self, From};
use super::{Listed, MirrorError};

/// How many people are looked at together.
const PAGE: usize = 1_000;

/// Brings the mirror up to date with a listing that came whole.
pub(super) async fn merge(
    tx: &mut Tx,
    directory: &DirectoryId,
    listing: &str,
    (needs, fetched): (&Needs, &Fetched),
    (began_at, now): (Timestamp, Timestamp),
) -> Result<Listed, MirrorError> {
    stage::clear(tx, directory).await?;
    let listed = Listed { warnings: fetched.warnings.clone(), ..Listed::default() };
    let n_pages = &fetched.n_pages;
    let mut merge = Merge { tx, directory, listing, needs, n_pages, began_at, now, listed };
    merge.domains().await?;
    merge.org_units().await?;
    merge.schemas().await?;
    merge.people(&PageOf::Users).await?;
    // Whoever is in both lists was deleted after the page of users came.
    merge.people(&PageOf::Deleted).await?;
    merge.unlisted().await?;
    merge.groups().await?;
    merge.members(fetched).await?;
    for (address, owner) in people::settle_addresses(merge.tx, directory).await? {
        let who = match owner {
            Owner::User(id) => format!("the user {id}"),
            Owner::Group(id) => format!("the group {id}"),
        };
        merge.listed.warn(format!("{address} was listed for two, and is not {who}'s as far as Usher knows"));
    }
    let listed = merge.listed;
    stage::clear(tx, directory).await?;
    Ok(listed)
}

struct Merge<'a> {
    tx: &'a mut Tx,
    directory: &'a DirectoryId,
    listing: &'a str,
    needs: &'a Needs,
    n_pages: &'a BTreeMap<PageOf, u32>,
    began_at: Timestamp,
    now: Timestamp,
    listed: Listed,
}

impl Merge<'_> {
    /// The `n`th page; none after the last. One that is not there any more ends everything.
    async fn page(&mut self, of: &PageOf, n: u32) -> Result<Option<ListingPage>, MirrorError> {
        if n >= self.n_pages.get(of).copied().unwrap_or(0) {
            return Ok(None);
        }
        let page = listing::page(self.tx, self.directory, self.listing, of, n).await?;
        let gone = || MirrorError::Unbelievable("a page of it is not there any more".to_owned());
        page.map(Some).ok_or_else(gone)
    }

    /// Of what there are few of.
    async fn resources(&mut self, of: &PageOf) -> Result<Vec<Map<String, Json>>, MirrorError> {
        let mut all = Vec::new();
        for n in 0.. {
            let Some(page) = self.page(of, n).await? else { break };
            all.extend(page.resources);
        }
        Ok(all)
    }

    /// An organisation has domains, one of which is the primary one.
    async fn domains(&mut self) -> Result<(), MirrorError> {
        let record = |resource: Map<String, Json>| {
            let name = text(&resource, "domainName").to_lowercase();
            let is_primary = resource.get("isPrimary") == Some(&Json::Bool(true));
            DomainRecord { domain: Domain { name, is_primary }, resource }
        };
        let now: Vec<DomainRecord> =
            self.resources(&PageOf::Domains).await?.into_iter().map(record).collect();
        let n_primary = now.iter().filter(|record| record.domain.is_primary).count();
        if n_primary != 1 {
            let what = format!("it has {n_primary} primary domains, and every organisation has one");
            return Err(MirrorError::Unbelievable(what));
        }
        let before = directory::domain_records(self.tx, self.directory).await?;
        let names: BTreeSet<&str> = now.iter().map(|record| record.domain.name.as_str()).collect();
        let gone = before.iter().map(|record| record.domain.name.clone());
        let gone: Vec<String> = gone.filter(|name| !names.contains(name.as_str())).collect();
        let news: Vec<DomainRecord> = now.iter().filter(|record| !before.contains(record)).cloned().collect();
        self.listed.is_changed |= !gone.is_empty() || !news.is_empty();
        directory::remove_domains(self.tx, self.directory, &gone).await?;
        directory::record_domains(self.tx, self.directory, &news).await?;
        Ok(())
    }

    async fn org_units(&mut self) -> Result<(), MirrorError> {
        let (mut now, mut bad) = (Vec::new(), 0_u64);
        for resource in self.resources(&PageOf::OrgUnits).await? {
            match OrgUnitPath::parse(text(&resource, "orgUnitPath")) {
                Ok(path) if path == OrgUnitPath::root() => {}
                Ok(path) => now.push(OrgUnitRecord { path, resource }),
                Err(_) => bad += 1,
            }
        }
        if bad > 0 {
            self.listed
                .warn(format!("{bad} organizational units were listed without a path, and are left out"));
        }
        let before = directory::org_unit_records(self.tx, self.directory).await?;
        let paths: BTreeSet<OrgUnitPath> = now.iter().map(|record| record.path.folded()).collect();
        let gone = before.iter().map(|record| record.path.clone());
        let gone: Vec<OrgUnitPath> = gone.filter(|path| !paths.contains(&path.folded())).collect();
        let news: Vec<OrgUnitRecord> = now.into_iter().filter(|record| !before.contains(record)).collect();
        self.listed.is_changed |= !gone.is_empty() || !news.is_empty();
        directory::remove_org_units(self.tx, self.directory, &gone).await?;
        directory::record_org_units(self.tx, self.directory, &news).await?;
        Ok(())
    }

    async fn schemas(&mut self) -> Result<(), MirrorError> {
        let record = |resource: Map<String, Json>| SchemaRecord {
            name: text(&resource, "schemaName").to_owned(),
            resource,
        };
        let now: Vec<SchemaRecord> =
            self.resources(&PageOf::Schemas).await?.into_iter().map(record).collect();
        let before = directory::schema_records(self.tx, self.directory).await?;
        let names: BTreeSet<&str> = now.iter().map(|record| record.name.as_str()).collect();
        let gone = before.iter().map(|record| record.name.clone());
        let gone: Vec<String> = gone.filter(|name| !names.contains(name.as_str())).collect();
        let news: Vec<SchemaRecord> = now.iter().filter(|record| !before.contains(record)).cloned().collect();
        self.listed.is_changed |= !gone.is_empty() || !news.is_empty();
        directory::remove_schemas(self.tx, self.directory, &gone).await?;
        directory::record_schemas(self.tx, self.directory, &news).await?;
        Ok(())
    }

    /// One list of people. Whoever cannot be read, or was read alone since, stays as they were.
    async fn people(&mut self, of: &PageOf) -> Result<(), MirrorError> {
        let listed_deleted = *of == PageOf::Deleted;
        for n in 0.. {
            let Some(page) = self.page(of, n).await? else { break };
            let ids: BTreeSet<UserId> =
                page.resources.iter().map(|resource| UserId::new(text(resource, "id"))).collect();
            let before = directory::people(self.tx, self.directory, &ids).await?;
            let named: Vec<&str> = ids.iter().map(UserId::as_str).collect();
            stage::mention(self.tx, self.directory, Mention::User, named.clone()).await?;
            let heard =
                listing::heard_since(self.tx, self.directory, Heard::Users, named, page.asked_at).await?;
            let n_listed = u64::try_from(ids.len()).unwrap_or(u64::MAX);
            let count = if listed_deleted { &mut self.listed.n_deleted } else { &mut self.listed.n_people };
            *count += n_listed;
            let mut now = BTreeMap::new();
            for resource in page.resources {
                let id = UserId::new(text(&resource, "id"));
                if heard.contains(id.as_str()) {
                    continue;
                }
                let from = if listed_deleted { From::Deleted(before.get(&id)) } else { From::Users };
                match people::read(resource, from, self.now) {
                    Ok(person) => drop(now.insert(id, person)),
                    Err(problem) => self.listed.warn(format!("the user {id} stays as they were: {problem}")),
                }
            }
            let now = now.into_values().collect();
            self.listed.is_changed |= people::record(self.tx, self.directory, &before, now).await?;
        }
        Ok(())
    }

    /// Whoever is in neither list. That is all that is known of them.
    async fn unlisted(&mut self) -> Result<(), MirrorError> {
        let mut after = None;
        loop {
            let page = stage::unmentioned_people(self.tx, self.directory, after.as_ref(), PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.user.id.clone());
            self.listed.n_unlisted += u64::try_from(page.len()).unwrap_or(u64::MAX);
            let ids: Vec<&str> = page.iter().map(|person| person.user.id.as_str()).collect();
            // Nobody who was read alone meanwhile is missing.
            let heard =
                listing::heard_since(self.tx, self.directory, Heard::Users, ids, self.began_at).await?;
            let is_missing = |person: &usher_store::directory::Person| {
                person.user.state != UserState::Unlisted && !heard.contains(person.user.id.as_str())
            };
            let missing: Vec<_> = page.into_iter().filter(is_missing).map(people::unlisted).collect();
            self.listed.is_changed |= !missing.is_empty();
            directory::record_people(self.tx, self.directory, &missing).await?;
        }
    }

    /// The groups. A list without any is not believed where there were some.
    async fn groups(&mut self) -> Result<(), MirrorError> {
        for n in 0.. {
            let Some(page) = self.page(&PageOf::Groups, n).await? else { break };
            let ids: BTreeSet<GroupId> =
                page.resources.iter().map(|resource| GroupId::new(text(resource, "id"))).collect();
            self.listed.n_groups += u64::try_from(ids.len()).unwrap_or(u64::MAX);
            let named: Vec<&str> = ids.iter().map(GroupId::as_str).collect();
            stage::mention(self.tx, self.directory, Mention::Group, named).await?;
            let before = directory::groups(self.tx, self.directory, &ids).await?;
            let mut news = BTreeMap::new();
            for resource in page.resources {
                let id = GroupId::new(text(&resource, "id"));
                match group(resource) {
                    Ok(record) if before.get(&id) == Some(&record) => {}
                    Ok(record) => drop(news.insert(id, record)),
                    Err(problem) => self.listed.warn(format!("the group {id} stays as it was: {problem}")),
                }
            }
            let moved: Vec<Addresses> = news.values().map(addresses_of).collect();
            let news: Vec<GroupRecord> = news.into_values().collect();
            self.listed.is_changed |= !news.is_empty();
            directory::record_groups(self.tx, self.directory, &news).await?;
            stage::restate(self.tx, self.directory, &moved).await?;
        }
        self.missing_groups().await
    }

    async fn missing_groups(&mut self) -> Result<(), MirrorError> {
        if self.listed.n_groups == 0 {
            if directory::counts(self.tx, self.directory).await?.groups > 0 {
                self.listed.warn(
                    "Google listed no groups, and listed some before: they stay as they were".to_owned(),
                );
            }
            return Ok(());
        }
        let mut gone = stage::miss_groups(self.tx, self.directory, self.now, usize::MAX).await?;
        while !gone.is_empty() {
            let rest = gone.split_off(gone.len().min(PAGE));
            let nothing = |id: &GroupId| {
                let owner = Owner::Group(id.clone());
                Addresses { owner, primary: None, aliases: BTreeSet::new() }
            };
            let addresses: Vec<_> = gone.iter().map(nothing).collect();
            stage::restate(self.tx, self.directory, &addresses).await?;
            directory::remove_groups(self.tx, self.directory, &gone).await?;
            self.listed.is_changed = true;
            gone = rest;
        }
        Ok(())
    }

    /// Who is in the groups that matter.
    async fn members(&mut self, fetched: &Fetched) -> Result<(), MirrorError> {
        let mut n_staged = 0;
        for (group, size) in &fetched.rosters {
            n_staged += self.roster(group, *size, n_staged).await?;
        }
        let counts = stage::settle_rosters(self.tx, self.directory, Some(self.now)).await?;
        self.listed.is_changed |= counts.added + counts.updated + counts.deleted > 0;
        let listed: Vec<GroupId> = fetched.rosters.keys().cloned().collect();
        directory::set_members_listed(self.tx, self.directory, &listed, self.now).await?;
        // A group that is missing from another, or that could not be listed, stays as it was. Whoever asks for one again
        // later is not shown who was in it when it was asked for last.
        let graph = directory::group_graph(self.tx, self.directory).await?;
        let reached = self.needs.below(&graph);
        directory::keep_members_listed(self.tx, self.directory, &reached, self.now).await?;
        directory::forget_members_listed(self.tx, self.directory, self.began_at).await?;
        Ok(())
    }

    /// Stages one group's members; says how many.
    async fn roster(
        &mut self,
        group: &GroupId,
        size: Option<u64>,
        n_staged: i64,
    ) -> Result<i64, MirrorError> {
        let of = PageOf::Members(group.as_str().to_owned());
        let (mut n_listed, mut n_members) = (0, 0_i64);
        for n in 0.. {
            let Some(page) = self.page(&of, n).await? else { break };
            n_listed += u64::try_from(page.resources.len()).unwrap_or(u64::MAX);
            let one = [group.as_str()];
            if n == 0
                && !listing::heard_since(self.tx, self.directory, Heard::Groups, one, page.asked_at)
                    .await?
                    .is_empty()
            {
                return Ok(0);
            }
            let (members, problems) = roster(group, page.resources);
            for problem in problems {
                self.listed.warn(problem);
            }
            stage::stage_roster(self.tx, self.directory, n_staged + n_members, group, &members).await?;
            n_members += i64::try_from(members.len()).unwrap_or(i64::MAX);
        }
        // Whoever is not in a list with fewer members than Google itself counts is missing, and is asked for; but such a
        // list is no proof that they left.
        let is_whole = size.is_none_or(|size| n_listed >= size);
        let mention = if is_whole { Mention::Members } else { Mention::SomeMembers };
        stage::mention(self.tx, self.directory, mention, [group.as_str()]).await?;
        if !is_whole {
            let size = size.unwrap_or_default();
            self.listed.warn(format!(
                "Google listed {n_listed} members of the group {group} and counts {size}: nobody leaves it for that"
            ));
        }
        Ok(n_members)
    }
}

fn text<'a>(resource: &'a Map<String, Json>, key: &str) -> &'a str {
    resource.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn group(mut resource: Map<String, Json>) -> Result<GroupRecord, String> {
    // It changes with every member, who are another matter.
    resource.remove("directMembersCount");
    let email = Email::parse(text(&resource, "email")).map_err(|error| error.to_string())?;
    let name = Some(text(&resource, "name")).filter(|name| !name.is_empty()).unwrap_or(email.as_str());
    let group = Group { id: GroupId::new(text(&resource, "id")), name: name.replace('\0', ""), email };
    Ok(GroupRecord { group, resource })
}

fn addresses_of(record: &GroupRecord) -> Addresses {
    let owner = Owner::Group(record.group.id.clone());
    Addresses { owner, primary: Some(record.group.email.clone()), aliases: BTreeSet::new() }
}

/// The members that resources describe, and what is wrong with the others.
pub(super) fn roster(group: &GroupId, resources: Vec<Map<String, Json>>) -> (Vec<RosterMember>, Vec<String>) {
    let (mut members, mut problems) = (Vec::new(), Vec::new());
    for resource in resources {
        match member(resource) {
            Some(member) => members.push(member),
            None => problems.push(format!(
                "a member of the group {group} is of no kind that Usher knows, and is left out"
            )),
        }
    }
    (members, problems)
}

fn member(resource: Map<String, Json>) -> Option<RosterMember> {
    let member: Member = serde_json::from_value(resource.into()).ok()?;
    let kind = member.member_kind()?;
    let role = member.role.unwrap_or_else(|| "MEMBER".to_owned());
    let (key, kind) = match kind {
        MemberKind::User => (member.id?, stage::MemberKind::User),
        MemberKind::Group => (member.id?, stage::MemberKind::Group),
        MemberKind::External => (member.email.or(member.id)?.to_lowercase(), stage::MemberKind::External),
        MemberKind::Customer => ("customer".to_owned(), stage::MemberKind::Customer),
    };
    Some(RosterMember { key, kind, role })
}
