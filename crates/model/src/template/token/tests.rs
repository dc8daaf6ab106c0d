use super::*;
use crate::template::Template;

fn created() -> Timestamp {
    Timestamp::parse("2026-01-31T09:00:00Z").unwrap()
}

fn days(n: u64) -> Duration {
    Duration::from_hours(24 * n)
}

fn told(template: &str, created_at: Option<Timestamp>, now: Timestamp) -> Option<String> {
    Template::by_key(template).unwrap().tokens.warning("aws", created_at, now)
}

#[test]
fn the_end_of_a_token_is_told_from_ninety_days_before_it_and_after_it() {
    let end = created() + days(365);
    let a_moment = Duration::from_secs(1);
    assert_eq!(told("aws", Some(created()), created()), None);
    assert_eq!(told("aws", Some(created()), end.before(days(90) + a_moment)), None);
    for (now, when) in [
        (end.before(days(90)), "expires on 2027-01-31, in 90 days: generate a second token"),
        (end.before(days(1)), "expires on 2027-01-31, in 1 day: generate a second token"),
        (end.before(a_moment), "expires on 2027-01-31, within a day: generate a second token"),
        (end, "expired on 2027-01-31: generate a new token"),
        (end + days(400), "expired on 2027-01-31: generate a new token"),
    ] {
        let told = told("aws", Some(created()), now).unwrap();
        assert!(told.contains(when), "{told}");
    }
}

#[test]
fn a_warning_says_where_the_next_token_comes_from_and_what_becomes_of_the_old_one() {
    let end = created() + days(365);
    insta::assert_snapshot!(told("aws", Some(created()), end.before(days(89))).unwrap(), @"the access token of aws expires on 2027-01-31, in 89 days: generate a second token in IAM Identity Center (Settings, Identity source, Actions, Manage provisioning, Generate token), give it with `usher app authorize aws --token-file FILE`, then delete the first one");
    insta::assert_snapshot!(told("aws", Some(created()), end + days(1)).unwrap(), @"the access token of aws expired on 2027-01-31: generate a new token in IAM Identity Center (Settings, Identity source, Actions, Manage provisioning, Generate token), give it with `usher app authorize aws --token-file FILE`, then delete the expired one");
}

#[test]
fn of_a_token_whose_age_or_life_nobody_knows_nothing_is_told() {
    assert_eq!(told("aws", None, created() + days(3_650)), None);
    assert_eq!(told("scim", Some(created()), created() + days(3_650)), None);
}
