use super::*;
use crate::id::{Email, UserId};
use crate::scope::{Depth, GroupGraph, Scope};

struct World {
    access: Access,
    scope: Scope,
    archived: ArchivedPolicy,
    user: User,
    groups: BTreeSet<GroupId>,
}

fn unit(text: &str) -> OrgUnitPath {
    OrgUnitPath::parse(text).unwrap()
}

fn world() -> World {
    World {
        access: Access::new([(unit("/"), Switch::On)], BTreeSet::new()),
        scope: Scope::default(),
        archived: ArchivedPolicy::Leave,
        user: User {
            id: UserId::new("1"),
            primary_email: Email::parse("ada@example.com").unwrap(),
            state: UserState::Active,
            org_unit: unit("/Sales"),
            is_guest: false,
        },
        groups: BTreeSet::new(),
    }
}

impl World {
    fn standing(&self) -> Standing {
        let reach = Reach::new(&self.access, &self.scope, &GroupGraph::default());
        let entitling = Entitling {
            access: &self.access,
            reach: &reach,
            domains: &BTreeSet::from(["example.com".to_owned()]),
            archived: self.archived,
        };
        standing(&self.user, &self.groups, &entitling)
    }

    fn app_off(&self) -> AppOff {
        let standing = self.standing();
        let Standing::Lost(Losses { app_off: Some(app_off), .. }) = standing else {
            panic!("expected a loss of the app, got {standing:?}")
        };
        app_off
    }
}

#[test]
fn active_with_access_in_scope_in_a_provisioned_domain_and_no_guest_is_entitled() {
    assert_eq!(world().standing(), Standing::Entitled);
}

#[test]
fn each_condition_alone_turns_the_app_off_and_says_which() {
    let mut guest = world();
    guest.user.is_guest = true;
    assert_eq!(guest.app_off(), AppOff::Guest);

    let mut elsewhere = world();
    elsewhere.user.primary_email = Email::parse("ada@example.org").unwrap();
    assert_eq!(elsewhere.app_off(), AppOff::OtherDomain { domain: "example.org".into() });

    let mut off = world();
    off.access = Access::new([(unit("/"), Switch::On), (unit("/Sales"), Switch::Off)], BTreeSet::new());
    assert_eq!(off.app_off(), AppOff::NoAccess { unit: unit("/Sales") });

    let mut out = world();
    out.scope.groups.insert(GroupId::new("chosen"), Depth::Nested);
    assert_eq!(out.app_off(), AppOff::OutOfScope);
}

#[test]
fn a_group_that_is_on_wins_over_a_unit_that_is_off() {
    let mut world = world();
    world.access = Access::new([(unit("/"), Switch::Off)], BTreeSet::from([GroupId::new("g")]));
    world.groups.insert(GroupId::new("g"));
    assert_eq!(world.standing(), Standing::Entitled);
}

#[test]
fn suspended_and_without_access_both_count() {
    let mut world = world();
    world.access = Access::default();
    world.user.state = UserState::Suspended { since: Some(Timestamp::from_micros(7)) };
    assert_eq!(
        world.standing(),
        Standing::Lost(Losses {
            app_off: Some(AppOff::NoAccess { unit: unit("/Sales") }),
            suspended: Some(Since(Some(Timestamp::from_micros(7)))),
            deleted: None,
        })
    );
}

#[test]
fn of_somebody_deleted_only_the_deletion_counts() {
    let mut world = world();
    world.access = Access::default();
    world.user.state = UserState::Deleted { since: None };
    assert_eq!(world.standing(), Standing::Lost(Losses { deleted: Some(Since(None)), ..Losses::default() }));
}

#[test]
fn archived_people_are_left_alone_or_treated_as_suspended() {
    let mut world = world();
    world.user.state = UserState::Archived { since: None };
    assert_eq!(world.standing(), Standing::Archived);
    world.archived = ArchivedPolicy::TreatAsSuspended;
    assert_eq!(
        world.standing(),
        Standing::Lost(Losses { suspended: Some(Since(None)), ..Losses::default() })
    );
}

#[test]
fn absent_is_not_deleted() {
    let mut world = world();
    world.user.state = UserState::Unlisted;
    assert_eq!(world.standing(), Standing::Unlisted);
}
