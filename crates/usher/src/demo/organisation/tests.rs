use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use usher_model::time::Timestamp;

use super::{N_PEOPLE, Organisation, SEED};
use crate::demo::cast::{CAST, Part};
use crate::demo::company::{PRIMARY_DOMAIN, SECONDARY_DOMAIN, UNITS};
use crate::demo::group::N_UPDATES;

fn start() -> Timestamp {
    Timestamp::parse("2026-10-25T07:30:00Z").unwrap()
}

fn document() -> Value {
    Organisation::new(SEED).document(start())
}

fn list<'a>(document: &'a Value, key: &str) -> &'a Vec<Value> {
    document[key].as_array().unwrap_or_else(|| panic!("no list of {key}"))
}

fn members<'a>(document: &'a Value, group: &str) -> &'a Vec<Value> {
    list(&document["members"], &format!("{group}@{PRIMARY_DOMAIN}"))
}

fn with(document: &Value, wanted: impl Fn(&Value) -> bool) -> Vec<&Value> {
    list(document, "users").iter().filter(|user| wanted(user)).collect()
}

fn given(user: &Value) -> &str {
    user["name"]["givenName"].as_str().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
    assert_eq!(document().to_string(), document().to_string());
    assert_ne!(document().to_string(), Organisation::new(SEED + 1).document(start()).to_string());
}

#[test]
fn there_are_two_hundred_and_fifty_people_and_whoever_joins_later_is_not_there_at_first() {
    let organisation = Organisation::new(SEED);
    assert_eq!(organisation.people().len(), N_PEOPLE);
    let joiners = CAST.iter().filter(|role| role.part == Part::Joins).count();
    assert_eq!(list(&document(), "users").len(), N_PEOPLE - joiners);
    assert!(joiners > 5);
}

#[test]
fn nobody_shares_an_id_and_nobody_present_shares_an_address() {
    let document = document();
    let ids: BTreeSet<&str> =
        list(&document, "users").iter().map(|user| user["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), list(&document, "users").len());
    assert!(ids.iter().all(|id| id.len() == 21 && id.bytes().all(|byte| byte.is_ascii_digit())));
    let of = |key: &str, field: &str| -> Vec<String> {
        list(&document, key).iter().map(|entry| entry[field].as_str().unwrap().to_owned()).collect()
    };
    let addresses = [of("users", "primaryEmail"), of("groups", "email")].concat();
    assert_eq!(addresses.iter().collect::<BTreeSet<_>>().len(), addresses.len());
    let organisation = Organisation::new(SEED);
    let whos: BTreeSet<&str> = organisation.people().iter().map(|person| person.who.as_str()).collect();
    assert_eq!(whos.len(), N_PEOPLE);
}

#[test]
fn whoever_was_suspended_or_archived_before_is_so_since_an_instant_of_the_directory() {
    let document = document();
    let suspended = with(&document, |user| user["suspended"] == true);
    assert_eq!(suspended.len(), 2);
    assert!(suspended.iter().all(|user| user["suspensionTime"].as_str().unwrap() < "2026-10-25T07:30:00Z"));
    let archived = with(&document, |user| user["archived"] == true);
    assert_eq!(archived.len(), 2);
    assert!(archived.iter().all(|user| user["archivalTime"].is_string()));
}

#[test]
fn there_are_guests_and_people_of_the_other_domain() {
    let document = document();
    assert_eq!(with(&document, |user| user["isGuestUser"] == true).len(), 2);
    let domain = |user: &Value| user["primaryEmail"].as_str().unwrap().split_once('@').unwrap().1.to_owned();
    let mut domains: BTreeMap<String, usize> = BTreeMap::new();
    for user in list(&document, "users") {
        *domains.entry(domain(user)).or_default() += 1;
    }
    assert_eq!(domains[SECONDARY_DOMAIN], 4);
    assert_eq!(domains.len(), 2);
}

#[test]
fn names_are_awkward_in_every_way_that_is_promised() {
    let document = document();
    let family = |user: &Value| user["name"]["familyName"].as_str().map(str::to_owned);
    let has = |what: &dyn Fn(&str, Option<String>) -> bool| {
        list(&document, "users").iter().filter(|user| what(given(user), family(user))).count()
    };
    assert_eq!(has(&|_, family| family.is_none()), 1, "no key of a family name");
    assert_eq!(has(&|_, family| family.as_deref() == Some("")), 1, "an empty family name");
    assert_eq!(has(&|given, _| given.contains('🚀')), 1, "an emoji");
    let joined = |text: &str| text.contains('\u{200d}');
    assert_eq!(
        has(&|given, family| joined(given) || family.as_deref().is_some_and(joined)),
        1,
        "a ZWJ sequence"
    );
    let control = |text: &str| text.contains(char::is_control);
    assert_eq!(has(&|given, family| control(given) && family.as_deref().is_some_and(control)), 1, "control");
    assert_eq!(has(&|given, _| given.chars().count() == 300), 1, "300 characters");
}

#[test]
fn groups_are_awkward_in_every_way_that_is_promised() {
    let document = document();
    assert_eq!(members(&document, "product-updates").len(), N_UPDATES);
    assert_eq!(N_UPDATES, 140);
    let types: Vec<&str> = document["members"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|of| of.as_array().unwrap())
        .filter_map(|member| member["type"].as_str())
        .collect();
    assert_eq!(types, ["EXTERNAL", "CUSTOMER"]);
    assert_eq!(members(&document, "retired-projects").len(), 0);
    let contains = |group: &str, member: &str| {
        members(&document, group).contains(&Value::from(format!("{member}@{PRIMARY_DOMAIN}")))
    };
    for cycle in [&["aws-billing", "budget-owners"][..], &["sre", "on-call", "incidents"]] {
        for (at, group) in cycle.iter().enumerate() {
            let next = cycle[(at + 1) % cycle.len()];
            assert!(contains(group, next), "{group} has {next} as a member");
        }
    }
}

#[test]
fn every_unit_stands_below_one_that_is_there_and_everybody_is_in_one() {
    let paths: BTreeSet<&str> = UNITS.iter().map(|unit| unit.path).collect();
    for path in &paths {
        let parent = path.rsplit_once('/').unwrap().0;
        assert!(parent.is_empty() || paths.contains(parent), "{path}");
    }
    for person in Organisation::new(SEED).people() {
        assert!(paths.contains(person.unit), "{} is in {}", person.who, person.unit);
    }
    assert!(paths.iter().any(|path| path.matches('/').count() == 2), "units are nested");
}
