//! Too many members leaving one group wait for a person.

use usher_emulator::identity_center::edit::Edit;
use usher_model::cause::Delay;
use usher_model::group::GroupSettings;
use usher_model::group::selection::Selection;
use usher_model::hold::HoldState;
use usher_store::hold;
use usher_testkit::builders::Directory;

use super::{Cloud, all_groups, big_group, did_all, with_groups};
use crate::world::days;

mod many;

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
