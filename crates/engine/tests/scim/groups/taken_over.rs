//! Groups that were deleted from the directory and made anew under their old address: theirs is what the app holds once an
//! admin says so.

use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::fault::Fault;
use usher_emulator::identity_center::settings::Settings as Emulated;
use usher_emulator::when::When;
use usher_model::cause::Delay;
use usher_model::group::GroupSettings;
use usher_model::group::operation::GroupKind;

use super::{Cloud, RECREATED, all_groups, team, with_groups};

#[tokio::test]
async fn a_group_made_anew_under_its_old_address_fails_until_an_admin_takes_the_old_one_over() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    let old = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap().id;
    cloud.recreate_ops().await;
    let report = cloud.sync().await;
    assert_eq!(report.n_failures, 1, "{report:?}");
    let (who, why) = &report.failures[0];
    assert_eq!(who.as_str(), "ops@example.com");
    assert!(why.contains("no longer has") && why.contains("take it over"), "{why}");
    assert_eq!(cloud.members("Ops"), ["ada", "bob"], "the old one is left alone");

    cloud.take_over().await;
    let report = cloud.sync().await;
    assert_eq!(report.group_operations.get(&GroupKind::GroupAdopt), Some(&1), "{report:?}");
    let ops = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap();
    assert_eq!((ops.id, ops.external_id), (old, Some(RECREATED.to_owned())));
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "eve"], "who was in it before stays");
    cloud.sync().await;
    cloud.is_converged().await;
    // Nor is it deleted for the sake of the one that it was.
    let week = GroupSettings { deselected: Some(Delay::parse("7d").unwrap()), ..all_groups() };
    cloud.world.configure(&with_groups(week)).await;
    cloud.sync().await;
    cloud.world.wait(crate::world::days(8));
    cloud.sync().await;
    assert_eq!(cloud.names(), ["All", "Ops"]);
}

#[tokio::test]
async fn what_is_taken_over_is_not_deleted_in_the_same_run_for_the_sake_of_the_one_that_it_was() {
    let at_once = GroupSettings { deselected: Some(Delay::Within24Hours), ..all_groups() };
    let cloud = Cloud::with(&team(), at_once, Emulated::default().unlimited()).await;
    cloud.sync().await;
    let old = cloud.aws.center.group(cloud.tenant(), "Ops").unwrap().id;
    cloud.recreate_ops().await;
    cloud.take_over().await;
    let report = cloud.sync().await;
    assert_eq!(
        (report.group_operations.get(&GroupKind::GroupDelete), report.n_failures),
        (None, 0),
        "{report:?}"
    );
    assert_eq!(cloud.aws.center.group(cloud.tenant(), "Ops").unwrap().id, old);
    cloud.sync().await;
    cloud.is_converged().await;
}

#[tokio::test]
async fn a_take_over_whose_answer_was_lost_is_finished_by_the_next_run() {
    let cloud = Cloud::new(&team()).await;
    cloud.sync().await;
    cloud.recreate_ops().await;
    cloud.take_over().await;
    cloud.fails(&[Operation::PatchGroup], Fault::LostAnswer, When::Next { n: 1 });
    // A look in the same run sees the group as it was.
    cloud.fails(&[Operation::GetGroup], Fault::StaleRead { seconds: None }, When::Always);
    cloud.sync().await;
    cloud.aws.center.end_faults(cloud.tenant()).unwrap();
    cloud.world.wait(crate::world::days(1));
    let report = cloud.sync().await;
    assert_eq!(report.n_failures, 0, "{report:?}");
    assert_eq!(cloud.members("Ops"), ["ada", "bob", "eve"]);
    cloud.is_converged().await;
}
