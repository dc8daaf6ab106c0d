//! Groups of a Workspace at an app: what a listing makes of them, and what it never does.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use usher_emulator::workspace::fault::{ErrorReason, Fault};
use usher_model::app::Settings;
use usher_model::group::GroupSettings;
use usher_model::group::selection::{Chosen, Pattern, Selection};
use usher_protocol::http::Method;
use usher_store::app;

use super::settled;
use crate::office::Office;
use crate::scene::error;

impl Office {
    async fn provisions(&self, pattern: &str) {
        let patterns = [Pattern::parse(pattern).unwrap()].into();
        let selection = Selection::Chosen(Chosen { groups: BTreeMap::new(), patterns });
        let mut tx = self.store.begin("office").await.unwrap();
        let found = app::by_id(&mut tx, &self.app).await.unwrap().unwrap();
        let groups = GroupSettings { selection, ..GroupSettings::default() };
        let settings = Settings { groups, ..found.settings.unwrap() };
        app::configure(&mut tx, &self.app, &settings).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// How many members each group has at AWS, by name.
    fn sizes(&self) -> BTreeMap<String, usize> {
        let groups = self.aws.center.groups(&self.aws.enabled.tenant, 0, usize::MAX).unwrap();
        groups.into_iter().map(|group| (group.display_name, group.members.len())).collect()
    }
}

fn sizes(sizes: &[(&str, usize)]) -> BTreeMap<String, usize> {
    sizes.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

/// Ten people, five of whom are in the groups, which are at AWS.
async fn grouped() -> Office {
    let office = Box::pin(settled(10)).await;
    office.provisions("*@example.com").await;
    office.list().await;
    let report = office.run().await;
    assert_eq!(report.n_failures, 0, "{report:?}");
    assert_eq!(office.sizes(), sizes(&[("all", 5), ("half", 5)]));
    office
}

#[tokio::test]
async fn who_is_in_a_provisioned_group_is_listed_before_anything_is_done_about_it() {
    let office = settled(10).await;
    office.provisions("*@example.com").await;
    let report = office.run().await;
    assert_eq!((report.n_failures, office.sizes()), (0, BTreeMap::new()), "{report:?}");
    office.list().await;
    office.run().await;
    assert_eq!(office.sizes(), sizes(&[("all", 5), ("half", 5)]));
}

#[tokio::test]
async fn a_new_group_of_the_pattern_goes_in_with_the_listing_that_shows_it() {
    let office = Box::pin(grouped()).await;
    office.admin(Method::Post, &["groups"], Some(json!({"email": "new@example.com", "name": "new"}))).await;
    let member = json!({"email": "u9@example.com", "role": "MEMBER"});
    office.admin(Method::Post, &["groups", "new@example.com", "members"], Some(member)).await;
    office.list().await;
    let report = office.run().await;
    assert_eq!(report.n_failures, 0, "{report:?}");
    assert_eq!(office.sizes(), sizes(&[("all", 5), ("half", 5), ("new", 1)]));
}

#[tokio::test]
async fn no_bad_day_takes_anybody_out_of_a_group() {
    let office = Box::pin(grouped()).await;
    for fault in [
        error(503, ErrorReason::BackendError),
        Fault::Html { status: 200 },
        Fault::LostAnswer,
        Fault::MissingItems { nth: 1 },
        Fault::MissingItems { nth: 2 },
        Fault::EmptyList,
        Fault::CutList,
    ] {
        for list in ["directory.groups.list", "directory.members.list"] {
            office.breaks(list, fault.clone());
            for _ in 0..3 {
                office.try_list().await.ok();
                let report = office.run().await;
                assert_eq!(report.members.removed, 0, "{fault:?} in {list}: {report:?}");
                office.sim.advance(Duration::from_mins(1));
            }
            office.mends();
            office.list().await;
            office.run().await;
            assert_eq!(office.sizes(), sizes(&[("all", 5), ("half", 5)]), "after {fault:?} in {list}");
        }
    }
}

#[tokio::test]
async fn whoever_left_a_group_leaves_it_at_the_app_once_google_has_confirmed_it() {
    let office = Box::pin(grouped()).await;
    office.admin(Method::Delete, &["groups", "half@example.com", "members", "u0@example.com"], None).await;
    office.list().await;
    office.run().await;
    assert_eq!(office.sizes(), sizes(&[("all", 4), ("half", 4)]));
}

#[tokio::test]
async fn a_group_that_is_deleted_at_google_is_left_alone_at_the_app() {
    let office = Box::pin(grouped()).await;
    office.admin(Method::Delete, &["groups", "all@example.com"], None).await;
    for _ in 0..4 {
        office.list().await;
        office.run().await;
        office.sim.advance(Duration::from_mins(15));
    }
    assert_eq!(office.sizes(), sizes(&[("all", 5), ("half", 5)]));
}
