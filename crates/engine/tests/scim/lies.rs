//! Whatever an app lies about, each person ends with a right account or with a reason; nothing loops, nobody is there
//! twice.

use std::time::Duration;

use usher_model::app::Settings;
use usher_model::cause::Delay;
use usher_store::event::EventKind;
use usher_testkit::scim::ScimServer;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::setup::{Paging, Setup};

use crate::scene::{Scene, ada, company, married, with_ada};
use crate::world::{World, days, did};

async fn live_with(lie: Behaviour) -> Scene {
    let scene = Scene::lying(Setup::default(), &[lie]).await;
    scene.live().await;
    scene
}

fn paging(paging: Paging, page_size: usize) -> Setup {
    Setup { paging, page_size, ..Setup::default() }
}

#[tokio::test]
async fn a_life_at_an_honest_app_takes_no_write_more_than_it_must() {
    let scene = Scene::new().await;
    scene.live().await;
    // Three, Zoe and Max join; Ada marries, goes and comes back; Guy is adopted.
    assert_eq!((scene.app.count("POST"), scene.app.count("PATCH")), (5, 4));
}

#[tokio::test]
async fn pages_that_repeat_the_first_one_for_ever_end_in_asking_for_each() {
    for mode in [Paging::Index, Paging::Cursor] {
        Scene::lying(paging(mode, 2), &[Behaviour::FirstPageForEver]).await.live().await;
    }
}

#[tokio::test]
async fn a_start_index_that_is_ignored_ends_in_asking_for_each() {
    Scene::lying(paging(Paging::Index, 2), &[Behaviour::StartIndexIgnored]).await.live().await;
}

#[tokio::test]
async fn a_cursor_that_repeats_ends_in_asking_for_each() {
    Scene::lying(paging(Paging::Cursor, 2), &[Behaviour::CursorRepeats]).await.live().await;
}

#[tokio::test]
async fn a_total_that_is_too_large_ends_in_asking_for_each() {
    for mode in [Paging::Index, Paging::Cursor] {
        Scene::lying(paging(mode, 2), &[Behaviour::TotalTooLarge(2)]).await.live().await;
    }
}

#[tokio::test]
async fn short_pages_are_read_to_their_end() {
    for mode in [Paging::Index, Paging::Cursor] {
        Scene::lying(paging(mode, 100), &[Behaviour::ShortPages(1)]).await.live().await;
    }
}

#[tokio::test]
async fn a_filter_that_is_not_supported_ends_in_a_look_at_the_whole_list() {
    let setup = Setup { has_filter: false, ..Setup::default() };
    Scene::lying(setup, &[]).await.live().await;
}

#[tokio::test]
async fn a_filter_that_finds_nothing_and_then_a_409_end_in_the_account_that_is_there() {
    live_with(Behaviour::FilterFindsNothing).await;
}

#[tokio::test]
async fn a_lost_create_at_an_app_whose_filters_find_nothing_is_found_in_its_list() {
    let scene = Scene::lying(Setup::default(), &[Behaviour::FilterFindsNothing]).await;
    scene.app.behave(Behaviour::LostAnswer.on("POST").about("ada@").at(1));
    assert_eq!(did(&scene.sync_well().await), "create 3");
    assert_eq!(scene.names().len(), 3);
    scene.is_silent().await;
}

#[tokio::test]
async fn a_filter_that_is_ignored_finds_nobody_else() {
    live_with(Behaviour::FilterIgnored).await;
    let few = [Behaviour::FilterIgnored, Behaviour::ShortPages(1)];
    Scene::lying(Setup::default(), &few).await.live().await;
}

#[tokio::test]
async fn a_patch_may_answer_200_or_204_and_a_delete_too() {
    for status in [200, 204] {
        live_with(Behaviour::PatchAnswers(status)).await;
    }
}

#[tokio::test]
async fn ids_that_a_url_reserves_are_encoded() {
    let scene = live_with(Behaviour::EmailIds).await;
    assert_eq!(scene.id("zoe@example.com"), "zoe@example.com");
    let scene = live_with(Behaviour::SlashIds).await;
    assert!(scene.id("zoe@example.com").contains('/'));
}

#[tokio::test]
async fn errors_may_carry_a_number_for_a_status_and_no_scim_type() {
    for lie in [Behaviour::StatusAsNumber, Behaviour::NoScimType] {
        let scene = Scene::lying(Setup::default(), &[lie, Behaviour::FilterFindsNothing]).await;
        scene.live().await;
        // A 404 with such a body is still one.
        scene.app.remove(&scene.id("bob@example.com"));
        scene
            .world
            .has(&with_ada(ada()).people(["guy@example.com", "max@example.com", "zoe@example.com"]))
            .await;
        scene.sync_well().await;
    }
}

#[tokio::test]
async fn an_external_id_that_is_not_stored_is_neither_missed_nor_written_for_ever() {
    let scene = live_with(Behaviour::ExternalIdNotStored).await;
    assert!(scene.external_ids().values().filter(|id| !id.is_null()).count() <= 1, "the robot's alone");
}

#[tokio::test]
async fn an_external_id_that_is_not_shown_is_not_written_for_ever() {
    live_with(Behaviour::ExternalIdNotReturned).await;
}

#[tokio::test]
async fn a_create_answered_without_a_body_is_looked_for() {
    live_with(Behaviour::EmptyCreated).await;
}

#[tokio::test]
async fn values_that_the_app_normalizes_are_not_written_for_ever() {
    for lie in [Behaviour::UserNameLowerCased, Behaviour::UserNameUpperCased, Behaviour::DisplayNameTrimmed] {
        live_with(lie).await;
    }
}

#[tokio::test]
async fn an_app_that_takes_duplicates_gets_none() {
    live_with(Behaviour::UniquenessNotEnforced).await;
}

#[tokio::test]
async fn a_patch_that_is_ignored_is_a_failure_and_is_tried_again() {
    let scene = Scene::settled().await;
    let rule = scene.app.behave(Behaviour::PatchIgnored.on("PATCH"));
    scene.world.has(&with_ada(married())).await;
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 1), "{report:?}");
    assert!(report.failures[0].1.contains("shows"), "{report:?}");
    assert_eq!(did(&scene.world.sync().await), "nothing");
    assert_eq!(scene.app.count("PATCH"), 1, "not again before its pause is over");
    scene.app.forget(rule);
    scene.world.wait(Duration::from_mins(1));
    assert_eq!(did(&scene.sync_well().await), "update 1");
    assert_eq!(scene.user("ada@example.com")["displayName"], "Ada Byron");
    scene.is_silent().await;
}

#[tokio::test]
async fn a_suspension_that_is_ignored_is_a_failure_and_never_counts_as_suspended() {
    let scene = Scene::settled().await;
    scene.world.configure(&Settings { hard_delete: Some(Delay::Within24Hours), ..World::settings() }).await;
    let rule = scene.app.behave(Behaviour::ActiveIgnored);
    scene.world.has(&with_ada(ada().suspended())).await;
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 1));
    scene.world.wait(days(3));
    assert_eq!(scene.world.sync().await.n_failures, 1);
    assert_eq!(scene.app.count("DELETE"), 0, "what is on is not deleted");
    scene.app.forget(rule);
    scene.world.wait(days(1));
    assert_eq!(did(&scene.sync_well().await), "suspend 1");
    assert_eq!(scene.n_events(EventKind::Suspend).await, 1);
}

#[tokio::test]
async fn an_html_page_that_says_404_does_not_say_that_a_person_is_gone() {
    let scene = Scene::settled().await;
    let rule = scene.app.behave(Behaviour::HtmlNotFound);
    scene.world.has(&with_ada(married())).await;
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 1));
    assert_eq!(scene.app.count("POST"), 0);
    scene.app.forget(rule);
    scene.world.wait(Duration::from_mins(1));
    assert_eq!(did(&scene.sync_well().await), "update 1");
    assert_eq!(scene.app.count("POST"), 0, "nobody was made anew");
}

#[tokio::test]
async fn an_html_page_that_says_404_ends_no_wait_for_a_lost_write() {
    let scene = Scene::settled().await;
    scene.app.behave(Behaviour::LostAnswer.on("PATCH").at(1));
    let rule = scene.app.behave(Behaviour::HtmlNotFound.on("GET"));
    scene.world.has(&with_ada(married())).await;
    assert_eq!(scene.world.sync().await.n_failures, 1);
    scene.app.forget(rule);
    assert_eq!(did(&scene.sync_well().await), "update 1");
    assert_eq!((scene.app.count("POST"), scene.app.count("PATCH")), (0, 1));
}

#[tokio::test]
async fn a_redirect_is_never_followed_with_a_token() {
    let elsewhere = ScimServer::start().await;
    for status in [301, 302, 307] {
        let scene = Scene::settled().await;
        let rule = scene.app.behave(Behaviour::Redirects { status, to: elsewhere.endpoint() });
        scene.world.has(&with_ada(married()).people(["zoe@example.com"])).await;
        let report = scene.world.sync().await;
        assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 2));
        assert!(report.failures[0].1.contains(&status.to_string()), "{report:?}");
        scene.app.forget(rule);
        scene.world.wait(Duration::from_mins(1));
        assert_eq!(did(&scene.sync_well().await), "create 1, update 1");
    }
    assert_eq!(elsewhere.log(), []);
}

#[tokio::test]
async fn answers_that_cannot_be_read_are_looked_after_and_counted_once() {
    let broken = [Behaviour::InvalidJson, Behaviour::CutAnswer, Behaviour::HugeBody { bytes: 33 << 20 }];
    for broken in broken {
        let scene = Scene::new().await;
        scene
            .world
            .configure(&Settings { hard_delete: Some(Delay::Within24Hours), ..World::settings() })
            .await;
        for method in ["POST", "PATCH"] {
            scene.app.behave(broken.clone().on(method).about("ada@"));
            scene.app.behave(broken.clone().on(method).about("active"));
        }
        assert_eq!(did(&scene.sync_well().await), "create 3", "{broken:?}");
        scene.world.has(&with_ada(ada().renamed("ada.byron@example.com"))).await;
        assert_eq!(did(&scene.sync_well().await), "update 1", "{broken:?}");
        scene.world.has(&with_ada(ada().renamed("ada.byron@example.com").suspended())).await;
        assert_eq!(did(&scene.sync_well().await), "suspend 1", "{broken:?}");
        assert_eq!(scene.user("ada.byron@example.com")["active"], false);
        assert_eq!((scene.app.count("POST"), scene.app.count("PATCH")), (3, 2), "{broken:?}");
        let once = [(EventKind::Create, 3), (EventKind::Update, 1), (EventKind::Suspend, 1)];
        assert_eq!(scene.world.events().await, once);
    }
}

#[tokio::test]
async fn an_app_that_can_only_be_read_as_nonsense_is_not_written_to() {
    for nonsense in [Behaviour::InvalidJson, Behaviour::CutAnswer, Behaviour::HugeBody { bytes: 33 << 20 }] {
        let scene = Scene::new().await;
        scene.app.behave(nonsense.clone().on("GET").about("/Users"));
        scene.world.sync().await;
        assert!(scene.app.log().len() < 40, "{:?}", scene.app.counts());
        scene.app.behave_well();
        scene.world.wait(Duration::from_hours(1));
        scene.sync_well().await;
        assert_eq!(scene.names().len(), 3, "{nonsense:?}");
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn a_replica_that_lags_behind_makes_no_duplicate() {
    let scene = Scene::new().await;
    scene.app.behave(Behaviour::StaleReads);
    scene.app.behave(Behaviour::LostAnswer.on("POST").about("ada@").at(1));
    let report = scene.world.sync().await;
    assert_eq!(report.n_failures, 1, "refused as a duplicate of an account that is not shown: {report:?}");
    assert_eq!(scene.names().len(), 3);
    scene.app.behave_well();
    scene.world.wait(Duration::from_mins(1));
    scene.sync_well().await;
    assert_eq!(scene.names().len(), 3);
    assert!(scene.is_ours("ada@example.com"));
    scene.is_silent().await;
}

#[tokio::test]
async fn a_read_after_a_204_that_shows_the_past_is_no_change_lost() {
    let scene = Scene::settled().await;
    scene.app.behave(Behaviour::PatchAnswers(204));
    let stale = scene.app.behave(Behaviour::StaleReads);
    scene.world.has(&with_ada(married())).await;
    scene.world.sync().await;
    scene.app.forget(stale);
    scene.world.wait(Duration::from_mins(1));
    scene.sync_well().await;
    assert_eq!(scene.user("ada@example.com")["displayName"], "Ada Byron");
    scene.is_silent().await;
}

#[tokio::test]
async fn a_delete_may_answer_200_or_204_or_that_nobody_is_there() {
    for answer in
        [Behaviour::DeleteAnswers(200), Behaviour::DeleteAnswers(204), Behaviour::DeleteAnswers(202)]
    {
        let scene = Scene::settled().await;
        scene
            .world
            .configure(&Settings { hard_delete: Some(Delay::Within24Hours), ..World::settings() })
            .await;
        scene.app.behave(answer);
        scene.world.has(&with_ada(ada().suspended())).await;
        assert_eq!(did(&scene.sync_well().await), "suspend 1");
        // Past the guard's window, in which half of the company would have gone.
        scene.world.wait(days(2));
        assert_eq!(did(&scene.sync_well().await), "delete 1");
        assert_eq!(scene.names(), ["bob@example.com", "eve@example.com"]);
        scene.is_silent().await;
        assert_eq!(scene.n_events(EventKind::HardDelete).await, 1);
        scene.world.has(&company()).await;
        assert_eq!(did(&scene.sync_well().await), "create 1");
    }
}

#[tokio::test]
async fn an_account_that_the_app_still_shows_on_was_switched_on_by_nobody() {
    let scene = Scene::settled().await;
    let settings = Settings { hard_delete: Some(Delay::Within24Hours), ..World::settings() };
    scene.world.configure(&settings).await;
    let stale = scene.app.behave(Behaviour::StaleReads);
    scene.world.has(&with_ada(ada().suspended())).await;
    assert_eq!(did(&scene.sync_well().await), "suspend 1");
    // One of three goes, so a person lets it through, each time that it is wanted.
    scene.world.sync().await;
    assert_eq!(scene.world.release().await.n_failures, 1, "what it shows may be older than the suspension");
    scene.app.forget(stale);
    scene.world.wait(Duration::from_mins(2));
    scene.world.sync().await;
    assert_eq!(did(&scene.world.release().await), "delete 1");
    assert_eq!(scene.n_events(EventKind::Suspend).await, 1);
}

#[tokio::test]
async fn an_account_that_somebody_renamed_is_suspended_and_told_of_like_any_other() {
    let scene = Scene::settled().await;
    let id = scene.user("ada@example.com")["id"].as_str().unwrap().to_owned();
    scene.app.edit(&id, |account| account["userName"] = "countess@example.com".into());
    scene.world.has(&with_ada(ada().suspended())).await;
    assert_eq!(did(&scene.sync_well().await), "suspend 1");
    assert_eq!(scene.user("countess@example.com")["active"], false);
    assert_eq!(scene.n_events(EventKind::Suspend).await, 1);
}

#[tokio::test]
async fn an_app_that_knows_no_patch_gets_the_whole_account_with_what_others_put_there() {
    let scene = Scene::lying(Setup { has_patch: false, ..Setup::default() }, &[]).await;
    assert_eq!(did(&scene.sync_well().await), "create 3");
    let id = scene.user("ada@example.com")["id"].as_str().unwrap().to_owned();
    scene.app.edit(&id, |account| account["nickName"] = "Countess".into());
    scene.world.has(&with_ada(married())).await;
    assert_eq!(did(&scene.sync_well().await), "update 1");
    let account = scene.user("ada@example.com");
    assert_eq!((&account["name"]["familyName"], &account["nickName"]), (&"Byron".into(), &"Countess".into()));
    // It says so only where it is asked how it pages: a run that lists nobody finds out by one request.
    assert!(scene.app.count("PATCH") <= 1);
    scene.world.has(&with_ada(married().suspended())).await;
    assert_eq!(did(&scene.sync_well().await), "suspend 1");
    assert_eq!(scene.user("ada@example.com")["active"], false);
    scene.is_silent().await;
}

#[tokio::test]
async fn a_listing_that_breaks_off_leaves_no_half_of_itself_behind() {
    let scene = Scene::lying(paging(Paging::Index, 2), &[Behaviour::FilterFindsNothing]).await;
    for name in ["robot@example.com", "daemon@example.com", "guy@example.com"] {
        scene.insert(serde_json::json!({ "userName": name }));
    }
    scene.sync_well().await;
    scene.insert(serde_json::json!({"userName": "max@example.com"}));
    let rule =
        scene.app.behave(Behaviour::Fails { status: 500, is_done: false }.on("GET").about("startIndex=3"));
    scene.world.has(&company().people(["max@example.com"])).await;
    scene.world.sync().await;
    scene.app.forget(rule);
    scene.app.clear_log();
    scene.world.has(&company().people(["guy@example.com", "max@example.com"])).await;
    scene.sync_well().await;
    let creates = scene.app.log().into_iter().filter(|asked| asked.method == "POST");
    assert_eq!(
        creates.filter(|asked| asked.body["userName"] == "guy@example.com").count(),
        0,
        "he was listed"
    );
    assert_eq!(scene.names().len(), 7);
    scene.is_silent().await;
}
