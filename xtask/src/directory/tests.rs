use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;

use super::kind::Kind;
use super::person::{SWAPPED_PAIR, address, id};
use super::{DEFAULT_AS_OF, Recipe, write};

fn recipe(users: u64, groups: u64) -> Recipe {
    let as_of = DEFAULT_AS_OF.parse().expect("a constant instant");
    Recipe { users, groups, seed: 7, as_of, swapped: false }
}

fn bytes(recipe: &Recipe) -> Vec<u8> {
    let mut out = Vec::new();
    write::directory(recipe, &mut out).expect("a vector takes everything");
    out
}

fn document(recipe: &Recipe) -> Value {
    serde_json::from_slice(&bytes(recipe)).expect("valid JSON")
}

fn facts(recipe: &Recipe) -> Value {
    let facts = write::directory(recipe, &mut std::io::sink()).expect("a sink takes everything");
    serde_json::to_value(facts).expect("facts are JSON")
}

fn users(document: &Value) -> &[Value] {
    document["users"].as_array().expect("users")
}

/// The people of `kind`, as written.
fn of_kind(document: &Value, kind: Kind) -> Vec<&Value> {
    let of_kind = users(document).iter().zip(0..).filter(|&(_, index)| Kind::of(index) == kind);
    let found: Vec<&Value> = of_kind.map(|(user, _)| user).collect();
    assert!(!found.is_empty(), "nobody is {kind:?}");
    found
}

fn strings(list: &Value) -> Vec<String> {
    let list = list.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().map(|entry| entry.as_str().expect("a string").to_owned()).collect()
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {value}"))
}

/// How many whole hours before the directory's own instant the time at `key` is.
fn hours_ago(user: &Value, key: &str) -> i64 {
    let at: Timestamp = user[key].as_str().expect("an instant").parse().expect("RFC 3339");
    recipe(0, 0).as_of.duration_since(at).as_hours()
}

#[test]
fn the_same_arguments_give_the_same_bytes_and_another_seed_gives_others() {
    let one = recipe(300, 20);
    assert!(bytes(&one) == bytes(&one));
    assert!(bytes(&one) != bytes(&Recipe { seed: 8, ..one }));
}

#[test]
fn any_size_is_valid_json_with_every_key_of_the_import_form() {
    for (n_users, n_groups) in [(0, 0), (1, 0), (0, 9), (1, 1), (3, 5), (50, 30)] {
        let document = document(&recipe(n_users, n_groups));
        let keys: Vec<&String> = document.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["domains", "groups", "members", "organizationUnits", "schemas", "users"]);
        assert_eq!(users(&document).len() as u64, n_users);
        assert_eq!(document["groups"].as_array().map(Vec::len), usize::try_from(n_groups).ok());
        assert_eq!(document["members"].as_object().map(serde_json::Map::len), usize::try_from(n_groups).ok());
    }
}

#[test]
fn ids_are_unique_numbers_of_twenty_one_digits_that_no_seed_or_size_changes() {
    let small = document(&recipe(60, 0));
    let large = document(&Recipe { seed: 8, ..recipe(2_000, 0) });
    let ids: BTreeSet<&str> = users(&large).iter().map(|user| text(user, "/id")).collect();
    assert_eq!(ids.len(), 2_000);
    assert!(ids.iter().all(|id| id.len() == 21 && id.bytes().all(|byte| byte.is_ascii_digit())));
    for (one, other) in users(&small).iter().zip(users(&large)) {
        assert_eq!(one["id"], other["id"]);
    }
    assert_ne!(id(0), id(1));
}

#[test]
fn no_two_people_who_exist_share_an_address() {
    for swapped in [false, true] {
        let document = document(&Recipe { swapped, ..recipe(1_000, 40) });
        let mut held = BTreeSet::new();
        let groups = document["groups"].as_array().expect("groups");
        for group in groups {
            assert!(held.insert(text(group, "/email").to_owned()));
        }
        for user in users(&document).iter().filter(|user| user.get("deletionTime").is_none()) {
            let aliases = strings(&user["aliases"]).into_iter().chain(strings(&user["nonEditableAliases"]));
            for address in aliases.chain([text(user, "/primaryEmail").to_owned()]) {
                assert!(held.insert(address.clone()), "{address} is held twice");
            }
        }
    }
}

#[test]
fn each_awkward_kind_is_among_the_first_fifty_and_the_counts_add_up() {
    let facts = facts(&recipe(50, 8));
    let kinds: BTreeMap<String, u64> = serde_json::from_value(facts["kinds"].clone()).expect("counts");
    assert_eq!(kinds.len(), 21);
    for (kind, count) in &kinds {
        assert!(*count > 0, "nobody is {kind}");
    }
    assert_eq!(kinds.values().sum::<u64>(), 50);
    assert_eq!(facts["users"], 50);
}

#[test]
fn the_facts_agree_with_what_is_written() {
    let recipe = recipe(1_000, 40);
    let (document, facts) = (document(&recipe), facts(&recipe));
    let count = |wanted: &dyn Fn(&Value) -> bool| users(&document).iter().filter(|user| wanted(user)).count();
    let suspended = |user: &Value| user["suspended"] == true;
    let archived = |user: &Value| user["archived"] == true;
    let deleted = |user: &Value| user.get("deletionTime").is_some();
    let active = |user: &Value| !suspended(user) && !archived(user) && !deleted(user);
    let at_home = |user: &Value| {
        text(user, "/primaryEmail").ends_with("@example.com") && user.get("isGuestUser").is_none()
    };
    assert_eq!(facts["suspended"], count(&suspended));
    assert_eq!(facts["archived"], count(&archived));
    assert_eq!(facts["deleted"], count(&deleted));
    assert_eq!(facts["active"], count(&active));
    assert_eq!(facts["active_primary_not_guest"], count(&|user| active(user) && at_home(user)));
    let members = document["members"].as_object().expect("members").values();
    assert_eq!(facts["memberships"], members.map(|list| list.as_array().map_or(0, Vec::len)).sum::<usize>());
}

#[test]
fn leavers_carry_googles_own_times() {
    let document = document(&recipe(200, 0));
    let suspended = of_kind(&document, Kind::Suspended);
    let hours: Vec<i64> = suspended.iter().map(|user| hours_ago(user, "suspensionTime")).collect();
    assert_eq!(hours, [2, 30, 8 * 24, 45 * 24]);
    assert!(suspended.iter().all(|user| user["suspensionReason"].is_string()));
    for user in of_kind(&document, Kind::DeletedRecently) {
        assert_eq!(hours_ago(user, "deletionTime"), 3 * 24);
    }
    for user in of_kind(&document, Kind::DeletedLongAgo) {
        assert_eq!(hours_ago(user, "deletionTime"), 25 * 24);
    }
    for user in of_kind(&document, Kind::ArchivedSuspended) {
        assert!(user["archivalTime"].is_string() && user["suspensionTime"].is_string());
    }
}

#[test]
fn strange_names_are_as_strange_as_promised() {
    let document = document(&recipe(50, 0));
    let given = |kind| text(of_kind(&document, kind)[0], "/name/givenName").to_owned();
    let family = |kind| text(of_kind(&document, kind)[0], "/name/familyName").to_owned();
    assert!(of_kind(&document, Kind::NoFamilyName)[0].pointer("/name/familyName").is_none());
    assert_eq!(family(Kind::EmptyFamilyName), "");
    assert_eq!(given(Kind::SixtyCharacters).chars().count(), 60);
    assert_eq!(family(Kind::SixtyCharacters).chars().count(), 60);
    assert!(given(Kind::ThreeHundredCharacters).chars().count() > 300);
    assert!(family(Kind::Emoji).contains('\u{200D}'));
    assert!(family(Kind::ControlCharacters).contains(['\n', '\u{7}']));
    assert!(given(Kind::ZeroWidth).contains('\u{200B}'));
    assert!(given(Kind::CombiningMarks).contains('\u{301}'));
    assert!(given(Kind::RightToLeft).contains(|letter| ('\u{590}'..'\u{700}').contains(&letter)));
}

#[test]
fn strange_addresses_are_as_strange_as_promised() {
    let document = document(&recipe(50, 0));
    let email = |kind| text(of_kind(&document, kind)[0], "/primaryEmail").to_owned();
    assert!(email(Kind::Apostrophe).contains('\''));
    assert!(email(Kind::PlusSign).contains('+'));
    assert!(email(Kind::SecondaryDomain).ends_with("@example.org"));
    let guest = of_kind(&document, Kind::Guest)[0];
    assert_eq!(guest["isGuestUser"], true);
    assert!(text(guest, "/guestAccountInfo/primaryGuestEmail").ends_with("@partner.example"));
    let former_holder = of_kind(&document, Kind::DeletedRecently)[0];
    assert_eq!(strings(&former_holder["aliases"]), [email(Kind::FormerAlias)]);
}

#[test]
fn a_namesake_has_the_name_of_the_person_before_and_another_address() {
    let document = document(&recipe(50, 0));
    let pairs = users(&document).windows(2).zip(1..);
    let (pair, _) = pairs.into_iter().find(|&(_, at)| Kind::of(at) == Kind::Namesake).expect("a namesake");
    let (before, namesake) = (&pair[0], &pair[1]);
    assert_eq!(namesake["name"], before["name"]);
    assert_ne!(namesake["primaryEmail"], before["primaryEmail"]);
}

#[test]
fn swapping_exchanges_two_addresses_and_changes_no_other_person() {
    let plain = recipe(50, 0);
    let swapped = Recipe { swapped: true, ..plain };
    let (low, high) = SWAPPED_PAIR;
    assert_eq!(address(&plain, low), address(&swapped, high));
    assert_eq!(address(&plain, high), address(&swapped, low));
    let (plain, swapped) = (document(&plain), document(&swapped));
    let pairs = users(&plain).iter().zip(users(&swapped)).zip(0..);
    for ((before, after), index) in pairs {
        assert_eq!(before["id"], after["id"]);
        assert_eq!(before["name"], after["name"]);
        assert_eq!(before["primaryEmail"] != after["primaryEmail"], index == low || index == high);
    }
}

#[test]
fn every_unit_and_every_persons_unit_has_a_parent_and_some_are_three_deep() {
    let document = document(&recipe(500, 0));
    let units = document["organizationUnits"].as_array().expect("units");
    let mut known = BTreeSet::from(["/"]);
    for unit in units {
        assert!(known.contains(text(unit, "/parentOrgUnitPath")), "{unit} comes before its parent");
        assert!(known.insert(text(unit, "/orgUnitPath")), "{unit} is there twice");
    }
    assert!(known.iter().any(|path| path.matches('/').count() >= 3));
    assert!(users(&document).iter().all(|user| known.contains(text(user, "/orgUnitPath"))));
}

#[test]
fn the_awkward_groups_are_there() {
    let document = document(&recipe(300, 120));
    let members =
        |name: &str| document["members"][format!("{name}@example.com")].as_array().expect("members");
    let types = |name: &str| members(name).iter().map(|m| text(m, "/type")).collect::<Vec<_>>();
    assert_eq!(
        members("everyone").len(),
        300 - of_kind(&document, Kind::DeletedRecently).len()
            - of_kind(&document, Kind::DeletedLongAgo).len()
    );
    assert_eq!(types("whole-customer"), ["CUSTOMER"]);
    assert!(members("whole-customer")[0].get("email").is_none());
    assert!(members("no-members").is_empty());
    assert!(types("with-external").contains(&"EXTERNAL"));
    assert!(members("big").len() >= 140);
    for (group, next) in [("cycle-a", "cycle-b"), ("cycle-b", "cycle-c"), ("cycle-c", "cycle-a")] {
        let next = format!("{next}@example.com");
        assert!(members(group).iter().any(|member| member["email"] == next), "{group} has {next}");
    }
    assert!(members("umbrella-8").iter().any(|member| member["email"] == "umbrella-18@example.com"));
    assert!(types("umbrella-18").contains(&"GROUP"));
}

#[test]
fn members_are_there_once_each_and_are_people_or_groups_of_this_directory() {
    let document = document(&recipe(230, 60));
    let people = users(&document).iter().filter(|user| user.get("deletionTime").is_none());
    let people: BTreeSet<&str> = people.map(|user| text(user, "/primaryEmail")).collect();
    let groups = document["groups"].as_array().expect("groups");
    for group in groups {
        let list = document["members"][text(group, "/email")].as_array().expect("members");
        let ids: BTreeSet<&str> = list.iter().map(|member| text(member, "/id")).collect();
        assert_eq!(ids.len(), list.len(), "{group} has somebody twice");
        let users = list.iter().filter(|member| member["type"] == "USER");
        assert!(users.clone().all(|member| people.contains(text(member, "/email"))));
        assert_eq!(text(group, "/directMembersCount"), users.count().to_string());
    }
}
