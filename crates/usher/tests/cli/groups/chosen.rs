//! Which groups an app gets: every option, every refusal, and where it is shown.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::desk::Desk;

const NEXT: &str = "`usher plan aws` shows what the next run does with them.\n";

fn desk() -> Desk {
    let desk = Desk::with_people();
    desk.succeeds(&["app", "add", "aws", "--template", "aws"]);
    desk
}

fn groups(desk: &Desk, more: &[&str]) -> Value {
    desk.json(&[&["app", "groups", "aws"], more].concat())["groups"].clone()
}

#[test]
fn an_app_gets_no_groups_until_some_are_chosen_and_says_so() {
    let desk = desk();
    insta::assert_snapshot!(desk.succeeds(&["app", "groups", "aws"]), @r"
    groups      none
    suspended   accounts that are off stay in their groups
    foreign     members that Usher did not add stay
    deselected  groups outside the selection are left alone
    at the app  0 groups with 0 memberships
    ");
    let expected = json!({
        "selection": "off", "groups": [], "patterns": [], "suspended": "stay", "foreign": "keep", "deselected": null,
        "selected": 0, "at_app": {"known": 0, "gone": 0, "unsure": 0, "failing": 0, "members": 0},
    });
    assert_eq!(groups(&desk, &[]), expected);
    assert!(desk.succeeds(&["app", "show", "aws"]).contains("\ngroups          none\n"));
}

#[test]
fn groups_are_chosen_by_address_and_by_pattern_and_the_option_may_be_repeated() {
    let desk = desk();
    let said = desk.succeeds(&["app", "groups", "aws", "--select", "team@example.com"]);
    assert!(
        said.starts_with("groups      team@example.com (1 group now)\n") && said.ends_with(NEXT),
        "{said}"
    );
    let chosen = groups(&desk, &["--select", "TEAM@example.com,le*@example.com", "--select", "no-such-*"]);
    assert_eq!(chosen["selection"], "chosen");
    assert_eq!(chosen["groups"], json!(["team@example.com"]));
    assert_eq!(chosen["patterns"], json!(["le*@example.com", "no-such-*"]));
    assert_eq!(chosen["selected"], 2, "one by itself, one by its address, none by the last");
    let shown = desk.succeeds(&["app", "show", "aws"]);
    assert!(shown.contains("team@example.com, le*@example.com, no-such-* (2 groups now)"), "{shown}");
    assert_eq!(desk.json(&["app", "list"])["apps"][0]["groups"], chosen);

    // It was chosen, not its address.
    desk.write("more.json", r#"{"groups": [{"id": "g1", "email": "crew@example.com", "name": "Team"}]}"#);
    desk.succeeds(&["import", "more.json"]);
    assert_eq!(groups(&desk, &[])["groups"], json!(["crew@example.com"]));
    assert_eq!(groups(&desk, &["--select", "*"])["selected"], 2);
    assert_eq!(groups(&desk, &["--select", "x@*"])["selected"], 0, "a choice replaces the one before");
}

#[test]
fn the_groups_of_the_scope_are_those_of_the_scope() {
    let desk = desk();
    assert_eq!(groups(&desk, &["--scope"])["selected"], 0);
    desk.succeeds(&["app", "scope", "aws", "--add", "team@example.com"]);
    let chosen = groups(&desk, &[]);
    assert_eq!((&chosen["selection"], &chosen["selected"]), (&json!("scope"), &json!(1)));
    let said = desk.succeeds(&["app", "groups", "aws"]);
    assert!(said.starts_with("groups      those of the provisioning scope (1 group now)\n"), "{said}");
    assert_eq!(groups(&desk, &["--off"])["selection"], "off");
}

#[test]
fn what_is_not_named_stays_as_it_is() {
    let desk = desk();
    groups(&desk, &["--select", "*"]);
    groups(&desk, &["--suspended", "leave"]);
    groups(&desk, &["--foreign", "remove"]);
    let all = groups(&desk, &["--deselected", "7d"]);
    let set =
        |groups: &Value| ["selection", "suspended", "foreign", "deselected"].map(|key| groups[key].clone());
    assert_eq!(set(&all), ["chosen", "leave", "remove", "7d"].map(Value::from));
    insta::assert_snapshot!(desk.succeeds(&["app", "groups", "aws"]), @r"
    groups      * (2 groups now)
    suspended   accounts that are off leave their groups, and come back when they are on
    foreign     members that Usher did not add are taken out
    deselected  groups outside the selection are deleted after 7d
    at the app  0 groups with 0 memberships
    ");
    let said = desk.succeeds(&["app", "groups", "aws", "--deselected", "24h"]);
    assert!(said.contains("deleted with the next run"), "{said}");
    let back = groups(&desk, &["--off", "--suspended", "stay", "--foreign", "keep", "--deselected", "never"]);
    assert_eq!(set(&back), [json!("off"), json!("stay"), json!("keep"), Value::Null]);
}

#[test]
fn what_cannot_be_chosen_is_refused_with_a_sentence_and_nothing_is_kept() {
    let desk = desk();
    let before = groups(&desk, &["--select", "team@example.com"]);
    let refused = |code, more: &[&str]| {
        let said = desk.fails(code, &[&["app", "groups", "aws"], more].concat());
        assert_eq!(groups(&desk, &[]), before, "{more:?}");
        said
    };
    let no_group = "the directory has no group with the address no@example.com";
    assert_eq!(refused(1, &["--select", "le*,no@example.com", "--suspended", "leave"]), no_group);
    let a_person = refused(1, &["--select", "ada@example.com"]);
    assert_eq!(a_person, "the directory has no group with the address ada@example.com");
    assert!(refused(64, &["--select", "ops"]).contains("ops"));
    insta::assert_snapshot!(refused(64, &["--select", "a*@b@c"]), @"`a*@b@c` is no pattern of group addresses: write an address in which * stands for any characters, as in aws-*@example.com");
    assert!(refused(64, &["--off", "--scope"]).contains("cannot be used with"));
    assert!(refused(64, &["--scope", "--select", "*"]).contains("cannot be used with"));
    assert!(refused(64, &["--suspended", "sometimes"]).contains("stay"));
    assert!(refused(64, &["--deselected", "soon"]).contains("or never"));
    let no_app = desk.fails(1, &["app", "groups", "wiki", "--off"]);
    assert_eq!(no_app, "there is no app named `wiki` in ./usher-data: there is aws");
}

#[test]
fn what_was_provisioned_stays_where_groups_are_off_and_is_forgotten_with_the_configuration() {
    let cloud = Cloud::synced();
    let desk = &cloud.desk;
    let said = desk.succeeds(&["app", "groups", "aws"]);
    assert!(said.ends_with("at the app  2 groups with 5 memberships\n"), "{said}");
    let said = desk.succeeds(&["app", "groups", "aws", "--off"]);
    assert!(
        said.starts_with("groups      none\n            those that were provisioned stay as they are\n"),
        "{said}"
    );
    assert_eq!(
        desk.succeeds(&["plan", "aws"]).lines().next(),
        Some("aws is as it should be: a run would change nothing.")
    );
    assert_eq!(cloud.groups(), ["All", "Ops"]);
    let said = desk.succeeds(&["app", "unconfigure", "aws"]);
    assert!(said.contains("Every account and every group stays as it is"), "{said}");
    assert_eq!(desk.json(&["app", "groups", "aws"])["groups"]["at_app"]["known"], 0);
    let said = desk.succeeds(&["app", "remove", "aws"]);
    assert!(said.contains("every group at the app stays"), "{said}");
    assert_eq!(cloud.groups(), ["All", "Ops"]);
    cloud.end();
}
