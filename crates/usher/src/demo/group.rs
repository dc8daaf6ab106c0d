//! The company's groups, and who is in them when the demo begins.

use serde_json::{Value, json};

use super::company::{CUSTOMER_ID, PRIMARY_DOMAIN};

/// The one group for which the app is on although the unit of its members is off.
pub(super) const BILLING: &str = "aws-billing";
/// Part of [`BILLING`], and has it as a member itself: a cycle.
pub(super) const BUDGET_OWNERS: &str = "budget-owners";
/// Who answers for the machines, whoever is on call included.
pub(super) const SITE_RELIABILITY: &str = "sre";
/// Who answers for incidents: [`SITE_RELIABILITY`] and somebody else.
pub(super) const INCIDENTS: &str = "incidents";
/// A group larger than one SCIM request may hold.
pub(super) const UPDATES: &str = "product-updates";
/// How many members [`UPDATES`] has.
pub(super) const N_UPDATES: usize = 140;

/// A group.
pub(super) struct Group {
    /// Its address before the `@`.
    pub(super) local: &'static str,
    pub(super) name: &'static str,
    pub(super) members: Members,
}

/// Who is in a group.
pub(super) enum Members {
    /// People of the cast and groups, by their addresses before the `@`.
    Named(&'static [&'static str]),
    /// The first so many of the ordinary people.
    Staff(usize),
    /// The ordinary people of a unit, and these groups.
    Unit(&'static str, &'static [&'static str]),
    /// The whole company, by one member of the type `CUSTOMER`.
    Customer,
    /// People of the cast, and somebody from outside.
    External(&'static [&'static str], &'static str),
}

const fn group(local: &'static str, name: &'static str, members: Members) -> Group {
    Group { local, name, members }
}

pub(super) const GROUPS: &[Group] = &[
    group("everyone", "Everyone at Quillhaven", Members::Customer),
    group(UPDATES, "Product updates", Members::Staff(N_UPDATES)),
    group(
        "engineering",
        "Engineering",
        Members::Unit("/Engineering", &["cloud-platform", "firmware", "data", SITE_RELIABILITY]),
    ),
    group("cloud-platform", "Cloud Platform", Members::Unit("/Engineering/Cloud Platform", &[])),
    group("firmware", "Firmware", Members::Unit("/Engineering/Firmware", &[])),
    group("data", "Data", Members::Unit("/Engineering/Data", &[])),
    // Site Reliability answers for incidents, whoever is on call is of Site Reliability, and incidents call them.
    group(SITE_RELIABILITY, "Site Reliability", Members::Unit("/Engineering/Site Reliability", &["on-call"])),
    group("on-call", "On call this week", Members::Named(&["chidinma.eze", "freya.haugen", INCIDENTS])),
    group(INCIDENTS, "Incident response", Members::Named(&["lucia.ferrer", SITE_RELIABILITY])),
    group(BILLING, "AWS billing", Members::Named(&["judith.falk", "wen.li", BUDGET_OWNERS])),
    group(BUDGET_OWNERS, "Budget owners", Members::Named(&["patience.nkrumah", "lucia.ferrer", BILLING])),
    group(
        "annual-audit",
        "Annual audit",
        Members::External(&["judith.falk", "vera.lombardi"], "lead@auditors.example"),
    ),
    group("retired-projects", "Retired projects", Members::Named(&[])),
];

impl Group {
    pub(super) fn address(&self) -> String {
        format!("{}@{PRIMARY_DOMAIN}", self.local)
    }

    /// Its entry. Fifteen characters make an id, as Google's group ids have.
    pub(super) fn entry(&self, number: usize) -> Value {
        json!({
            "id": format!("01qhaven{number:07x}"),
            "email": self.address(),
            "name": self.name,
            "adminCreated": true,
        })
    }
}

/// The whole company as a member.
pub(super) fn customer() -> Value {
    json!({"id": CUSTOMER_ID, "type": "CUSTOMER", "role": "MEMBER"})
}

/// Somebody from outside as a member.
pub(super) fn external(address: &str) -> Value {
    json!({"id": "199999999999999999999", "email": address, "type": "EXTERNAL", "role": "MEMBER"})
}
