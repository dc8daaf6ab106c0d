//! What an admin's word does that somebody's time is up.

use super::*;

/// Somebody who was suspended on day 18, where that suspends after seven days.
fn leaving() -> Line {
    let mut line = line(lost(in_directory_suspended(Some(day(18)))), AccountState::Active(known("Ada")));
    line.policy.deprovisioning = Deprovisioning { suspended: days(7), ..Deprovisioning::default() };
    line.causes.suspended = Some(day(18));
    line
}

#[test]
fn whoever_is_leaving_is_suspended_at_once_if_an_admin_says_so() {
    let mut line = leaving();
    assert_eq!(line.decide().next, Next::Rest);
    line.brought_forward = Some(day(19));
    assert_snapshot!(line.says(), @"suspend: suspended since 2026-11-19 00:00 UTC, due 2026-11-20 00:00 UTC");
}

#[test]
fn what_was_said_before_a_cause_began_is_of_another_cause() {
    let mut line = leaving();
    line.brought_forward = Some(day(17));
    assert_eq!(line.decide().next, Next::Rest);
    assert_eq!(line.decide().wake_at, Some(day(25)));
}

#[test]
fn nobody_is_suspended_by_that_whom_no_selected_trigger_suspends() {
    let mut line = leaving();
    line.brought_forward = Some(day(19));
    line.policy.deprovisioning = Deprovisioning { deleted: days(1), ..Deprovisioning::default() };
    assert_eq!(line.decide().next, Next::Rest);
    line.standing = Standing::Entitled;
    assert_eq!(line.decide().next, Next::Rest, "nor whoever is entitled");
}

#[test]
fn a_word_never_puts_a_due_date_off() {
    let mut line = leaving();
    line.causes.suspended = Some(day(1));
    line.brought_forward = Some(day(19));
    let Reason::Due(due) = line.decide().reason else { panic!("{}", line.says()) };
    assert_eq!(due.at, day(8));
}

#[test]
fn a_word_hastens_no_delete() {
    let mut line = leaving();
    line.state = suspended(SuspendedBy::Us { seen: Some(Duration::ZERO) });
    line.policy.hard_delete = days(30);
    let waits = line.decide();
    line.brought_forward = Some(day(19));
    assert_eq!(line.decide(), waits);
}
