use super::*;

fn remote(id: &str, user_name: &str, external_id: Option<&str>) -> RemoteAccount {
    RemoteAccount {
        remote_id: RemoteId::new(id),
        external_id: external_id.map(str::to_owned),
        user_name: user_name.to_owned(),
        active: true,
        attributes: Attributes::default(),
        holder: None,
    }
}

fn held(mut account: RemoteAccount, user: &str) -> RemoteAccount {
    let email = Email::parse("holder@example.com").ok();
    account.holder = Some(Holder { user: UserId::new(user), email });
    account
}

fn find(candidates: &[RemoteAccount]) -> Found {
    find_own(&UserId::new("7"), "ada@example.com", candidates, false)
}

fn own(found: Found) -> (String, MatchedBy) {
    let Found::Own(account, by) = found else { panic!("expected an account of their own, got {found:?}") };
    (account.remote_id.to_string(), by)
}

fn conflict(found: Found) -> String {
    let Found::Conflict(conflict) = found else { panic!("expected a conflict, got {found:?}") };
    conflict.to_string()
}

#[test]
fn the_external_id_decides_whatever_the_name_is() {
    let candidates = [remote("a", "somebody@example.com", Some("7")), remote("b", "ada@example.com", None)];
    assert_eq!(own(find(&candidates)), ("a".into(), MatchedBy::ExternalId));
}

#[test]
fn a_user_name_in_another_case_with_an_empty_external_id_is_their_own() {
    assert_eq!(own(find(&[remote("a", "ADA@Example.com", None)])), ("a".into(), MatchedBy::UserName));
}

#[test]
fn accounts_that_do_not_fit_are_passed_over_because_some_apps_ignore_filters() {
    assert_eq!(
        find(&[remote("a", "bob@example.com", None), remote("b", "eve@example.com", Some("9"))]),
        Found::Nothing
    );
}

#[test]
fn a_foreign_external_id_is_a_conflict_unless_an_admin_takes_it_over() {
    let candidates = [remote("a", "ada@example.com", Some("hr-12"))];
    insta::assert_snapshot!(conflict(find(&candidates)), @"the app's account ada@example.com (id a) belongs to somebody else: its externalId is hr-12; take it over or wait");
    let taken = find_own(&UserId::new("7"), "ada@example.com", &candidates, true);
    assert_eq!(own(taken), ("a".into(), MatchedBy::Choice));
}

#[test]
fn an_address_held_by_another_persons_account_names_the_holder_and_cannot_be_taken_over() {
    for external_id in [None, Some("3")] {
        let candidates = [held(remote("a", "ada@example.com", external_id), "3")];
        let expected = "ada@example.com is held at the app by the account of holder@example.com (id 3); give one of them another address, or wait until it is free";
        assert_eq!(conflict(find(&candidates)), expected);
        assert_eq!(conflict(find_own(&UserId::new("7"), "ada@example.com", &candidates, true)), expected);
    }
}

#[test]
fn several_that_could_be_theirs_are_nobodys() {
    let candidates = [remote("a", "ada@example.com", None), remote("b", "Ada@example.com", None)];
    insta::assert_snapshot!(conflict(find(&candidates)), @"2 accounts at the app could be ada@example.com; leave one of them there");
}
