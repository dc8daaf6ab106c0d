//! Edits of an app, as forms ask for them.

use std::collections::BTreeSet;

use usher_model::access::{Access, Switch};
use usher_model::account::{Choice, Pin};
use usher_model::app::NotReady;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::OrgUnitPath;
use usher_model::group::GroupSettings;
use usher_model::id::{Email, GroupId, UserId};
use usher_model::lifecycle::DriftPolicy;
use usher_model::scope::Depth;
use usher_store::access::AccessList;

pub use usher_model::cause::Trigger;

/// One edit of one app. Serves a commit and a preview alike.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// For whom the app is on.
    Access(AccessOf),
    /// The groups that narrow that; none: everyone with access, which is meant here.
    Scope(Vec<ScopeGroup>),
    /// The mapping as a whole, one assignment a line; none: the template's own.
    Mapping(Vec<String>),
    /// Which triggers suspend, after how long; and after how long suspended an account is deleted.
    Deprovisioning {
        /// The triggers.
        triggers: Deprovisioning,
        /// None: never.
        hard_delete: Option<Delay>,
    },
    /// The domains provisioned besides the primary one.
    Domains(BTreeSet<String>),
    /// Which groups the app gets.
    Groups(GroupSettings),
    /// What happens to changes that somebody else made at the app.
    Drift(DriftPolicy),
    /// Turns provisioning on, if nothing is in the way ([`NotReady`]).
    TurnOn,
    /// Turns provisioning off.
    TurnOff,
    /// Deletes the configuration; accounts at the app, access and the log stay.
    Unconfigure,
    /// Removes the app and everything that is known of it; accounts at the app stay.
    Remove,
    /// Pins somebody's account, or lets it go.
    Pin {
        /// Whose.
        user: UserId,
        /// None: it is not pinned any more.
        pin: Option<Pin>,
    },
    /// Says what to do where Usher may not choose; none takes that back.
    Choose {
        /// About whom.
        user: UserId,
        /// What.
        choice: Option<Choice>,
    },
    /// Does not wait for the delay of what somebody is losing.
    SuspendNow {
        /// Who.
        user: UserId,
    },
}

/// Whose access is switched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessOf {
    /// An organizational unit's; none: it inherits.
    Unit(OrgUnitPath, Option<Switch>),
    /// A group's, by address, switched on.
    Group(Email),
    /// A group's, taken back. It need not exist any more.
    NoGroup(GroupId),
}

impl AccessOf {
    /// For whom the app would be on, as decisions see it. A group that is switched on has no id here, and is left out.
    pub fn switched(&self, list: &AccessList) -> Access {
        let (mut units, mut groups) = (list.units.clone(), list.groups.clone());
        match self {
            Self::Unit(path, switch) => {
                units.retain(|(unit, _)| unit.folded() != path.folded());
                units.extend(switch.map(|switch| (path.clone(), switch)));
            }
            Self::NoGroup(group) => groups.retain(|granted| granted.group != *group),
            Self::Group(_) => {}
        }
        Access::new(units, groups.into_iter().map(|granted| granted.group).collect())
    }
}

/// A group of the provisioning scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeGroup {
    /// Its id: a group that vanished has no address.
    pub group: GroupId,
    /// Its own members, or those of the groups in it as well.
    pub depth: Depth,
}

/// What keeps an app from being turned on, as the console says it.
pub(crate) fn in_the_way(in_the_way: &NotReady, app: &str) -> String {
    match in_the_way {
        NotReady::OnForNobody => {
            format!("{app} isn’t turned on for any users. Click User access and turn the app on first.")
        }
        NotReady::NotAuthorized => "The app is not authorized: configure autoprovisioning first.".to_owned(),
        NotReady::Unmapped(path) => {
            format!("The mandatory attribute {path} is not mapped: edit the attribute mapping first.")
        }
        NotReady::NoTrigger => {
            "No deprovisioning action is selected: edit deprovisioning and select at least one.".to_owned()
        }
    }
}
