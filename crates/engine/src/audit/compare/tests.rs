use serde_json::json;
use usher_model::attribute::Attributes;
use usher_model::id::{RemoteId, UserId};

use super::*;

fn attributes(flat: &Value) -> Attributes {
    serde_json::from_value(flat.clone()).unwrap()
}

/// Ada's account, as our last write left it.
fn ours(state: RecordState) -> AccountRecord {
    AccountRecord {
        state,
        remote_id: Some(RemoteId::new("r-1")),
        user_name: Some("ada@example.com".to_owned()),
        sent: attributes(&json!({"userName": "Ada@example.com", "displayName": "Ada"})),
        returned: attributes(&json!({"userName": "ada@example.com", "displayName": "Ada", "locale": "en"})),
        settled: Some("settled".to_owned()),
        ..AccountRecord::new(UserId::new("1"), None)
    }
}

fn seen(active: Option<bool>, shown: &Value) -> Seen {
    let attributes = attributes(shown);
    Seen {
        remote_id: RemoteId::new("r-1"),
        external_id: None,
        user_name: attributes.user_name().map(str::to_owned),
        active,
        attributes,
    }
}

/// What is mapped.
fn paths() -> Vec<AttributePath> {
    ["userName", "displayName", "locale"]
        .into_iter()
        .map(|path| AttributePath::parse(path).unwrap())
        .collect()
}

fn as_left() -> Value {
    json!({"userName": "ada@example.com", "displayName": "Ada", "locale": "en"})
}

fn words(drifts: &[Drift]) -> Vec<String> {
    drifts.iter().map(ToString::to_string).collect()
}

#[test]
fn an_account_that_is_as_we_left_it_stays_settled() {
    let before = ours(RecordState::Active);
    let (after, drifts) = shown(&before, &seen(Some(true), &as_left()), &paths(), Duration::ZERO);
    assert_eq!((after, drifts), (before, Vec::new()));
}

#[test]
fn a_changed_attribute_is_remembered_beside_what_we_wrote() {
    let before = ours(RecordState::Active);
    let theirs = json!({"userName": "ada@example.com", "displayName": "Eve", "locale": "fr"});
    let (after, drifts) = shown(&before, &seen(Some(true), &theirs), &paths(), Duration::ZERO);
    assert_eq!(words(&drifts), [r#"displayName was "Ada" and is "Eve" now"#], "the locale was never ours");
    assert_eq!((&after.sent, &after.returned, &after.settled), (&before.sent, &before.returned, &None));
    assert_eq!(after.drifted, Some(attributes(&theirs)));
    let (mended, drifts) = shown(&after, &seen(Some(true), &as_left()), &paths(), Duration::ZERO);
    assert_eq!((mended.drifted, drifts), (None, Vec::new()), "somebody changed it back");
}

#[test]
fn a_renamed_account_is_known_by_its_new_name() {
    let theirs = json!({"userName": "Countess@example.com", "displayName": "Ada"});
    let (after, drifts) =
        shown(&ours(RecordState::Active), &seen(Some(true), &theirs), &paths(), Duration::ZERO);
    assert_eq!(after.user_name.as_deref(), Some("countess@example.com"));
    assert_eq!(words(&drifts), [r#"userName was "ada@example.com" and is "Countess@example.com" now"#]);
}

#[test]
fn who_switched_an_account_decides_what_it_means() {
    let off = seen(Some(false), &as_left());
    let (after, drifts) = shown(&ours(RecordState::Active), &off, &paths(), Duration::ZERO);
    assert_eq!(
        (after.state, after.suspended_by_us, drifts),
        (RecordState::Suspended, false, vec![Drift::SwitchedOff])
    );
    let ours_off = AccountRecord { suspended_by_us: true, ..ours(RecordState::Suspended) };
    let (after, drifts) = shown(&ours_off, &seen(Some(true), &as_left()), &paths(), Duration::ZERO);
    assert_eq!(
        (after.state, after.suspended_by_us, drifts),
        (RecordState::Active, true, vec![Drift::SwitchedOn])
    );
    let silent = seen(None, &as_left());
    assert_eq!(
        shown(&ours_off, &silent, &paths(), Duration::ZERO),
        (ours_off, Vec::new()),
        "it does not say"
    );
}

#[test]
fn an_account_we_suspended_counts_as_seen_suspended_from_the_first_time_it_is_seen() {
    let unseen = AccountRecord { suspended_by_us: true, ..ours(RecordState::Suspended) };
    let off = seen(Some(false), &as_left());
    let (after, _) = shown(&unseen, &off, &paths(), Duration::from_mins(1));
    assert_eq!(after.seen_on, Some(Duration::from_mins(1)));
    let (later, _) = shown(&after, &off, &paths(), Duration::from_secs(90));
    assert_eq!(later.seen_on, Some(Duration::from_mins(1)));
}

#[test]
fn an_account_that_is_gone_is_needed_anew_and_one_that_is_back_is_not() {
    let (after, drifts) = gone(&ours(RecordState::Active));
    assert_eq!(
        (after.state, after.settled.as_deref(), words(&drifts)),
        (RecordState::Gone, None, vec!["deleted at the app".to_owned()])
    );
    assert_eq!(gone(&after).1, [], "once");
    let (back, drifts) = shown(&after, &seen(Some(true), &as_left()), &paths(), Duration::ZERO);
    assert_eq!((back.state, drifts), (RecordState::Active, vec![Drift::Back]));
}

#[test]
fn what_is_not_mapped_any_more_was_not_looked_at() {
    let mut before = ours(RecordState::Active);
    let title = AttributePath::parse("title").unwrap();
    before.sent.insert(title.clone(), json!("Countess"));
    before.returned.insert(title, json!("Countess"));
    let (_, drifts) = shown(&before, &seen(Some(true), &as_left()), &paths(), Duration::ZERO);
    assert_eq!(drifts, []);
}
