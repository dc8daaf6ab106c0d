//! What goes on at an app: holds, runs, the log, failures, timers; and whose it is to do something about it.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use usher_model::attribute::Attributes;
use usher_model::cause::{Causes, Due, Trigger};
use usher_model::guard::{Class, Tripped};
use usher_model::hold::HoldState;
use usher_model::id::{AppId, Email, HoldId, RunId, UserId};
use usher_model::operation::Operation;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::app::Lease;
use usher_store::event::{self, Event, EventKind, Wrote};
use usher_store::run::{self, RunKind};
use usher_store::{Tx, account, app, hold};
use usher_web::Clock as _;
use usher_web::hands::{Edit, Finished, Job, JobState, Ran, Step};

use crate::browser::{Answer, Browser, House};
use crate::rights::joined;

const APP: &str = "/apps/id-of-aws";

fn id() -> AppId {
    AppId::new("id-of-aws")
}

async fn with_app() -> (House, Browser) {
    let house = House::new().await;
    let mut ada = house.set_up().await;
    ada.post_with_token("/apps/add", "/apps/add", &[("name", "aws"), ("template", "aws")]).await;
    (house, ada)
}

async fn begun(tx: &mut Tx, id_of_run: &str, now: Timestamp) -> Lease {
    let lease = app::begin_run(tx, &id(), RunId::new(id_of_run)).await.unwrap();
    run::insert(tx, &id(), &lease.run, RunKind::Full, now).await.unwrap();
    lease
}

async fn post(browser: &mut Browser, path: &str, form: &[(&str, &str)]) -> Answer {
    browser.post_with_token("/account", path, form).await
}

fn event(run: &str, seq: i64, kind: EventKind, who: &str, at: Timestamp) -> Event {
    let operation = Operation::Suspend { remote_id: usher_model::id::RemoteId::new("r-1") };
    Event {
        run: RunId::new(run),
        seq,
        kind,
        at,
        user: UserId::new(who),
        email: Email::parse(&format!("{who}@example.com")).ok(),
        reason: Reason::Joined,
        detail: (kind == EventKind::Failure).then(|| "the app answered 409: \"taken\"".to_owned()),
        classes: Vec::new(),
        is_released: false,
        wrote: (kind == EventKind::Suspend).then(|| Wrote::new(operation, &Attributes::default())),
    }
}

#[tokio::test]
async fn a_hold_says_what_tripped_and_is_released_by_a_run_or_discarded_at_once() {
    let (house, mut ada) = with_app().await;
    let tripped = Tripped::TooMany { class: Class::Removals, wanted: 11, done: 0, limit: 10, of: 40 };
    let now = Timestamp::from_micros(1_700_000_000_000_000);
    let mut tx = house.store.begin("tests::hold").await.unwrap();
    hold::upsert_open(&mut tx, &id(), &tripped.key(), &tripped, HoldId::new("h"), now).await.unwrap();
    tx.commit().await.unwrap();
    let page = ada.get(&format!("{APP}/holds")).await.text;
    assert!(
        page.contains("Many removals") && page.contains("11 accounts would be suspended or deleted"),
        "{page}"
    );
    let mut tx = house.store.begin("tests::hold").await.unwrap();
    hold::set_n_operations(&mut tx, &HoldId::new("h"), 11).await.unwrap();
    tx.commit().await.unwrap();
    let due = ada.get(&format!("{APP}/due")).await.text;
    assert!(due.contains("Due already, and held: 11 people."), "{due}");
    let asked = ada.get(&format!("{APP}/holds/h/release")).await;
    assert_eq!(asked.heading(), "Carry out 11 operations?");
    assert!(asked.text.contains("whoever must still go is done now.") && house.hands.jobs().is_empty());
    let begun = post(&mut ada, &format!("{APP}/holds/h/release"), &[]).await;
    assert_eq!(begun.location(), format!("{APP}/jobs/job"));
    let jobs = house.hands.jobs();
    let [Job::Release { holds, by, .. }] = jobs.as_slice() else { panic!("{jobs:?}") };
    assert_eq!((holds.as_slice(), by.as_str()), (&[HoldId::new("h")][..], "ada@example.com"));
    post(&mut ada, &format!("{APP}/holds/h/discard"), &[]).await;
    let mut tx = house.store.read("tests::hold").await.unwrap();
    let decided = hold::by_id(&mut tx, &HoldId::new("h")).await.unwrap().unwrap();
    drop(tx);
    assert_eq!(
        (decided.state, decided.decided_by.as_deref()),
        (HoldState::Discarded, Some("ada@example.com"))
    );
    let asked = ada.get(&format!("{APP}/holds/h/release")).await;
    assert_eq!(asked.location(), format!("{APP}/holds/h"), "it is decided");
    let log = ada.get("/audit-log").await.text;
    assert!(log.contains("hold release") && log.contains("hold discard"), "{log}");
    assert_eq!(ada.get(&format!("{APP}/holds/nothing")).await.status, StatusCode::NOT_FOUND);
}

/// Whether the runs say that one begins, that one is under way, and refresh themselves.
async fn runs_shown(browser: &mut Browser) -> [bool; 3] {
    let page = browser.get(&format!("{APP}/runs")).await.text;
    ["A run begins.", "Under way", "hx-trigger=\"every 2s\""].map(|piece| page.contains(piece))
}

#[tokio::test]
async fn the_runs_refresh_themselves_from_run_now_until_the_run_has_ended() {
    let (house, mut ada) = with_app().await;
    let now = Timestamp::from_micros(1_700_000_000_000_000);
    let next = Some(now + Duration::from_mins(15));
    let mut tx = house.store.begin("tests::on").await.unwrap();
    app::enable(&mut tx, &id(), now).await.unwrap();
    app::set_next_run(&mut tx, &id(), next).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(runs_shown(&mut ada).await, [false, false, false], "nothing is due");
    assert_eq!(post(&mut ada, &format!("{APP}/run"), &[]).await.location(), format!("{APP}/runs"));
    assert_eq!(runs_shown(&mut ada).await, [true, false, true], "nothing has begun yet");
    let mut tx = house.store.begin("tests::begun").await.unwrap();
    let lease = begun(&mut tx, "run-1", now).await;
    tx.commit().await.unwrap();
    assert_eq!(runs_shown(&mut ada).await, [false, true, true], "it has");
    let mut tx = house.store.begin("tests::ended").await.unwrap();
    run::end(&mut tx, &id(), &lease.run, now, &serde_json::json!({})).await.unwrap();
    app::set_next_run(&mut tx, &id(), next).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(runs_shown(&mut ada).await, [false, false, false], "it has ended");
}

#[tokio::test]
async fn runs_lead_on_to_those_before_them_until_there_are_no_more() {
    let (house, mut ada) = with_app().await;
    let now = Timestamp::from_micros(1_700_000_000_000_000);
    let mut tx = house.store.begin("tests::runs").await.unwrap();
    for n in 0..101 {
        // Some begin at the same time.
        let run = RunId::new(format!("run-{n:03}"));
        run::insert(&mut tx, &id(), &run, RunKind::Full, now + Duration::from_hours(n / 3)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut seen = Vec::new();
    let mut path = format!("{APP}/runs");
    loop {
        let page = ada.get(&path).await;
        let runs: Vec<_> = page.text.split("log?run=").skip(1).map(|rest| rest[..7].to_owned()).collect();
        seen.push(runs.len());
        assert_eq!(page.text.contains(">Newest</a>"), seen.len() > 1);
        if !page.text.contains("rel=\"next\"") {
            assert_eq!(runs, ["run-000"]);
            break;
        }
        path = page.attribute("a[rel=next]", "href");
    }
    assert_eq!(seen, [50, 50, 1]);
}

#[tokio::test]
async fn the_log_is_filtered_by_event_person_run_and_day_and_leads_on_to_what_is_older() {
    let (house, mut ada) = with_app().await;
    let day = |n: i64| Timestamp::from_micros(1_700_000_000_000_000 + n * 86_400_000_000);
    let mut tx = house.store.begin("tests::log").await.unwrap();
    let first = begun(&mut tx, "run-1", day(0)).await;
    let many: Vec<_> =
        (0..150).map(|seq| event("run-1", seq, EventKind::Create, &format!("u{seq}"), day(0))).collect();
    event::append(&mut tx, &first, &many).await.unwrap();
    let second = begun(&mut tx, "run-2", day(2)).await;
    let two = [
        event("run-2", 1, EventKind::Failure, "bo", day(2)),
        event("run-2", 2, EventKind::Suspend, "cy", day(2)),
    ];
    event::append(&mut tx, &second, &two).await.unwrap();
    tx.commit().await.unwrap();
    let mut n_of = async |query: &str| {
        let page = ada.get(&format!("{APP}/log{query}")).await.text;
        (page.matches("<td class=\"when\">").count(), page)
    };
    let (n, newest) = n_of("").await;
    assert_eq!(n, 100);
    let older = newest.split("href=\"").find(|rest| rest.contains("rel=\"next\"")).unwrap();
    let older = older.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
    assert_eq!(n_of(older.strip_prefix(&format!("{APP}/log")).unwrap()).await.0, 52);
    for (query, n, says) in [
        ("?kind=failure", 1, "The app answered 409"),
        ("?kind=suspend", 1, "PATCH Users/r-1"),
        ("?person=u7", 1, "u7@example.com"),
        ("?person=cy@example.com&user=cy", 1, "value=\"cy@example.com\""),
        ("?run=run-2", 2, "person=cy%40example.com&#38;user=cy"),
        ("?run=run-2&person=cy", 1, "cy@example.com"),
        ("?from=2023-11-16", 2, "bo@example.com"),
        ("?to=2023-11-15&kind=failure", 0, "Nothing in the log is of that kind."),
        ("?person=nobody@example.com", 0, "Nobody in the directory has the address"),
        ("?from=yesterday", 0, "yesterday is not a day"),
    ] {
        let (found, page) = n_of(query).await;
        assert_eq!(found, n, "{query}");
        assert!(page.contains(says), "{query}: {page}");
    }
    let list = ada.get(&format!("{APP}/log/download?kind=failure")).await;
    let nobodys = ada.get(&format!("{APP}/log?person=nobody@example.com")).await.text;
    assert!(!nobodys.contains("/log/download"), "there is nothing to download: {nobodys}");
    assert_eq!(list.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(list.text.lines().count(), 2, "{}", list.text);
    assert!(list.text.contains("\"The app answered 409: \"\"taken\"\".\""), "{}", list.text);
    assert_eq!(ada.get(&format!("{APP}/log/download")).await.text.lines().count(), 153);
}

#[tokio::test]
async fn one_person_is_provisioned_on_demand_with_each_step_shown_and_nobody_is_for_a_wrong_address() {
    let (house, mut ada) = with_app().await;
    let wrong = post(&mut ada, &format!("{APP}/on-demand"), &[("email", "ghost@example.com")]).await;
    assert!(
        wrong.text.contains("Nobody in the directory has the address ghost@example.com."),
        "{}",
        wrong.text
    );
    assert!(house.hands.jobs().is_empty());
    let step = Step { name: "decision".into(), text: "create the account: entitled".into() };
    let ran = Ran {
        run: RunId::new("run-9"),
        operations: BTreeMap::default(),
        groups: BTreeMap::default(),
        members_added: 0,
        members_removed: 0,
        n_failures: 0,
        failures: Vec::new(),
        skipped: BTreeMap::default(),
        held: Vec::new(),
        n_reads: 1,
        n_writes: 1,
        stopped: None,
        warnings: Vec::new(),
        steps: vec![step],
        left_alone: Vec::new(),
    };
    house.hands.jobs_are(JobState::Finished(Box::new(Finished::Ran(ran))));
    let page = ada.get(&format!("{APP}/jobs/job")).await.text;
    assert!(page.contains("create the account: entitled") && page.contains("log?run=run-9"), "{page}");
    assert!(ada.get(&format!("{APP}/jobs/other")).await.text.contains("Nobody knows of this any more"));
}

#[tokio::test]
async fn operators_release_retry_and_keep_and_only_super_admins_configure() {
    let (house, mut ada) = with_app().await;
    let mut bob = joined(&house, &mut ada, "bob@example.com", "operator").await;
    let mut eve = joined(&house, &mut ada, "eve@example.com", "auditor").await;
    let pages = [
        "",
        "/sso",
        "/access",
        "/due",
        "/holds",
        "/failures",
        "/drift",
        "/runs",
        "/log",
        "/on-demand",
        "/groups",
    ];
    for page in pages {
        for browser in [&mut ada, &mut bob, &mut eve] {
            assert_eq!(browser.get(&format!("{APP}{page}")).await.status, StatusCode::OK, "{page}");
        }
    }
    let operates = [
        "/run",
        "/audit",
        "/failures/retry",
        "/pin",
        "/unpin",
        "/suspend-now",
        "/on-demand",
        "/holds/h/release",
        "/holds/h/discard",
    ];
    for path in operates {
        let path = format!("{APP}{path}");
        let form = [("user", "1"), ("why", "break glass"), ("email", "x@example.com")];
        assert_eq!(post(&mut eve, &path, &form).await.status, StatusCode::FORBIDDEN, "{path}");
        assert_ne!(post(&mut bob, &path, &form).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let configures = [
        "/set-up/token",
        "/set-up/endpoint",
        "/set-up/mapping",
        "/set-up/scope",
        "/set-up/deprovisioning",
        "/auto-provisioning/reauthorize",
        "/auto-provisioning/mapping",
        "/auto-provisioning/scope",
        "/auto-provisioning/domains",
        "/auto-provisioning/deprovisioning",
        "/auto-provisioning/delete",
        "/remove",
        "/turn-on",
        "/turn-off",
        "/access",
        "/sso",
        "/groups",
        "/drift",
    ];
    for path in configures {
        let path = format!("{APP}{path}");
        for browser in [&mut bob, &mut eve] {
            assert_eq!(post(browser, &path, &[]).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    assert_eq!(bob.get("/apps/add").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_loses_an_account_is_kept_or_suspended_at_once_as_an_admin_says() {
    let (house, mut ada) = with_app().await;
    let now = house.clock.now();
    let due = Due { trigger: Trigger::Suspended, since: now, at: now + Duration::from_hours(24) };
    let mut tx = house.store.begin("tests::due").await.unwrap();
    let lease = begun(&mut tx, "run-1", now).await;
    let leaving = AccountRecord {
        state: RecordState::Active,
        remote_id: Some(usher_model::id::RemoteId::new("r-1")),
        causes: Causes { suspended: Some(now), ..Causes::default() },
        reason: Some(Reason::Leaving { due, app_off: None }),
        wake_at: Some(due.at),
        ..AccountRecord::new(UserId::new("eve"), Email::parse("eve@example.com").ok())
    };
    account::record(&mut tx, &lease, &[leaving]).await.unwrap();
    tx.commit().await.unwrap();

    let page = ada.get(&format!("{APP}/due")).await.text;
    for word in ["eve@example.com", "Keep<", "Suspend now<"] {
        assert!(page.contains(word), "{word}: {page}");
    }
    let answer = post(&mut ada, &format!("{APP}/suspend-now"), &[("user", "eve")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    assert_eq!(house.hands.edits().last(), Some(&Edit::SuspendNow { user: UserId::new("eve") }));
    let noted = ada.get("/audit-log").await.text;
    assert!(noted.contains("account suspend now"), "{noted}");

    house.hands.refuse_next("eve is losing no account");
    let refused = post(&mut ada, &format!("{APP}/suspend-now"), &[("user", "eve")]).await;
    assert!(refused.text.contains("Eve is losing no account."), "{}", refused.text);
}
