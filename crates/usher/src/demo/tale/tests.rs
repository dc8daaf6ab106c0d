use usher_model::cause::Due;

use super::*;

#[test]
fn people_are_put_together_by_what_can_be_said_of_them_and_those_with_an_account_come_first() {
    let group = |whereabouts, why: &str, n: usize| Group {
        whereabouts,
        why: why.to_owned(),
        people: (0..n).map(|n| format!("p{n}@example.com")).collect(),
    };
    let tale = Tale {
        events: BTreeMap::from([(EventKind::Create, 3)]),
        group_events: BTreeMap::from([(GroupEventKind::Create, 1)]),
        groups_there: vec![("ops@example.com".to_owned(), 2)],
        held: vec![(24, "24 removals wanted".to_owned())],
        groups: vec![group(Whereabouts::On, "as it should be", 3), group(Whereabouts::None, "a guest", 1)],
        n_people: 4,
        next: "Next: look.\n".to_owned(),
        endpoint: "http://127.0.0.1:8081/t/scim/v2".to_owned(),
    };
    let text = tale.text();
    for line in [
        "3      an account was made",
        "1      a group was made, with its members",
        "2        ops@example.com",
        "p0@example.com, p1@example.com, …",
        "a guest",
        "24    24 removals wanted",
        "Next: look.",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let json = serde_json::to_value(&tale).unwrap();
    assert_eq!(json["accounts"], json!({"on": 3, "off": 0, "none": 1}));
    assert_eq!(json["groups"], json!([{"group": "ops@example.com", "members": 2}]));
    assert_eq!(json["held"], json!([{"operations": 24, "why": "24 removals wanted"}]));
    assert_eq!(json["reasons"][1], json!({"account": "none", "why": "a guest", "people": 1}));
}

#[test]
fn a_long_reason_makes_no_other_line_longer() {
    let group = |why: &str| Group {
        whereabouts: Whereabouts::On,
        why: why.to_owned(),
        people: vec!["ada@example.com".to_owned()],
    };
    let long = "and so on ".repeat(40);
    let tale = Tale {
        events: BTreeMap::new(),
        group_events: BTreeMap::new(),
        groups_there: Vec::new(),
        held: Vec::new(),
        groups: vec![group("as it should be"), group(&long)],
        n_people: 2,
        next: String::new(),
        endpoint: String::new(),
    };
    let text = tale.text();
    let short = text.lines().find(|line| line.ends_with("as it should be")).expect("a line");
    assert_eq!(short, "1       on       ada@example.com  as it should be");
}

#[test]
fn a_reason_is_told_without_words_of_ours() {
    let at = Timestamp::parse("2026-11-24T09:00:00Z").unwrap();
    let due = Due { trigger: Trigger::Suspended, since: at, at };
    let leaving = Reason::Leaving { due, app_off: None };
    assert_eq!(said(leaving), "suspended in the directory; to be switched off when their time is up");
    let guest = Reason::NotEntitled { app_off: Some(AppOff::Guest), triggers: Vec::new() };
    assert_eq!(said(guest), "a guest of the organisation: guests get no account");
}

fn said(reason: Reason) -> String {
    let user = usher_model::directory::User {
        id: usher_model::id::UserId::new("1"),
        primary_email: usher_model::id::Email::parse("ada@example.com").unwrap(),
        org_unit: usher_model::directory::OrgUnitPath::root(),
        state: usher_model::directory::UserState::Active,
        is_guest: false,
    };
    why(&Verdict { user, account: None, reason })
}
