//! Whoever is pinned: by an admin, and by an undo until the directory agrees.

use super::*;

/// One of each state.
fn every_state() -> [AccountState; 5] {
    [
        AccountState::None { found: Found::Nothing },
        AccountState::Unknown { doing: Doing::Creating, missed_at: None },
        active("Old"),
        suspended(by_us()),
        AccountState::Gone,
    ]
}

#[test]
fn a_pin_outranks_every_cell() {
    let pin = Pin {
        by: "grace".into(),
        why: "break-glass account".into(),
        since: day(1),
        until: Some(day(30)),
        undone: None,
    };
    let everyone = [Standing::Entitled, lost(app_off()), Standing::Archived, Standing::Unlisted];
    for standing in everyone {
        for state in &every_state() {
            let mut line = line(standing.clone(), state.clone());
            line.pin = Some(pin.clone());
            let expected = "rest: pinned by grace from 2026-11-02 00:00 UTC until 2026-12-01 00:00 UTC: break-glass account | wake 2026-12-01T00:00:00Z";
            assert_eq!(line.says(), expected);
            line.pin = Some(Pin { until: Some(day(20)), ..pin.clone() });
            let decision = line.decide();
            assert!(!matches!(decision.reason, Reason::Pinned { .. }), "a pin that ended holds nothing");
            assert!(!decision.is_pin_over, "an admin's own pin is never taken away");
        }
    }
}

/// The pin that an undo of `run-7` set.
fn undone() -> Pin {
    let undone = Some(RunId::new("run-7"));
    Pin { by: "grace".into(), why: "suspended since day 9".into(), since: day(10), until: None, undone }
}

#[test]
fn the_pin_of_an_undo_outranks_every_cell_of_whoever_is_not_entitled() {
    let everyone = [
        lost(app_off()),
        lost(in_directory_suspended(Some(day(1)))),
        lost(deleted(Some(day(1)))),
        Standing::Archived,
        Standing::Unlisted,
    ];
    for standing in everyone {
        for state in every_state() {
            let mut line = line(standing.clone(), state);
            line.pin = Some(undone());
            line.policy.hard_delete = days(1);
            let expected = "rest: pinned by undo of run run-7 (by grace) since 2026-11-11 00:00 UTC, until unpinned or the \
                            directory agrees: suspended since day 9";
            assert_eq!((line.says().as_str(), line.decide().is_pin_over), (expected, false));
        }
    }
}

#[test]
fn the_pin_of_an_undo_is_over_once_the_directory_agrees_and_the_decision_is_as_if_there_were_none() {
    for state in every_state() {
        let unpinned = line(Standing::Entitled, state.clone()).decide();
        let mut line = line(Standing::Entitled, state);
        line.pin = Some(undone());
        assert!(!unpinned.is_pin_over);
        assert_eq!(line.decide(), Decision { is_pin_over: true, ..unpinned });
    }
}

#[test]
fn whoever_is_pinned_by_an_undo_keeps_their_cause_until_the_directory_agrees() {
    let since = Causes { suspended: Some(day(9)), ..Causes::default() };
    let mut pinned = line(lost(in_directory_suspended(None)), active("Ada"));
    (pinned.pin, pinned.causes) = (Some(undone()), since);
    assert_eq!(pinned.decide().causes, since);
    pinned.standing = Standing::Entitled;
    assert_eq!(pinned.decide().causes, Causes::default(), "losing it again later is a new cause");
}

#[test]
fn a_pin_from_before_there_were_undos_is_read_as_it_was_written() {
    let stored = r#"{"by":"grace","why":"break-glass","since":1000000,"until":null}"#;
    let pin: Pin = serde_json::from_str(stored).unwrap();
    assert_eq!((pin.undone.clone(), serde_json::to_string(&pin).unwrap().as_str()), (None, stored));
    let undone = undone();
    let stored = serde_json::to_string(&undone).unwrap();
    assert_eq!(serde_json::from_str::<Pin>(&stored).unwrap(), undone);
}
