//! What happened to one person's account, with failures that repeat themselves folded into one line.

use serde_json::{Value, json};
use usher_engine::explain::EVENTS_READ;
use usher_model::time::Timestamp;
use usher_store::event::{Event, EventKind};

/// How many lines are told.
const TOLD: usize = 10;

/// One event, or the same failure several times in a row.
#[derive(Debug, PartialEq, Eq)]
struct Line<'a> {
    /// The newest of them.
    event: &'a Event,
    /// How often it happened.
    n: usize,
    /// When it happened first.
    since: Timestamp,
    /// Events before it were not read, and may be the same.
    is_cut_short: bool,
}

/// Folds events, which are the newest first, and keeps the first lines.
fn fold(events: &[Event]) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for event in events {
        match lines.last_mut().filter(|line| is_same_failure(line.event, event)) {
            Some(line) => (line.n, line.since) = (line.n + 1, event.at),
            None => lines.push(Line { event, n: 1, since: event.at, is_cut_short: false }),
        }
    }
    if let Some(last) = lines.last_mut().filter(|_| events.len() >= EVENTS_READ) {
        last.is_cut_short = true;
    }
    lines.truncate(TOLD);
    lines
}

fn is_same_failure(one: &Event, other: &Event) -> bool {
    // The reason of a failure says all; its detail, where there is one, says it again.
    (one.kind, other.kind) == (EventKind::Failure, EventKind::Failure) && one.reason == other.reason
}

/// For people: one line each, the newest first; none where nothing happened.
pub(super) fn text(events: &[Event]) -> Option<String> {
    let lines: Vec<_> = fold(events).iter().map(Line::text).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// For scripts.
pub(super) fn values(events: &[Event]) -> Vec<Value> {
    fold(events).iter().map(Line::value).collect()
}

impl Line<'_> {
    fn text(&self) -> String {
        let Event { at, kind, reason, detail, .. } = self.event;
        let reason = reason.to_string();
        let detail = detail.as_deref().filter(|detail| *detail != reason);
        let detail = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
        let repeated = match (self.n, self.is_cut_short) {
            (1, _) => String::new(),
            (n, false) => format!(" ({n} times since {})", self.since),
            (n, true) => format!(" (at least {n} times, and before {})", self.since),
        };
        // Which run it was is what `usher undo` wants to know.
        let by = match kind {
            EventKind::Suspend | EventKind::HardDelete => format!(" (by the run {})", self.event.run),
            EventKind::Create
            | EventKind::Adopt
            | EventKind::Update
            | EventKind::Unsuspend
            | EventKind::Failure => String::new(),
        };
        format!("{at} {}: {reason}{detail}{by}{repeated}", kind.as_str())
    }

    fn value(&self) -> Value {
        let Event { at, kind, run, reason, detail, .. } = self.event;
        json!({
            "at": at.to_string(),
            "kind": kind.as_str(),
            "run": run,
            "why": reason.to_string(),
            "detail": detail,
            "times": self.n,
            "since": self.since.to_string(),
        })
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
        1970-01-01T00:09:00Z failure: has no family name (3 times since 1970-01-01T00:07:00Z)
        1970-01-01T00:06:00Z failure: has no address
        1970-01-01T00:05:00Z create: entitled, and has no account yet
        1970-01-01T00:04:00Z failure: has no address
        1970-01-01T00:03:00Z update: entitled, and has no account yet
        1970-01-01T00:02:00Z update: entitled, and has no account yet
        ");
        let values = values(&events);
        assert_eq!((&values[0]["times"], &values[0]["since"]), (&3.into(), &"1970-01-01T00:07:00Z".into()));
        assert_eq!((&values[1]["times"], &values[1]["since"]), (&1.into(), &"1970-01-01T00:06:00Z".into()));
        assert_eq!(text(&[]), None);
    }

    #[test]
    fn where_not_every_event_was_read_the_number_of_failures_is_the_least_it_can_be() {
        let events = vec![failure(1, "has no family name"); EVENTS_READ];
        let text = text(&events).unwrap();
        assert!(
            text.ends_with(&format!("(at least {EVENTS_READ} times, and before 1970-01-01T00:01:00Z)")),
            "{text}"
        );
    }

    #[test]
    fn lines_are_few_however_much_happened() {
        let events: Vec<_> = (0..40).map(|minute| event(EventKind::Update, minute, Reason::Joined)).collect();
        assert_eq!(text(&events).unwrap().lines().count(), TOLD);
    }
}
