//! What happened to one person's account, or to one group, with failures that repeat themselves folded into one line.

use serde_json::{Value, json};
use usher_engine::explain::EVENTS_READ;
use usher_model::id::RunId;
use usher_model::time::Timestamp;
use usher_store::event::{Event, EventKind};
use usher_store::group::event::{GroupEvent, GroupEventKind};

/// How many lines are told.
const TOLD: usize = 10;

/// An event, whatever it is about.
#[derive(Clone, Debug)]
pub(super) struct Told<'a> {
    at: Timestamp,
    kind: &'static str,
    /// The kind, as people are told it.
    words: &'static str,
    run: &'a RunId,
    why: String,
    detail: Option<&'a str>,
    is_failure: bool,
    /// Which run it was is what `usher undo` wants to know.
    names_run: bool,
    /// How many memberships it was about, of a group.
    n_members: Option<u64>,
}

impl<'a> From<&'a Event> for Told<'a> {
    fn from(event: &'a Event) -> Self {
        let Event { at, kind, run, reason, detail, .. } = event;
        let names_run = match kind {
            EventKind::Suspend | EventKind::HardDelete => true,
            EventKind::Create
            | EventKind::Adopt
            | EventKind::Update
            | EventKind::Unsuspend
            | EventKind::Failure => false,
        };
        Self {
            at: *at,
            kind: kind.as_str(),
            words: words(*kind),
            run,
            why: reason.to_string(),
            detail: detail.as_deref(),
            is_failure: *kind == EventKind::Failure,
            names_run,
            n_members: None,
        }
    }
}

impl<'a> From<&'a GroupEvent> for Told<'a> {
    fn from(event: &'a GroupEvent) -> Self {
        let GroupEvent { at, kind, run, reason, detail, n_members, .. } = event;
        Self {
            at: *at,
            kind: kind.as_str(),
            words: words_of_group(*kind),
            run,
            why: reason.to_string(),
            detail: detail.as_deref(),
            is_failure: *kind == GroupEventKind::Failure,
            names_run: false,
            n_members: Some(*n_members),
        }
    }
}

fn words(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Create => "created",
        EventKind::Adopt => "adopted",
        EventKind::Update => "updated",
        EventKind::Suspend => "suspended",
        EventKind::Unsuspend => "switched on again",
        EventKind::HardDelete => "deleted",
        EventKind::Failure => "failed",
    }
}

fn words_of_group(kind: GroupEventKind) -> &'static str {
    match kind {
        GroupEventKind::Create => "group created",
        GroupEventKind::Adopt => "group adopted",
        GroupEventKind::Update => "group updated",
        GroupEventKind::MembersAdd => "members put in",
        GroupEventKind::MembersRemove => "members taken out",
        GroupEventKind::Delete => "group deleted",
        GroupEventKind::Failure => "failed",
    }
}

/// One event, or the same failure several times in a row.
#[derive(Debug)]
struct Line<'a> {
    /// The newest of them.
    event: Told<'a>,
    /// How often it happened.
    n: usize,
    /// When it happened first.
    since: Timestamp,
    /// Events before it were not read, and may be the same.
    is_cut_short: bool,
}

/// Folds events, which are the newest first, and keeps the first lines.
fn fold<'a, E>(events: &'a [E]) -> Vec<Line<'a>>
where
    Told<'a>: From<&'a E>,
{
    let mut lines: Vec<Line<'_>> = Vec::new();
    for event in events.iter().map(Told::from) {
        match lines.last_mut().filter(|line| is_same_failure(&line.event, &event)) {
            Some(line) => (line.n, line.since) = (line.n + 1, event.at),
            None => lines.push(Line { n: 1, since: event.at, is_cut_short: false, event }),
        }
    }
    if let Some(last) = lines.last_mut().filter(|_| events.len() >= EVENTS_READ) {
        last.is_cut_short = true;
    }
    lines.truncate(TOLD);
    lines
}

fn is_same_failure(one: &Told<'_>, other: &Told<'_>) -> bool {
    // The reason of a failure says all; its detail, where there is one, says it again.
    one.is_failure && other.is_failure && one.why == other.why
}

/// For people: one line each, the newest first; none where nothing happened.
pub(super) fn text<'a, E>(events: &'a [E]) -> Option<String>
where
    Told<'a>: From<&'a E>,
{
    let lines: Vec<_> = fold(events).iter().map(Line::text).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// For the console: when, the name of what happened, and why; the newest first.
pub(super) fn lines<'a, E>(events: &'a [E]) -> Vec<(Timestamp, &'static str, String)>
where
    Told<'a>: From<&'a E>,
{
    fold(events).iter().map(|line| (line.event.at, line.event.kind, line.why())).collect()
}

/// For scripts.
pub(super) fn values<'a, E>(events: &'a [E]) -> Vec<Value>
where
    Told<'a>: From<&'a E>,
{
    fold(events).iter().map(Line::value).collect()
}

impl Line<'_> {
    fn text(&self) -> String {
        format!("{} {}: {}", self.event.at, self.event.words, self.why())
    }

    /// Why, in detail, to how many, by which run, and how often.
    fn why(&self) -> String {
        let Told { run, why, detail, names_run, n_members, .. } = &self.event;
        let detail = detail.filter(|detail| detail != why);
        let detail = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
        let members = match n_members {
            None | Some(0) => String::new(),
            Some(1) => " (1 membership)".to_owned(),
            Some(n) => format!(" ({n} memberships)"),
        };
        let repeated = match (self.n, self.is_cut_short) {
            (1, _) => String::new(),
            (n, false) => format!(" (logged {n} times since {})", self.since),
            (n, true) => format!(" (logged at least {n} times, and before {})", self.since),
        };
        let by = if *names_run { format!(" (by the run {run})") } else { String::new() };
        format!("{why}{detail}{members}{by}{repeated}")
    }

    fn value(&self) -> Value {
        let Told { at, kind, run, why, detail, n_members, .. } = &self.event;
        let mut value = json!({
            "at": at.to_string(),
            "kind": kind,
            "run": run,
            "why": why,
            "detail": detail,
            "times": self.n,
            "since": self.since.to_string(),
        });
        if let Some(n_members) = n_members {
            value["members"] = json!(n_members);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use usher_model::id::{RunId, UserId};
    use usher_model::reason::{Failure, Reason};

    use super::*;

    fn event(kind: EventKind, minute: i64, reason: Reason) -> Event {
        Event {
            run: RunId::new(format!("run-{minute}")),
            seq: 0,
            kind,
            at: Timestamp::from_micros(minute * 60_000_000),
            user: UserId::new("1"),
            email: None,
            reason,
            detail: None,
            classes: Vec::new(),
            is_released: false,
            wrote: None,
        }
    }

    fn failure(minute: i64, message: &str) -> Event {
        let failure = Failure::Mapping { message: message.to_owned() };
        event(EventKind::Failure, minute, Reason::Failed { failure })
    }

    #[test]
    fn the_same_failure_in_a_row_is_one_line_with_how_often_and_since_when() {
        let twice =
            Event { detail: Some("has no family name".to_owned()), ..failure(9, "has no family name") };
        let events = [
            twice,
            failure(8, "has no family name"),
            failure(7, "has no family name"),
            failure(6, "has no address"),
            event(EventKind::Create, 5, Reason::Joined),
            failure(4, "has no address"),
            event(EventKind::Update, 3, Reason::Joined),
            event(EventKind::Update, 2, Reason::Joined),
        ];
        insta::assert_snapshot!(text(&events).unwrap(), @r"
        1970-01-01T00:09:00Z failed: has no family name (logged 3 times since 1970-01-01T00:07:00Z)
        1970-01-01T00:06:00Z failed: has no address
        1970-01-01T00:05:00Z created: entitled, and has no account yet
        1970-01-01T00:04:00Z failed: has no address
        1970-01-01T00:03:00Z updated: entitled, and has no account yet
        1970-01-01T00:02:00Z updated: entitled, and has no account yet
        ");
        let values = values(&events);
        assert_eq!((&values[0]["times"], &values[0]["since"]), (&3.into(), &"1970-01-01T00:07:00Z".into()));
        assert_eq!((&values[1]["times"], &values[1]["since"]), (&1.into(), &"1970-01-01T00:06:00Z".into()));
        assert_eq!(text::<Event>(&[]), None);
    }

    #[test]
    fn where_not_every_event_was_read_the_number_of_failures_is_the_least_it_can_be() {
        let events = vec![failure(1, "has no family name"); EVENTS_READ];
        let text = text(&events).unwrap();
        assert!(
            text.ends_with(&format!(
                "(logged at least {EVENTS_READ} times, and before 1970-01-01T00:01:00Z)"
            )),
            "{text}"
        );
    }

    #[test]
    fn lines_are_few_however_much_happened() {
        let events: Vec<_> = (0..40).map(|minute| event(EventKind::Update, minute, Reason::Joined)).collect();
        assert_eq!(text(&events).unwrap().lines().count(), TOLD);
    }
}
