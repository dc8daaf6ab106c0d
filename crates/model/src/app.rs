//! An app as a whole: what is configured, what state it is in, and what must be
//! true before it may be turned on.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cause::{Delay, Deprovisioning};
use crate::entitlement::ArchivedPolicy;
use crate::group::GroupSettings;
use crate::guard::Limits;
use crate::lifecycle::DriftPolicy;
use crate::template::attribute::NamedAttribute;

/// Everything of an app's auto-provisioning that is not access, scope, mapping or authorization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Which triggers suspend, and after how long.
    pub deprovisioning: Deprovisioning,
    /// After how long suspended an account is deleted; none: never.
    pub hard_delete: Option<Delay>,
    /// What archived people are.
    pub archived: ArchivedPolicy,
    /// What happens to changes that somebody else made at the app.
    pub drift: DriftPolicy,
    /// Whether accounts of people who are not entitled are brought in at set-up.
    pub adopt_leavers: bool,
    /// Domains provisioned besides the primary one, in lower case.
    pub domains: BTreeSet<String>,
    /// The guards.
    pub guards: Limits,
    /// Which groups the app gets, and what becomes of their members.
    pub groups: GroupSettings,
}

/// The state of an app, as lists and cards show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// No configuration.
    NotConfigured,
    /// Configured and off.
    Inactive,
    /// On.
    Active,
    /// On, but the app refused the token (401): nothing is sent until a new one is given.
    NeedsReauthorization,
    /// On, and a hold waits for a person.
    Held,
    /// On, but the app fails broadly or answers 403: tried again with growing pauses.
    Quarantined,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NotConfigured,
        Self::Inactive,
        Self::Active,
        Self::NeedsReauthorization,
        Self::Held,
        Self::Quarantined,
    ];

    /// The name that JSON and the store use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotConfigured => "not_configured",
            Self::Inactive => "inactive",
            Self::Active => "active",
            Self::NeedsReauthorization => "needs_reauthorization",
            Self::Held => "held",
            Self::Quarantined => "quarantined",
        }
    }

    /// Reads the name back.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotConfigured => "not configured",
            Self::Inactive => "inactive",
            Self::Active => "active",
            Self::NeedsReauthorization => "needs reauthorization",
            Self::Held => "held",
            Self::Quarantined => "quarantined",
        })
    }
}

/// What is asked before an app is turned on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// Whether the app is on for anybody (access alone; whoever is in the directory).
    pub on_for_somebody: bool,
    /// Whether an endpoint and a token were given and checked.
    pub authorized: bool,
    /// Mandatory attributes that nothing is mapped to.
    pub unmapped: Vec<NamedAttribute>,
    /// Whether a trigger is selected.
    pub selects_a_trigger: bool,
}

/// Why an app may not be turned on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReady {
    /// The seed's note on the slider.
    #[error(
        "the app isn't turned on for any users: turn it on for an organizational unit or a group first (`usher app access`)"
    )]
    OnForNobody,
    /// No endpoint, or no token.
    #[error(
        "the app is not authorized: give its endpoint and access token first (`usher app authorize NAME --endpoint URL --token-file FILE`)"
    )]
    NotAuthorized,
    /// A mandatory attribute without a source.
    #[error(
        "the mandatory attribute {0} is not mapped: map it to a directory attribute first (`usher app map`)"
    )]
    Unmapped(NamedAttribute),
    /// No trigger.
    #[error(
        "no deprovisioning trigger is selected: select at least one of app off, suspended, deleted first (`usher app deprovision`)"
    )]
    NoTrigger,
}

impl Readiness {
    /// Everything that is in the way, each with its own sentence; empty means it may be turned on.
    pub fn in_the_way(&self) -> Vec<NotReady> {
        let mut in_the_way = Vec::new();
        if !self.on_for_somebody {
            in_the_way.push(NotReady::OnForNobody);
        }
        if !self.authorized {
            in_the_way.push(NotReady::NotAuthorized);
        }
        in_the_way.extend(self.unmapped.iter().cloned().map(NotReady::Unmapped));
        if !self.selects_a_trigger {
            in_the_way.push(NotReady::NoTrigger);
        }
        in_the_way
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::path::AttributePath;

    fn ready() -> Readiness {
        Readiness { on_for_somebody: true, authorized: true, unmapped: Vec::new(), selects_a_trigger: true }
    }

    #[test]
    fn each_thing_that_is_missing_refuses_activation_with_its_own_sentence() {
        assert_eq!(ready().in_the_way(), []);
        assert_eq!(Readiness { on_for_somebody: false, ..ready() }.in_the_way(), [NotReady::OnForNobody]);
        assert_eq!(Readiness { authorized: false, ..ready() }.in_the_way(), [NotReady::NotAuthorized]);
        assert_eq!(Readiness { selects_a_trigger: false, ..ready() }.in_the_way(), [NotReady::NoTrigger]);
        let path = AttributePath::parse("name.givenName").unwrap();
        let named = NamedAttribute { path, label: "First name" };
        assert!(
            NotReady::Unmapped(named.clone())
                .to_string()
                .contains("attribute First name (name.givenName) is not")
        );
        assert_eq!(
            Readiness { unmapped: vec![named.clone()], ..ready() }.in_the_way(),
            [NotReady::Unmapped(named)]
        );
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for status in Status::ALL {
            assert_eq!(Status::from_name(status.as_str()), Some(status));
        }
    }
}
