//! The organizational units as a tree of paths.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::directory::OrgUnit;

/// How deep units may go.
pub(crate) const MAX_DEPTH: usize = 35;

/// Units by id and by path.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    units: BTreeMap<String, Arc<OrgUnit>>,
    /// By id.
    paths: BTreeMap<String, String>,
    /// By path in small letters.
    by_path: BTreeMap<String, String>,
}

impl Tree {
    pub(crate) fn new(units: Vec<Arc<OrgUnit>>) -> Self {
        let units: BTreeMap<_, _> = units.into_iter().map(|unit| (unit.id.clone(), unit)).collect();
        let mut tree = Self::default();
        for unit in units.values() {
            let path = path_of(unit, &units);
            tree.by_path.insert(path.to_lowercase(), unit.id.clone());
            tree.paths.insert(unit.id.clone(), path);
        }
        tree.units = units;
        tree
    }

    /// The root; there is always one.
    pub(crate) fn root(&self) -> Option<&Arc<OrgUnit>> {
        self.units.values().find(|unit| unit.parent.is_none())
    }

    /// The path of a unit; of one that is unknown, the root's.
    pub(crate) fn path(&self, id: &str) -> &str {
        self.paths.get(id).map_or("/", String::as_str)
    }

    /// A unit by path, with or without the first slash, or by id.
    pub(crate) fn find(&self, key: &str) -> Option<&Arc<OrgUnit>> {
        if let Some(unit) = self.units.get(key) {
            return Some(unit);
        }
        let path = format!("/{}", key.trim_matches('/')).to_lowercase();
        self.units.get(self.by_path.get(&path)?)
    }

    /// Every unit in the order of paths.
    pub(crate) fn by_path(&self) -> impl Iterator<Item = &Arc<OrgUnit>> {
        self.by_path.values().filter_map(|id| self.units.get(id))
    }

    /// Whether a unit is another one or below it.
    pub(crate) fn is_within(&self, id: &str, above: &str) -> bool {
        let mut at = Some(id);
        for _ in 0..=MAX_DEPTH {
            match at {
                Some(id) if id == above => return true,
                Some(id) => at = self.units.get(id).and_then(|unit| unit.parent.as_deref()),
                None => return false,
            }
        }
        false
    }
}

fn path_of(unit: &OrgUnit, units: &BTreeMap<String, Arc<OrgUnit>>) -> String {
    let mut names = Vec::new();
    let mut at = Some(unit);
    while let Some(unit) = at.filter(|_| names.len() <= MAX_DEPTH) {
        let Some(parent) = &unit.parent else { break };
        names.push(unit.name.as_str());
        at = units.get(parent).map(|unit| &**unit);
    }
    names.reverse();
    format!("/{}", names.join("/"))
}
