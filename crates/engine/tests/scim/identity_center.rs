//! Provisioning into the emulated IAM Identity Center, at AWS's own limits and through everything that can go wrong.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::fault::{Fault, FaultRule};
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::when::When;
use usher_engine::report::{RunReport, RunRequest};
use usher_engine::schedule;
use usher_engine::turns::Turns;
use usher_store::run;
use usher_testkit::identity_center::EmulatedCenter;

use crate::scene::crowd;
use crate::world::{World, did};

/// A world whose app is the emulated Identity Center.
struct Cloud {
    world: World,
    aws: EmulatedCenter,
}

impl Cloud {
    async fn new(n_people: usize, settings: Settings) -> Self {
        let mut world = World::of_template("aws").await;
        let aws = EmulatedCenter::new(&world.sim, settings);
        world.environment.transports = Arc::new(aws.clone());
        world.has(&crowd(n_people)).await;
        world.connect(&aws.enabled.endpoint, aws.token()).await;
        aws.center.clear_log(&aws.enabled.tenant).unwrap();
        Self { world, aws }
    }

    fn fails(&self, fault: Fault, when: When) {
        let rule = FaultRule { operations: Vec::new(), fault, when };
        self.aws.center.add_fault(&self.aws.enabled.tenant, rule).unwrap();
    }

    fn heals(&self) {
        self.aws.center.end_faults(&self.aws.enabled.tenant).unwrap();
    }

    /// The names of everybody at AWS, sorted: somebody who is there twice stands here twice.
    async fn names(&self) -> Vec<String> {
        let users = self.aws.users().await;
        let mut names: Vec<_> =
            users.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    /// Runs until a run has nothing to do, fails nobody and waits for nobody, each an hour after the one before.
    async fn settle(&self) -> Vec<RunReport> {
        let mut reports = Vec::new();
        for _ in 0..20 {
            let report = self.world.sync().await;
            let is_silent = did(&report) == "nothing" && report.n_failures == 0 && report.skipped.is_empty();
            let is_over = is_silent && report.stopped.is_none();
            reports.push(report);
            if is_over {
                return reports;
            }
            self.world.wait(Duration::from_hours(1));
        }
        panic!("it does not settle: {:#?}", reports.last());
    }
}

fn everybody(n: usize) -> Vec<String> {
    let mut names: Vec<_> = (1..=n).map(|number| format!("p{number}@example.com")).collect();
    names.sort();
    names
}

#[tokio::test]
async fn two_thousand_people_go_in_at_the_pace_that_aws_allows_and_are_never_throttled() {
    let cloud = Cloud::new(2_000, Settings::default()).await;
    let began_at = cloud.world.sim.now();
    let report = cloud.world.sync().await;
    assert_eq!(did(&report), "create 2000");
    let seconds = cloud.world.sim.now().since(began_at).as_secs_f64();
    let per_second = 2_000.0 / seconds;
    let counters = cloud.aws.center.counters(&cloud.aws.enabled.tenant).unwrap();
    assert_eq!(counters.throttled, 0, "{counters:?}");
    assert!(per_second >= 0.98 * 25.0, "{per_second} writes a second, in {seconds} seconds");
    assert_eq!(cloud.names().await, everybody(2_000));
}

#[tokio::test]
async fn an_audit_of_aws_costs_a_hundredth_of_its_users() {
    let cloud = Cloud::new(250, Settings::default()).await;
    cloud.world.sync().await;
    let report = cloud.world.try_run(&RunRequest { audit: true, ..RunRequest::default() }).await.unwrap();
    assert_eq!((did(&report).as_str(), report.requests.reads, report.requests.writes), ("nothing", 3, 0));
    assert_eq!(report.audit.unwrap().n_compared, 250);
}

#[tokio::test]
async fn a_server_audits_an_app_when_a_day_is_over_and_not_before() {
    let cloud = Cloud::new(3, Settings::default()).await;
    cloud.world.sync().await;
    let due_at = cloud.world.sim.now() + Duration::from_hours(24);
    cloud.world.wait(Duration::from_hours(24) - Duration::from_mins(1));
    let stop = CancellationToken::new();
    let World { store, clock, environment, .. } = &cloud.world;
    let app = cloud.world.app().await.id;
    let audited = async {
        loop {
            let mut tx = store.read("test").await.unwrap();
            if let Some(audit) = run::last_audit(&mut tx, &app).await.unwrap() {
                stop.cancel();
                return audit;
            }
        }
    };
    let turns = Turns::default();
    let served = schedule::serve(store, clock, environment, &turns, &stop);
    let (served, audit) = tokio::join!(served, audited);
    served.unwrap();
    assert!(audit.started_at >= due_at, "{} is before {due_at}", audit.started_at);
    assert_eq!(audit.outcome.unwrap()["audit"]["compared"], 3);
}

#[tokio::test]
async fn a_first_sync_of_ten_thousand_goes_through_every_fault_at_once() {
    const PEOPLE: usize = 10_000;
    let cloud = Cloud::new(PEOPLE, Settings::default().unlimited()).await;
    let chance = |per_mille, seed| When::Chance { per_mille, seed };
    cloud.fails(Fault::LostAnswer, chance(20, 1));
    cloud.fails(Fault::LostRequest, chance(20, 2));
    cloud.fails(Fault::TooManyRequests { retry_after_seconds: None }, chance(10, 3));
    cloud.fails(Fault::TooManyRequests { retry_after_seconds: Some(7) }, chance(10, 4));
    cloud.fails(Fault::TooManyRequestsUntil { seconds: 3 }, chance(10, 11));
    cloud.fails(Fault::StaleRead { seconds: Some(30) }, chance(50, 12));
    // Somebody makes accounts at AWS for people whose turn has not come.
    for (nth, n) in [(1_000, 9_001), (2_000, 9_002), (3_000, 9_003)] {
        cloud.fails(Fault::Edit { edit: made_by_hand(n) }, When::At { nth });
    }
    cloud.fails(Fault::ServerError, chance(20, 5));
    cloud.fails(Fault::Slow { millis: 1_500 }, chance(20, 6));
    cloud.fails(Fault::Slow { millis: 25_000 }, chance(5, 7));
    cloud.fails(Fault::ShortPage { most: 3 }, chance(300, 8));
    cloud.fails(Fault::ShortPage { most: 0 }, chance(100, 9));
    cloud.fails(Fault::BadRequestWithEffect, chance(10, 10));
    cloud.settle().await;
    assert!(refused_twice(&cloud).is_empty(), "{:#?}", refused_twice(&cloud));

    cloud.heals();
    let (names, expected) = (cloud.names().await, everybody(PEOPLE));
    let missing: Vec<_> = expected.iter().filter(|name| names.binary_search(name).is_err()).collect();
    assert_eq!(
        (missing, names.len()),
        (Vec::<&String>::new(), PEOPLE),
        "nobody is missing, and nobody there twice"
    );
    cloud.settle().await;
    let report = cloud.world.try_run(&RunRequest { audit: true, ..RunRequest::default() }).await.unwrap();
    let audited = report.audit.clone().unwrap();
    assert_eq!((did(&report).as_str(), audited.n_compared, audited.n_unknown), ("nothing", PEOPLE as u64, 0));
}

/// An account with somebody's address that Usher has not made.
fn made_by_hand(n: usize) -> Edit {
    let name = format!("p{n}@example.com");
    let attributes = serde_json::json!({
        "userName": name, "displayName": "By Hand", "name": {"givenName": "By", "familyName": "Hand"},
        "emails": [{"value": name, "type": "work", "primary": true}],
    });
    Edit::CreateUser { attributes: attributes.as_object().unwrap().clone() }
}

/// What AWS itself refused more than once: the same operation on the same account. Refusals that were put on are not
/// AWS's.
fn refused_twice(cloud: &Cloud) -> BTreeMap<String, usize> {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    for logged in cloud.aws.center.requests(&cloud.aws.enabled.tenant, 0, usize::MAX).unwrap() {
        if logged.fault.is_none() && logged.status.is_some_and(|status| (400..500).contains(&status)) {
            let subject = logged.subject.clone().unwrap_or_default();
            *refused.entry(format!("{} {} {subject}", logged.method, logged.target)).or_default() += 1;
        }
    }
    refused.retain(|_, n| *n > 1);
    refused
}
