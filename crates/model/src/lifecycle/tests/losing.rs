//! Whoever loses an account: causes, timers, due dates, and what is deleted after all that.

use super::*;

#[test]
fn losing_it_again_later_is_a_new_cause() {
    let back = line(lost(app_off()), active("Ada"));
    assert_eq!(back.decide().causes.app_off, Some(day(20)));
}

#[test]
fn lost_and_active_with_a_selected_trigger_runs_a_timer() {
    let mut line = line(lost(app_off()), active("Ada"));
    line.causes.app_off = Some(day(18));
    assert_snapshot!(line.says(), @"rest: leaving: the app is off for /Sales and for all of their groups, since 2026-11-19 00:00 UTC; to be suspended on 2026-11-26 00:00 UTC | wake 2026-11-26T00:00:00Z");
}

#[test]
fn the_directorys_own_time_is_the_cause_where_it_has_one_and_is_kept_once_known() {
    let since = |line: &Line| line.decide().causes.suspended;
    let mut own = line(lost(in_directory_suspended(Some(day(3)))), active("Ada"));
    assert_eq!(since(&own), Some(day(3)));
    own.standing = lost(in_directory_suspended(None));
    assert_eq!(since(&own), Some(day(20)), "else when we first saw it");
    own.causes.suspended = Some(day(5));
    own.standing = lost(in_directory_suspended(Some(day(19))));
    assert_eq!(since(&own), Some(day(5)), "a known cause restarts no timer");
}

#[test]
fn lost_and_leaving_is_suspended_when_due() {
    let mut due = line(lost(in_directory_suspended(Some(day(19)))), active("Ada"));
    assert_snapshot!(due.says(), @"suspend: suspended since 2026-11-20 00:00 UTC, due 2026-11-21 00:00 UTC");
    due.standing = lost(in_directory_suspended(Some(day(20))));
    assert!(matches!(due.decide().next, Next::Rest), "not before its due date");
}

#[test]
fn somebody_leaving_is_kept_up_to_date_while_they_exist() {
    let mut leaving = line(lost(app_off()), active("Old"));
    leaving.causes.app_off = Some(day(18));
    assert_snapshot!(leaving.says(), @"update displayName: differs in displayName | wake 2026-11-26T00:00:00Z");
    leaving.standing = lost(deleted(Some(day(18))));
    assert_snapshot!(leaving.says(), @"rest: leaving: deleted since 2026-11-19 00:00 UTC; to be suspended on 2026-12-19 00:00 UTC | wake 2026-12-19T00:00:00Z");
}

#[test]
fn a_mapping_error_of_somebody_leaving_stops_no_timer() {
    let mut leaving = line(lost(app_off()), active("Ada"));
    leaving.want = Err("broken");
    assert!(matches!(leaving.decide().reason, Reason::Leaving { .. }));
}

#[test]
fn of_somebody_deleted_only_the_trigger_deleted_counts() {
    let mut line = line(lost(deleted(Some(day(1)))), active("Ada"));
    line.causes = Causes { app_off: Some(day(0)), suspended: Some(day(0)), deleted: None };
    assert_eq!(line.decide().causes, Causes { deleted: Some(day(1)), ..Causes::default() });
    assert!(matches!(line.decide().reason, Reason::Leaving { .. }));
}

#[test]
fn suspended_and_without_access_the_earliest_selected_due_date_wins() {
    let both = Losses { suspended: Some(Since(Some(day(19)))), ..app_off() };
    let mut line = line(lost(both), active("Ada"));
    line.causes.app_off = Some(day(12));
    assert_snapshot!(line.says(), @"suspend: app turned off since 2026-11-13 00:00 UTC, due 2026-11-20 00:00 UTC");
    line.policy.deprovisioning.app_off = None;
    assert_snapshot!(line.says(), @"suspend: suspended since 2026-11-20 00:00 UTC, due 2026-11-21 00:00 UTC");
}

#[test]
fn a_trigger_that_is_not_selected_changes_nothing_and_keeps_the_cause() {
    let mut line = line(lost(app_off()), active("Old"));
    line.causes.app_off = Some(day(1));
    line.policy.deprovisioning.app_off = None;
    assert_snapshot!(line.says(), @"rest: kept: app turned off is not selected as a reason to suspend");
    assert_eq!(line.decide().causes.app_off, Some(day(1)));
}

#[test]
fn lost_and_suspended_by_us_rests_unless_hard_delete_is_switched_on() {
    let mut gone = line(lost(app_off()), suspended(by_us()));
    gone.causes.app_off = Some(day(1));
    assert_snapshot!(gone.says(), @"rest: suspended by Usher: app turned off");
    gone.policy.hard_delete = days(7);
    assert_snapshot!(gone.says(), @"rest: suspended by Usher; to be deleted on 2026-11-23 00:00 UTC if provisioning stays on | wake 2026-11-23T00:00:00Z");
    gone.policy.hard_delete = days(5);
    assert_snapshot!(gone.says(), @"delete: app turned off since 2026-11-02 00:00 UTC, and suspended for the time set");
}

#[test]
fn the_time_before_a_delete_counts_only_while_provisioning_is_on() {
    let mut gone = line(lost(app_off()), suspended(SuspendedBy::Us { seen: Some(DAY * 10) }));
    gone.causes.app_off = Some(day(1));
    gone.policy.hard_delete = days(5);
    gone.provisioning_on = DAY * 14;
    assert!(matches!(gone.decide().next, Next::Rest), "four days on, whatever the calendar says");
}

#[test]
fn an_account_that_was_not_seen_suspended_is_never_deleted() {
    let mut gone = line(lost(app_off()), suspended(SuspendedBy::Us { seen: None }));
    gone.causes.app_off = Some(day(1));
    gone.policy.hard_delete = Some(Delay::Within24Hours);
    assert_snapshot!(gone.says(), @"rest: suspended by Usher: app turned off");
}

#[test]
fn an_account_that_somebody_else_switched_off_is_never_deleted() {
    let mut off = line(lost(app_off()), suspended(SuspendedBy::Other));
    off.causes.app_off = Some(day(1));
    off.policy.hard_delete = Some(Delay::Within24Hours);
    assert_snapshot!(off.says(), @"rest: not entitled, and already off at the app");
}
