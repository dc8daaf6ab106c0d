//! What is told of one group at one app.

use std::fmt::Write as _;

use usher_engine::groups::explain::{Decision, GroupExplanation, NAMED, explain};
use usher_model::account::Choice;
use usher_model::attribute::Attributes;
use usher_model::group::decide::{GroupStanding, GroupStep};
use usher_model::group::name::display_name;
use usher_model::group::operation::GroupKind;
use usher_model::group::reason::{GroupFailure, GroupReason};
use usher_model::group::selection::Selection;
use usher_model::id::{Email, GroupId};
use usher_model::time::Timestamp;
use usher_store::app::App;
use usher_store::group::member::{MemberStanding, NamedMember};
use usher_store::group::{GroupRecord, GroupRecordState, of_address};
use usher_store::{Store, StoreError, Tx};

use super::{changed_there, history};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{Answer, facts, grouped, instant, number_of};

mod object;

/// How many groups of one old address are looked at.
const OLD: usize = 100;

/// What is told of one group.
#[derive(Debug)]
pub(in crate::commands) struct ExplainedGroup {
    pub(in crate::commands) explanation: GroupExplanation,
    now: Timestamp,
}

/// The group that had this address when the directory had it: one that is there at the app, if there are several.
pub(in crate::commands) async fn of_old(
    tx: &mut Tx,
    app: &App,
    email: &Email,
) -> Result<Option<GroupId>, StoreError> {
    let records = of_address(tx, &app.id, email, OLD).await?;
    let there = records.iter().find(|record| record.state == GroupRecordState::Known);
    Ok(there.or(records.first()).map(|record| record.group.clone()))
}

/// What is told of one group at one app; none: nothing is known of it.
pub(in crate::commands) async fn explained(
    context: &Context,
    store: &Store,
    app: &str,
    group: &GroupId,
) -> Result<Option<ExplainedGroup>, Failure> {
    let environment = context.environment()?;
    let explanation = explain(store, &context.clock, &environment, app, group, false).await?;
    Ok(explanation.map(|explanation| ExplainedGroup { explanation, now: context.now() }))
}

impl Answer for ExplainedGroup {
    fn text(&self) -> String {
        let mut lines = vec![
            ("group", self.name()),
            ("app", self.explanation.app.name.clone()),
            ("decision", self.decision()),
        ];
        lines.extend(self.held().map(|text| ("held", text)));
        lines.extend([("directory", self.directory().to_owned()), ("selected", self.selected())]);
        lines.extend(self.wanted().map(|text| ("to be called", text)));
        lines.push(("at the app", self.at_app()));
        lines.push(("members", self.members()));
        let explanation = &self.explanation;
        let named = [("not ours", MemberStanding::Foreign), ("taken out", MemberStanding::Missing)];
        for (what, standing) in named {
            let first = match standing {
                MemberStanding::Foreign => &explanation.foreign,
                MemberStanding::Missing | MemberStanding::Ours | MemberStanding::Kept => &explanation.missing,
            };
            lines.extend(self.named(standing, first).map(|text| (what, text)));
        }
        lines.extend(self.drifted().map(|text| ("changed there", text)));
        lines.extend(self.choice().map(|text| ("choice", text.to_owned())));
        lines.extend(self.timers().map(|text| ("timers", text)));
        lines.extend(self.failing().map(|text| ("failures", text)));
        lines.extend(history::text(&explanation.events).map(|text| ("last events", text)));
        facts(lines)
    }
}

impl ExplainedGroup {
    /// Its address; of one without any, its id.
    pub(in crate::commands) fn address(&self) -> String {
        let GroupExplanation { email, id, .. } = &self.explanation;
        email.as_ref().map_or_else(|| id.to_string(), ToString::to_string)
    }

    fn name(&self) -> String {
        let name = self.explanation.group.as_ref().map(|group| format!(", called {:?}", group.name));
        format!("{} (id {}){}", self.address(), self.explanation.id, name.unwrap_or_default())
    }

    fn record(&self) -> Option<&GroupRecord> {
        self.explanation.record.as_ref()
    }

    fn decision(&self) -> String {
        match &self.explanation.decision {
            Decision::Off => "nothing is done: the app gets no groups".to_owned(),
            Decision::NotSelected => "nothing is done: the app is not to have it".to_owned(),
            Decision::WaitsForName => {
                "nothing is done yet: another group has its name and is about to give it up".to_owned()
            }
            Decision::Decided { steps, reason, name } => {
                let refused = self.name_failure(name.as_deref());
                let mut lines: Vec<_> =
                    refused.iter().map(|why| format!("it keeps its name: {why}")).collect();
                lines.extend(steps.iter().map(step));
                match (steps.is_empty(), refused) {
                    (true, None) => lines.push(format!("nothing is done: {reason}")),
                    (true, Some(_)) => lines.push("nothing else is done".to_owned()),
                    (false, _) => {}
                }
                lines.join("\n")
            }
        }
    }

    /// Why it cannot have the name that it is to have: as of now, or as of the last try where that is waited out.
    fn name_failure(&self, now: Option<&GroupFailure>) -> Option<String> {
        if let Some(failure) = now {
            return Some(failure.to_string());
        }
        let (record, wanted) = (self.record()?, self.explanation.wanted.as_ref()?.as_ref().ok()?);
        let failing = record.failing.get(&GroupKind::GroupUpdate)?;
        let is_waiting = shown_name(wanted) != shown_name(&record.returned) && self.now < failing.retry_at;
        let again = instant(failing.retry_at, self.now);
        is_waiting.then(|| format!("{}; tried again at {again}", failing.failure))
    }

    fn held(&self) -> Option<String> {
        let hold = self.explanation.hold.as_ref()?;
        let pin = self.record().and_then(|record| record.pin.as_ref());
        if pin.is_some_and(|pin| pin.holds(self.now)) {
            return Some(format!("{}; but the group is pinned: no release lets it through", hold.tripped));
        }
        let name = &self.explanation.app.name;
        Some(format!("{}; `usher sync {name} --release` lets it through", hold.tripped))
    }

    fn directory(&self) -> &'static str {
        match (self.explanation.standing, &self.explanation.group) {
            (GroupStanding::Unlisted, _) => {
                "missing in the directory's last listing, or who is in it was not listed yet"
            }
            (GroupStanding::Gone, _) | (_, None) => "gone from the directory",
            (GroupStanding::Selected | GroupStanding::Deselected, Some(_)) => "there",
        }
    }

    fn selected(&self) -> String {
        if let Some(why) = &self.explanation.selected {
            return format!("yes: {why}");
        }
        let settings = self.explanation.app.settings.as_ref();
        let selection = settings.map_or(&Selection::Off, |settings| &settings.groups.selection);
        match selection {
            Selection::Off => "no: the app gets no groups".to_owned(),
            Selection::Scope | Selection::Chosen(_) => format!("no: the app gets {selection}"),
        }
    }

    fn wanted(&self) -> Option<String> {
        let wanted = self.explanation.wanted.as_ref()?;
        Some(match wanted {
            Ok(attributes) => shown_name(attributes).unwrap_or_default(),
            Err(why) => why.clone(),
        })
    }

    fn at_app(&self) -> String {
        let Some(record) = self.record() else { return "nothing on record".to_owned() };
        let mut words = vec![state(record).to_owned()];
        words.extend(record.remote_id.as_ref().map(|id| format!("known to the app as {id}")));
        words.extend(shown_name(&record.returned).map(|name| format!("called {name}")));
        words.extend(record.read_at.map(|at| format!("last read {}", instant(at, self.now))));
        words.extend(record.pin.as_ref().map(ToString::to_string));
        words.join(", ")
    }

    fn n_members(&self, standing: MemberStanding) -> u64 {
        self.explanation.members.get(&standing).copied().unwrap_or(0)
    }

    /// How many are in it at the app, ours and others'.
    fn n_there(&self) -> u64 {
        let there = [MemberStanding::Ours, MemberStanding::Foreign, MemberStanding::Kept];
        there.into_iter().map(|standing| self.n_members(standing)).sum()
    }

    fn members(&self) -> String {
        let differ = self.explanation.differ;
        let mut is = number_of(self.n_there(), "is there", "are there");
        let n_kept = self.n_members(MemberStanding::Kept);
        if n_kept > 0 {
            write!(is, " ({} put back by an undo)", grouped(n_kept))
                .expect("invariant: a string takes all that is written");
        }
        let wanted = (self.n_there() + differ.add).saturating_sub(differ.remove);
        if differ.add + differ.remove == 0 {
            return is;
        }
        let changes = [(differ.add, "to be added"), (differ.remove, "to be taken out")];
        let changes = changes.into_iter().filter(|(n, _)| *n > 0);
        let changes: Vec<_> = changes.map(|(n, what)| format!("{} {what}", grouped(n))).collect();
        format!("{is}, {} to be: {}", number_of(wanted, "is", "are"), changes.join(", "))
    }

    /// The first of so many members.
    fn named(&self, standing: MemberStanding, first: &[NamedMember]) -> Option<String> {
        let more = self.n_members(standing).saturating_sub(first.len() as u64);
        let mut names: Vec<String> = first.iter().take(NAMED).map(member_name).collect();
        if more > 0 {
            names.push(format!("and {} more", grouped(more)));
        }
        (!names.is_empty()).then(|| names.join(", "))
    }

    fn drifted(&self) -> Option<String> {
        let record = self.record()?;
        let drifts = changed_there(&record.sent, &record.returned, record.drifted.as_ref());
        let lines: Vec<_> = drifts.iter().map(ToString::to_string).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn choice(&self) -> Option<&'static str> {
        Some(match self.record()?.choice? {
            Choice::TakeOver => "take over the app's group that has its name: waits for the next run",
            Choice::Wait => "leave the app's group that has its name alone, and ask again now and then",
            Choice::SwitchOn => "none that a group could have",
        })
    }

    fn timers(&self) -> Option<String> {
        let record = self.record()?;
        let left = record.left_at.map(|at| format!("outside the selection since {}", instant(at, self.now)));
        let wake = record.wake_at.map(|at| format!("decided again at {}", instant(at, self.now)));
        let lines: Vec<_> = left.into_iter().chain(wake).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn failing(&self) -> Option<String> {
        let lines = self.record()?.failing.iter().map(|(kind, failing)| {
            format!(
                "{kind}: {} (failed {} in a row, tried again at {})",
                failing.failure,
                number_of(failing.n_attempts.into(), "time", "times"),
                instant(failing.retry_at, self.now)
            )
        });
        let lines: Vec<_> = lines.collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

fn step((step, reason): &(GroupStep, GroupReason)) -> String {
    match (step.kind(), step) {
        (Some(kind), _) => format!("{kind}: {reason}"),
        (None, GroupStep::Forget) => format!("close the record: {reason}"),
        (None, _) => format!("read the group: {reason}"),
    }
}

/// What attributes call a group, in quotes.
fn shown_name(attributes: &Attributes) -> Option<String> {
    attributes.get(&display_name()).map(ToString::to_string)
}

/// How somebody in a group is called, as well as anybody here knows.
fn member_name(member: &NamedMember) -> String {
    let NamedMember { account, user, user_name } = member;
    let email = user.as_ref().and_then(|(_, email)| email.as_ref()).map(ToString::to_string);
    let email = email.or_else(|| user_name.clone());
    email.unwrap_or_else(|| format!("the account {account}"))
}

fn state(record: &GroupRecord) -> &'static str {
    match record.state {
        _ if record.intent.is_some() => "unknown: the answer to the last write never came",
        _ if record.is_unread => "to be read before anything is written",
        GroupRecordState::None => "none",
        GroupRecordState::Known => "there",
        GroupRecordState::Gone => "gone at the app",
    }
}
