//! What is done about an account that somebody else changed, or switched off or on.

use super::*;

#[test]
fn drift_is_repaired_reported_or_ignored_as_the_policy_says() {
    let mut line = line(Standing::Entitled, AccountState::Active(drifted("Ada", "Eve")));
    assert_snapshot!(line.says(), @"update displayName: somebody else changed displayName at the app");
    line.policy.drift = DriftPolicy::Report;
    assert_snapshot!(line.says(), @"rest: somebody else changed displayName at the app; reported, not repaired");
    line.policy.drift = DriftPolicy::Ignore;
    assert_snapshot!(line.says(), @"rest: entitled, and the account is as it should be");
}

#[test]
fn what_an_audit_saw_normalized_is_no_drift() {
    let known = Known { returned: attributes("ADA"), drifted: Some(attributes("ADA")), ..known("Ada") };
    assert_snapshot!(line(Standing::Entitled, AccountState::Active(known)).says(), @"rest: entitled, and the account is as it should be");
}

#[test]
fn an_entitled_person_whom_somebody_switched_off_stays_off_until_a_person_decides() {
    let mut off = line(Standing::Entitled, suspended(SuspendedBy::Other));
    assert_snapshot!(off.says(), @"rest: entitled, but somebody switched the account off at the app; it stays off until a person decides (`usher choose`)");
    off.choice = Some(Choice::SwitchOn);
    assert_snapshot!(off.says(), @"unsuspend: an admin chose to switch it on again");
}

#[test]
fn a_person_we_suspended_whom_somebody_switched_on_is_suspended_again_whatever_the_drift_policy() {
    for drift in [DriftPolicy::Repair, DriftPolicy::Report, DriftPolicy::Ignore] {
        let switched_on = AccountState::Active(Known { switched_on: true, ..known("Ada") });
        let mut on = line(lost(in_directory_suspended(Some(day(1)))), switched_on);
        on.policy.drift = drift;
        assert_eq!(
            on.says(),
            "suspend: somebody else switched the account on at the app, and it is switched off again: suspended since \
             2026-11-02 00:00 UTC"
        );
        on.standing = lost(in_directory_suspended(Some(day(20))));
        assert!(matches!(on.decide().next, Next::Rest), "not before its due date either");
        on.standing = Standing::Entitled;
        assert_eq!(on.says(), "rest: entitled, and the account is as it should be");
    }
}
