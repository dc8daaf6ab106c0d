use serde_json::json;
use usher_model::attribute::changes::{Change, Changes};
use usher_model::attribute::path::AttributePath;
use usher_model::cause::{Due, Trigger};
use usher_model::guard::{Class, Tripped};
use usher_model::id::{HoldId, RemoteId, UserId};
use usher_model::mapping::cleaning::{Cleaned, Tally};
use usher_model::time::Timestamp;

use super::*;

fn row(email: &str, operation: Operation, reason: Reason) -> PlanRow {
    PlanRow::new(UserId::new(email), Email::parse(email).unwrap(), operation, reason)
}

fn suspend(email: &str) -> PlanRow {
    let since = Timestamp::parse("2026-11-16T09:00:00Z").unwrap();
    let at = Timestamp::parse("2026-11-23T09:00:00Z").unwrap();
    let reason = Reason::Due(Due { trigger: Trigger::Suspended, since, at });
    row(email, Operation::Suspend { remote_id: RemoteId::new("r") }, reason)
}

fn update(email: &str, changes: &[(&str, Option<serde_json::Value>)]) -> PlanRow {
    let paths: Vec<_> = changes.iter().map(|(path, _)| AttributePath::parse(path).unwrap()).collect();
    let changes: Changes = changes
        .iter()
        .zip(&paths)
        .map(|((_, to), path)| Change { path: path.clone(), to: to.clone() })
        .collect();
    row(email, Operation::Update { remote_id: RemoteId::new("r"), changes }, Reason::Differs { paths })
}

#[test]
fn removals_are_shown_before_everything_else_and_what_is_not_shown_is_counted() {
    let rows = Rows {
        removals: vec![suspend("zoe@example.com")],
        rest: vec![update("ada@example.com", &[("title", Some(json!("Countess"))), ("nickName", None)])],
        ..Rows::default()
    };
    insta::assert_snapshot!(going_on(&rows, 1_002).trim_start(), @r#"
    OPERATION  PERSON           WHY
    suspend    zoe@example.com  suspended since 2026-11-16 09:00 UTC, due 2026-11-23 09:00 UTC
    update     ada@example.com  differs: nickName cleared, title = "Countess"
    … and 1,000 more
    "#);
}

#[test]
fn what_was_taken_out_of_a_text_is_said_with_the_operation_that_writes_it() {
    let attribute = AttributePath::parse("displayName").unwrap();
    let cleaned = vec![Cleaned { attribute, tally: Tally { controls: 2, ..Tally::default() } }];
    let row = PlanRow { cleaned, ..update("ada@example.com", &[("displayName", Some(json!("Ada")))]) };
    insta::assert_snapshot!(why(&row), @r#"differs: displayName = "Ada"; 2 control characters were taken out of displayName"#);
}

#[test]
fn long_changes_are_cut_short() {
    let long = json!("x".repeat(100));
    let paths = ["title", "nickName", "locale", "timezone", "userType", "preferredLanguage"];
    let changes = paths.map(|path| (path, Some(long.clone())));
    let text = why(&update("ada@example.com", &changes));
    assert!(text.ends_with("and 2 more") && text.chars().count() < 300, "{text}");
}

#[test]
fn a_hold_says_why_what_and_how_it_is_let_through() {
    let tripped = Tripped::TooMany { class: Class::Removals, wanted: 51, done: 2, limit: 10, of: 100 };
    let held_back = [Held { id: HoldId::new("h"), tripped, n_operations: 51 }];
    let rows = Rows { held: vec![suspend("zoe@example.com")], n_held: 51, ..Rows::default() };
    insta::assert_snapshot!(held("aws", &held_back, &rows).trim_start(), @r#"
    Held until you decide:
      51 operations: 51 accounts would be suspended or deleted, 2 were in the last 24 hours; of 100 accounts at most 10 are without somebody's word
    If they are meant, `usher sync aws --release` lets those through that are still wanted. If not, correct the directory
    or the app's configuration; until then nobody among them is touched.

    OPERATION  PERSON           WHY
    suspend    zoe@example.com  suspended since 2026-11-16 09:00 UTC, due 2026-11-23 09:00 UTC
    … and 50 more
    "#);
    assert_eq!(held("aws", &[], &Rows::default()), "");
}

#[test]
fn failures_are_told_up_to_a_limit_and_counted_beyond_it() {
    let failures_of = |n: usize| {
        (0..n)
            .map(|n| (Email::parse(&format!("p{n}@example.com")).unwrap(), "no".to_owned()))
            .collect::<Vec<_>>()
    };
    insta::assert_snapshot!(failures(&failures_of(3), 12, 2).trim_start(), @r#"
    Failed, each alone; everyone else goes on:
    WHO             WHY
    p0@example.com  no
    p1@example.com  no
    … and 10 more
    "#);
    assert_eq!(failures(&[], 0, 50), "");
}

#[test]
fn the_object_of_scripts_names_every_kind() {
    let counts = BTreeMap::from([(Kind::Create, 2), (Kind::Delete, 1)]);
    let of_groups = BTreeMap::from([(GroupKind::GroupAdopt, 3), (GroupKind::MembersAdd, 4)]);
    let object = serde_json::to_value(Operations::new(&counts).with_groups(&of_groups)).unwrap();
    assert_eq!(object.as_object().unwrap().len(), Kind::ALL.len() + GroupKind::ALL.len());
    assert_eq!((&object["create"], &object["delete"], &object["suspend"]), (&json!(2), &json!(1), &json!(0)));
    for kind in GroupKind::ALL {
        let n = of_groups.get(&kind).copied().unwrap_or(0);
        assert_eq!(object[kind.as_str()], json!(n), "{kind}");
    }
}

#[test]
fn groups_that_are_skipped_have_a_table_of_their_own() {
    let counts = BTreeMap::from([("pinned".to_owned(), 2), ("groups that are pinned".to_owned(), 1)]);
    insta::assert_snapshot!(skipped(&counts).trim_start(), @r"
    Skipped, and why:
    PEOPLE  WHY
    2       pinned
    GROUPS  WHY
    1       groups that are pinned
    ");
}

#[test]
fn a_hold_of_a_group_says_its_own_number() {
    let group = usher_model::id::GroupId::new("g");
    let email = Some(Email::parse("ops@example.com").unwrap());
    let tripped =
        Tripped::TooManyMembers { group, email, wanted: 11, done: 0, limit: 10, of: 50, is_discarded: false };
    let said = why_held(11, &tripped);
    assert!(said.starts_with("11 members would leave the group ops@example.com,"), "{said}");
}
