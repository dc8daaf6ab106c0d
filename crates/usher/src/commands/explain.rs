//! `usher explain`: everything that the decision about one person or one group at one app rests on, and the decision.

use usher_engine::audit::compare::Drift;
use usher_engine::explain::{Explanation, explain, explain_user};
use usher_engine::groups::explain::{Membership, Next};
use usher_model::access::Switch;
use usher_model::account::Choice;
use usher_model::attribute::Attributes;
use usher_model::attribute::drift::drifted;
use usher_model::attribute::path::AttributePath;
use usher_model::cause::Trigger;
use usher_model::directory::{OrgUnitPath, User, UserState};
use usher_model::entitlement::{Losses, Standing};
use usher_model::id::{Email, GroupId};
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::app::App;
use usher_store::group::member::MemberStanding;
use usher_store::{Store, access, directory};

use super::lookup::{self, Subject};
use crate::cli::Explain;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, facts, instant, number_of};

pub(super) mod group;
mod history;
mod object;

/// What is told of one person.
#[derive(Debug)]
pub(crate) struct Explained {
    explanation: Explanation,
    /// The address of the group that gives access, where it has one.
    through: Option<String>,
    /// The unit whose switch decides for theirs, if any above it has one.
    deciding: Option<OrgUnitPath>,
    now: Timestamp,
}

/// Explains one person, or one group.
pub(crate) async fn run(context: &Context, store: &Store, args: &Explain) -> Result<Exit, Failure> {
    let email = lookup::email(&args.email)?;
    let mut tx = store.read("usher::explain").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    let group = match lookup::subject(&mut tx, &app, &email).await {
        Ok(Subject::Person(_)) => None,
        Ok(Subject::Group(group)) => Some(group.id),
        // The directory may have had such a group.
        Err(nobody) => Some(group::of_old(&mut tx, &app, &email).await?.ok_or(nobody)?),
    };
    drop(tx);
    match group {
        None => context.output.answer(&explained(context, store, &app.name, &email, false).await?)?,
        Some(group) => {
            let explained = group::explained(context, store, &app.name, &group).await?;
            context.output.answer(&explained.ok_or_else(|| lookup::nobody(&email))?)?;
        }
    }
    Ok(Exit::Ok)
}

/// What is told of one person at one app.
pub(crate) async fn explained(
    context: &Context,
    store: &Store,
    app: &str,
    email: &Email,
    insist: bool,
) -> Result<Explained, Failure> {
    let explanation = explain(store, &context.clock, &context.environment()?, app, email, insist).await?;
    told(context, store, explanation).await
}

/// The same about somebody who is known already, whoever has their address by now.
pub(crate) async fn explained_user(
    context: &Context,
    store: &Store,
    app: App,
    user: User,
) -> Result<Explained, Failure> {
    let tx = store.read("usher::explain").await?;
    let environment = context.environment()?;
    let explanation = explain_user(tx, &context.clock, &environment, app, user, false).await?;
    told(context, store, explanation).await
}

async fn told(context: &Context, store: &Store, explanation: Explanation) -> Result<Explained, Failure> {
    let mut tx = store.read("usher::explain").await?;
    let through = match &explanation.access_through {
        Some(group) => {
            let known = directory::group_by_id(&mut tx, &explanation.app.directory, group).await?;
            known.map(|group| group.email.to_string())
        }
        None => None,
    };
    let units = access::access_list(&mut tx, &explanation.app.id).await?.units;
    drop(tx);
    let deciding = deciding(&units, &explanation.user.org_unit);
    Ok(Explained { explanation, through, deciding, now: context.now() })
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
        let Explanation { app, user, .. } = &self.explanation;
        let mut lines = vec![
            ("person", format!("{} (id {})", user.primary_email, user.id)),
            ("app", app.name.clone()),
            ("decision", self.decision()),
        ];
        lines.extend(self.facts());
        lines.extend(history::text(&self.explanation.events).map(|text| ("last events", text)));
        facts(lines)
    }
}

impl Explained {
    /// What it was made of.
    pub(crate) fn explanation(&self) -> &Explanation {
        &self.explanation
    }

    /// What happened last, newest first: when, the name of its kind, and why.
    pub(crate) fn events(&self) -> Vec<(Timestamp, &'static str, String)> {
        history::lines(&self.explanation.events)
    }

    /// What the decision rests on.
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        let mut lines = Vec::new();
        lines.extend(self.held().map(|text| ("held", text)));
        lines.extend([
            ("directory", self.state()),
            ("standing", standing(&self.explanation.standing)),
            ("access", self.access()),
            ("scope", self.scope()),
            ("domain", self.domain()),
            ("attributes", self.attributes()),
        ]);
        lines.extend(self.cleaned().map(|text| ("made to fit", text)));
        lines.push(("account", self.account()));
        lines.extend(self.drifted().map(|text| ("changed there", text)));
        lines.extend(self.groups().map(|text| ("groups there", text)));
        lines.extend(self.choice().map(|text| ("choice", text)));
        lines.extend(self.timers().map(|text| ("timers", text)));
        lines.extend(self.failing().map(|text| ("failure", text)));
        lines
    }

    /// What is found out about somebody before anything is sent, in the order in which it is.
    pub(super) fn steps(&self) -> Vec<(&'static str, String)> {
        let user = &self.explanation.user;
        let mut steps = vec![
            ("found", format!("{} (id {}), {}", user.primary_email, user.id, self.state())),
            ("access", self.access()),
            ("scope", self.scope()),
            ("domain", self.domain()),
            ("standing", standing(&self.explanation.standing)),
            ("mapping", self.attributes()),
        ];
        steps.extend(self.cleaned().map(|text| ("made to fit", text)));
        steps.extend([("on record", self.account()), ("decision", self.decision_by_records())]);
        steps.extend(self.groups().map(|text| ("groups", text)));
        steps
    }

    pub(crate) fn decision(&self) -> String {
        let Explanation { reason, operation, .. } = &self.explanation;
        match operation {
            Some(operation) => format!("{} the account: {reason}", operation.kind()),
            None => format!("nothing is done: {reason}"),
        }
    }

    /// The decision, for whoever might take it for the app's word that it has the account so.
    fn decision_by_records(&self) -> String {
        if self.explanation.operation.is_none() && self.explanation.reason == Reason::Converged {
            return "nothing is done: entitled, and the account is as Usher last left it; an audit asks the app whether it \
                    still is"
                .to_owned();
        }
        self.decision()
    }

    fn scope(&self) -> String {
        let is_in = self.explanation.in_scope;
        (if is_in { "in scope" } else { "in none of the groups in scope" }).to_owned()
    }

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
        words.extend(record.pin.as_ref().map(ToString::to_string));
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
        let said = record.brought_forward.map(|at| format!("brought forward at {}", instant(at, self.now)));
        let lines: Vec<_> = causes.chain(said).chain(wake).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Which guard stops what would be done, and how it is let through.
    fn held(&self) -> Option<String> {
        let hold = self.explanation.hold.as_ref()?;
        let name = &self.explanation.app.name;
        if matches!(self.explanation.reason, Reason::Pinned(_)) {
            return Some(format!("{}; but they are pinned: no release lets it through", hold.tripped));
        }
        Some(format!("{}; `usher sync {name} --release` lets it through", hold.tripped))
    }

    fn failing(&self) -> Option<String> {
        let failing = self.explanation.account.as_ref()?.failing.as_ref()?;
        Some(format!(
            "{} (failed {} in a row, tried again at {})",
            failing.failure,
            number_of(failing.n_attempts.into(), "time", "times"),
            instant(failing.retry_at, self.now)
        ))
    }

    /// What an admin chose for them, and what comes of it.
    fn choice(&self) -> Option<String> {
        let choice = self.explanation.account.as_ref()?.choice?;
        let is_done = self.explanation.operation.is_some();
        Some(match choice {
            Choice::SwitchOn if is_done => "switch the account on again: waits for the next run".to_owned(),
            Choice::SwitchOn => "switch the account on again: waits, for what the decision says".to_owned(),
            Choice::TakeOver if is_done => {
                "take over the account that has their address: waits for the next run".to_owned()
            }
            Choice::TakeOver => {
                "take over the account that has their address: waits, for what the decision says".to_owned()
            }
            Choice::Wait => {
                "leave the account that has their address alone, and ask for it again now and then".to_owned()
            }
        })
    }

    /// The app's groups that they are in, and those that they are to be in.
    fn groups(&self) -> Option<String> {
        let lines: Vec<_> = self.explanation.groups.iter().map(|of| membership(of, self.now)).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// What the last audit saw that somebody else had changed.
    fn drifted(&self) -> Option<String> {
        let record = self.explanation.account.as_ref()?;
        let lines: Vec<_> = drifts(record).iter().map(ToString::to_string).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// One group of somebody's, in words.
fn membership(of: &Membership, now: Timestamp) -> String {
    let group = of.email.as_ref().map_or_else(|| of.group.to_string(), ToString::to_string);
    let is = match of.standing {
        Some(MemberStanding::Ours) => "in it",
        Some(MemberStanding::Foreign) => "in it, and not by Usher's doing",
        Some(MemberStanding::Kept) => {
            "in it, put back by an undo: stays until you unpin them or the directory agrees"
        }
        Some(MemberStanding::Missing) => "taken out by somebody else",
        None => "not in it yet",
    };
    let next = match (of.next, &of.waits) {
        (Next::Stays, _) => "",
        (Next::Joins, None) => ": is added with the next run",
        (Next::Joins, Some(_)) => ": is to be added",
        (Next::JoinsWithAccount, _) => ": is added once there is an account",
        (Next::NotNow, _) => ": is not added, for the account is off or pinned, or it is left as it is there",
        (Next::GroupPinned, _) => ": stays as it is, for the group is pinned",
        (Next::Leaves, None) => ": leaves it with the next run",
        (Next::Leaves, Some(_)) => ": is to leave it",
    };
    let waits = of.waits.as_ref().map(|waits| {
        format!(", which failed and is tried again at {}: {}", instant(waits.retry_at, now), waits.failure)
    });
    format!("{group}: {is}{next}{}", waits.unwrap_or_default())
}

/// What an audit saw instead of what the app returned to our last write.
fn drifts(record: &AccountRecord) -> Vec<Drift> {
    changed_there(&record.sent, &record.returned, record.drifted.as_ref())
}

/// What an audit saw instead of what the app returned to our last write.
fn changed_there(sent: &Attributes, returned: &Attributes, seen: Option<&Attributes>) -> Vec<Drift> {
    let Some(seen) = seen else { return Vec::new() };
    let changed = |path: AttributePath| Drift::Changed {
        was: returned.get(&path).cloned(),
        is: seen.get(&path).cloned(),
        path,
    };
    drifted(sent, returned, seen).into_iter().map(changed).collect()
}

/// Where somebody stands, in words.
pub(super) fn standing(standing: &Standing) -> String {
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

pub(crate) fn account_state(record: &AccountRecord) -> &'static str {
    match (record.state, &record.intent) {
        (_, Some(_)) => "unknown: the answer to the last write never came",
        (RecordState::None, None) => "none",
        (RecordState::Active, None) if record.suspended_by_us => "active: switched on by somebody else",
        (RecordState::Active, None) => "active",
        (RecordState::Suspended, None) if record.suspended_by_us => "suspended by Usher",
        (RecordState::Suspended, None) => "switched off by somebody else",
        (RecordState::Gone, None) => "gone at the app",
    }
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
