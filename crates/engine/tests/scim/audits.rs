//! What somebody else did at the app, found by an audit and handled as the policy says.

use std::time::Duration;

use serde_json::{Value, json};
use usher_engine::audit::{Audited, is_due};
use usher_engine::report::{RunReport, RunRequest};
use usher_model::account::Choice;
use usher_model::app::Settings;
use usher_model::cause::Trigger;
use usher_model::id::UserId;
use usher_model::lifecycle::DriftPolicy;
use usher_model::reason::Reason;
use usher_store::{account, event};
use usher_testkit::builders::{Directory, User, id_of};
use usher_testkit::scim::behaviour::Behaviour;

use crate::scene::{Scene, ada, company, crowd, married, with_ada};
use crate::world::{World, did};

const ADA: &str = "ada@example.com";

impl Scene {
    /// Once the app shows what was written last.
    async fn audit(&self) -> RunReport {
        self.world.wait(Duration::from_mins(1));
        self.audit_at_once().await
    }

    async fn audit_at_once(&self) -> RunReport {
        self.world.try_run(&RunRequest { audit: true, ..RunRequest::default() }).await.unwrap()
    }

    async fn policy(&self, drift: DriftPolicy) {
        self.world.configure(&Settings { drift, ..World::settings() }).await;
    }

    /// Why the last thing happened to somebody's account.
    async fn last_reason(&self, email: &str) -> Reason {
        let app = self.world.app().await.id;
        let mut tx = self.world.store.read("test").await.unwrap();
        event::of_user(&mut tx, &app, &UserId::new(id_of(email)), 1).await.unwrap().remove(0).reason
    }

    /// Another hand changes one attribute of Ada's account.
    fn another_hand(&self, attribute: &str, value: Value) {
        self.app.edit(&self.id(ADA), |account| account[attribute] = value);
    }
}

fn found(report: &RunReport) -> &Audited {
    report.audit.as_ref().unwrap()
}

fn drifts(report: &RunReport) -> Vec<String> {
    found(report).drifts.iter().map(|(email, drift)| format!("{email}: {drift}")).collect()
}

#[tokio::test]
async fn an_app_as_we_left_it_costs_its_pages_and_nothing_else() {
    let scene = Scene::new().await;
    let people = crowd(250);
    scene.world.has(&people).await;
    scene.sync_well().await;
    scene.app.clear_log();
    let report = scene.audit().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 0));
    let Audited { is_believed, n_listed, n_compared, .. } = *found(&report);
    assert_eq!((is_believed, n_listed, n_compared), (true, 250, 250));
    // 100 accounts a page; the other read asks the app how it pages.
    let pages = scene.app.log().iter().filter(|logged| logged.target.contains("/Users")).count();
    assert_eq!((pages, report.requests.reads, report.requests.writes), (3, 4, 0), "{:?}", scene.app.counts());
}

#[tokio::test]
async fn an_account_written_to_a_moment_ago_is_not_judged_by_what_a_replica_shows() {
    let scene = Scene::settled().await;
    scene.policy(DriftPolicy::Repair).await;
    scene.sync_well().await;
    scene.world.has(&with_ada(married())).await;
    let stale = scene.app.behave(Behaviour::StaleReads);
    scene.sync_well().await;
    let report = scene.audit_at_once().await;
    assert_eq!((found(&report).n_fresh, found(&report).n_changed), (1, 0), "{report:?}");
    assert_eq!(did(&report), "nothing");
    scene.app.forget(stale);
    let report = scene.audit().await;
    assert_eq!((found(&report).n_fresh, found(&report).n_changed, did(&report).as_str()), (0, 0, "nothing"));
    scene.is_silent().await;
}

#[tokio::test]
async fn a_changed_attribute_is_written_over_reported_or_left_alone_as_the_policy_says() {
    for (policy, done, name) in [
        (DriftPolicy::Repair, "update 1", "Ada Lovelace"),
        (DriftPolicy::Report, "nothing", "Eve"),
        (DriftPolicy::Ignore, "nothing", "Eve"),
    ] {
        let scene = Scene::settled().await;
        scene.policy(policy).await;
        scene.sync_well().await;
        let before = scene.user(ADA)["displayName"].clone();
        scene.another_hand("displayName", json!("Eve"));
        assert_eq!(did(&scene.world.sync().await), "nothing", "an ordinary run does not read the app");
        let report = scene.audit().await;
        assert_eq!((did(&report).as_str(), found(&report).n_changed), (done, 1), "{policy:?}");
        assert_eq!(drifts(&report), [format!(r#"{ADA}: displayName was {before} and is "Eve" now"#)]);
        let shown = if name == "Eve" { json!("Eve") } else { before };
        assert_eq!(scene.user(ADA)["displayName"], shown, "{policy:?}");
        let skipped = report.skipped.get("changed at the app by somebody else");
        assert_eq!(skipped.is_some(), policy == DriftPolicy::Report);
        scene.is_silent().await;
        let again = scene.audit().await;
        assert_eq!(found(&again).n_changed, u64::from(policy != DriftPolicy::Repair), "{policy:?}");
    }
}

#[tokio::test]
async fn a_cleared_attribute_is_written_again() {
    let scene = Scene::settled().await;
    let before = scene.user(ADA)["name"].clone();
    scene.another_hand("name", json!({"familyName": before["familyName"]}));
    assert_eq!(did(&scene.audit().await), "update 1");
    assert_eq!(scene.user(ADA)["name"]["givenName"], before["givenName"]);
    scene.is_silent().await;
}

#[tokio::test]
async fn a_renamed_account_gets_its_name_back() {
    let scene = Scene::settled().await;
    let id = scene.id(ADA);
    scene.another_hand("userName", json!("countess@example.com"));
    assert_eq!(did(&scene.audit().await), "update 1");
    assert_eq!(scene.app.by_id(&id).unwrap()["userName"], ADA);
    scene.is_silent().await;
}

#[tokio::test]
async fn a_changed_external_id_is_ours_again() {
    let scene = Scene::settled().await;
    scene.another_hand("externalId", json!("hr-7"));
    assert_eq!(did(&scene.audit().await), "update 1");
    assert!(scene.is_ours(ADA));
}

#[tokio::test]
async fn what_we_never_wrote_is_not_drift() {
    let scene = Scene::settled().await;
    scene.another_hand("nickName", json!("Countess"));
    scene.another_hand("title", json!("Boss"));
    let report = scene.audit().await;
    assert_eq!((did(&report).as_str(), found(&report).n_changed), ("nothing", 0));
    assert_eq!(scene.user(ADA)["title"], "Boss");
}

#[tokio::test]
async fn under_report_an_update_of_ours_does_not_hide_what_somebody_else_changed() {
    let scene = Scene::settled().await;
    scene.policy(DriftPolicy::Report).await;
    scene.another_hand("externalId", json!("hr-7"));
    scene.audit().await;
    scene.world.has(&with_ada(married())).await;
    assert_eq!(did(&scene.world.sync().await), "update 1");
    let report = scene.audit().await;
    assert_eq!(found(&report).n_changed, 1, "{report:?}");
    assert_eq!(scene.user(ADA)["externalId"], "hr-7");
    scene.policy(DriftPolicy::Repair).await;
    assert_eq!(did(&scene.world.sync().await), "update 1", "the policy changed its mind");
    assert!(scene.is_ours(ADA));
}

#[tokio::test]
async fn who_was_switched_off_at_the_app_stays_off_until_a_person_decides_whatever_the_policy() {
    for policy in [DriftPolicy::Repair, DriftPolicy::Report, DriftPolicy::Ignore] {
        let scene = Scene::settled().await;
        scene.policy(policy).await;
        scene.another_hand("active", json!(false));
        let report = scene.audit().await;
        assert_eq!((did(&report).as_str(), found(&report).n_switched_off), ("nothing", 1), "{policy:?}");
        assert_eq!(report.skipped.get("switched off at the app by somebody else"), Some(&1));
        scene.is_silent().await;
        assert_eq!(scene.user(ADA)["active"], false);

        let app = scene.world.app().await.id;
        let mut tx = scene.world.store.begin("test").await.unwrap();
        let user = UserId::new(id_of(ADA));
        account::set_choice(&mut tx, &app, &user, Some(Choice::SwitchOn)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(did(&scene.world.sync().await), "unsuspend 1");
        assert_eq!(scene.user(ADA)["active"], true);
    }
}

#[tokio::test]
async fn who_was_suspended_by_us_and_switched_on_at_the_app_is_suspended_again_whatever_the_policy() {
    for policy in [DriftPolicy::Repair, DriftPolicy::Report, DriftPolicy::Ignore] {
        let scene = Scene::settled().await;
        scene.policy(policy).await;
        scene.world.has(&with_ada(ada().suspended())).await;
        assert_eq!(did(&scene.world.sync().await), "suspend 1");
        scene.another_hand("active", json!(true));
        let report = scene.audit().await;
        assert_eq!((did(&report).as_str(), found(&report).n_switched_on), ("suspend 1", 1), "{policy:?}");
        assert_eq!(scene.user(ADA)["active"], false);
        let why = scene.last_reason(ADA).await;
        assert!(
            matches!(why, Reason::SwitchedOnAtApp(due) if due.trigger == Trigger::Suspended),
            "{policy:?}"
        );
        scene.is_silent().await;
    }
}

#[tokio::test]
async fn who_switched_an_account_on_counts_no_longer_once_its_owner_may_keep_it() {
    let scene = Scene::settled().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    assert_eq!(did(&scene.world.sync().await), "suspend 1");
    scene.another_hand("active", json!(true));
    scene.world.has(&with_ada(ada())).await;
    assert_eq!(did(&scene.audit().await), "nothing", "it is on, as it should be");
    scene.world.has(&with_ada(ada().suspended())).await;
    assert_eq!(did(&scene.world.sync().await), "suspend 1");
    assert!(matches!(scene.last_reason(ADA).await, Reason::Due(_)));
}

#[tokio::test]
async fn an_account_deleted_at_the_app_is_made_anew_and_a_leavers_is_forgotten() {
    let scene = Scene::settled().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    scene.sync_well().await;
    for leaver in [ADA, "bob@example.com"] {
        assert!(scene.app.remove(&scene.id(leaver)));
    }
    let report = scene.audit().await;
    assert_eq!((did(&report).as_str(), found(&report).n_deleted), ("create 1", 2));
    assert_eq!(scene.names(), ["bob@example.com", "eve@example.com"]);
    assert!(scene.world.account(ADA).await.is_none(), "the record is closed");
    scene.is_silent().await;
}

#[tokio::test]
async fn many_deleted_at_once_are_held_and_not_made_anew() {
    let scene = Scene::new().await;
    scene.world.has(&crowd(40)).await;
    scene.sync_well().await;
    for n in 1..=10 {
        assert!(scene.app.remove(&scene.id(&format!("p{n}@example.com"))));
    }
    let report = scene.audit().await;
    assert_eq!((did(&report).as_str(), found(&report).n_deleted), ("nothing", 10));
    assert_eq!(report.held.iter().map(|held| held.n_operations).sum::<u64>(), 10, "{report:?}");
}

#[tokio::test]
async fn an_account_deleted_and_made_again_by_hand_is_adopted() {
    let scene = Scene::settled().await;
    scene.app.remove(&scene.id(ADA));
    let id = scene.insert(json!({"userName": "ADA@example.com"}));
    assert_eq!(did(&scene.audit().await), "adopt 1");
    assert_eq!((scene.id(ADA), scene.is_ours(ADA)), (id, true));
    assert_eq!(scene.names().len(), 3);
}

#[tokio::test]
async fn accounts_of_nobody_are_counted_named_and_left_alone() {
    let scene = Scene::settled().await;
    let id = scene.insert(json!({"userName": "Robot@example.com", "externalId": "r-1"}));
    let before = scene.app.by_id(&id);
    let report = scene.audit().await;
    assert_eq!(did(&report), "nothing");
    assert_eq!(
        (found(&report).n_unknown, found(&report).unknown.as_slice()),
        (1, &["Robot@example.com".to_owned()][..])
    );
    assert_eq!(scene.app.by_id(&id), before);
}

#[tokio::test]
async fn a_person_with_an_account_of_that_name_is_nobody_no_more() {
    let scene = Scene::settled().await;
    scene.insert(json!({"userName": "guy@example.com"}));
    scene.world.has(&company().people(["guy@example.com"])).await;
    let report = scene.audit().await;
    assert_eq!((did(&report).as_str(), found(&report).n_unknown), ("adopt 1", 0));
}

#[tokio::test]
async fn a_listing_that_leaves_somebody_out_does_not_make_them_gone() {
    let scene = Scene::settled().await;
    scene.app.behave(Behaviour::FirstLeftOut);
    let report = scene.audit().await;
    let Audited { is_believed, n_left_out, n_deleted, .. } = *found(&report);
    assert_eq!((did(&report).as_str(), is_believed, n_left_out, n_deleted), ("nothing", false, 1, 0));
    assert_eq!(scene.names().len(), 3);
}

#[tokio::test]
async fn a_listing_that_breaks_off_is_compared_with_nothing() {
    let scene = Scene::settled().await;
    scene.another_hand("displayName", json!("Eve"));
    scene.app.behave(Behaviour::TotalTooLarge(2));
    let report = scene.audit().await;
    assert_eq!(
        (did(&report).as_str(), found(&report).is_believed, found(&report).n_changed),
        ("nothing", false, 0)
    );
}

#[tokio::test]
async fn what_an_adopted_account_had_besides_stays() {
    let scene = Scene::new().await;
    scene.insert(json!({"userName": ADA, "title": "Boss"}));
    scene.world.map(&["title = user.organizations[0].title"]).await;
    assert_eq!(did(&scene.sync_well().await), "create 2, adopt 1");
    scene.is_silent().await;
    assert_eq!(did(&scene.audit().await), "nothing");
    assert_eq!(scene.user(ADA)["title"], "Boss", "the directory says nothing of it, and we never wrote it");
}

#[tokio::test]
async fn an_audit_is_due_a_day_after_the_first_run_and_a_day_after_the_last() {
    let scene = Scene::settled().await;
    let is_due = async || {
        let app = scene.world.app().await.id;
        is_due(&scene.world.store, &app, scene.world.clock.now()).await.unwrap()
    };
    assert!(!is_due().await, "the first run listed the app");
    scene.world.wait(Duration::from_hours(24));
    assert!(is_due().await);
    scene.audit().await;
    assert!(!is_due().await);
    scene.world.wait(Duration::from_hours(23));
    assert!(!is_due().await);
    scene.world.wait(Duration::from_hours(1));
    assert!(is_due().await);
}

#[tokio::test]
async fn an_adoption_whose_answer_is_lost_leaves_alone_what_is_not_wanted() {
    let scene = Scene::settled().await;
    scene.world.map(&["title = user.organizations[0].title"]).await;
    scene.sync_well().await;
    scene.insert(json!({"userName": "guy@example.com", "title": "Boss", "displayName": "Old"}));
    scene.app.behave(Behaviour::LostAnswer.on("PATCH").at(1));
    scene.world.has(&company().people(["guy@example.com"])).await;
    assert_eq!(did(&scene.world.sync().await), "adopt 1");
    scene.is_silent().await;
    assert_eq!(scene.user("guy@example.com")["title"], "Boss");
}

#[tokio::test]
async fn a_list_that_somebody_emptied_is_filled_again() {
    let scene = Scene::settled().await;
    let before = scene.user(ADA)["emails"].clone();
    scene.app.edit(&scene.id(ADA), |account| drop(account.as_object_mut().unwrap().remove("emails")));
    let report = scene.audit().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("update 1", 0), "{:?}", report.failures);
    assert_eq!(scene.user(ADA)["emails"], before);
    scene.is_silent().await;
}

#[tokio::test]
async fn a_repair_that_the_app_ignores_is_no_repair() {
    let scene = Scene::settled().await;
    scene.another_hand("displayName", json!("Eve"));
    scene.app.behave(Behaviour::PatchIgnored);
    let report = scene.audit().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 1), "{report:?}");
    assert_eq!(found(&scene.audit().await).n_changed, 1, "it is not forgotten");
    scene.app.behave_well();
    scene.world.wait(Duration::from_hours(1));
    assert_eq!(did(&scene.world.sync().await), "update 1");
    assert_ne!(scene.user(ADA)["displayName"], "Eve");
}

#[tokio::test]
async fn an_audit_that_cannot_list_keeps_nobodys_suspension_waiting() {
    let scene = Scene::new().await;
    let leaving = |last: User| {
        let people = (1..150).map(|n| User::new(&format!("p{n}@example.com")));
        people.fold(Directory::new("example.com"), Directory::user).user(last)
    };
    scene.world.has(&leaving(User::new("p150@example.com"))).await;
    scene.sync_well().await;
    scene.app.behave(Behaviour::Fails { status: 500, is_done: false }.on("GET").about("cursor=after-100"));
    let report = scene.audit().await;
    assert_eq!((found(&report).is_believed, &report.stopped), (false, &None));
    scene.world.has(&leaving(User::new("p150@example.com").suspended())).await;
    assert_eq!(did(&scene.world.sync().await), "suspend 1");
    assert_eq!(scene.user("p150@example.com")["active"], false);
}
