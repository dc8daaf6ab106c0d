//! What there are few of, organizational units, domains and custom schemas: read as a whole, changed in memory, written
//! at the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use usher_model::directory::OrgUnitPath;
use usher_model::id::DirectoryId;
use usher_protocol::directory::{fields, merge};
use usher_store::directory::{self, Domain, DomainRecord, OrgUnitRecord, SchemaRecord};
use usher_store::{StoreError, Tx};

use super::report::KindReport;

/// What a shelf holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    OrgUnits,
    Domains,
    Schemas,
}

/// All resources of one kind, as they will be. The key is what they are matched by: a folded path, or a name.
#[derive(Debug)]
pub(super) struct Shelf {
    kind: Kind,
    kept: BTreeMap<String, Map<String, Json>>,
    mentioned: BTreeSet<String>,
    changed: BTreeSet<String>,
    pub(super) report: KindReport,
}

impl Shelf {
    pub(super) async fn read(tx: &mut Tx, directory: &DirectoryId, kind: Kind) -> Result<Self, StoreError> {
        let kept = match kind {
            Kind::OrgUnits => {
                let units = directory::org_unit_records(tx, directory).await?;
                let keyed = |unit: OrgUnitRecord| (unit.path.folded().as_str().to_owned(), unit.resource);
                units.into_iter().map(keyed).collect()
            }
            Kind::Domains => {
                let domains = directory::domain_records(tx, directory).await?;
                domains.into_iter().map(|record| (record.domain.name, record.resource)).collect()
            }
            Kind::Schemas => {
                let schemas = directory::schema_records(tx, directory).await?;
                schemas.into_iter().map(|record| (record.name, record.resource)).collect()
            }
        };
        let report = KindReport::default();
        Ok(Self { kind, kept, mentioned: BTreeSet::new(), changed: BTreeSet::new(), report })
    }

    pub(super) fn contains(&self, key: &str) -> bool {
        self.kept.contains_key(key)
    }

    pub(super) fn resources(&self) -> impl Iterator<Item = &Map<String, Json>> {
        self.kept.values()
    }

    /// Lays a change over the resource that it is about, or says what is wrong with it.
    pub(super) fn take(&mut self, change: Map<String, Json>) -> Result<(), String> {
        let key = self.key(&change)?;
        if self.kind == Kind::OrgUnits && key == "/" {
            // It always exists, and nothing is kept of it.
            return Ok(());
        }
        let before = self.kept.get(&key);
        let mut after = before.cloned().unwrap_or_default();
        merge::merge(&mut after, change, self.fields()).map_err(|error| error.to_string())?;
        self.normalize(&mut after)?;
        match before {
            Some(before) if *before == after => self.report.unchanged += 1,
            Some(_) => self.report.updated += 1,
            None => self.report.added += 1,
        }
        if before != Some(&after) {
            self.changed.insert(key.clone());
            self.kept.insert(key.clone(), after);
        }
        self.mentioned.insert(key);
        Ok(())
    }

    fn fields(&self) -> &'static [fields::Field] {
        match self.kind {
            Kind::OrgUnits => fields::ORG_UNIT,
            Kind::Domains => fields::DOMAIN,
            Kind::Schemas => fields::SCHEMA,
        }
    }

    fn key(&self, change: &Map<String, Json>) -> Result<String, String> {
        match self.kind {
            Kind::OrgUnits => path_of(change).map(|path| path.folded().as_str().to_owned()),
            Kind::Domains => name_of(change, "domainName").map(str::to_lowercase),
            Kind::Schemas => name_of(change, "schemaName").map(str::to_owned),
        }
    }

    /// A unit says its path, also where the file gave its name and what it is below.
    fn normalize(&self, resource: &mut Map<String, Json>) -> Result<(), String> {
        if self.kind == Kind::OrgUnits {
            let path = path_of(resource)?;
            resource.insert("orgUnitPath".to_owned(), path.as_str().into());
        }
        Ok(())
    }

    /// Removes what the files did not name.
    pub(super) async fn drop_unmentioned(
        &mut self,
        tx: &mut Tx,
        directory: &DirectoryId,
    ) -> Result<(), StoreError> {
        let gone = self.kept.keys().filter(|key| !self.mentioned.contains(*key));
        let gone: Vec<String> = gone.cloned().collect();
        for key in &gone {
            self.kept.remove(key);
            self.report.deleted += 1;
        }
        match self.kind {
            Kind::OrgUnits => {
                let paths: Vec<_> = gone.iter().map(|key| stored_path(key)).collect();
                directory::remove_org_units(tx, directory, &paths).await
            }
            Kind::Domains => directory::remove_domains(tx, directory, &gone).await,
            Kind::Schemas => directory::remove_schemas(tx, directory, &gone).await,
        }
    }

    /// Writes what is other than it was.
    pub(super) async fn write(&self, tx: &mut Tx, directory: &DirectoryId) -> Result<(), StoreError> {
        let changed = self.changed.iter().filter_map(|key| Some((key, self.kept.get(key)?)));
        match self.kind {
            Kind::OrgUnits => {
                let record = |(key, resource): (&String, &Map<String, Json>)| OrgUnitRecord {
                    path: path_of(resource).unwrap_or_else(|_| stored_path(key)),
                    resource: resource.clone(),
                };
                directory::record_org_units(tx, directory, &changed.map(record).collect::<Vec<_>>()).await
            }
            Kind::Domains => {
                let record = |(key, resource): (&String, &Map<String, Json>)| DomainRecord {
                    domain: Domain { name: key.clone(), is_primary: is_primary(resource) },
                    resource: resource.clone(),
                };
                directory::record_domains(tx, directory, &changed.map(record).collect::<Vec<_>>()).await
            }
            Kind::Schemas => {
                let record = |(key, resource): (&String, &Map<String, Json>)| SchemaRecord {
                    name: key.clone(),
                    resource: resource.clone(),
                };
                directory::record_schemas(tx, directory, &changed.map(record).collect::<Vec<_>>()).await
            }
        }
    }

    /// The names of the domains that are marked as the primary one.
    pub(super) fn primary_domains(&self) -> Vec<String> {
        let primary = self.kept.iter().filter(|(_, resource)| is_primary(resource));
        primary.map(|(name, _)| name.clone()).collect()
    }

    /// A unit whose parent is not there, and that parent.
    pub(super) fn orphan(&self) -> Option<(OrgUnitPath, OrgUnitPath)> {
        self.kept.values().find_map(|resource| {
            let path = path_of(resource).ok()?;
            let parent = path.parent()?;
            let is_there = parent == OrgUnitPath::root() || self.contains(parent.folded().as_str());
            (!is_there).then_some((path, parent))
        })
    }
}

fn is_primary(domain: &Map<String, Json>) -> bool {
    domain.get("isPrimary") == Some(&Json::Bool(true))
}

fn stored_path(key: &str) -> OrgUnitPath {
    OrgUnitPath::parse(key).expect("invariant: a unit's key is a path")
}

fn name_of<'a>(change: &'a Map<String, Json>, key: &str) -> Result<&'a str, String> {
    match change.get(key).and_then(Json::as_str) {
        Some(name) if !name.trim().is_empty() && !name.contains(char::is_control) => Ok(name),
        Some(_) | None => Err(format!("the entry needs a {key}, which is a text")),
    }
}

/// The unit's path, or its name below its parent's path.
fn path_of(unit: &Map<String, Json>) -> Result<OrgUnitPath, String> {
    let text = |key| unit.get(key).and_then(Json::as_str);
    let path = match (text("orgUnitPath"), text("parentOrgUnitPath"), text("name")) {
        (Some(path), _, _) => path.to_owned(),
        (None, Some(parent), Some(name)) => format!("{}/{name}", parent.trim_end_matches('/')),
        (None, _, _) => {
            return Err("the entry needs an orgUnitPath, or a name and a parentOrgUnitPath".to_owned());
        }
    };
    if path.contains(char::is_control) {
        return Err("an organizational unit's path has no control characters".to_owned());
    }
    OrgUnitPath::parse(&path).map_err(|error| error.to_string())
}
