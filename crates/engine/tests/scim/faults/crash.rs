//! A process that ends in mid-run, at whichever request: the next run finds everything as it should be.
//!
//! The run's future is dropped when the n-th request has come. An app that takes duplicates shows every one that is
//! made; the request may have been done or not.

use usher_store::event::EventKind;
use usher_testkit::builders::Directory;
use usher_testkit::scim::behaviour::Behaviour;

use super::{deleting, swapped};
use crate::scene::{Scene, ada, company, crowd, with_ada};
use crate::world::days;

/// How the last request before the crash ended: done, or not.
const ENDS: [Option<Behaviour>; 2] = [None, Some(Behaviour::LostRequest)];

/// Runs until the n-th request from now has come; false: the run ended before.
async fn crashes_at(scene: &Scene, nth: u64, end: Option<&Behaviour>) -> bool {
    // Requests are numbered from the app's start: one of our own tells how many there were.
    scene.app.client().send("GET", "/ServiceProviderConfig", None).await.unwrap();
    let n_before = scene.app.log().last().unwrap().number;
    if let Some(end) = end {
        scene.app.behave(end.clone().at(nth));
    }
    tokio::select! {
        biased;
        () = scene.app.asked(n_before + nth) => true,
        _ = scene.world.sync() => false,
    }
}

/// A fresh world for each request of a run at which it may crash; what happens next is the caller's.
async fn everywhere(
    begin: impl AsyncFn() -> Scene,
    crash: impl AsyncFn(&Scene, u64, Option<&Behaviour>) -> bool,
    check: impl AsyncFn(&Scene),
) -> u64 {
    let mut n_crashes = 0;
    for end in &ENDS {
        for nth in 1.. {
            let scene = begin().await;
            let has_crashed = crash(&scene, nth, end.as_ref()).await;
            scene.app.behave_well();
            scene.app.behave(Behaviour::UniquenessNotEnforced);
            scene.sync_well().await;
            check(&scene).await;
            scene.is_silent().await;
            if !has_crashed {
                break;
            }
            n_crashes += 1;
        }
    }
    n_crashes
}

#[tokio::test]
async fn a_crash_of_a_first_sync_leaves_nobody_twice_and_nobody_out() {
    let begin = async || {
        let scene = Scene::new().await;
        scene.app.behave(Behaviour::UniquenessNotEnforced);
        scene.world.has(&crowd(12)).await;
        scene
    };
    let n_crashes = everywhere(begin, crashes_at, async |scene| {
        assert_eq!(scene.names().len(), 12);
        assert_eq!(scene.world.events().await, [(EventKind::Create, 12)]);
    });
    assert!(n_crashes.await >= 2 * 12, "at each create, done and not");
}

#[tokio::test]
async fn a_crash_of_the_run_after_a_crash_leaves_nobody_twice_and_nobody_out() {
    let begin = async || {
        let scene = Scene::new().await;
        scene.app.behave(Behaviour::UniquenessNotEnforced);
        scene.world.has(&crowd(4)).await;
        assert!(crashes_at(&scene, 4, Some(&Behaviour::LostRequest)).await);
        scene
    };
    let n_crashes = everywhere(begin, crashes_at, async |scene| {
        assert_eq!(scene.names().len(), 4);
        assert_eq!(scene.world.events().await, [(EventKind::Create, 4)]);
    });
    assert!(n_crashes.await >= 2 * 4);
}

#[tokio::test]
async fn a_crash_of_a_swap_is_followed_by_the_rest_of_it() {
    let begin = async || {
        let scene = Scene::settled().await;
        scene.world.has(&swapped()).await;
        scene
    };
    let n_crashes = everywhere(begin, crashes_at, async |scene| {
        let (bob, ada) = (scene.user("bob@example.com"), scene.user("ada@example.com"));
        assert_eq!(
            (&bob["displayName"], &ada["displayName"]),
            (&"Ada Example".into(), &"Bob Example".into())
        );
        assert_eq!(scene.names(), ["ada@example.com", "bob@example.com", "eve@example.com"]);
    });
    assert!(n_crashes.await >= 2 * 3, "at each step of the swap, done and not");
}

#[tokio::test]
async fn a_crash_of_a_suspension_loses_and_repeats_none() {
    let begin = async || {
        let scene = Scene::settled().await;
        scene
            .world
            .has(
                &Directory::new("example.com")
                    .people(["bob@example.com", "eve@example.com"])
                    .user(ada().suspended()),
            )
            .await;
        scene
    };
    let n_crashes = everywhere(begin, crashes_at, async |scene| {
        assert_eq!(scene.user("ada@example.com")["active"], false);
        assert_eq!(scene.world.events().await, [(EventKind::Create, 3), (EventKind::Suspend, 1)]);
    });
    assert_eq!(n_crashes.await, 2);
}

#[tokio::test]
async fn a_crash_of_a_return_loses_and_repeats_none() {
    let begin = async || {
        let scene = Scene::settled().await;
        scene.world.has(&with_ada(ada().suspended())).await;
        scene.sync_well().await;
        scene.world.has(&company()).await;
        scene
    };
    let n_crashes = everywhere(begin, crashes_at, async |scene| {
        assert_eq!(scene.user("ada@example.com")["active"], true);
        assert_eq!(scene.n_events(EventKind::Unsuspend).await, 1);
    });
    assert_eq!(n_crashes.await, 2);
}

#[tokio::test]
async fn a_crash_of_a_delete_loses_and_repeats_none() {
    let begin = async || {
        let scene = Scene::settled().await;
        scene.world.configure(&deleting()).await;
        scene.world.has(&with_ada(ada().suspended())).await;
        scene.sync_well().await;
        scene.world.wait(days(2));
        scene
    };
    let n_crashes = everywhere(begin, crashes_at, async |scene| {
        assert_eq!(scene.names(), ["bob@example.com", "eve@example.com"]);
        assert_eq!(scene.n_events(EventKind::HardDelete).await, 1);
    });
    assert_eq!(n_crashes.await, 2 * 2, "at the read before it, and at the delete");
}
