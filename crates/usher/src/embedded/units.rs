//! Organizational units, which Google's API knows by ids and the store by paths.
//!
//! A unit that was imported without an id has one that follows from its path, until an edit of any unit writes it down.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};
use usher_emulator::workspace::directory::{OrgUnit, derived_id, text};
use usher_model::directory::OrgUnitPath;
use usher_model::id::DirectoryId;
use usher_store::directory::OrgUnitRecord;

/// How far a path is followed up: Google's units go 35 deep.
const MAX_DEPTH: usize = 64;

/// The units of a directory.
#[derive(Debug)]
pub(super) struct Units {
    root: String,
    /// By id, the root among them.
    by_id: BTreeMap<String, OrgUnit>,
    /// What the store has of each, by id.
    kept: BTreeMap<String, OrgUnitRecord>,
    /// By folded path.
    by_path: BTreeMap<OrgUnitPath, String>,
}

/// What is to be written after an edit.
#[derive(Debug)]
pub(super) struct Edited {
    pub(super) gone: Vec<OrgUnitPath>,
    pub(super) records: Vec<OrgUnitRecord>,
    /// Units that are at another path now, or are spelled in another way.
    pub(super) moved: Vec<(OrgUnitPath, OrgUnitPath)>,
    /// Where there are units that were not there before.
    pub(super) new: Vec<OrgUnitPath>,
}

impl Units {
    pub(super) fn new(directory: &DirectoryId, root: OrgUnit, records: Vec<OrgUnitRecord>) -> Self {
        let mut taken = BTreeSet::from([root.id.clone()]);
        let own = |record: &OrgUnitRecord| text(&record.resource, "orgUnitId").to_owned();
        // Of two with one id, which an import may say, the second goes without.
        let ids: Vec<Option<String>> = records
            .iter()
            .map(own)
            .map(|id| (!id.is_empty() && taken.insert(id.clone())).then_some(id))
            .collect();
        let mut units = Self {
            root: root.id.clone(),
            by_id: BTreeMap::new(),
            kept: BTreeMap::new(),
            by_path: BTreeMap::from([(OrgUnitPath::root(), root.id.clone())]),
        };
        for (record, id) in records.into_iter().zip(ids) {
            let id = id.unwrap_or_else(|| free_id(directory, &record.path, &mut taken));
            units.by_path.insert(record.path.folded(), id.clone());
            units.kept.insert(id, record);
        }
        let above = |record: &OrgUnitRecord| {
            let parent = record.path.parent().and_then(|parent| units.by_path.get(&parent.folded()));
            parent.unwrap_or(&units.root).clone()
        };
        let of = |(id, record): (&String, &OrgUnitRecord)| OrgUnit {
            id: id.clone(),
            name: record.path.as_str().rsplit('/').next().unwrap_or_default().to_owned(),
            parent: Some(above(record)),
            description: text(&record.resource, "description").to_owned(),
        };
        let all: Vec<OrgUnit> = units.kept.iter().map(of).chain([root]).collect();
        units.by_id = all.into_iter().map(|unit| (unit.id.clone(), unit)).collect();
        units
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &OrgUnit> {
        self.by_id.values()
    }

    /// The id of the unit at a path; of one that is not there, the root's.
    pub(super) fn id(&self, path: &OrgUnitPath) -> &str {
        self.by_path.get(&path.folded()).unwrap_or(&self.root)
    }

    /// The path of a unit; none if there is no such unit.
    pub(super) fn path(&self, id: &str) -> Option<OrgUnitPath> {
        let mut names = Vec::new();
        let mut at = self.by_id.get(id)?;
        while let Some(parent) = &at.parent {
            names.push(at.name.as_str());
            at = self.by_id.get(parent)?;
            if names.len() > MAX_DEPTH {
                return None;
            }
        }
        names.reverse();
        OrgUnitPath::parse(&format!("/{}", names.join("/"))).ok()
    }

    /// Makes units others than before, or takes them away (none), and says what is to be written. None: a unit would be at
    /// no path, or two at one.
    pub(super) fn edit(&mut self, changes: BTreeMap<String, Option<OrgUnit>>) -> Option<Edited> {
        for (id, unit) in changes {
            match unit {
                Some(unit) => self.by_id.insert(id, unit),
                None => self.by_id.remove(&id),
            };
        }
        let (mut by_path, mut records) = (BTreeMap::new(), Vec::new());
        let (mut moved, mut new) = (Vec::new(), Vec::new());
        let mut kept = BTreeMap::new();
        for (id, unit) in &self.by_id {
            let path = self.path(id)?;
            if by_path.insert(path.folded(), id.clone()).is_some() {
                return None;
            }
            let Some(parent) = &unit.parent else { continue };
            let before = self.kept.get(id);
            let resource = self.resource(unit, parent, &path, before)?;
            let record = OrgUnitRecord { path, resource };
            if before != Some(&record) {
                records.push(record.clone());
            }
            match before {
                None => new.push(record.path.clone()),
                Some(before) if before.path != record.path => {
                    moved.push((before.path.clone(), record.path.clone()));
                }
                Some(_) => {}
            }
            kept.insert(id.clone(), record);
        }
        let gone = self.by_path.keys().filter(|path| !by_path.contains_key(*path)).cloned().collect();
        (self.by_path, self.kept) = (by_path, kept);
        Some(Edited { gone, records, moved, new })
    }

    fn resource(
        &self,
        unit: &OrgUnit,
        parent: &str,
        path: &OrgUnitPath,
        before: Option<&OrgUnitRecord>,
    ) -> Option<Map<String, Json>> {
        let mut resource = before.map(|before| before.resource.clone()).unwrap_or_default();
        let above = self.path(parent)?;
        let said = [
            ("orgUnitId", unit.id.as_str()),
            ("orgUnitPath", path.as_str()),
            ("name", unit.name.as_str()),
            ("parentOrgUnitId", parent),
            ("parentOrgUnitPath", above.as_str()),
            ("description", unit.description.as_str()),
        ];
        for (name, value) in said {
            resource.insert(name.to_owned(), value.into());
        }
        resource.remove("etag");
        Some(resource)
    }
}

/// An id that follows from a path and that no other unit has.
fn free_id(directory: &DirectoryId, path: &OrgUnitPath, taken: &mut BTreeSet<String>) -> String {
    let nth = |n: u32| format!("id:{}", derived_id(&format!("{directory} {n} {path}")));
    let mut n = 0;
    while !taken.insert(nth(n)) {
        n += 1;
    }
    nth(n)
}
