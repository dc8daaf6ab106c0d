use proptest::prelude::*;

use super::*;

fn removals(n: u64) -> Tally {
    Tally::from([(Class::Removals, n)])
}

fn on(n: u64) -> Managed {
    Managed { n, are_few: n < Managed::MANY }
}

fn holds(wanted: u64, done: u64, managed: u64) -> bool {
    !trip(&removals(wanted), &removals(done), on(managed), &Limits::default()).is_empty()
}

#[test]
fn removals_above_ten_and_ten_percent_are_held() {
    assert!(!holds(10, 0, 30));
    assert!(holds(11, 0, 30));
    assert!(!holds(100, 0, 1_000));
    assert!(holds(101, 0, 1_000));
}

#[test]
fn removals_above_half_are_held_where_there_are_at_least_three() {
    assert!(!holds(2, 0, 2));
    assert!(holds(2, 0, 3));
    assert!(!holds(2, 0, 4));
    assert!(holds(3, 0, 4));
}

#[test]
fn deletes_are_held_where_hardly_anybody_is_on_any_more() {
    let of = |are_few| trip(&removals(10), &Tally::new(), Managed { n: 2, are_few }, &Limits::default());
    assert!(!of(false).is_empty());
    assert!(of(true).is_empty());
}

#[test]
fn the_last_who_is_on_may_go_where_the_others_went_long_ago() {
    let last = Managed { n: 1, are_few: false };
    assert!(trip(&removals(1), &Tally::new(), last, &Limits::default()).is_empty());
    assert!(!trip(&removals(2), &Tally::new(), last, &Limits::default()).is_empty());
}

#[test]
fn what_was_done_in_the_last_24_hours_counts() {
    assert!(!holds(1, 9, 100));
    assert!(holds(1, 10, 100));
}

#[test]
fn a_plan_that_wants_nothing_is_not_held_for_what_was_done() {
    assert!(!holds(0, 1_000, 100));
}

#[test]
fn recreations_renames_and_clearings_above_ten_percent_are_held() {
    for class in [Class::Recreations, Class::Renames, Class::Clearings] {
        let trips =
            |n| !trip(&Tally::from([(class, n)]), &Tally::new(), on(200), &Limits::default()).is_empty();
        assert!(!trips(20), "{class:?}");
        assert!(trips(21), "{class:?}");
    }
}

#[test]
fn members_above_ten_and_ten_percent_of_one_group_are_held() {
    let trips = |wanted, done, of| leave(wanted, done, of, false).is_some();
    assert!(!trips(10, 0, 50) && trips(11, 0, 50));
    assert!(!trips(14, 0, 140) && trips(14, 1, 140));
}

#[test]
fn members_whom_somebody_did_not_let_go_are_held_however_few_they_are() {
    assert!(leave(1, 0, 50, true).is_some());
    assert_eq!(leave(0, 0, 50, true), None, "nobody is to leave");
}

#[test]
fn groups_above_three_and_ten_percent_or_half_of_them_are_not_deleted_unasked() {
    let trips = |wanted, done, of| delete(wanted, done, of, false).is_some();
    assert!(!trips(3, 0, 10) && trips(4, 0, 10) && trips(1, 3, 10));
    assert!(!trips(10, 0, 100) && trips(11, 0, 100));
    assert!(!trips(2, 0, 2) && !trips(1, 0, 3) && trips(2, 0, 3), "half, where there are at least three");
    assert!(delete(1, 0, 100, true).is_some(), "somebody discarded that before");
    assert_eq!(delete(0, 9, 10, true), None, "none is to be deleted");
}

#[test]
fn many_small_groups_lose_no_more_unasked_than_a_large_one() {
    let trips = |wanted, done, of, is_discarded| {
        trip_memberships(&Emptying { wanted, done, of, is_discarded }, &Limits::default()).is_some()
    };
    assert!(!trips(100, 0, 500, false) && trips(101, 0, 500, false) && trips(1, 100, 500, false));
    assert!(!trips(1_000, 0, 10_000, false) && trips(1_001, 0, 10_000, false));
    assert!(trips(1, 0, 500, true), "somebody discarded that before");
    assert!(!trips(0, 900, 500, true), "none is to end");
}

fn delete(wanted: u64, done: u64, of: u64, is_discarded: bool) -> Option<Tripped> {
    trip_groups(&Deleting { wanted, done, of, is_discarded }, &Limits::default())
}

fn leave(wanted: u64, done: u64, of: u64, is_discarded: bool) -> Option<Tripped> {
    let (group, email) = (GroupId::new("g"), Email::parse("ops@example.com").unwrap());
    trip_members(
        &Leaving { group: &group, email: &email, wanted, done, of, is_discarded },
        &Limits::default(),
    )
}

#[test]
fn a_listing_that_shrank_by_a_quarter_is_held_and_a_small_one_by_half() {
    let held = |from, to| shrank(from, to, &ShrinkLimits::default()).is_some();
    assert!(!held(100, 76) && held(100, 75));
    assert!(!held(40, 21) && held(40, 20));
    assert!(!held(0, 0) && !held(10, 20));
}

#[test]
fn each_hold_says_its_figures() {
    let tripped = trip(&removals(12), &removals(3), on(100), &Limits::default());
    insta::assert_snapshot!(tripped[0], @"12 accounts would be suspended or deleted, 3 were in the last 24 hours; of 100 accounts at most 10 are without somebody's word");
    insta::assert_snapshot!(leave(11, 2, 50, false).unwrap(), @"11 members would leave the group ops@example.com, 2 left it in the last 24 hours; of 50 at most 10 leave without somebody's word");
    let one = Tripped::TooMany { class: Class::Renames, wanted: 1, done: 0, limit: 0, of: 3 };
    insta::assert_snapshot!(one, @"1 account would get another userName, none did in the last 24 hours; of 3 accounts at most 0 does without somebody's word");
    insta::assert_snapshot!(leave(1, 0, 50, true).unwrap(), @"1 member would leave the group ops@example.com; somebody discarded that before");
}

#[test]
fn a_hold_of_a_group_that_was_stored_without_its_address_is_named_by_id() {
    let stored =
        r#"{"guard": "too_many_members", "group": "g", "wanted": 11, "done": 0, "limit": 10, "of": 50}"#;
    let tripped: Tripped = serde_json::from_str(stored).unwrap();
    assert!(tripped.to_string().starts_with("11 members would leave the group g,"), "{tripped}");
}

proptest! {
    /// A plan that wants more is never held less.
    #[test]
    fn guards_are_monotone(wanted in 0u64..5_000, more in 0u64..5_000, done in 0u64..5_000, managed in 0u64..20_000) {
        prop_assert!(!holds(wanted, done, managed) || holds(wanted + more, done, managed));
        prop_assert!(wanted == 0 || !holds(wanted, done, managed) || holds(wanted, done + more, managed));
    }

    /// Five thousand plans of one cannot pass what one plan of five thousand could not.
    #[test]
    fn many_small_plans_pass_no_more_than_one_large_one(n in 1u64..400, managed in 0u64..2_000) {
        let passed = (0..n).take_while(|done| !holds(1, *done, managed)).count() as u64;
        prop_assert_eq!(passed == n, !holds(n, 0, managed));
    }
}
