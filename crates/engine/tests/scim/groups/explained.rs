//! What is said of a group, and of somebody's groups, is what a run then does; and saying it changes nothing.

use serde_json::json;
use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::settings::Settings;
use usher_engine::explain;
use usher_engine::groups::explain::{Decision, GroupExplanation, Membership};
use usher_engine::import::Import;
use usher_model::cause::Delay;
use usher_model::group::decide::{GroupStanding, MemberCounts};
use usher_model::group::operation::GroupKind;
use usher_model::group::selection::Selection;
use usher_model::group::{ForeignMembers, GroupSettings};
use usher_model::id::{Email, GroupId};
use usher_store::group::member::MemberStanding;
use usher_testkit::builders::{Directory, id_of};

use super::{Cloud, all_groups, did_all, people, team, with_groups};
use crate::world::NAME;

const OPS: &str = "ops@example.com";

impl Cloud {
    async fn try_explain(&self, id: &str) -> Option<GroupExplanation> {
        let (store, clock, id) = (&self.world.store, &self.world.clock, GroupId::new(id));
        let environment = &self.world.environment;
        let explained = usher_engine::groups::explain::explain(store, clock, environment, NAME, &id, false);
        explained.await.unwrap()
    }

    async fn explain(&self, address: &str) -> GroupExplanation {
        self.try_explain(&id_of(address)).await.unwrap()
    }

    /// What a run would do with a group, in words, and why.
    async fn next(&self, address: &str) -> (Vec<&'static str>, String) {
        match self.explain(address).await.decision {
            Decision::Decided { steps, reason, .. } => {
                let kinds = steps.iter().filter_map(|(step, _)| step.kind()).map(GroupKind::as_str);
                (kinds.collect(), reason.to_string())
            }
            other @ (Decision::Off | Decision::NotSelected | Decision::WaitsForName) => {
                (Vec::new(), format!("{other:?}"))
            }
        }
    }

    async fn memberships(&self, address: &str) -> Vec<Membership> {
        let email = Email::parse(address).unwrap();
        let (store, clock) = (&self.world.store, &self.world.clock);
        let explained = explain::explain(store, clock, &self.world.environment, NAME, &email, false);
        explained.await.unwrap().groups
    }

    /// Somebody's groups, in words.
    pub(super) async fn groups_of(&self, address: &str) -> Vec<String> {
        let said = |membership: Membership| {
            let email = membership.email.unwrap();
            let name = email.as_str().split('@').next().unwrap().to_owned();
            let standing = membership.standing.map_or("not", MemberStanding::as_str);
            format!("{name} {standing} {:?}", membership.next)
        };
        let mut groups: Vec<_> = self.memberships(address).await.into_iter().map(said).collect();
        groups.sort();
        groups
    }
}

#[tokio::test]
async fn a_group_is_explained_before_and_after_it_goes_in_and_nothing_is_stored() {
    let cloud = Cloud::new(&team()).await;
    let before = cloud.explain(OPS).await;
    assert_eq!((before.standing, before.record), (GroupStanding::Selected, None));
    assert_eq!(before.selected.unwrap().to_string(), "its address fits *");
    // Nobody has an account yet, so nobody is to be a member.
    let next = cloud.next(OPS).await;
    assert_eq!(next, (vec!["group_create"], "selected, and the app has no such group yet".to_owned()));
    assert_eq!(cloud.record(OPS).await, None);
    cloud.sync().await;
    let after = cloud.explain(OPS).await;
    assert_eq!(after.members, [(MemberStanding::Ours, 2)].into());
    assert_eq!((after.differ, after.events.len()), (MemberCounts::default(), 1));
    assert_eq!(cloud.next(OPS).await, (vec![], "selected, and the app has it as it should be".to_owned()));

    cloud.world.has(&people().group(OPS, &["bob@example.com", "eve@example.com"])).await;
    assert_eq!(cloud.explain(OPS).await.differ, MemberCounts { add: 1, remove: 1 });
    assert_eq!(cloud.next(OPS).await.0, ["members_remove", "members_add"]);
    let gone = cloud.explain("all@example.com").await;
    assert_eq!((gone.group, gone.standing), (None, GroupStanding::Gone));
    assert_eq!(gone.email.unwrap().as_str(), "all@example.com");
    assert_eq!(did_all(&cloud.sync().await), "members_add 1, members_remove 1");
}

#[tokio::test]
async fn who_is_in_a_group_without_us_and_who_is_missing_is_named() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.edit(&Edit::RemoveMember { group: "Ops".into(), user: "ada@example.com".into() });
    cloud.edit(&Edit::AddMember { group: "Ops".into(), user: "eve@example.com".into() });
    cloud.world.wait(std::time::Duration::from_mins(1));
    let mut settings = with_groups(GroupSettings { foreign: ForeignMembers::Keep, ..all_groups() });
    settings.drift = usher_model::lifecycle::DriftPolicy::Report;
    cloud.world.configure(&settings).await;
    cloud.audit().await;
    let explained = cloud.explain(OPS).await;
    let email = |named: &[usher_store::group::member::NamedMember]| -> Vec<String> {
        named.iter().map(|named| named.user.clone().unwrap().1.unwrap().to_string()).collect()
    };
    assert_eq!(
        (email(&explained.foreign), email(&explained.missing)),
        (vec!["eve@example.com".into()], vec!["ada@example.com".into()])
    );
    assert_eq!(
        explained.members,
        [(MemberStanding::Ours, 1), (MemberStanding::Foreign, 1), (MemberStanding::Missing, 1)].into()
    );
    assert_eq!(cloud.groups_of("ada@example.com").await, ["all ours Stays", "ops missing NotNow"]);
    assert_eq!(cloud.groups_of("eve@example.com").await, ["all ours Stays", "ops foreign Stays"]);
}

#[tokio::test]
async fn of_two_groups_of_one_name_the_second_is_told_that_the_first_has_it_before_any_run() {
    let cloud = Cloud::new(&team()).await;
    let twins =
        json!({"groups": [{"id": id_of("ops2@example.com"), "email": "ops2@example.com", "name": "ops"}]});
    cloud.world.import(&twins, Import::default()).await;
    let (first, second) = if id_of(OPS) < id_of("ops2@example.com") {
        (OPS, "ops2@example.com")
    } else {
        ("ops2@example.com", OPS)
    };
    assert_eq!(cloud.next(first).await.0, ["group_create"]);
    let (steps, why) = cloud.next(second).await;
    assert!(steps.is_empty() && why.contains(first) && why.contains("another name"), "{why}");
    cloud.sync().await;
    let (steps, why) = cloud.next(second).await;
    assert!(steps.is_empty() && why.contains(first) && why.contains("tried again at"), "{why}");
}

#[tokio::test]
async fn a_group_outside_the_selection_is_told_what_becomes_of_it() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let week = Some(Delay::parse("7d").unwrap());
    let none = GroupSettings { selection: Selection::Scope, deselected: week, ..all_groups() };
    cloud.world.configure(&with_groups(none)).await;
    cloud.sync().await;
    let (steps, why) = cloud.next(OPS).await;
    assert!(steps.is_empty() && why.contains("deleted at the app on"), "{why}");
    cloud.world.configure(&with_groups(GroupSettings::default())).await;
    assert_eq!(cloud.explain(OPS).await.decision, Decision::Off);
    assert_eq!(cloud.groups_of("ada@example.com").await, ["all ours Stays", "ops ours Stays"]);

    let cloud = Cloud::with(&team(), GroupSettings::default(), Settings::default()).await;
    assert_eq!(cloud.explain(OPS).await.decision, Decision::Off);
    let scope = GroupSettings { selection: Selection::Scope, ..GroupSettings::default() };
    cloud.world.configure(&with_groups(scope)).await;
    assert_eq!(cloud.explain(OPS).await.decision, Decision::NotSelected);
    assert!(cloud.try_explain("no-such-group").await.is_none());
}

#[tokio::test]
async fn somebodys_groups_are_those_that_they_are_in_and_those_that_they_are_to_be_in() {
    let cloud = Cloud::new(&team()).await;
    let both = ["all not JoinsWithAccount", "ops not JoinsWithAccount"];
    assert_eq!(cloud.groups_of("ada@example.com").await, both);
    cloud.sync().await;
    assert_eq!(cloud.groups_of("ada@example.com").await, ["all ours Stays", "ops ours Stays"]);
    let changed: Directory = people()
        .group(OPS, &["bob@example.com"])
        .group("all@example.com", &["eve@example.com", OPS])
        .group("new@example.com", &["ada@example.com"]);
    cloud.world.has(&changed).await;
    let told = ["all ours Leaves", "new not Joins", "ops ours Leaves"];
    assert_eq!(cloud.groups_of("ada@example.com").await, told);
    cloud.sync().await;
    assert_eq!(cloud.groups_of("ada@example.com").await, ["new ours Stays"]);
}
