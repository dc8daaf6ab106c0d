//! The pace of each operation of an app's API, under a clock that tests move.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use usher_engine::limiter::{Call, Limiter};
use usher_model::template::Template;
use usher_model::time::Timestamp;
use usher_protocol::scim::ResourceKind;
use usher_protocol::scim::filter::Filter;
use usher_protocol::scim::patch::PatchRequest;
use usher_protocol::scim::request::{self, Page};
use usher_protocol::scim::resource::{Resource, ResourceId};
use usher_testkit::clock::SimClock;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(0) + Duration::from_secs(seconds)
}

fn reads(name: &str) -> bool {
    name.starts_with("List") || name.starts_with("Get")
}

fn limiter(sim: &SimClock) -> Limiter {
    Limiter::new(Arc::new(sim.clone()), Template::by_key("aws").unwrap().limits)
}

/// Each operation of AWS's API that Usher may use, by name.
fn operations() -> Vec<(String, Call)> {
    let id = ResourceId::parse("1").unwrap();
    let (page, resource) = (Page::Cursor(String::new()), Resource::new(serde_json::Map::new()));
    let patch = PatchRequest { operations: Vec::new() };
    let mut operations =
        vec![("GetServiceProviderConfig".to_owned(), Call::of(&request::service_provider_config()))];
    for (kind, name) in [(ResourceKind::User, "User"), (ResourceKind::Group, "Group")] {
        let requests = [
            ("List", request::list(kind, &page, 100, None)),
            ("Get", request::get(kind, &id)),
            ("Create", request::create(kind, resource.clone())),
            ("Patch", request::patch(kind, &id, &patch)),
            ("Put", request::replace(kind, &id, resource.clone())),
            ("Delete", request::delete(kind, &id)),
        ];
        operations.extend(requests.map(|(act, request)| (format!("{act}{name}"), Call::of(&request))));
    }
    operations
}

#[test]
fn every_operation_of_the_app_is_counted_by_itself() {
    let operations = operations();
    for (position, (name, call)) in operations.iter().enumerate() {
        let same: Vec<_> = operations[..position].iter().filter(|(_, other)| other == call).collect();
        assert!(same.is_empty(), "{name} is counted with {same:?}");
    }
    let kind = ResourceKind::User;
    let find = request::find(kind, &Filter::eq("userName", "a"), &Page::Cursor(String::new()));
    assert_eq!(
        Call::of(&find),
        Call::of(&request::list(kind, &Page::Index(1), 1, None)),
        "a look-up is a list"
    );
}

#[tokio::test]
async fn at_aws_each_operation_has_25_writes_or_40_reads_a_second() {
    for (name, call) in operations() {
        let sim = SimClock::at(at(0)).auto_advancing();
        let limiter = limiter(&sim);
        let mut n_started = 0;
        loop {
            drop(limiter.turn(call).await);
            if sim.now() >= at(1) {
                break;
            }
            n_started += 1;
        }
        assert_eq!(n_started, if reads(&name) { 40 } else { 25 }, "{name}");
    }
}

#[tokio::test]
async fn one_operation_that_is_refused_does_not_slow_the_others() {
    let sim = SimClock::at(at(0)).auto_advancing();
    let limiter = limiter(&sim);
    let operations: BTreeMap<_, _> = operations().into_iter().collect();
    limiter.refused(operations["CreateUser"], Some(Duration::from_secs(30)));
    drop(limiter.turn(operations["PatchUser"]).await);
    drop(limiter.turn(operations["CreateGroup"]).await);
    assert_eq!(sim.now(), at(0));
    drop(limiter.turn(operations["CreateUser"]).await);
    assert_eq!(sim.now(), at(30));
}
