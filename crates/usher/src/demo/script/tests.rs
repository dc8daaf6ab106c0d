use std::collections::BTreeSet;
use std::mem::discriminant;

use usher_model::time::Timestamp;

use super::edit::{Edit, Place};
use super::{N_DAYS, SCRIPT, day, next_audit, start};
use crate::demo::cast::{CAST, Part};
use crate::demo::company::UNITS;
use crate::demo::group::{GROUPS, Members};
use crate::demo::organisation::{Organisation, SEED};

fn end() -> Timestamp {
    Timestamp::parse("2026-11-24T07:30:00Z").unwrap()
}

fn began() -> Timestamp {
    start(end())
}

#[test]
fn everything_happens_in_order_after_the_start_and_before_today() {
    let instants: Vec<_> = SCRIPT.iter().map(|scene| scene.instant(began())).collect();
    assert!(instants.is_sorted());
    assert_eq!(instants.iter().collect::<BTreeSet<_>>().len(), instants.len(), "one thing at a time");
    for hours in 0..24 {
        let end = end() + std::time::Duration::from_hours(hours);
        let began = start(end);
        assert!(SCRIPT.iter().all(|scene| began < scene.instant(began) && scene.instant(began) < end));
    }
}

#[test]
fn everybody_named_is_there() {
    let organisation = Organisation::new(SEED);
    for scene in SCRIPT {
        scene.edit.place(&organisation, scene.instant(began()));
    }
    let cast: BTreeSet<&str> = CAST.iter().map(|role| role.who).collect();
    let groups: BTreeSet<&str> = GROUPS.iter().map(|group| group.local).collect();
    let units: BTreeSet<&str> = UNITS.iter().map(|unit| unit.path).collect();
    let mut named: Vec<&str> = Vec::new();
    for group in GROUPS {
        match group.members {
            Members::Named(members) | Members::External(members, _) => named.extend(members),
            Members::Unit(unit, members) => {
                assert!(units.contains(unit), "{unit}");
                named.extend(members);
            }
            Members::Staff(_) | Members::Customer => {}
        }
    }
    for scene in SCRIPT {
        match scene.edit {
            Edit::GroupIs(group, members) => named.extend(members.iter().chain([&group])),
            Edit::Moved(_, unit)
            | Edit::UnitSuspended(unit)
            | Edit::AccessOff(unit)
            | Edit::AccessOn(unit) => {
                assert!(units.contains(unit), "{unit}");
            }
            Edit::Joins(_)
            | Edit::Deleted(_)
            | Edit::Restored(_)
            | Edit::Suspended(_)
            | Edit::Returns(_)
            | Edit::Archived(_)
            | Edit::Promoted(..)
            | Edit::Renamed(..)
            | Edit::Swapped(..)
            | Edit::OffByHand(_)
            | Edit::NamedByHand(..) => {}
        }
    }
    assert!(named.iter().all(|name| cast.contains(name) || groups.contains(name)), "{named:?}");
}

#[test]
fn everybody_who_joins_joins_once() {
    let joining: BTreeSet<&str> =
        CAST.iter().filter(|role| role.part == Part::Joins).map(|role| role.who).collect();
    let joined: Vec<&str> = SCRIPT
        .iter()
        .filter_map(|scene| if let Edit::Joins(who) = scene.edit { Some(who) } else { None })
        .collect();
    assert_eq!(joined.len(), joining.len());
    assert_eq!(joined.into_iter().collect::<BTreeSet<_>>(), joining);
}

#[test]
fn every_kind_of_edit_happens_and_people_leave_three_and_twenty_five_days_ago() {
    let kinds: Vec<_> = SCRIPT.iter().map(|scene| discriminant(&scene.edit)).collect();
    let distinct = kinds.iter().enumerate().filter(|(at, kind)| !kinds[..*at].contains(kind)).count();
    assert_eq!(distinct, 16);
    let days_ago = |who| {
        let left = SCRIPT.iter().find(|scene| scene.edit == Edit::Deleted(who)).unwrap();
        N_DAYS - left.day
    };
    assert_eq!(days_ago("dmitri.savchenko"), 25);
    assert_eq!(days_ago("helena.brandt"), 3);
}

#[test]
fn a_deletion_carries_the_directorys_own_time() {
    let organisation = Organisation::new(SEED);
    let left = SCRIPT.iter().find(|scene| scene.edit == Edit::Deleted("helena.brandt")).unwrap();
    let now = left.instant(began());
    let Place::Directory(document) = left.edit.place(&organisation, now) else { panic!("in the directory") };
    assert_eq!(document["users"][0]["deletionTime"], now.to_string());
    assert_eq!(document["users"][0]["id"], organisation.person("helena.brandt").id());
}

#[test]
fn days_are_counted_from_midnight_and_there_is_one_audit_a_night() {
    let began = began();
    assert_eq!(day(began, began), 0);
    assert_eq!(day(began, end()), N_DAYS);
    let first = next_audit(began, began);
    assert_eq!(first.to_string(), "2026-10-26T03:00:00Z");
    assert_eq!(next_audit(began, first).to_string(), "2026-10-27T03:00:00Z");
    let early = Timestamp::parse("2026-10-25T01:00:00Z").unwrap();
    assert_eq!(next_audit(early, early).to_string(), "2026-10-25T03:00:00Z");
}
