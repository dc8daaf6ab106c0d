//! One person, and how the Directory API shows them.

use std::time::Duration;

use serde_json::{Map, Value, json};
use usher_model::time::Timestamp;

use super::cast::{Part, Role};
use super::company::{COMPANY, CUSTOMER_ID, PRIMARY_DOMAIN, SECONDARY_DOMAIN, department};

/// Somebody of the company, as they first appear.
pub(super) struct Person {
    /// Their place among everybody, which gives their ids.
    pub(super) number: u32,
    /// What the script calls them.
    pub(super) who: String,
    pub(super) given: String,
    /// None: the directory has no such key for them.
    pub(super) family: Option<String>,
    /// Their primary address.
    pub(super) address: String,
    pub(super) unit: &'static str,
    pub(super) title: &'static str,
    pub(super) part: Part,
    /// How many days before the demo begins they were hired.
    pub(super) days_employed: u32,
}

impl Person {
    /// Somebody with a part of their own.
    pub(super) fn cast(number: u32, role: &Role) -> Self {
        let domain = match role.part {
            Part::OtherDomain => SECONDARY_DOMAIN,
            Part::Ordinary | Part::Suspended { .. } | Part::Archived { .. } | Part::Guest | Part::Joins => {
                PRIMARY_DOMAIN
            }
        };
        Self {
            number,
            who: role.who.to_owned(),
            given: role.given.to_owned(),
            family: role.family.map(str::to_owned),
            address: format!("{}@{domain}", role.local()),
            unit: role.unit,
            title: role.title,
            part: role.part,
            days_employed: 300 + 37 * number,
        }
    }

    /// The directory's id of them: 21 digits, as Google's are, another one for each number.
    pub(super) fn id(&self) -> String {
        const DIGITS_20: u128 = 100_000_000_000_000_000_000;
        // Odd and no multiple of five: multiplying by it is one-to-one modulo a power of ten.
        const SCATTER: u128 = 70_710_678_118_654_752_441;
        format!("1{:020}", (u128::from(self.number) + 1) * SCATTER % DIGITS_20)
    }

    /// Their entry, for a demo that begins at `start`; of somebody who joins, when they do.
    pub(super) fn entry(&self, start: Timestamp) -> Value {
        let ago = |span: Duration| start.before(span).to_string();
        let mut entry = Map::from_iter([
            ("id".to_owned(), json!(self.id())),
            ("customerId".to_owned(), json!(CUSTOMER_ID)),
            ("primaryEmail".to_owned(), json!(self.address)),
            ("name".to_owned(), self.name()),
            ("orgUnitPath".to_owned(), json!(self.unit)),
            ("emails".to_owned(), json!([{"address": self.address, "type": "work", "primary": true}])),
            ("organizations".to_owned(), self.organizations(self.title, self.unit)),
            (
                "externalIds".to_owned(),
                json!([{"value": format!("Q{:05}", self.number), "type": "organization"}]),
            ),
            ("suspended".to_owned(), json!(false)),
            ("archived".to_owned(), json!(false)),
        ]);
        let hired = match self.part {
            Part::Joins => Duration::ZERO,
            Part::Ordinary
            | Part::Suspended { .. }
            | Part::Archived { .. }
            | Part::OtherDomain
            | Part::Guest => days(self.days_employed),
        };
        entry.insert("creationTime".to_owned(), json!(ago(hired)));
        match self.part {
            Part::Suspended { hours } => {
                entry.insert("suspended".to_owned(), json!(true));
                entry.insert("suspensionTime".to_owned(), json!(ago(Duration::from_hours(hours.into()))));
            }
            Part::Archived { days: n } => {
                entry.insert("archived".to_owned(), json!(true));
                entry.insert("archivalTime".to_owned(), json!(ago(days(n))));
            }
            Part::Guest => {
                entry.insert("isGuestUser".to_owned(), json!(true));
                let home = json!({"primaryGuestEmail": format!("{}@partner.example", self.who)});
                entry.insert("guestAccountInfo".to_owned(), home);
            }
            Part::Ordinary | Part::OtherDomain | Part::Joins => {}
        }
        Value::Object(entry)
    }

    /// What they do, and where. The list is written as a whole, so a new title needs the unit too.
    pub(super) fn organizations(&self, title: &str, unit: &str) -> Value {
        let employer = if self.part == Part::Guest { "Partner Example" } else { COMPANY };
        json!([{
            "name": employer,
            "title": title,
            "department": department(unit),
            "type": "work",
            "primary": true,
        }])
    }

    fn name(&self) -> Value {
        let mut name = Map::from_iter([("givenName".to_owned(), json!(self.given))]);
        if let Some(family) = &self.family {
            name.insert("familyName".to_owned(), json!(family));
        }
        let full = match self.family.as_deref() {
            None | Some("") => self.given.clone(),
            Some(family) => format!("{} {family}", self.given),
        };
        name.insert("fullName".to_owned(), json!(full));
        Value::Object(name)
    }
}

fn days(n: u32) -> Duration {
    Duration::from_hours(24 * u64::from(n))
}
