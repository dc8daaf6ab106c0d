//! `usher explain`: everything that the decision about one person at one app rests on, and the decision.

use serde::Serialize;
use serde_json::{Map, Value, json};
use usher_engine::explain::{Explanation, explain};
use usher_model::access::Switch;
use usher_model::cause::Trigger;
use usher_model::directory::{OrgUnitPath, UserState};
use usher_model::entitlement::{Losses, Standing};
use usher_model::id::GroupId;
use usher_model::operation::Operation;
use usher_model::time::Timestamp;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::event::Event;
use usher_store::{Store, access, directory};

use super::lookup;
use crate::cli::Explain;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, facts, instant, number_of};

/// What is told of one person.
#[derive(Debug)]
struct Explained {
    explanation: Explanation,
    /// The address of the group that gives access, where it has one.
    through: Option<String>,
    /// The unit whose switch decides for theirs, if any above it has one.
    deciding: Option<OrgUnitPath>,
    now: Timestamp,
}

/// Explains one person.
pub(crate) async fn run(context: &Context, store: &Store, args: &Explain) -> Result<Exit, Failure> {
    let email = lookup::email(&args.email)?;
    let mut tx = store.read("usher::explain").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    drop(tx);
    let explanation = explain(store, &context.clock, &context.environment()?, &app.name, &email).await?;
    let mut tx = store.read("usher::explain").await?;
    let through = match &explanation.access_through {
        Some(group) => {
            let known = directory::group_by_id(&mut tx, &app.directory, group).await?;
            known.map(|group| group.email.to_string())
        }
        None => None,
    };
    let units = access::access_list(&mut tx, &app.id).await?.units;
    drop(tx);
    let deciding = deciding(&units, &explanation.user.org_unit);
    context.output.answer(&Explained { explanation, through, deciding, now: context.now() })?;
    Ok(Exit::Ok)
}

/// The nearest unit at or above this one that has a switch of its own.
fn deciding(units: &[(OrgUnitPath, Switch)], of: &OrgUnitPath) -> Option<OrgUnitPath> {
    let mut at = Some(of.folded());
    while let Some(path) = at {
        if let Some((unit, _)) = units.iter().find(|(unit, _)| unit.folded() == path) {
            return Some(unit.clone());
        }
        at = path.parent();
    }
    None
}

impl Answer for Explained {
    fn text(&self) -> String {
        let Explanation { app, user, reason, operation, .. } = &self.explanation;
        let decision = match operation {
            Some(operation) => format!("{} the account", operation.kind()),
            None => "nothing is done".to_owned(),
        };
        let mut lines = vec![
            ("person", format!("{} (id {})", user.primary_email, user.id)),
            ("app", app.name.clone()),
            ("decision", format!("{decision}: {reason}")),
        ];
        lines.extend(self.held().map(|text| ("held", text)));
        lines.extend([
            ("directory", self.state()),
            ("standing", standing(&self.explanation.standing)),
            ("access", self.access()),
            (
                "scope",
                (if self.explanation.in_scope { "in scope" } else { "in none of the groups in scope" })
                    .to_owned(),
            ),
            ("domain", self.domain()),
            ("attributes", self.attributes()),
        ]);
        lines.extend(self.cleaned().map(|text| ("made to fit", text)));
        lines.push(("account", self.account()));
        lines.extend(self.timers().map(|text| ("timers", text)));
        lines.extend(self.failing().map(|text| ("failure", text)));
        lines.extend(self.last_events().map(|text| ("last events", text)));
        facts(lines)
    }
}

impl Explained {
    fn state(&self) -> String {
        let since = |since: Option<Timestamp>| {
            since.map(|at| format!(" since {}", instant(at, self.now))).unwrap_or_default()
        };
        let state = match self.explanation.user.state {
            UserState::Active => "active".to_owned(),
            UserState::Suspended { since: at } => format!("suspended{}", since(at)),
            UserState::Archived { since: at } => format!("archived{}", since(at)),
            UserState::Deleted { since: at } => format!("deleted{}", since(at)),
            UserState::Unlisted => "in none of the directory's lists".to_owned(),
        };
        let guest = if self.explanation.user.is_guest { ", a guest" } else { "" };
        format!("{state}{guest}, in the organizational unit {}", self.explanation.user.org_unit)
    }

    fn access(&self) -> String {
        let unit = self.unit();
        let is_unit_on = self.explanation.unit == Switch::On;
        match (is_unit_on, self.group()) {
            (true, None) => format!("the app is on for {unit}"),
            (true, Some(group)) => format!("the app is on for {unit} and for the group {group}"),
            (false, Some(group)) => {
                format!("the app is off for {unit}, and on for the group {group}, which wins")
            }
            (false, None) => format!("the app is off for {unit} and for all of their groups"),
        }
    }

    fn unit(&self) -> String {
        let unit = &self.explanation.user.org_unit;
        match &self.deciding {
            Some(above) if above.folded() != unit.folded() => format!("{unit} (inherited from {above})"),
            Some(_) | None => unit.to_string(),
        }
    }

    fn group(&self) -> Option<String> {
        let id = self.explanation.access_through.as_ref().map(GroupId::to_string);
        self.through.clone().or(id)
    }

    fn domain(&self) -> String {
        let domain = self.explanation.user.primary_email.domain();
        let is = if self.explanation.in_domain { "is" } else { "is not" };
        format!("{domain} {is} provisioned")
    }

    fn attributes(&self) -> String {
        match &self.explanation.mapped {
            Ok(attributes) => {
                let lines: Vec<_> =
                    attributes.iter().map(|(path, value)| format!("{path} = {value}")).collect();
                if lines.is_empty() { "the mapping makes none".to_owned() } else { lines.join("\n") }
            }
            Err(why) => why.clone(),
        }
    }

    /// What the directory holds and the app would refuse.
    fn cleaned(&self) -> Option<String> {
        let lines: Vec<_> = self.explanation.cleaned.iter().map(ToString::to_string).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn account(&self) -> String {
        let Some(record) = &self.explanation.account else { return "none on record".to_owned() };
        let mut words = vec![account_state(record).to_owned()];
        words.extend(record.remote_id.as_ref().map(|id| format!("known to the app as {id}")));
        words.extend(record.user_name.as_ref().map(|name| format!("userName {name}")));
        words.extend(record.pin.as_ref().map(|pin| format!("pinned by {}: {}", pin.by, pin.why)));
        words.join(", ")
    }

    /// Since when they have been losing the account, and when it is looked at again.
    fn timers(&self) -> Option<String> {
        let record = self.explanation.account.as_ref()?;
        let causes = record.causes.triggers().into_iter().filter_map(|trigger| {
            let since = record.causes.since(trigger)?;
            Some(format!("{trigger} since {}", instant(since, self.now)))
        });
        let wake = record.wake_at.map(|at| format!("decided again at {}", instant(at, self.now)));
        let lines: Vec<_> = causes.chain(wake).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Which guard stops what would be done, and how it is let through.
    fn held(&self) -> Option<String> {
        let hold = self.explanation.hold.as_ref()?;
        let name = &self.explanation.app.name;
        Some(format!("{}; `usher sync {name} --release` lets it through", hold.tripped))
    }

    fn failing(&self) -> Option<String> {
        let failing = self.explanation.account.as_ref()?.failing.as_ref()?;
        Some(format!(
            "{} (failed {}, tried again at {})",
            failing.failure,
            number_of(failing.n_attempts.into(), "time", "times"),
            instant(failing.retry_at, self.now)
        ))
    }

    fn last_events(&self) -> Option<String> {
        let line = |event: &Event| {
            let detail = event.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
            format!("{} {}: {}{detail}", event.at, event.kind.as_str(), event.reason)
        };
        let lines: Vec<_> = self.explanation.events.iter().map(line).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Entitled => "entitled to an account".to_owned(),
        Standing::Lost(Losses { app_off, suspended, deleted }) => {
            let off = app_off.as_ref().map(ToString::to_string);
            let held = [(suspended, Trigger::Suspended), (deleted, Trigger::Deleted)];
            let held =
                held.into_iter().filter(|(since, _)| since.is_some()).map(|(_, trigger)| trigger.to_string());
            let why: Vec<_> = off.into_iter().chain(held).collect();
            format!("not entitled: {}", why.join(", "))
        }
        Standing::Archived => "archived: not operated on".to_owned(),
        Standing::Unlisted => "not known until the directory was asked by id".to_owned(),
    }
}

fn account_state(record: &AccountRecord) -> &'static str {
    match (record.state, &record.intent) {
        (_, Some(_)) => "unknown: the answer to the last write never came",
        (RecordState::None, None) => "none",
        (RecordState::Active, None) => "active",
        (RecordState::Suspended, None) if record.suspended_by_us => "suspended by Usher",
        (RecordState::Suspended, None) => "switched off by somebody else",
        (RecordState::Gone, None) => "gone at the app",
    }
}

impl Serialize for Explained {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Explanation {
            app,
            user,
            standing: stands,
            in_scope,
            in_domain,
            mapped,
            cleaned,
            account,
            operation,
            reason,
            hold,
            events,
            ..
        } = &self.explanation;
        let attributes = mapped.as_ref().ok().map(|attributes| {
            attributes.iter().map(|(path, value)| (path.to_string(), value.clone())).collect::<Map<_, _>>()
        });
        json!({
            "app": app.name,
            "user": {
                "id": user.id,
                "email": user.primary_email,
                "state": user.state,
                "unit": user.org_unit,
                "guest": user.is_guest,
            },
            "decision": {
                "operation": operation.as_ref().map(Operation::kind),
                "why": reason.to_string(),
                "reason": reason,
            },
            "held": hold.as_ref().map(|hold| json!({
                "hold": hold.id,
                "why": hold.tripped.to_string(),
                "since": hold.opened_at.to_string(),
            })),
            "entitled": matches!(stands, Standing::Entitled),
            "standing": standing(stands),
            "access": {"unit": self.explanation.unit, "decided_by": self.deciding, "group": self.group()},
            "in_scope": in_scope,
            "in_domain": in_domain,
            "attributes": attributes,
            "mapping_error": mapped.as_ref().err(),
            "made_to_fit": cleaned.iter().map(|cleaned| json!({
                "attribute": cleaned.attribute,
                "taken_out_or_replaced": cleaned.tally,
                "why": cleaned.to_string(),
            })).collect::<Vec<_>>(),
            "account": account.as_ref().map(account_value),
            "events": events.iter().map(event_value).collect::<Vec<_>>(),
        })
        .serialize(serializer)
    }
}

fn account_value(record: &AccountRecord) -> Value {
    let state = match record.intent {
        Some(_) => "unknown",
        None => record.state.as_str(),
    };
    json!({
        "state": state,
        "remote_id": record.remote_id,
        "user_name": record.user_name,
        "suspended_by_us": record.suspended_by_us,
        "causes": record.causes.triggers().into_iter().map(|trigger| json!({
            "trigger": trigger,
            "since": record.causes.since(trigger).map(|at| at.to_string()),
        })).collect::<Vec<_>>(),
        "failure": record.failing.as_ref().map(|failing| json!({
            "why": failing.failure.to_string(),
            "attempts": failing.n_attempts,
            "retry_at": failing.retry_at.to_string(),
        })),
        "pin": record.pin,
        "decided_again_at": record.wake_at.map(|at| at.to_string()),
    })
}

fn event_value(event: &Event) -> Value {
    json!({
        "at": event.at.to_string(),
        "kind": event.kind.as_str(),
        "run": event.run,
        "why": event.reason.to_string(),
        "detail": event.detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_unit_with_a_switch_decides() {
        let path = |text| OrgUnitPath::parse(text).unwrap();
        let units = [(path("/"), Switch::On), (path("/Sales"), Switch::Off)];
        assert_eq!(deciding(&units, &path("/sales/East")), Some(path("/Sales")));
        assert_eq!(deciding(&units, &path("/Legal")), Some(path("/")));
        assert_eq!(deciding(&[], &path("/Legal")), None);
    }
}
