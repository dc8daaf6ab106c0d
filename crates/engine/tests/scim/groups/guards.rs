//! Too many members leaving one group wait for a person.

use std::collections::BTreeSet;

use usher_emulator::identity_center::edit::Edit;
use usher_engine::releasing::Releasing;
use usher_engine::report::{RunReport, RunRequest};
use usher_model::cause::Delay;
use usher_model::group::GroupSettings;
use usher_model::group::selection::{Chosen, Selection};
use usher_model::guard::Tripped;
use usher_model::hold::HoldState;
use usher_model::id::{Email, GroupId};
use usher_store::hold;
use usher_testkit::builders::{Directory, id_of};

use super::{Cloud, all_groups, big_group, did_all, with_groups};
use crate::world::days;

/// The people of [`big_group`], of whom only those from `first` on are in the group.
fn from(first: usize, n: usize) -> Directory {
    let addresses: Vec<String> = (1..=n).map(|number| format!("p{number}@example.com")).collect();
    let people = Directory::new("example.com").people(addresses.iter().map(String::as_str));
    let members: Vec<&str> = addresses[first - 1..].iter().map(String::as_str).collect();
    people.group("big@example.com", &members)
}

#[tokio::test]
async fn ten_leave_unasked_and_eleven_are_held_until_somebody_lets_them_go() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    cloud.world.has(&from(12, 30)).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.held.len()), ("nothing", 1));
    assert_eq!(report.held[0].n_operations, 11);
    let why = report.held[0].tripped.to_string();
    assert!(why.contains("11 members would leave") && why.contains("at most 10"), "{why}");
    assert_eq!(cloud.members("Big").len(), 30);

    let again = cloud.sync().await;
    assert_eq!(again.held[0].id, report.held[0].id, "it is the same hold");
    let released = cloud.world.release().await;
    assert_eq!((did_all(&released).as_str(), released.held.len()), ("members_remove 1", 0));
    assert_eq!(cloud.members("Big").len(), 19);
    cloud.is_converged().await;
}

#[tokio::test]
async fn many_runs_of_a_few_cannot_do_what_one_of_many_could_not() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    cloud.world.has(&from(7, 30)).await;
    assert_eq!(cloud.sync().await.members.removed, 6);
    cloud.world.has(&from(13, 30)).await;
    let report = cloud.sync().await;
    assert_eq!((report.members.removed, report.held.len()), (0, 1), "{report:?}");
    cloud.world.wait(days(1) + std::time::Duration::from_secs(1));
    let report = cloud.sync().await;
    assert_eq!(report.members.removed, 6, "a day later they count no more: {report:#?}");
}

#[tokio::test]
async fn a_hold_whose_members_came_back_closes() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    cloud.world.has(&from(12, 30)).await;
    assert_eq!(cloud.sync().await.held.len(), 1);
    cloud.world.has(&big_group(30)).await;
    let report = cloud.sync().await;
    assert_eq!((report.held.len(), did_all(&report).as_str()), (0, "nothing"));
    assert_eq!(cloud.world.app().await.status(), usher_model::app::Status::Active);
}

#[tokio::test]
async fn whoever_joins_does_not_wait_for_those_who_are_held() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    let more: Vec<String> = (1..=31).map(|number| format!("p{number}@example.com")).collect();
    let members: Vec<&str> = more[11..].iter().map(String::as_str).collect();
    let people = Directory::new("example.com").people(more.iter().map(String::as_str));
    cloud.world.has(&people.group("big@example.com", &members)).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.held.len()), ("create 1, members_add 1", 1));
}

#[tokio::test]
async fn a_group_of_many_is_not_deleted_unasked() {
    let cloud = Cloud::new(&big_group(11)).await;
    cloud.sync().await;
    let gone =
        GroupSettings { selection: Selection::Scope, deselected: Some(Delay::Within24Hours), ..all_groups() };
    cloud.world.configure(&with_groups(gone)).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.held.len()), ("nothing", 1));
    assert_eq!(cloud.names(), ["Big"]);
    assert_eq!(did_all(&cloud.world.release().await), "group_delete 1");
    assert_eq!(cloud.names(), Vec::<String>::new());
}

/// A synced group of sixty; then twenty people are missing, a third of the directory, and five others have left the group.
async fn shrunk() -> Cloud {
    let cloud = Cloud::new(&big_group(60)).await;
    let mut settings = with_groups(all_groups());
    settings.deprovisioning.deleted = Some(Delay::parse("30d").unwrap());
    cloud.world.configure(&settings).await;
    cloud.sync().await;
    let addresses: Vec<String> = (1..=40).map(|number| format!("p{number}@example.com")).collect();
    let members: Vec<&str> = addresses[5..].iter().map(String::as_str).collect();
    let shrunk = Directory::new("example.com").people(addresses.iter().map(String::as_str));
    cloud.world.has(&shrunk.group("big@example.com", &members)).await;
    cloud
}

#[tokio::test]
async fn a_directory_that_shrank_takes_nobody_out_of_a_group() {
    let cloud = shrunk().await;
    let report = cloud.sync().await;
    assert_eq!((report.members.removed, report.held.len()), (0, 1), "{report:?}");
    assert_eq!(cloud.members("Big").len(), 60);
    let report = cloud.world.release().await;
    assert_eq!(report.members.removed, 5, "{report:?}");
    assert_eq!(cloud.members("Big").len(), 55, "whoever is deleted stays until their account's time is up");
}

#[tokio::test]
async fn what_is_held_of_groups_closes_where_groups_are_turned_off() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    cloud.world.has(&from(12, 30)).await;
    assert_eq!(cloud.sync().await.held.len(), 1);
    cloud.world.configure(&with_groups(GroupSettings::default())).await;
    assert_eq!(cloud.sync().await.held.len(), 0);
    assert_eq!(cloud.world.app().await.status(), usher_model::app::Status::Active);
}

#[tokio::test]
async fn a_scope_group_that_was_emptied_loses_nobody_at_the_app_unasked() {
    let scope = GroupSettings { selection: Selection::Scope, ..all_groups() };
    let emulated = usher_emulator::identity_center::settings::Settings::default().unlimited();
    let cloud = Cloud::with(&big_group(8), scope, emulated).await;
    let (app, big) = (cloud.world.app().await, super::group_id(&cloud.world, "big@example.com").await);
    let mut tx = cloud.world.store.begin("test").await.unwrap();
    let big = usher_store::directory::group_by_id(&mut tx, &app.directory, &big).await.unwrap().unwrap();
    usher_store::access::add_scope(&mut tx, &app.id, &big, usher_model::scope::Depth::Nested).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(did_all(&cloud.sync().await), "create 8, group_create 1");
    let addresses: Vec<String> = (1..=8).map(|number| format!("p{number}@example.com")).collect();
    let people = Directory::new("example.com").people(addresses.iter().map(String::as_str));
    cloud.world.has(&people.group("big@example.com", &[])).await;
    let report = cloud.sync().await;
    assert_eq!((report.members.removed, did_all(&report).as_str()), (0, "nothing"), "{report:?}");
    assert_eq!(cloud.members("Big").len(), 8);
}

impl Cloud {
    /// Somebody refuses what is held.
    async fn discard(&self) {
        let app = self.world.app().await.id;
        let mut tx = self.world.store.begin("test").await.unwrap();
        let open: Vec<_> = hold::open(&mut tx, &app).await.unwrap().into_iter().map(|hold| hold.id).collect();
        let now = self.world.clock.now();
        hold::decide(&mut tx, &app, &open, HoldState::Discarded, "grace", now).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn what_somebody_discarded_of_a_group_is_held_again_and_not_carried_out_however_long_they_wait() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    cloud.world.has(&from(7, 30)).await;
    assert_eq!(cloud.sync().await.members.removed, 6);
    cloud.world.has(&from(13, 30)).await;
    let first = cloud.sync().await;
    assert_eq!((first.members.removed, first.held.len()), (0, 1), "six more within a day are too many");
    cloud.discard().await;
    let again = cloud.sync().await;
    assert_eq!((again.members.removed, again.held.len()), (0, 1), "{again:?}");
    assert_ne!(again.held[0].id, first.held[0].id, "it is decided once");
    // By now six would not be too many; but somebody said no to them.
    cloud.world.wait(days(2));
    for _ in 0..2 {
        let report = cloud.sync().await;
        assert_eq!((report.members.removed, report.held.len()), (0, 1), "{report:?}");
        let why = report.held[0].tripped.to_string();
        assert_eq!(why, "6 members would leave the group big@example.com; somebody discarded that before");
    }
    assert_eq!(cloud.members("Big").len(), 24);
    let report = cloud.world.release().await;
    assert_eq!((report.members.removed, report.held.len()), (6, 0), "a word takes a word back");
    cloud.world.has(&from(14, 30)).await;
    assert_eq!(cloud.sync().await.members.removed, 1, "and is not remembered any more");
}

#[tokio::test]
async fn what_somebody_discarded_of_a_group_is_forgotten_once_nobody_is_to_leave_it() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    cloud.world.has(&from(12, 30)).await;
    assert_eq!(cloud.sync().await.held.len(), 1);
    cloud.discard().await;
    cloud.world.has(&big_group(30)).await;
    assert_eq!(cloud.sync().await.held.len(), 0);
    cloud.world.has(&from(2, 30)).await;
    let report = cloud.sync().await;
    assert_eq!((report.members.removed, report.held.len()), (1, 0), "{report:?}");
}

#[tokio::test]
async fn a_hold_of_a_group_names_it_by_its_address() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    cloud.world.has(&from(12, 30)).await;
    cloud.sync().await;
    let app = cloud.world.app().await.id;
    let mut tx = cloud.world.store.read("test").await.unwrap();
    let open = hold::open(&mut tx, &app).await.unwrap();
    let why = open[0].tripped.to_string();
    assert!(why.starts_with("11 members would leave the group big@example.com, none left it"), "{why}");
    assert_eq!(open[0].n_operations, 11);
}

#[tokio::test]
async fn a_hold_of_a_directory_that_shrank_counts_the_members_too() {
    let cloud = shrunk().await;
    let app = cloud.world.app().await.id;
    for _ in 0..2 {
        assert_eq!(cloud.sync().await.held[0].n_operations, 5);
        let mut tx = cloud.world.store.read("test").await.unwrap();
        assert_eq!(hold::open(&mut tx, &app).await.unwrap()[0].n_operations, 5);
    }
}

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
    async fn keeps(&self, addresses: &[&str]) {
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
async fn a_group_that_has_grown_at_the_app_is_not_deleted_as_the_small_one_that_it_was() {
    let cloud = Cloud::new(&big_group(12)).await;
    cloud.world.has(&from(12, 12)).await;
    cloud.sync().await;
    assert_eq!(cloud.members("Big"), ["p12"]);
    for n in 1..=11 {
        let user = format!("p{n}@example.com");
        cloud.edit(&Edit::AddMember { group: "Big".into(), user });
    }
    cloud.keeps(&[]).await;
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.held.len()), ("nothing", 1), "{report:?}");
    let why = report.held[0].tripped.to_string();
    assert!(why.starts_with("12 members would leave the group big@example.com"), "{why}");
    assert_eq!(cloud.members("Big").len(), 12);
    let released = cloud.world.release().await;
    assert_eq!((did_all(&released).as_str(), released.members.removed), ("group_delete 1", 12));
}

#[tokio::test]
async fn whoever_lets_members_go_lets_no_more_of_them_go_than_they_were_told_of() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    cloud.world.has(&from(12, 30)).await;
    assert_eq!(cloud.sync().await.held[0].n_operations, 11);
    cloud.world.has(&from(26, 30)).await;
    let report = cloud.world.release().await;
    assert_eq!((report.members.removed, report.held[0].n_operations), (0, 25), "{report:?}");
    assert_eq!(cloud.world.release().await.members.removed, 25);
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

#[tokio::test]
async fn whoever_lets_members_go_lets_nobody_go_of_whom_they_were_not_told() {
    let cloud = Cloud::new(&big_group(30)).await;
    cloud.sync().await;
    cloud.world.has(&from(12, 30)).await;
    assert_eq!(cloud.sync().await.held[0].n_operations, 11);
    // As many are to leave as before, and they are others.
    let everybody: Vec<String> = (1..=30).map(|number| format!("p{number}@example.com")).collect();
    let everybody: Vec<&str> = everybody.iter().map(String::as_str).collect();
    let directory = Directory::new("example.com").people(everybody.iter().copied());
    cloud.world.has(&directory.group("big@example.com", &everybody[..19])).await;
    let report = cloud.world.release().await;
    assert_eq!((report.members.removed, report.held[0].n_operations), (0, 11), "{report:?}");
    assert!(report.warnings.iter().any(|it| it.contains("others are to leave by now")), "{report:?}");
    let report = cloud.world.release().await;
    assert_eq!((report.members.removed, report.held.len()), (11, 0), "now they were told of: {report:?}");
    cloud.is_converged().await;
}

#[tokio::test]
async fn whoever_comes_back_before_a_hold_is_released_stays_and_the_others_go() {
    let cloud = Cloud::new(&big_group(40)).await;
    cloud.sync().await;
    cloud.world.has(&from(21, 40)).await;
    assert_eq!(cloud.sync().await.held[0].n_operations, 20);
    cloud.world.has(&from(13, 40)).await;
    let report = cloud.world.release().await;
    assert_eq!((report.members.removed, report.held.len()), (12, 0), "{report:?}");
    assert_eq!(cloud.members("Big").len(), 28);
}
