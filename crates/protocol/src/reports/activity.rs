//! Entries of the administrators' log (`Activity` in the discovery document `admin.reports_v1`).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::directory::list::Listed;

/// One entry: something that an administrator did, as one event or several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// Which entry it is.
    pub id: ActivityId,
    /// What was done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
}

/// What tells entries apart. An entry that comes twice has the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityId {
    /// When it happened.
    pub time: Timestamp,
    /// Tells entries of the same instant apart: an int64 as text.
    pub unique_qualifier: String,
}

/// One event of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The sort of event: `USER_SETTINGS`, `GROUP_SETTINGS`, `ORG_SETTINGS`, …
    #[serde(rename = "type", default)]
    pub sort: String,
    /// What happened: `SUSPEND_USER`, …
    pub name: String,
    /// To whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
}

/// A parameter of an event. Those that are no text have no value here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name: `USER_EMAIL`, `GROUP_EMAIL`, …
    pub name: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Listed for Activity {
    const KEY: &'static str = "items";
    const KIND: &'static str = "admin#reports#activities";
}

/// About whom one has to look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Touched {
    /// A person, by an address of theirs.
    User(String),
    /// A group and its members, by its address.
    Group(String),
    /// Somebody is no longer a member: the group's address, and theirs. It confirms that they left.
    Left {
        /// The group's address.
        group: String,
        /// The member's.
        member: String,
    },
    /// Organizational units, domains or schemas: whatever a full listing alone shows.
    Everything,
}

impl Event {
    /// About whom one has to look for this event. Events of other sorts touch nobody.
    pub fn touched(&self) -> BTreeSet<Touched> {
        let value = |name: &str| {
            let parameter = self.parameters.iter().find(|parameter| parameter.name == name);
            parameter.and_then(|parameter| parameter.value.clone()).filter(|value| !value.is_empty())
        };
        let (user, group) = (value("USER_EMAIL"), value("GROUP_EMAIL"));
        match self.sort.as_str() {
            // A rename names the old address; the new one, too, if the event has it.
            "USER_SETTINGS" if self.name == "RENAME_USER" => {
                user.into_iter().chain(value("NEW_VALUE")).map(Touched::User).collect()
            }
            "USER_SETTINGS" => user.into_iter().map(Touched::User).collect(),
            "GROUP_SETTINGS" => {
                let left = match (&group, user, self.name.as_str()) {
                    (Some(group), Some(member), "REMOVE_GROUP_MEMBER") => {
                        Some(Touched::Left { group: group.clone(), member })
                    }
                    (_, _, _) => None,
                };
                group.map(Touched::Group).into_iter().chain(left).collect()
            }
            "ORG_SETTINGS" | "DOMAIN_SETTINGS" | "SCHEMA_SETTINGS" => BTreeSet::from([Touched::Everything]),
            _ => BTreeSet::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::directory::list::Page;

    fn event(sort: &str, name: &str, parameters: &[(&str, &str)]) -> Event {
        let parameters = parameters.iter().map(|(name, value)| json!({"name": name, "value": value}));
        let event = json!({"type": sort, "name": name, "parameters": parameters.collect::<Vec<_>>()});
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn an_entry_says_about_whom_to_look() {
        let user = |email: &str| Touched::User(email.to_owned());
        let suspended = event("USER_SETTINGS", "SUSPEND_USER", &[("USER_EMAIL", "a@x.org")]);
        assert_eq!(suspended.touched(), BTreeSet::from([user("a@x.org")]));
        let renamed = [("USER_EMAIL", "a@x.org"), ("NEW_VALUE", "b@x.org")];
        let renamed = event("USER_SETTINGS", "RENAME_USER", &renamed);
        assert_eq!(renamed.touched(), BTreeSet::from([user("a@x.org"), user("b@x.org")]));
        let left = [("USER_EMAIL", "a@x.org"), ("GROUP_EMAIL", "g@x.org")];
        let left = event("GROUP_SETTINGS", "REMOVE_GROUP_MEMBER", &left);
        let gone = Touched::Left { group: "g@x.org".to_owned(), member: "a@x.org".to_owned() };
        assert_eq!(left.touched(), BTreeSet::from([Touched::Group("g@x.org".to_owned()), gone]));
        assert_eq!(
            event("ORG_SETTINGS", "MOVE_ORG_UNIT", &[]).touched(),
            BTreeSet::from([Touched::Everything])
        );
        assert!(
            event("SECURITY_SETTINGS", "CHANGE_TWO_STEP", &[("USER_EMAIL", "a@x.org")]).touched().is_empty()
        );
    }

    #[test]
    fn a_page_of_entries_reads_what_is_no_text_as_no_value() {
        let page = Page::<Activity>::read(json!({"kind": "admin#reports#activities", "items": [{
            "id": {"time": "2026-11-29T08:00:00.123Z", "uniqueQualifier": "-5", "applicationName": "admin"},
            "events": [{"type": "USER_SETTINGS", "name": "X", "parameters": [{"name": "N", "intValue": "4"}]}],
        }]}));
        let page = page.unwrap();
        assert_eq!(page.items[0].id.unique_qualifier, "-5");
        assert_eq!(page.items[0].events[0].parameters[0].value, None);
        let empty = Page::<Activity>::read(json!({"kind": "admin#reports#activities"})).unwrap();
        assert!(empty.items.is_empty());
    }
}
