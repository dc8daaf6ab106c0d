//! The thirty days are played once for each test, which takes about two seconds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use usher_engine::endpoint::Endpoint;
use usher_engine::environment::Transports as _;
use usher_model::template::Template;
use usher_model::time::Timestamp;
use usher_protocol::http::{Method, Request};
use usher_store::{Key, KeySource, Location, Migrations, Opening, Store, app, hold};

use self::expected::{Expected, Is, everybody};
use super::{Diary, Stage, begins, environment, play};
use crate::demo::center::Center;
use crate::demo::clock::DemoClock;
use crate::demo::in_process::InProcess;
use crate::demo::organisation::{N_PEOPLE, Organisation, SEED};
use crate::demo::setup::APP;
use crate::demo::tale::why;
use crate::demo::verdict::{Verdict, Whereabouts, verdicts};
use crate::system;

mod expected;

/// The thirty days, played.
struct Played {
    store: Store,
    clock: Arc<DemoClock>,
    center: Center,
    diary: Lines,
}

/// The diary, kept.
#[derive(Default)]
struct Lines(Mutex<Vec<(u32, String, String)>>);

impl Diary for Lines {
    fn entry(&self, day: u32, said: &str, done: &str) {
        self.0.lock().unwrap().push((day, said.to_owned(), done.to_owned()));
    }
}

fn end() -> Timestamp {
    Timestamp::parse("2026-11-24T07:30:00Z").unwrap()
}

impl Played {
    async fn new() -> Self {
        let opening = Opening {
            location: Location::Memory,
            keys: KeySource::Given(vec![Key::new([7; 32])]),
            entropy: Arc::new(system::fill),
            migrations: Migrations::Apply,
        };
        let store = Store::open(opening).await.unwrap();
        let clock = Arc::new(DemoClock::at(begins(end())));
        let center = Center::open(&clock, "http://127.0.0.1:8081", None).unwrap();
        let diary = Lines::default();
        let stage = Stage { store: &store, clock: clock.clone(), center: &center, diary: &diary };
        play(&stage, end()).await.unwrap_or_else(|failure| panic!("{}", failure.sentence()));
        Self { store, clock, center, diary }
    }

    async fn verdicts(&self) -> BTreeMap<String, Verdict> {
        let verdicts = verdicts(&self.store, self.clock.as_ref(), &environment(&self.center)).await;
        let verdicts = verdicts.unwrap_or_else(|failure| panic!("{}", failure.sentence()));
        verdicts.into_iter().map(|verdict| (verdict.user.id.to_string(), verdict)).collect()
    }

    /// Every account at the emulated app, as a client reads it.
    async fn accounts(&self) -> Vec<Value> {
        let env = environment(&self.center);
        let template = Template::by_key("aws").unwrap();
        let endpoint = Endpoint::parse(&self.center.door.endpoint, template, env.reachable).unwrap();
        let way = InProcess(self.center.emulator.clone()).open(endpoint, self.center.door.token.clone());
        let (mut accounts, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = Request::new(Method::Get, ["Users"]).with_query("cursor", cursor.as_str());
            // The clock stands still now, and so does the emulator's throttle.
            self.clock
                .forward(usher_engine::clock::Clock::now(self.clock.as_ref()) + super::LOOK_AGAIN_AFTER);
            let answer = way.send(&page, env.request_timeout).await.unwrap();
            let page = answer.body_json().unwrap();
            assert_eq!(answer.status, 200, "{page}");
            accounts.extend(page["Resources"].as_array().unwrap().iter().cloned());
            match page["nextCursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return accounts,
            }
        }
    }
}

/// What of an account is compared.
fn seen(account: &Value) -> Vec<(&'static str, Value)> {
    [
        "/userName",
        "/name/givenName",
        "/name/familyName",
        "/displayName",
        "/emails/0/value",
        "/emails/0/primary",
        "/title",
        "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/department",
    ]
    .map(|path| (path, account.pointer(path).cloned().unwrap_or_default()))
    .into()
}

#[tokio::test]
async fn everybody_is_at_the_app_as_the_directory_has_them_or_there_is_a_reason() {
    let played = Played::new().await;
    let verdicts = played.verdicts().await;
    let accounts = played.accounts().await;
    let mut by_external_id: BTreeMap<&str, &Value> = BTreeMap::new();
    for account in &accounts {
        if let Some(id) = account["externalId"].as_str() {
            assert!(by_external_id.insert(id, account).is_none(), "two accounts for {id}");
        }
    }
    let expected = everybody(end());
    assert_eq!(expected.len(), N_PEOPLE);
    assert_eq!(verdicts.len(), N_PEOPLE);
    let mut wrong = Vec::new();
    for Expected { id, email, is, why: part, attributes } in expected {
        let account = by_external_id.remove(id.as_str());
        let verdict = &verdicts[&id];
        let reason = why(verdict);
        let is_at_app = match account {
            None => Is::Nowhere,
            Some(account) if account["active"] == true => Is::On,
            Some(_) => Is::Off,
        };
        assert!(!reason.is_empty(), "{email} has no reason");
        if is_at_app != is {
            wrong.push(format!("{email} is {is_at_app:?} and ought to be {is:?}: {reason}"));
        } else if let (Is::On, Some(account)) = (is, account)
            && seen(account) != attributes
        {
            wrong.push(format!("{email} is {:?} and ought to be {attributes:?}", seen(account)));
        }
        if !reason.contains(part) {
            wrong.push(format!("{email} has the reason `{reason}`, which does not say `{part}`"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    let left: Vec<&str> = by_external_id.into_keys().collect();
    assert_eq!(left, ["old-tool-4711"], "nobody else's account is there");
}

#[tokio::test]
async fn accounts_that_are_nobodys_are_left_alone() {
    let played = Played::new().await;
    let accounts = played.accounts().await;
    let nobodys: Vec<&Value> = accounts.iter().filter(|account| account["externalId"].is_null()).collect();
    let names: Vec<&str> = nobodys.iter().map(|account| account["userName"].as_str().unwrap()).collect();
    assert_eq!(names, ["break-glass@example.com", "deploy-robot@example.com"]);
    for account in nobodys {
        assert_eq!(account["active"], true);
        assert_eq!(account["meta"]["created"], account["meta"]["lastModified"], "{account}");
    }
}

#[tokio::test]
async fn one_hold_is_open_and_what_usher_knows_is_what_the_app_has() {
    let played = Played::new().await;
    let mut tx = played.store.read("tests::held").await.unwrap();
    let app = app::by_name(&mut tx, APP).await.unwrap().unwrap();
    let [held] = &hold::open(&mut tx, &app.id).await.unwrap()[..] else { panic!("one hold") };
    let firmware = Organisation::new(SEED).staff_of("/Engineering/Firmware").count() as u64;
    assert_eq!(held.n_operations, firmware, "{}", held.tripped);
    assert!(app.quarantine.is_none() && app.refused_at.is_none());
    drop(tx);
    let accounts = played.accounts().await;
    let verdicts = played.verdicts().await;
    let known =
        |whereabouts| verdicts.values().filter(|verdict| verdict.whereabouts() == whereabouts).count();
    let at_app = |active: bool| {
        let ours = accounts
            .iter()
            .filter(|account| account["externalId"].as_str().is_some_and(|id| verdicts.contains_key(id)));
        ours.filter(|account| account["active"] == active).count()
    };
    assert_eq!(known(Whereabouts::On), at_app(true));
    assert_eq!(known(Whereabouts::Off), at_app(false));
}

#[tokio::test]
async fn the_diary_tells_every_day_in_order() {
    let played = Played::new().await;
    let lines = played.diary.0.into_inner().unwrap();
    let days: Vec<u32> = lines.iter().map(|(day, ..)| *day).collect();
    assert!(days.is_sorted(), "{days:?}");
    let (day, said, done) = &lines[0];
    assert_eq!((*day, said.as_str()), (0, "Usher is set up, and runs for the first time"));
    assert!(done.contains("created") && done.contains("3 taken over"), "{done}");
    assert!(done.contains("5 groups made") && done.contains("put into groups"), "{done}");
    let of = |said: &str| &lines.iter().find(|line| line.1 == said).unwrap().2;
    assert_eq!(of("Dmitri Savchenko leaves"), "1 suspended");
    assert_eq!(of("Hanna Virtanen is back from leave"), "1 switched on again");
    assert_eq!(of("Wen Li no longer looks after the bill"), "1 taken out of a group");
    let held = "More is due at once than happens unasked: it waits until somebody has looked";
    assert_eq!(of(held), "24 held");
    assert_eq!(lines.iter().filter(|line| line.1 == held).count(), 1, "told once");
    assert_eq!(of("Somebody turns AWS off for Sales"), "");
    assert_eq!(of("It was a mistake, and Sales has it back"), "");
}

#[tokio::test]
async fn the_groups_that_were_chosen_are_at_the_app_with_everybody_below_them_who_has_an_account() {
    let played = Played::new().await;
    let app_groups = played.center.groups();
    let names: Vec<&str> = app_groups.keys().map(String::as_str).collect();
    assert_eq!(names, ["AWS billing", "Cloud Platform", "Data", "Incident response", "Site Reliability"]);
    // Wen Li left, Carlos Mendieta came by way of the group in it, and the two groups are in each other.
    let billing = &app_groups["AWS billing"];
    for who in ["judith.falk", "patience.nkrumah", "lucia.ferrer", "carlos.mendieta"] {
        assert!(billing.contains(&format!("{who}@example.com")), "{who}: {billing:?}");
    }
    assert_eq!(billing.len(), 4, "{billing:?}");
    let (incidents, sre) = (&app_groups["Incident response"], &app_groups["Site Reliability"]);
    assert_eq!(incidents, sre, "each is in the other");
    assert!(sre.contains("chidinma.eze@example.com") && sre.contains("lucia.ferrer@example.com"), "{sre:?}");
}
