use super::*;
use crate::group::adoption::{GroupConflict, GroupMatchedBy};
use crate::group::name::{display_name, external_id};
use crate::id::RemoteId;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-11-23T09:00:00Z")
}

fn named(name: &str) -> Attributes {
    [(display_name(), name.into()), (external_id(), "g1".into())].into_iter().collect()
}

fn known(name: &str) -> Known {
    Known {
        remote_id: RemoteId::new("r1"),
        sent: named(name),
        returned: named(name),
        drifted: None,
        switched_on: false,
    }
}

fn group(state: GroupState) -> AppGroup {
    AppGroup { state, left_at: None, failing: GroupFailings::new(), pin: None }
}

const POLICY: GroupPolicy =
    GroupPolicy { deselected: None, drift: DriftPolicy::Repair, look_again_after: Duration::from_secs(5) };

struct Setup {
    standing: GroupStanding,
    want: Result<Attributes, &'static str>,
    group: AppGroup,
    members: MemberCounts,
    has_pinned_member: bool,
    policy: GroupPolicy,
    insist: bool,
    now: Timestamp,
}

fn selected(state: GroupState) -> Setup {
    Setup {
        standing: GroupStanding::Selected,
        want: Ok(named("Admins")),
        group: group(state),
        members: MemberCounts::default(),
        has_pinned_member: false,
        policy: POLICY,
        insist: false,
        now: now(),
    }
}

impl Setup {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn decide(&self) -> GroupDecision {
        decide(&GroupCase {
            standing: self.standing,
            want: self.want.as_ref().map_err(|message| *message),
            group: &self.group,
            members: self.members,
            has_pinned_member: self.has_pinned_member,
            policy: &self.policy,
            insist: self.insist,
            now: self.now,
        })
    }

    fn kinds(&self) -> Vec<GroupKind> {
        self.decide().steps.iter().filter_map(|(step, _)| step.kind()).collect()
    }
}

fn none(found: FoundGroup) -> GroupState {
    GroupState::None { found }
}

fn failing(kind: GroupKind, retry_at: &str) -> GroupFailings {
    let failure = GroupFailure::NoAnswer { message: "no answer".into() };
    GroupFailings::from([(kind, GroupFailing { failure, n_attempts: 1, retry_at: at(retry_at) })])
}

#[test]
fn a_selected_group_that_the_app_has_not_is_created_with_its_members() {
    let three = MemberCounts { add: 3, remove: 0 };
    let setup = selected(none(FoundGroup::Nothing)).with(|setup| setup.members = three);
    assert_eq!(setup.kinds(), [GroupKind::GroupCreate, GroupKind::MembersAdd]);
    assert_eq!(setup.decide().reason, GroupReason::Selected);
    let asks = |setup: Setup| matches!(setup.decide().steps[0].0, GroupStep::Create { ask_first: true, .. });
    assert!(asks(selected(none(FoundGroup::NotLooked))) && asks(selected(GroupState::Gone)));
    assert!(!asks(setup));
}

#[test]
fn a_group_that_is_its_own_is_adopted_and_given_its_id() {
    let remote = RemoteGroup {
        remote_id: RemoteId::new("r1"),
        external_id: None,
        display_name: "Admins".into(),
        holder: None,
    };
    let decision = selected(none(FoundGroup::Own(remote.clone(), GroupMatchedBy::DisplayName))).decide();
    let (GroupStep::Adopt { group, changes }, _) = &decision.steps[0] else { panic!("{decision:?}") };
    assert_eq!((group, changes.len()), (&remote, 1));
    assert!(changes.iter().all(|change| change.path == external_id()));
}

#[test]
fn what_is_in_the_way_fails_that_group_alone() {
    let conflict = GroupConflict::Invisible { display_name: "Admins".into() };
    let decision = selected(none(FoundGroup::Conflict(conflict.clone()))).decide();
    assert_eq!(decision.failure, Some((GroupKind::GroupCreate, GroupFailure::Conflict { conflict })));
    assert_eq!(decision.steps, []);
}

#[test]
fn what_differs_is_renamed_and_members_leave_before_others_come() {
    let setup = selected(GroupState::Known(known("Old name")))
        .with(|setup| setup.members = MemberCounts { add: 1, remove: 1 });
    assert_eq!(setup.kinds(), [GroupKind::GroupUpdate, GroupKind::MembersRemove, GroupKind::MembersAdd]);
}

#[test]
fn a_converged_group_is_left_in_peace() {
    let decision = selected(GroupState::Known(known("Admins"))).decide();
    assert_eq!((decision.steps, decision.reason), (Vec::new(), GroupReason::Converged));
}

#[test]
fn an_app_that_normalizes_names_is_not_written_to_for_ever() {
    let returned = Known { returned: named("ADMINS"), ..known("Admins") };
    assert_eq!(selected(GroupState::Known(returned)).decide().reason, GroupReason::Converged);
}

#[test]
fn unknown_leads_only_to_look_and_twice_before_not_found_is_believed() {
    let unknown = |missed_at| selected(GroupState::Unknown { missed_at }).with(|setup| setup.members.add = 5);
    assert_eq!(unknown(None).decide().steps, [(GroupStep::Look, GroupReason::Unknown)]);
    let decision = unknown(Some(now())).decide();
    assert_eq!((decision.steps, decision.wake_at), (Vec::new(), Some(now() + Duration::from_secs(5))));
}

#[test]
fn outside_the_selection_a_group_is_left_alone_or_deleted_once_its_delay_is_over() {
    let outside = |standing| {
        selected(GroupState::Known(known("Admins"))).with(|setup| {
            setup.standing = standing;
            setup.members = MemberCounts { add: 1, remove: 1 };
        })
    };
    let left = outside(GroupStanding::Deselected).decide();
    assert_eq!((left.reason, left.left_at), (GroupReason::LeftAlone { is_there: true }, Some(now())));
    assert_eq!(outside(GroupStanding::Gone).decide().reason, GroupReason::LeftAlone { is_there: false });

    let week = |setup: &mut Setup| setup.policy.deselected = Some(Delay::parse("7d").unwrap());
    let waiting = outside(GroupStanding::Gone).with(week).decide();
    let due = now() + Duration::from_hours(7 * 24);
    assert_eq!((waiting.steps, waiting.wake_at), (Vec::new(), Some(due)));
    let over = outside(GroupStanding::Gone).with(week).with(|setup| {
        setup.group.left_at = Some(now());
        setup.now = due;
    });
    assert_eq!(over.kinds(), [GroupKind::GroupDelete]);
    let over = over.with(|setup| setup.has_pinned_member = true);
    assert_eq!((over.kinds(), over.decide().reason), (vec![], GroupReason::KeptForPinned { since: now() }));
    let back = over.with(|setup| setup.standing = GroupStanding::Selected).decide();
    assert_eq!(back.left_at, None, "one that is selected again begins anew");
}

#[test]
fn absent_is_not_deleted() {
    let setup = selected(GroupState::Known(known("Admins"))).with(|setup| {
        setup.standing = GroupStanding::Unlisted;
        setup.members.remove = 5;
        setup.policy.deselected = Some(Delay::Within24Hours);
    });
    assert_eq!(setup.decide().reason, GroupReason::Unlisted);
    assert_eq!(setup.kinds(), []);
}

#[test]
fn a_pin_outranks_everything() {
    let pin = Pin {
        by: "ada".into(),
        why: "migration".into(),
        since: now(),
        until: Some(at("2026-12-01T00:00:00Z")),
        undone: None,
    };
    for state in [none(FoundGroup::Nothing), GroupState::Known(known("Old")), GroupState::Gone] {
        let setup = selected(state).with(|setup| {
            setup.group.pin = Some(pin.clone());
            setup.members = MemberCounts { add: 1, remove: 1 };
            setup.insist = true;
        });
        let decision = setup.decide();
        assert_eq!((decision.steps, decision.wake_at), (Vec::new(), pin.until));
    }
}

#[test]
fn each_wish_waits_for_its_own_failure_alone() {
    let setup = selected(GroupState::Known(known("Old name"))).with(|setup| {
        setup.members = MemberCounts { add: 1, remove: 1 };
        setup.group.failing = failing(GroupKind::GroupUpdate, "2026-11-23T10:00:00Z");
    });
    assert_eq!(setup.kinds(), [GroupKind::MembersRemove, GroupKind::MembersAdd]);
    assert_eq!(setup.decide().wake_at, Some(at("2026-11-23T10:00:00Z")));
    assert_eq!(setup.with(|setup| setup.insist = true).kinds().len(), 3);
}

#[test]
fn nobody_is_added_to_a_group_whose_creation_waits() {
    let setup = selected(none(FoundGroup::Nothing)).with(|setup| {
        setup.members.add = 1;
        setup.group.failing = failing(GroupKind::GroupCreate, "2026-11-23T10:00:00Z");
    });
    assert_eq!(setup.kinds(), []);
    assert!(matches!(setup.decide().reason, GroupReason::RetryLater { kind: GroupKind::GroupCreate, .. }));
    assert_eq!(setup.with(|setup| setup.now = at("2026-11-23T10:00:00Z")).kinds().len(), 2);
}

#[test]
fn members_come_and_go_whatever_the_group_is_called() {
    let setup = selected(GroupState::Known(known("Admins"))).with(|setup| {
        setup.want = Err("the app keeps the name for itself");
        setup.members.remove = 1;
    });
    assert_eq!(setup.kinds(), [GroupKind::MembersRemove]);
    assert!(matches!(setup.decide().failure, Some((GroupKind::GroupUpdate, GroupFailure::Name { .. }))));
}

#[test]
fn what_somebody_else_changed_is_repaired_reported_or_ignored() {
    let drifted = Known { drifted: Some(named("Theirs")), ..known("Admins") };
    let with = |drift| {
        let setup = selected(GroupState::Known(drifted.clone()));
        setup.with(|setup| setup.policy.drift = drift)
    };
    assert_eq!(with(DriftPolicy::Repair).kinds(), [GroupKind::GroupUpdate]);
    assert!(matches!(with(DriftPolicy::Repair).decide().reason, GroupReason::Repaired { .. }));
    assert!(matches!(with(DriftPolicy::Report).decide().reason, GroupReason::Drifted { .. }));
    assert_eq!(with(DriftPolicy::Ignore).decide().reason, GroupReason::Converged);
}

#[test]
fn whose_a_group_is_does_not_wait_with_its_name() {
    let conflict = GroupConflict::Invisible { display_name: "Admins".into() };
    let failing = GroupFailing {
        failure: GroupFailure::Conflict { conflict },
        n_attempts: 1,
        retry_at: at("2026-11-23T09:01:00Z"),
    };
    let mut theirs = known("Ops");
    theirs.drifted = Some([(display_name(), "Ops".into())].into_iter().collect());
    let waiting = selected(GroupState::Known(theirs))
        .with(|it| drop(it.group.failing.insert(GroupKind::GroupUpdate, failing)));
    let decision = waiting.decide();
    let [(GroupStep::Update(changes), _)] = &decision.steps[..] else { panic!("{decision:?}") };
    let paths: Vec<_> = changes.iter().map(|change| change.path.clone()).collect();
    assert_eq!(paths, [external_id()]);
    assert_eq!(decision.wake_at, Some(at("2026-11-23T09:01:00Z")), "and the name is tried again in its time");
}
