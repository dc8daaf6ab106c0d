//! The audit log of the application `admin`: an activity for every edit that Google writes one of.
//!
//! Changes of a profile through the API leave none, as at Google: a feed is a hint, and never the whole truth.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use usher_model::time::Timestamp;

use super::auth::{Caller, Who};
use super::fault::{Fault, Faults, Subject};
use super::wire;
use crate::clock::Clock;

/// How long activities are kept.
const KEPT: Duration = Duration::from_hours(24 * 180);
/// The most activities that are kept; the oldest go first.
const MAX_ACTIVITIES: usize = 200_000;

/// What an edit did, as the log calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: &'static str,
    pub(crate) name: &'static str,
    pub(crate) parameters: Vec<(&'static str, String)>,
}

impl Event {
    pub(crate) fn user(name: &'static str, email: &str) -> Self {
        Self { kind: "USER_SETTINGS", name, parameters: vec![("USER_EMAIL", email.to_owned())] }
    }

    pub(crate) fn group(name: &'static str, email: &str) -> Self {
        Self { kind: "GROUP_SETTINGS", name, parameters: vec![("GROUP_EMAIL", email.to_owned())] }
    }

    pub(crate) fn org_unit(name: &'static str, path: &str) -> Self {
        Self { kind: "ORG_SETTINGS", name, parameters: vec![("ORG_UNIT_NAME", path.to_owned())] }
    }

    /// The same with one more parameter.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.parameters.push((name, value.to_owned()));
        self
    }

    /// The same with what was before and what is now.
    pub(crate) fn changed(self, old: &str, new: &str) -> Self {
        self.with("OLD_VALUE", old).with("NEW_VALUE", new)
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Activity {
    pub(crate) at: Timestamp,
    /// Not seen before this.
    pub(crate) shown_from: Timestamp,
    pub(crate) qualifier: i64,
    pub(crate) actor_email: String,
    pub(crate) actor_id: String,
    /// Whether a service account did it in its own name.
    pub(crate) is_robot: bool,
    pub(crate) ip_address: Option<String>,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Activity {
    /// A parameter's value.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// As the API writes it.
    pub(crate) fn view(&self, customer: &str, domain: &str) -> Value {
        let parameters: Vec<Value> =
            self.parameters.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let actor = if self.is_robot {
            json!({ "callerType": "KEY", "key": self.actor_email, "profileId": self.actor_id })
        } else {
            json!({ "callerType": "USER", "email": self.actor_email, "profileId": self.actor_id })
        };
        let mut view = json!({
            "kind": "admin#reports#activity",
            "id": {
                "time": wire::instant(self.at),
                "uniqueQualifier": self.qualifier.to_string(),
                "applicationName": "admin",
                "customerId": customer,
            },
            "actor": actor,
            "ownerDomain": domain,
            "events": [{ "type": self.kind, "name": self.name, "parameters": parameters }],
        });
        let etag = wire::etag(&view);
        if let Some(view) = view.as_object_mut() {
            view.insert("etag".to_owned(), json!(etag));
            if let Some(address) = &self.ip_address {
                view.insert("ipAddress".to_owned(), json!(address));
            }
        }
        view
    }
}

/// The log, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    activities: VecDeque<Activity>,
    /// How many came before those that are kept.
    gone: u64,
}

/// Who did something, when, and from where.
#[derive(Debug)]
pub(crate) struct Origin<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) at: Timestamp,
    pub(crate) lag: Duration,
    pub(crate) ip_address: Option<String>,
}

/// The activities of an edit, as far as faults let them be.
pub(crate) fn written(
    events: Vec<Event>,
    origin: &Origin<'_>,
    faults: &mut Faults,
    clock: &dyn Clock,
) -> Vec<Activity> {
    let mut activities = Vec::new();
    for event in events {
        let struck = faults.strike(Subject::Activity { name: event.name }, "");
        if struck == Some(Fault::FeedLost) {
            continue;
        }
        let mut activity = of(event, origin, clock);
        if let Some(Fault::FeedLate { seconds }) = struck {
            activity.shown_from = origin.at + Duration::from_secs(u64::from(seconds));
        }
        if struck == Some(Fault::FeedDoubled) {
            activities.push(activity.clone());
        }
        activities.push(activity);
    }
    activities
}

fn of(event: Event, origin: &Origin<'_>, clock: &dyn Clock) -> Activity {
    let mut qualifier = [0; 8];
    clock.entropy(&mut qualifier);
    let who = &origin.caller.who;
    Activity {
        at: origin.at,
        shown_from: origin.at + origin.lag,
        qualifier: i64::from_be_bytes(qualifier),
        actor_email: who.email().to_owned(),
        actor_id: who.id().to_owned(),
        is_robot: matches!(who, Who::ServiceAccount { .. }),
        ip_address: origin.ip_address.clone(),
        kind: event.kind.to_owned(),
        name: event.name.to_owned(),
        parameters: event.parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

impl Feed {
    /// Writes activities down.
    pub(crate) fn add(&mut self, activities: impl IntoIterator<Item = Activity>, now: Timestamp) {
        self.activities.extend(activities);
        while self.activities.len() > MAX_ACTIVITIES
            || self.activities.front().is_some_and(|activity| now.since(activity.at) > KEPT)
        {
            self.activities.pop_front();
            self.gone += 1;
        }
    }

    /// All that can be seen now with their numbers, newest first.
    pub(crate) fn seen(&self, now: Timestamp) -> impl Iterator<Item = (u64, &Activity)> {
        let numbered = (self.gone..).zip(&self.activities).collect::<Vec<_>>();
        numbered.into_iter().rev().filter(move |(_, activity)| activity.shown_from <= now)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Activity> {
        self.activities.iter()
    }
}
