//! Too many groups deleted, or too many memberships ended in all groups together, wait for a person.

use std::collections::BTreeSet;

use usher_engine::releasing::Releasing;
use usher_engine::report::{RunReport, RunRequest};
use usher_model::cause::Delay;
use usher_model::group::GroupSettings;
use usher_model::group::selection::{Chosen, Selection};
use usher_model::guard::Tripped;
use usher_model::id::{Email, GroupId};
use usher_store::hold;
use usher_testkit::builders::{Directory, id_of};

use super::super::{Cloud, all_groups, did_all, with_groups};
use crate::world::days;

/// Six groups of one person each, at the app.
async fn six() -> Cloud {
    let names: Vec<String> = (1..=6).map(|number| format!("g{number}@example.com")).collect();
    let directory = Directory::new("example.com").people(["p1@example.com"]);
    let directory = names.iter().fold(directory, |all, name| all.group(name, &["p1@example.com"]));
    let cloud = Cloud::new(&directory).await;
    cloud.sync().await;
    assert_eq!(cloud.names().len(), 6);
    cloud
}

impl Cloud {
    /// The app is to have groups of these addresses alone, and whatever else Usher made is to be deleted.
    pub(super) async fn keeps(&self, addresses: &[&str]) {
        let chosen = |address: &&str| (GroupId::new(id_of(address)), Email::parse(address).unwrap());
        let groups = addresses.iter().map(chosen).collect();
        let selection = Selection::Chosen(Chosen { groups, patterns: BTreeSet::new() });
        let groups = GroupSettings { selection, deselected: Some(Delay::Within24Hours), ..all_groups() };
        self.world.configure(&with_groups(groups)).await;
    }
}

#[tokio::test]
async fn many_groups_are_not_deleted_unasked_however_few_are_in_them() {
    let cloud = six().await;
    cloud.keeps(&["g1@example.com", "g2@example.com"]).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.held.len()), ("nothing", 1), "{report:?}");
    let why = "4 groups would be deleted at the app, none was in the last 24 hours; of 6 at most 3 are without somebody's word";
    assert_eq!((report.held[0].tripped.to_string().as_str(), report.held[0].n_operations), (why, 4));
    assert_eq!(cloud.names().len(), 6);
    assert_eq!(cloud.sync().await.held[0].id, report.held[0].id, "it is the same hold");
    let released = cloud.world.release().await;
    assert_eq!((did_all(&released).as_str(), released.held.len()), ("group_delete 4", 0));
    assert_eq!(cloud.names(), ["G1", "G2"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn three_groups_today_and_no_fourth_before_tomorrow() {
    let cloud = six().await;
    cloud.keeps(&["g1@example.com", "g2@example.com", "g3@example.com"]).await;
    assert_eq!(did_all(&cloud.sync().await), "group_delete 3");
    cloud.keeps(&["g1@example.com", "g2@example.com"]).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.held.len()), ("nothing", 1), "{report:?}");
    cloud.world.wait(days(1) + std::time::Duration::from_secs(1));
    assert_eq!(did_all(&cloud.sync().await), "group_delete 1");
}

#[tokio::test]
async fn whoever_lets_groups_be_deleted_lets_no_more_of_them_than_they_were_told_of() {
    let cloud = six().await;
    cloud.keeps(&["g1@example.com", "g2@example.com"]).await;
    let first = cloud.sync().await;
    cloud.keeps(&["g1@example.com"]).await;
    let report = cloud.world.release().await;
    assert_eq!((did_all(&report).as_str(), report.held[0].n_operations), ("nothing", 5), "{report:?}");
    assert_eq!(report.held[0].id, first.held[0].id);
    assert_eq!(did_all(&cloud.world.release().await), "group_delete 5");
}

#[tokio::test]
async fn groups_that_somebody_did_not_let_be_deleted_stay_however_few_they_are() {
    let cloud = six().await;
    cloud.keeps(&["g1@example.com", "g2@example.com"]).await;
    assert_eq!(cloud.sync().await.held.len(), 1);
    cloud.discard().await;
    cloud
        .keeps(&["g1@example.com", "g2@example.com", "g3@example.com", "g4@example.com", "g5@example.com"])
        .await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.held.len()), ("nothing", 1), "{report:?}");
    assert_eq!(
        report.held[0].tripped.to_string(),
        "1 group would be deleted at the app; somebody discarded that before"
    );
    cloud.world.configure(&with_groups(all_groups())).await;
    assert_eq!(cloud.sync().await.held.len(), 0, "none is to be deleted any more");
    cloud
        .keeps(&["g1@example.com", "g2@example.com", "g3@example.com", "g4@example.com", "g5@example.com"])
        .await;
    assert_eq!(did_all(&cloud.sync().await), "group_delete 1", "and that is a new wish");
}

#[tokio::test]
async fn many_small_groups_are_not_emptied_unasked_although_each_of_them_may_be() {
    let people: Vec<String> = (1..=10).map(|n| format!("p{n}@example.com")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let company = |members: &[&str]| {
        let directory = Directory::new("example.com").people(people.iter().copied());
        (1..=11).fold(directory, |all, n| all.group(&format!("g{n}@example.com"), members))
    };
    let cloud = Cloud::new(&company(&people)).await;
    cloud.sync().await;
    cloud.world.has(&company(&people[9..])).await;
    assert_eq!(cloud.sync().await.members.removed, 99, "so many may leave");
    cloud.world.wait(days(2));
    cloud.world.has(&company(&people)).await;
    cloud.sync().await;
    cloud.world.has(&company(&[])).await;
    let report = cloud.sync().await;
    assert_eq!((report.members.removed, report.held.len()), (0, 1), "{report:?}");
    let why = "110 memberships of groups would end, none ended in the last 24 hours; of 110 at most 100 end without somebody's word";
    assert_eq!(report.held[0].tripped.to_string(), why);
    assert_eq!(cloud.sync().await.held[0].id, report.held[0].id, "it is the same hold");
    let released = cloud.world.release().await;
    assert_eq!((released.members.removed, released.held.len()), (110, 0), "{released:?}");
    cloud.is_converged().await;
}

/// 22 groups of ten; half of them are to be deleted, which trips a guard for them and one for their members.
async fn half_of_many_are_to_go() -> Cloud {
    let people: Vec<String> = (1..=10).map(|n| format!("p{n}@example.com")).collect();
    let people: Vec<&str> = people.iter().map(String::as_str).collect();
    let directory = Directory::new("example.com").people(people.iter().copied());
    let names: Vec<String> = (1..=22).map(|n| format!("g{n}@example.com")).collect();
    let directory = names.iter().fold(directory, |all, name| all.group(name, &people));
    let cloud = Cloud::new(&directory).await;
    cloud.sync().await;
    let kept: Vec<&str> = names[..11].iter().map(String::as_str).collect();
    cloud.keeps(&kept).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.held.len()), ("nothing", 2), "{report:?}");
    cloud
}

impl Cloud {
    /// A person releases the hold of this sort alone.
    async fn release_alone(&self, key: &str) -> RunReport {
        let app = self.world.app().await.id;
        let open = {
            let mut tx = self.world.store.read("test").await.unwrap();
            hold::open(&mut tx, &app).await.unwrap()
        };
        let holds = open.into_iter().filter(|hold| hold.key == key).map(|hold| hold.id).collect();
        let releasing = Some(Releasing { holds, by: "grace".to_owned() });
        self.world.try_run(&RunRequest { releasing, ..RunRequest::default() }).await.unwrap()
    }
}

#[tokio::test]
async fn whoever_lets_memberships_end_has_not_let_groups_be_deleted() {
    let cloud = half_of_many_are_to_go().await;
    let report = cloud.release_alone(Tripped::KEY_OF_MEMBERSHIPS).await;
    assert_eq!((did_all(&report).as_str(), cloud.names().len()), ("nothing", 22), "{report:?}");
    let report = cloud.release_alone(Tripped::KEY_OF_DELETED_GROUPS).await;
    assert_eq!((did_all(&report).as_str(), cloud.names().len()), ("group_delete 11", 11), "{report:?}");
}

#[tokio::test]
async fn whoever_lets_groups_be_deleted_has_answered_for_their_members() {
    let cloud = half_of_many_are_to_go().await;
    let report = cloud.release_alone(Tripped::KEY_OF_DELETED_GROUPS).await;
    assert_eq!((did_all(&report).as_str(), cloud.names().len()), ("group_delete 11", 11), "{report:?}");
    cloud.is_converged().await;
}
