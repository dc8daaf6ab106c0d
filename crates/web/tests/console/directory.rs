//! The pages of a directory, over a store with people in it: what they show, what they ask for, and who may.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use usher_model::directory::{Group, OrgUnitPath, User, UserState};
use usher_model::id::{DirectoryId, Email, GroupId, UserId};
use usher_model::time::Timestamp;
use usher_store::directory::stage::{self, Addresses, MemberKind};
use usher_store::directory::{
    self, Domain, DomainRecord, GroupRecord, MemberRecord, OrgUnitRecord, Owner, Person, SchemaRecord,
};
use usher_store::event::EventKind;
use usher_web::hands::{AtApp, Becomes, Consequence, DirectoryEdit, Happened, NotEdited, Tone};

use crate::browser::{Browser, House};
use crate::rights::joined;

mod taken_in;

const HOME: &str = "/directories/d1";

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("{value}") };
    object
}

fn person(id: &str, given: &str, family: &str, state: UserState) -> Person {
    let resource = json!({
        "id": id, "primaryEmail": format!("{id}@example.com"), "name": {"givenName": given, "familyName": family},
        "organizations": [{"primary": true, "title": "Engineer", "department": "Research"}],
        "customSchemas": {"Work": {"level": "3"}},
    });
    let user = User {
        id: UserId::new(id),
        primary_email: Email::parse(&format!("{id}@example.com")).unwrap(),
        state,
        org_unit: OrgUnitPath::parse("/Sales").unwrap(),
        is_guest: false,
    };
    Person::new(user, object(resource))
}

/// A house whose embedded directory has some people, a group, a unit, a domain and a schema; and Ada's browser.
async fn office() -> (House, Browser) {
    let house = House::new().await;
    let ada = house.set_up().await;
    let mut tx = house.store.begin("tests::people").await.unwrap();
    let id =
        directory::embedded(&mut tx, &DirectoryId::new("d1"), Timestamp::from_micros(1)).await.unwrap().id;
    let mut people: Vec<Person> = (0..60)
        .map(|n| person(&format!("p{n:02}"), "Pat", &format!("Number{n:02}"), UserState::Active))
        .collect();
    people.push(person("zoe", "Zoë", "Adams", UserState::Suspended { since: None }));
    directory::record_people(&mut tx, &id, &people).await.unwrap();
    let group = Group {
        id: GroupId::new("g1"),
        email: Email::parse("team@example.com").unwrap(),
        name: "The Team".into(),
    };
    let record = GroupRecord { resource: object(json!({"id": "g1", "description": "All of us"})), group };
    directory::record_groups(&mut tx, &id, &[record]).await.unwrap();
    let member = MemberRecord {
        key: "zoe".into(),
        kind: MemberKind::User,
        role: "OWNER".into(),
        delivery: "ALL_MAIL".into(),
    };
    directory::record_member(&mut tx, &id, &GroupId::new("g1"), &member).await.unwrap();
    let stated: Vec<Addresses> = people
        .iter()
        .map(|person| Addresses {
            owner: Owner::User(person.user.id.clone()),
            primary: Some(person.user.primary_email.clone()),
            aliases: std::collections::BTreeSet::new(),
        })
        .collect();
    stage::restate(&mut tx, &id, &stated).await.unwrap();
    assert_eq!(stage::settle_addresses(&mut tx, &id).await.unwrap(), None);
    stage::clear(&mut tx, &id).await.unwrap();
    let unit = OrgUnitRecord { path: OrgUnitPath::parse("/Sales").unwrap(), resource: Map::new() };
    directory::record_org_units(&mut tx, &id, &[unit]).await.unwrap();
    let domain = Domain { name: "example.com".into(), is_primary: true };
    directory::record_domains(&mut tx, &id, &[DomainRecord { domain, resource: Map::new() }]).await.unwrap();
    let fields = json!({"fields": [{"fieldName": "level", "fieldType": "INT64"}]});
    let schema = SchemaRecord { name: "Work".into(), resource: object(fields) };
    directory::record_schemas(&mut tx, &id, &[schema]).await.unwrap();
    tx.commit().await.unwrap();
    (house, ada)
}

fn next(page: &str) -> String {
    let link = page.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap();
    link.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
}

#[tokio::test]
async fn the_navigation_leads_to_the_directory_and_users_are_walked_and_found() {
    let (_house, mut ada) = office().await;
    assert_eq!(ada.get("/directory/users").await.location(), "/directories/d1/users");
    assert_eq!(ada.get("/directory/nothing").await.location(), "/directories");
    let page = ada.get("/directories/d1/users").await;
    assert!(page.text.contains("p00@example.com") && !page.text.contains("zoe@example.com"), "{}", page.text);
    let second = ada.get(&next(&page.text)).await;
    assert!(second.text.contains("zoe@example.com") && !second.text.contains("p00@"), "{}", second.text);
    for (query, found, left_out) in [
        ("q=zo%C3%AB", "zoe@example.com", "p00@"),
        ("q=adams", "zoe@example.com", "p00@"),
        ("state=suspended", "zoe@example.com", "p00@"),
        ("unit=%2FSales&state=active", "p00@example.com", "zoe@"),
        ("q=nobody", "Nobody is found", "p00@"),
    ] {
        let text = ada.get(&format!("{HOME}/users?{query}")).await.text;
        assert!(text.contains(found) && !text.contains(left_out), "{query}: {text}");
    }
    let wrong = ada.get(&format!("{HOME}/users?unit=Sales")).await;
    assert!(wrong.text.contains("is not the path of an organizational unit"), "{}", wrong.text);
}

#[tokio::test]
async fn a_users_page_says_how_they_stand_at_every_app() {
    let (house, mut ada) = office().await;
    let at = AtApp {
        app: usher_model::id::AppId::new("a1"),
        name: "wiki".into(),
        account: "Leaving".into(),
        tone: Tone::Warn,
        decision: "nothing is done: leaving".into(),
        due: Some(("suspended".into(), Timestamp::parse("2026-12-07T02:50:00Z").unwrap())),
        facts: vec![("access".into(), "the app is on for /Sales".into())],
        events: vec![Happened {
            at: Timestamp::parse("2026-11-30T02:50:00Z").unwrap(),
            kind: EventKind::Create,
            why: "entitled, and has no account yet".into(),
        }],
    };
    house.hands.say_of_people(vec![at], Vec::new());
    let page = ada.get(&format!("{HOME}/users/zoe")).await;
    assert_eq!(page.heading(), "Zoë Adams");
    for word in [
        "wiki",
        "Leaving",
        "Nothing is done: leaving.",
        "2026-12-07 02:50 UTC (suspended)",
        "the app is on for /Sales",
        "2026-11-30 02:50 UTC",
        "Create User By Auto Provisioning",
        "entitled, and has no account yet",
        "Engineer",
        "Work: level",
        "The Team",
        "team@example.com",
        "Suspended",
    ] {
        assert!(page.text.contains(word), "{word}: {}", page.text);
    }
    assert_eq!(ada.get(&format!("{HOME}/users/nobody")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_may_only_read_sees_no_way_to_edit_and_has_none() {
    let (house, mut ada) = office().await;
    let mut eve = joined(&house, &mut ada, "eve@example.com", "auditor").await;
    let page = eve.get(&format!("{HOME}/users/zoe")).await.text;
    assert!(page.contains("Zoë Adams") && !page.contains("/change/"), "{page}");
    let token = eve.get("/").await.value("input[name=token]");
    for path in [
        "new-user",
        "users/zoe/edit",
        "users/zoe/alias",
        "users/zoe/change/delete",
        "new-group",
        "groups/g1/edit",
        "groups/g1/members",
        "groups/g1/remove",
        "groups/g1/delete",
        "new-unit",
        "unit",
        "unit/delete",
        "domains",
        "domain/remove",
        "new-schema",
        "schema",
        "schema/delete",
        "google",
        "google/check",
    ] {
        let answer = eve.post(&format!("{HOME}/{path}"), &[("token", &token)]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/directories/import", "/directories/add-google"] {
        assert_eq!(eve.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert!(house.hands.directory_edits().is_empty());
}

#[tokio::test]
async fn a_suspension_is_asked_about_with_what_it_costs_and_then_made_by_whoever_asked() {
    let (house, mut ada) = office().await;
    let what = "A timer starts at wiki: their account is suspended on 2026-12-07 02:50 UTC, because they are suspended in the directory.";
    let lost = Consequence { app: "wiki".into(), what: what.into(), is_loss: true };
    house.hands.say_of_people(Vec::new(), vec![lost]);
    let path = format!("{HOME}/users/p01/change/suspend");
    let asked = ada.get(&path).await;
    assert!(asked.text.contains(what), "{}", asked.text);
    assert_eq!(house.hands.asked(), [Becomes::Suspended]);
    assert!(house.hands.directory_edits().is_empty(), "asking does nothing");
    let done = ada.post_with_token(&path, &path, &[]).await;
    assert_eq!(done.location(), "/directories/d1/users/p01");
    let expected = DirectoryEdit::Suspend { user: UserId::new("p01"), on: true };
    assert_eq!(house.hands.directory_edits(), [(expected, "ada@example.com".to_owned())]);
    house.hands.next_directory_edit(Err(NotEdited::Because("it is not possible today".into())));
    let refused = ada.post_with_token(&path, &path, &[]).await;
    assert!(refused.text.contains("It is not possible today."), "{}", refused.text);
}

#[tokio::test]
async fn a_move_shows_what_another_unit_means_before_it_is_made() {
    let (house, mut ada) = office().await;
    let path = format!("{HOME}/users/p01/change/move");
    let look = ada.post_with_token(&path, &path, &[("unit", "/"), ("do", "look")]).await;
    assert_eq!(look.location(), format!("{path}?unit=%2F"));
    ada.get(look.location()).await;
    assert_eq!(house.hands.asked(), [Becomes::In(OrgUnitPath::root())]);
    ada.post_with_token(&path, &path, &[("unit", "/"), ("do", "do")]).await;
    let expected = DirectoryEdit::MoveUser { user: UserId::new("p01"), unit: OrgUnitPath::root() };
    assert_eq!(house.hands.directory_edits()[0].0, expected);
}

#[tokio::test]
async fn a_name_that_turns_the_direction_of_writing_is_refused() {
    let (house, mut ada) = office().await;
    let path = format!("{HOME}/users/p01/edit");
    let version = ada.get(&path).await.value("input[name=version]");
    let form = [
        ("version", version.as_str()),
        ("given", "Pat \u{202e}tsop"),
        ("family", "New"),
        ("email", "p01@example.com"),
        ("unit", "/Sales"),
    ];
    let refused = ada.post_with_token(&path, &path, &form).await;
    let said = "There is an invisible character in this that turns the direction of writing (such as U+202E): type it without.";
    assert_eq!(refused.wrong(), said);
    assert!(refused.text.contains("tsop") && house.hands.directory_edits().is_empty());
}

#[tokio::test]
async fn an_edit_says_what_changes_and_whom_it_was_made_of() {
    let (house, mut ada) = office().await;
    let path = format!("{HOME}/users/p01/edit");
    let page = ada.get(&path).await;
    let version = page.value("input[name=version]");
    assert_eq!(page.value("input[name=title]"), "Engineer");
    assert_eq!(page.value("input[name='custom:Work:level']"), "3");
    let form = [
        ("version", version.as_str()),
        ("given", "Pat"),
        ("family", "New"),
        ("email", "p01@example.com"),
        ("unit", "/Sales"),
        ("title", "Lead"),
        ("custom:Work:level", ""),
    ];
    assert_eq!(ada.post_with_token(&path, &path, &form).await.location(), "/directories/d1/users/p01");
    let expected = json!({
        "primaryEmail": "p01@example.com", "name": {"givenName": "Pat", "familyName": "New"}, "orgUnitPath": "/Sales",
        "organizations": [{"primary": true, "title": "Lead", "department": "Research"}],
        "customSchemas": {"Work": {"level": null}},
    });
    let made = DirectoryEdit::UpdateUser {
        user: UserId::new("p01"),
        resource: object(expected),
        version: version.clone(),
    };
    assert_eq!(house.hands.directory_edits()[0].0, made);
    house.hands.next_directory_edit(Err(NotEdited::Stale));
    let second = ada.post_with_token(&path, &path, &form).await;
    assert!(second.text.contains("Somebody else changed this"), "{}", second.text);
    assert_eq!(second.value("input[name=family]"), "Number01", "what is set now");
    house.hands.next_directory_edit(Err(NotEdited::Because("the address is taken".into())));
    let refused = ada.post_with_token(&path, &path, &form).await;
    assert_eq!(refused.value("input[name=family]"), "New", "what was typed stays");
}

#[tokio::test]
async fn a_new_user_is_made_and_shown() {
    let (house, mut ada) = office().await;
    house.hands.next_directory_edit(Ok(Some("p02".into())));
    let path = format!("{HOME}/new-user");
    let form =
        [("given", "Bo"), ("family", "Li"), ("email", "bo@example.com"), ("unit", "/"), ("phone", "1")];
    assert_eq!(ada.post_with_token(&path, &path, &form).await.location(), "/directories/d1/users/p02");
    let expected = json!({
        "primaryEmail": "bo@example.com", "name": {"givenName": "Bo", "familyName": "Li"}, "orgUnitPath": "/",
        "phones": [{"type": "work", "value": "1"}],
    });
    assert_eq!(house.hands.directory_edits()[0].0, DirectoryEdit::CreateUser(object(expected)));
}

#[tokio::test]
async fn a_unit_that_is_moved_says_first_what_that_means_at_the_apps_and_a_new_name_means_nothing() {
    let (house, mut ada) = office().await;
    let what = "wiki is off where the unit goes: access ends for 60 people.".to_owned();
    let loss = Consequence { app: "wiki".into(), what: what.clone(), is_loss: true };
    house.hands.say_of_people(Vec::new(), vec![loss]);
    let (form, send) = (format!("{HOME}/unit?of=%2FSales"), format!("{HOME}/unit"));
    let moved = [("of", "/Sales"), ("name", "Sales"), ("parent", "/Legal"), ("description", "sells")];
    let asked = ada.post_with_token(&form, &send, &moved).await;
    assert_eq!(
        (asked.status, asked.heading().as_str()),
        (StatusCode::OK, "Move /Sales to /Legal/Sales?"),
        "{}",
        asked.text
    );
    assert!(asked.text.contains(&what), "{}", asked.text);
    let path = |text| OrgUnitPath::parse(text).unwrap();
    assert_eq!(house.hands.moves(), [(path("/Sales"), path("/Legal/Sales"))]);
    assert!(house.hands.directory_edits().is_empty(), "nothing is done yet");
    for (name, value) in moved {
        assert_eq!(asked.value(&format!("input[name={name}]")), value);
    }
    let done = ada.post_with_token(&form, &send, &[&moved[..], &[("do", "do")]].concat()).await;
    assert_eq!(done.location(), format!("{HOME}/units"));
    let renamed = [("of", "/Sales"), ("name", "Trade"), ("parent", "/"), ("description", "sells")];
    assert_eq!(ada.post_with_token(&form, &send, &renamed).await.location(), format!("{HOME}/units"));
    let update = |parent, name: &str| DirectoryEdit::UpdateUnit {
        unit: path("/Sales"),
        parent: path(parent),
        name: name.into(),
        description: "sells".into(),
    };
    let edits: Vec<_> = house.hands.directory_edits().into_iter().map(|(edit, _)| edit).collect();
    assert_eq!(edits, [update("/Legal", "Sales"), update("/", "Trade")]);
    assert_eq!(house.hands.moves().len(), 1);
}

#[tokio::test]
async fn groups_units_domains_and_custom_attributes_are_shown_and_edited() {
    let (house, mut ada) = office().await;
    let groups = ada.get(&format!("{HOME}/groups?q=TEAM")).await.text;
    assert!(groups.contains("The Team") && groups.contains("team@example.com"), "{groups}");
    let group = ada.get(&format!("{HOME}/groups/g1")).await.text;
    assert!(
        group.contains("zoe@example.com") && group.contains("Owner") && group.contains("All of us"),
        "{group}"
    );
    let units = ada.get(&format!("{HOME}/units")).await.text;
    assert!(units.contains("Sales") && units.contains("60"), "{units}");
    assert!(ada.get(&format!("{HOME}/domains")).await.text.contains("Primary"));
    assert!(ada.get(&format!("{HOME}/schemas")).await.text.contains("Whole number"));
    let made = [
        ("groups/g1", "groups/g1/members", vec![("email", "p01@example.com"), ("role", "MEMBER")]),
        ("groups/g1", "groups/g1/remove", vec![("member", "zoe")]),
        ("groups/g1/delete", "groups/g1/delete", vec![]),
        ("new-group", "new-group", vec![("name", "New"), ("email", "new@example.com"), ("description", "")]),
        ("new-unit", "new-unit", vec![("name", "East"), ("parent", "/Sales"), ("description", "")]),
        (
            "unit?of=%2FSales",
            "unit",
            vec![("of", "/Sales"), ("name", "Trade"), ("parent", "/"), ("description", "x")],
        ),
        ("unit/delete?of=%2FSales", "unit/delete", vec![("of", "/Sales")]),
        ("domains", "domains", vec![("domain", "example.org")]),
        ("domain/remove?of=example.org", "domain/remove", vec![("of", "example.org")]),
        (
            "new-schema",
            "new-schema",
            vec![("name", "Pay"), ("display_name", "Pay"), ("name-0", "band"), ("type-0", "STRING")],
        ),
        (
            "schema?of=Work",
            "schema?of=Work",
            vec![("display_name", "W"), ("name-0", "level"), ("type-0", "INT64"), ("several-0", "on")],
        ),
        ("schema/delete?of=Work", "schema/delete", vec![("of", "Work")]),
    ];
    for (page, path, form) in &made {
        let answer = ada.post_with_token(&format!("{HOME}/{page}"), &format!("{HOME}/{path}"), form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.text);
    }
    let kinds: Vec<&str> = house.hands.directory_edits().iter().map(|(edit, _)| edit.kind()).collect();
    let expected = [
        "group_member_add",
        "group_member_remove",
        "group_delete",
        "group_create",
        "unit_create",
        "unit_update",
        "unit_delete",
        "domain_add",
        "domain_remove",
        "schema_create",
        "schema_update",
        "schema_delete",
    ];
    assert_eq!(kinds, expected);
}
