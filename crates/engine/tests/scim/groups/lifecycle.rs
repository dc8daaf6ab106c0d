//! What becomes of a group from its first day to its last.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use usher_emulator::identity_center::settings::Settings;
use usher_engine::import::Import;
use usher_model::cause::Delay;
use usher_model::group::selection::{Chosen, Selection};
use usher_model::group::{GroupSettings, SuspendedMembers};
use usher_model::id::Email;
use usher_model::scope::Depth;
use usher_store::{access, directory};
use usher_testkit::builders::{Directory, User, id_of};

use super::{Cloud, all_groups, did_all, group_id, people, team, with_groups};
use crate::world::days;

#[tokio::test]
async fn a_group_goes_in_with_everybody_below_it_who_has_an_account() {
    let cloud = Cloud::new(&team()).await;
    let report = cloud.sync().await;
    assert_eq!(did_all(&report), "create 3, group_create 2");
    assert_eq!((report.members.added, report.members.removed), (5, 0));
    assert_eq!(cloud.names(), ["All", "Ops"]);
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
    assert_eq!(cloud.members("All"), ["ada", "bob", "eve"], "nested groups are flattened");
    let ops = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap();
    assert_eq!(ops.external_id, Some(id_of("ops@example.com")));
    cloud.is_converged().await;
}

#[tokio::test]
async fn nothing_is_known_of_groups_until_they_are_selected() {
    let cloud = Cloud::with(&team(), GroupSettings::default(), Settings::default()).await;
    assert_eq!(did_all(&cloud.sync().await), "create 3");
    assert_eq!(cloud.names(), Vec::<String>::new());
    cloud.world.configure(&with_groups(all_groups())).await;
    assert_eq!(did_all(&cloud.sync().await), "group_create 2");
    // Turned off, they stay as they are.
    cloud.world.configure(&with_groups(GroupSettings::default())).await;
    cloud.is_converged().await;
    assert_eq!(cloud.names(), ["All", "Ops"]);
}

#[tokio::test]
async fn the_groups_of_the_scope_go_in_and_no_others() {
    let scope = GroupSettings { selection: Selection::Scope, ..GroupSettings::default() };
    let cloud = Cloud::with(&team(), scope, Settings::default()).await;
    let (app, ops) = (cloud.world.app().await, group_id(&cloud.world, "ops@example.com").await);
    let mut tx = cloud.world.store.begin("test").await.unwrap();
    let ops = directory::group_by_id(&mut tx, &app.directory, &ops).await.unwrap().unwrap();
    access::add_scope(&mut tx, &app.id, &ops, Depth::Nested).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(did_all(&cloud.sync().await), "create 2, group_create 1");
    assert_eq!(
        (cloud.names(), cloud.members("Ops")),
        (vec!["Ops".to_owned()], vec!["ada".to_owned(), "bob".to_owned()])
    );
}

#[tokio::test]
async fn members_come_and_go_with_the_directory() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let changed = people()
        .group("ops@example.com", &["bob@example.com", "eve@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"]);
    cloud.world.has(&changed).await;
    let report = cloud.sync().await;
    assert_eq!(did_all(&report), "members_add 1, members_remove 2");
    assert_eq!(cloud.members("Ops"), ["bob", "eve"]);
    assert_eq!(cloud.members("All"), ["bob", "eve"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_rename_is_a_rename() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let id = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap().id;
    let renamed =
        json!({"groups": [{"id": id_of("ops@example.com"), "email": "sre@example.com", "name": "SRE"}]});
    cloud.world.import(&renamed, Import::default()).await;
    assert_eq!(did_all(&cloud.sync().await), "group_update 1");
    assert_eq!(cloud.aws.center.group(cloud.tenant(), "SRE").unwrap().id, id);
    assert_eq!(cloud.names(), ["All", "SRE"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn two_groups_that_swap_their_names_do_so_in_one_run() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let ops = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap().id;
    let swapped = json!({"groups": [
        {"id": id_of("ops@example.com"), "email": "ops@example.com", "name": "All"},
        {"id": id_of("all@example.com"), "email": "all@example.com", "name": "Ops"},
    ]});
    cloud.world.import(&swapped, Import::default()).await;
    let report = cloud.sync().await;
    assert_eq!((report.n_failures, did_all(&report).as_str()), (0, "group_update 3"), "{report:?}");
    assert_eq!(cloud.aws.center.group(cloud.tenant(), "All").unwrap().id, ops);
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_suspended_person_stays_in_the_groups_unless_the_policy_says_otherwise() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let off = Directory::new("example.com")
        .people(["bob@example.com", "eve@example.com"])
        .user(User::new("ada@example.com").suspended())
        .group("ops@example.com", &["ada@example.com", "bob@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"]);
    cloud.world.has(&off).await;
    assert_eq!(did_all(&cloud.sync().await), "suspend 1");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"], "the account is off anyway");

    let leave = GroupSettings { suspended: SuspendedMembers::Leave, ..all_groups() };
    cloud.world.configure(&with_groups(leave)).await;
    assert_eq!(did_all(&cloud.sync().await), "members_remove 2");
    assert_eq!(
        (cloud.members("Ops"), cloud.members("All")),
        (vec!["bob".into()], vec!["bob".into(), "eve".into()])
    );
    cloud.is_converged().await;

    cloud.world.has(&team()).await;
    assert_eq!(did_all(&cloud.sync().await), "unsuspend 1, members_add 2");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"], "whoever comes back is complete again");
    cloud.is_converged().await;
}

#[tokio::test]
async fn whoever_is_deleted_keeps_their_groups_until_their_account_goes() {
    let cloud = Cloud::new(&team()).await;
    let mut settings = with_groups(all_groups());
    settings.deprovisioning.deleted = Some(Delay::parse("7d").unwrap());
    cloud.world.configure(&settings).await;
    cloud.sync().await;
    let without_ada = Directory::new("example.com")
        .people(["bob@example.com", "eve@example.com"])
        .group("ops@example.com", &["bob@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"]);
    cloud.world.has(&without_ada).await;
    cloud.is_converged().await;
    assert_eq!(cloud.members("Ops"), ["ada", "bob"], "a week is a week");
    cloud.world.wait(days(7));
    assert_eq!(did_all(&cloud.sync().await), "suspend 1");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
}

#[tokio::test]
async fn a_group_that_leaves_the_selection_is_left_alone_or_deleted_after_its_delay() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let (all, email) =
        (group_id(&cloud.world, "all@example.com").await, Email::parse("all@example.com").unwrap());
    let chosen = Chosen { groups: BTreeMap::from([(all, email)]), patterns: BTreeSet::new() };
    let only_all = GroupSettings { selection: Selection::Chosen(chosen), ..GroupSettings::default() };
    cloud.world.configure(&with_groups(only_all.clone())).await;
    cloud.is_converged().await;
    assert_eq!(cloud.names(), ["All", "Ops"]);

    let week = Some(Delay::parse("7d").unwrap());
    cloud.world.configure(&with_groups(GroupSettings { deselected: week, ..only_all })).await;
    cloud.is_converged().await;
    cloud.world.wait(days(7));
    assert_eq!(
        cloud.world.preview().await.members.removed,
        2,
        "whoever deletes a group takes out all of them"
    );
    let report = cloud.sync().await;
    assert_eq!((did_all(&report).as_str(), report.members.removed), ("group_delete 1", 2));
    assert_eq!(cloud.names(), ["All"]);
    cloud.is_converged().await;
    assert_eq!(cloud.record("ops@example.com").await, None);
}

#[tokio::test]
async fn a_group_that_somebody_deleted_at_the_app_is_made_again_with_its_members() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.edit(&usher_emulator::identity_center::edit::Edit::DeleteGroup { group: "Ops".into() });
    let report = cloud.audit().await;
    assert_eq!(did_all(&report), "group_create 1");
    assert_eq!(report.group_audit.unwrap().n_deleted, 1);
    assert_eq!(cloud.members("Ops"), ["ada", "bob"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn somebody_without_an_account_is_no_member_and_becomes_one_with_it() {
    let guests = people()
        .user(User::new("kim@elsewhere.org"))
        .domain("elsewhere.org")
        .group("ops@example.com", &["ada@example.com", "kim@elsewhere.org"]);
    let cloud = Cloud::new(&guests).await;
    assert_eq!(did_all(&cloud.sync().await), "create 3, group_create 1");
    assert_eq!(cloud.members("Ops"), ["ada"]);
    let mut settings = with_groups(all_groups());
    settings.domains = ["elsewhere.org".to_owned()].into();
    cloud.world.configure(&settings).await;
    assert_eq!(did_all(&cloud.sync().await), "create 1, members_add 1");
    assert_eq!(cloud.members("Ops"), ["ada", "kim"]);
}

#[tokio::test]
async fn a_preview_says_what_a_run_then_does_and_does_nothing() {
    let cloud = Cloud::new(&team()).await;
    let preview = cloud.world.preview().await;
    let planned: Vec<_> = preview.group_operations.iter().map(|(kind, n)| (kind.as_str(), *n)).collect();
    assert_eq!((planned, preview.members.added), (vec![("group_create", 2)], 5));
    assert_eq!(cloud.names(), Vec::<String>::new());
    assert_eq!(cloud.record("ops@example.com").await, None);
    let report = cloud.sync().await;
    assert_eq!((report.group_operations, report.members.added), (preview.group_operations, 5));
}

#[tokio::test]
async fn a_run_for_one_person_puts_them_in_their_groups_and_nobody_else() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let more = people()
        .people(["kim@example.com", "lee@example.com"])
        .group("ops@example.com", &["kim@example.com", "lee@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"]);
    cloud.world.has(&more).await;
    let email = Email::parse("kim@example.com").unwrap();
    let request = usher_engine::report::RunRequest { user: Some(email), ..Default::default() };
    let report = cloud.world.try_run(&request).await.unwrap();
    assert_eq!(did_all(&report), "create 1, members_add 2");
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "kim"]);
}

#[tokio::test]
async fn a_run_for_one_person_neither_renames_nor_deletes_a_group() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let renamed =
        json!({"groups": [{"id": id_of("ops@example.com"), "email": "ops@example.com", "name": "SRE"}]});
    cloud.world.import(&renamed, Import::default()).await;
    let gone = GroupSettings {
        selection: Selection::Chosen(Chosen {
            groups: BTreeMap::from([(
                group_id(&cloud.world, "ops@example.com").await,
                Email::parse("ops@example.com").unwrap(),
            )]),
            patterns: BTreeSet::new(),
        }),
        deselected: Some(Delay::Within24Hours),
        ..all_groups()
    };
    cloud.world.configure(&with_groups(gone)).await;
    let email = Email::parse("ada@example.com").unwrap();
    let request = usher_engine::report::RunRequest { user: Some(email), ..Default::default() };
    let report = cloud.world.try_run(&request).await.unwrap();
    assert_eq!((did_all(&report).as_str(), report.requests.writes), ("nothing", 0));
    assert_eq!(cloud.names(), ["All", "Ops"]);
    assert_eq!(did_all(&cloud.sync().await), "group_update 1, group_delete 1");
}

/// Ops is to be called All, which is another group's name.
async fn renamed_onto_another() -> Cloud {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.named("All").await;
    assert_eq!(cloud.sync().await.n_failures, 1);
    cloud
}

impl Cloud {
    async fn named(&self, name: &str) {
        let renamed =
            json!({"groups": [{"id": id_of("ops@example.com"), "email": "ops@example.com", "name": name}]});
        self.world.import(&renamed, Import::default()).await;
    }
}

#[tokio::test]
async fn a_name_that_is_corrected_back_fails_no_more() {
    let cloud = renamed_onto_another().await;
    cloud.named("Ops").await;
    cloud.is_converged().await;
    assert!(cloud.record("ops@example.com").await.unwrap().failing.is_empty());
}

#[tokio::test]
async fn a_name_that_is_corrected_to_a_free_one_does_not_wait_out_a_pause() {
    let cloud = renamed_onto_another().await;
    let report = cloud.sync().await;
    let why = "groups that failed before, waiting to be tried again";
    assert_eq!(report.skipped.get(why), Some(&1), "it is told while it waits: {report:?}");
    cloud.named("Operations").await;
    assert_eq!(did_all(&cloud.sync().await), "group_update 1");
    assert_eq!(cloud.names(), ["All", "Operations"]);
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_new_group_whose_name_was_taken_is_made_as_soon_as_it_has_another() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let new = json!({"groups": [{"id": "new", "email": "new@example.com", "name": "Ops"}]});
    cloud.world.import(&new, Import::default()).await;
    assert_eq!(cloud.sync().await.n_failures, 1);
    let new = json!({"groups": [{"id": "new", "email": "new@example.com", "name": "New"}]});
    cloud.world.import(&new, Import::default()).await;
    assert_eq!(did_all(&cloud.sync().await), "group_create 1");
}
