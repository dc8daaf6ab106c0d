//! One import under way: takes batches as they come, and at the end judges what can be judged at the end alone.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value as Json};
use usher_model::directory::OrgUnitPath;
use usher_model::id::{DirectoryId, GroupId, UserId};
use usher_model::time::Timestamp;
use usher_store::directory::stage::{self, Contested, SettledMembers};
use usher_store::directory::{self, Owner};
use usher_store::{StoreError, Tx};

use super::Import;
use super::entry::{Batch, Entry, Piece};
use super::error::ImportError;
use super::report::{ImportReport, KindReport};
use super::shelf::{Kind, Shelf};

/// An import under way.
pub(super) struct Pass<'a> {
    pub(super) tx: &'a mut Tx,
    pub(super) directory: DirectoryId,
    pub(super) options: Import,
    pub(super) now: Timestamp,
    pub(super) new_id: &'a mut (dyn FnMut() -> String + Send),
    pub(super) report: ImportReport,
    /// Users in the files; none if no file has the kind at all.
    pub(super) n_users: Option<u64>,
    pub(super) has_groups: bool,
    /// Members staged; none if no file has the kind at all.
    pub(super) n_members: Option<i64>,
    org_units: Option<Shelf>,
    domains: Option<Shelf>,
    schemas: Option<Shelf>,
}

/// Says where an entry is that something is wrong with.
pub(super) fn at(path: &Path, line: u64, problem: String) -> ImportError {
    ImportError::Entry { path: path.to_owned(), line, problem }
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        tx: &'a mut Tx,
        directory: DirectoryId,
        options: Import,
        now: Timestamp,
        new_id: &'a mut (dyn FnMut() -> String + Send),
    ) -> Self {
        Self {
            tx,
            directory,
            options,
            now,
            new_id,
            report: ImportReport::default(),
            n_users: None,
            has_groups: false,
            n_members: None,
            org_units: None,
            domains: None,
            schemas: None,
        }
    }

    /// Takes one batch. What it says is written, or staged, or kept for the end.
    pub(super) async fn take(&mut self, batch: Batch) -> Result<(), ImportError> {
        let path = &batch.path;
        match batch.piece {
            Piece::Users(entries) => self.take_users(path, entries).await,
            Piece::Groups(entries) => self.take_groups(path, entries).await,
            Piece::Members { groups, members } => self.take_members(path, groups, members).await,
            Piece::OrgUnits(entries) => {
                let units = load(&mut self.org_units, self.tx, &self.directory, Kind::OrgUnits).await?;
                take_all(units, path, entries)
            }
            Piece::Domains(entries) => {
                let domains = load(&mut self.domains, self.tx, &self.directory, Kind::Domains).await?;
                take_all(domains, path, entries)
            }
            Piece::Schemas(entries) => {
                let schemas = load(&mut self.schemas, self.tx, &self.directory, Kind::Schemas).await?;
                take_all(schemas, path, entries)
            }
        }
    }

    /// Judges the end state, and removes what is missing where that was asked for.
    pub(super) async fn finish(mut self) -> Result<ImportReport, ImportError> {
        if self.options.replace && self.n_users == Some(0) {
            return Err(ImportError::NobodyLeft);
        }
        self.finish_structure().await?;
        if self.options.replace && self.n_users.is_some() {
            self.delete_missing_users().await?;
        }
        if self.options.replace && self.has_groups {
            self.remove_missing_groups().await?;
        }
        if let Some(contested) = stage::settle_addresses(self.tx, &self.directory).await? {
            return Err(self.explain(contested).await?);
        }
        self.check_org_units().await?;
        let domains = self.check_domains().await?;
        if self.n_members.is_some() {
            self.settle_members(&domains).await?;
        }
        Ok(self.report)
    }

    async fn finish_structure(&mut self) -> Result<(), ImportError> {
        let shelves = [
            (&mut self.org_units, &mut self.report.org_units),
            (&mut self.domains, &mut self.report.domains),
            (&mut self.schemas, &mut self.report.schemas),
        ];
        for (place, report) in shelves {
            let Some(named) = place else { continue };
            if self.options.replace {
                named.drop_unmentioned(self.tx, &self.directory).await?;
            }
            named.write(self.tx, &self.directory).await?;
            *report = named.report;
        }
        Ok(())
    }

    /// Every unit stands below one that exists, and so does everybody who is not deleted.
    async fn check_org_units(&mut self) -> Result<(), ImportError> {
        let in_use = stage::org_units_in_use(self.tx, &self.directory).await?;
        let units = load(&mut self.org_units, self.tx, &self.directory, Kind::OrgUnits).await?;
        if let Some((org_unit, parent)) = units.orphan() {
            let (org_unit, parent) = (org_unit.to_string(), parent.to_string());
            return Err(ImportError::NoSuchParent { org_unit, parent });
        }
        let is_there =
            |unit: &OrgUnitPath| *unit == OrgUnitPath::root() || units.contains(unit.folded().as_str());
        let Some(missing) = in_use.into_iter().find(|unit| !is_there(unit)) else { return Ok(()) };
        let somebody = stage::somebody_in(self.tx, &self.directory, &missing).await?;
        let user = somebody.map(|user| user.primary_email.to_string()).unwrap_or_default();
        Err(ImportError::NoSuchOrgUnit { user, org_unit: missing.to_string() })
    }

    /// The organisation's domains and their aliases. Exactly one domain is the primary one, unless none is known.
    async fn check_domains(&mut self) -> Result<BTreeSet<String>, ImportError> {
        let is_named = self.domains.is_some();
        let domains = load(&mut self.domains, self.tx, &self.directory, Kind::Domains).await?;
        let names: BTreeSet<String> = domains.resources().flat_map(domain_names).collect();
        let primary = domains.primary_domains();
        if is_named && !names.is_empty() && primary.len() != 1 {
            return Err(ImportError::PrimaryDomain { primary });
        }
        if names.is_empty() {
            self.report.warn(
                "no domain of the organisation is known, and nobody is provisioned until one is; import them under \
                 domains"
                    .to_owned(),
            );
        }
        Ok(names)
    }

    async fn settle_members(&mut self, domains: &BTreeSet<String>) -> Result<(), ImportError> {
        let ours = domains.iter().map(String::as_str);
        let settled = stage::settle_members(self.tx, &self.directory, ours, self.options.replace).await?;
        let counts = match settled {
            SettledMembers::Done(counts) => counts,
            SettledMembers::NoSuchGroup { group } => {
                return Err(ImportError::NoSuchGroup { group: group.to_string() });
            }
            SettledMembers::NoSuchMember { group, member } => {
                return Err(ImportError::NoSuchMember { group: group.to_string(), member });
            }
        };
        self.report.members = KindReport {
            added: counts.added,
            updated: counts.updated,
            deleted: self.report.members.deleted + counts.deleted,
            restored: 0,
            unchanged: counts.unchanged,
        };
        if counts.left_out > 0 {
            let n = counts.left_out;
            self.report.warn(format!("{n} listed members are deleted people, who are in no group: left out"));
        }
        Ok(())
    }

    async fn explain(&mut self, contested: Contested) -> Result<ImportError, StoreError> {
        let [one, other] = &contested.holders;
        let holders = [self.describe(one).await?, self.describe(other).await?];
        Ok(ImportError::AddressTaken { address: contested.address.to_string(), holders })
    }

    async fn describe(&mut self, owner: &Owner) -> Result<String, StoreError> {
        match owner {
            Owner::User(id) => {
                let ids = BTreeSet::<UserId>::from([id.clone()]);
                let people = directory::people(self.tx, &self.directory, &ids).await?;
                let email = people.get(id).map(|person| person.user.primary_email.as_str());
                Ok(format!("the user {} (id {id})", email.unwrap_or_default()))
            }
            Owner::Group(id) => {
                let ids = BTreeSet::<GroupId>::from([id.clone()]);
                let groups = directory::groups(self.tx, &self.directory, &ids).await?;
                let email = groups.get(id).map(|record| record.group.email.as_str());
                Ok(format!("the group {} (id {id})", email.unwrap_or_default()))
            }
        }
    }
}

/// The shelf, read when it is first needed.
async fn load<'s>(
    place: &'s mut Option<Shelf>,
    tx: &mut Tx,
    directory: &DirectoryId,
    kind: Kind,
) -> Result<&'s mut Shelf, StoreError> {
    match place {
        Some(known) => Ok(known),
        None => Ok(place.insert(Shelf::read(tx, directory, kind).await?)),
    }
}

fn take_all(shelf: &mut Shelf, path: &Path, entries: Vec<Entry>) -> Result<(), ImportError> {
    for Entry { line, change, .. } in entries {
        shelf.take(change).map_err(|problem| at(path, line, problem))?;
    }
    Ok(())
}

/// A domain's name and those of its aliases, in lower case.
fn domain_names(domain: &Map<String, Json>) -> Vec<String> {
    let aliases = domain.get("domainAliases").and_then(Json::as_array).into_iter().flatten();
    let aliases = aliases.filter_map(|alias| alias.get("domainAliasName"));
    let names = domain.get("domainName").into_iter().chain(aliases);
    names.filter_map(Json::as_str).map(str::to_lowercase).collect()
}
