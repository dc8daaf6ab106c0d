//! For whom an app is on: organizational units, and groups that overrule them.
//!
//! A unit is on, off, or inherits from the unit above; the root is off unless
//! switched on. A group that is on wins over a unit that is off (Google's
//! rule, answer 9050643); there is no group that is off.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::directory::OrgUnitPath;
use crate::id::GroupId;

/// On or off. A unit that has neither inherits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switch {
    /// The app is on.
    On,
    /// The app is off.
    Off,
}

/// For whom an app is on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    units: BTreeMap<OrgUnitPath, Switch>,
    /// Groups whose members (nested ones too) the app is on for, wherever they stand.
    pub groups: BTreeSet<GroupId>,
}

impl Access {
    /// Puts together what units and groups say.
    pub fn new(units: impl IntoIterator<Item = (OrgUnitPath, Switch)>, groups: BTreeSet<GroupId>) -> Self {
        Self { units: units.into_iter().map(|(path, switch)| (path.folded(), switch)).collect(), groups }
    }

    /// Whether the app is on for a unit: its own switch, else that of the nearest unit above.
    pub fn of_unit(&self, path: &OrgUnitPath) -> Switch {
        let mut at = Some(path.folded());
        while let Some(unit) = at {
            if let Some(switch) = self.units.get(&unit) {
                return *switch;
            }
            at = unit.parent();
        }
        Switch::Off
    }

    /// Whether the app is on for nobody at all, whoever is in the directory (the seed's note on the slider).
    pub fn is_nobody(&self) -> bool {
        self.groups.is_empty() && !self.units.values().any(|switch| *switch == Switch::On)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> OrgUnitPath {
        OrgUnitPath::parse(text).unwrap()
    }

    #[test]
    fn a_unit_inherits_from_the_nearest_unit_above_that_has_a_switch() {
        let access = Access::new(
            [(path("/"), Switch::On), (path("/Sales"), Switch::Off), (path("/Sales/East"), Switch::On)],
            BTreeSet::new(),
        );
        assert_eq!(access.of_unit(&path("/Legal/Deep/Down")), Switch::On);
        assert_eq!(access.of_unit(&path("/Sales/West")), Switch::Off);
        assert_eq!(access.of_unit(&path("/sales/EAST/1")), Switch::On);
    }

    #[test]
    fn an_app_is_off_until_somebody_switches_it_on() {
        assert_eq!(Access::default().of_unit(&OrgUnitPath::root()), Switch::Off);
        assert!(Access::default().is_nobody());
        assert!(Access::new([(path("/"), Switch::Off)], BTreeSet::new()).is_nobody());
        assert!(!Access::new([], BTreeSet::from([GroupId::new("g")])).is_nobody());
    }
}
