//! What the console asks of a directory: edits as the served API makes them, what they cost at the apps, and files.

use serde_json::{Map, Value, json};
use usher_store::admin::action;
use usher_store::directory::StateSought;
use usher_store::event::EventKind;
use usher_web::hands::{Author, Becomes, DirectoryEdit, NotEdited, Tone};

use super::*;

const ADMIN: Author<'static> = Author { who: "admin@example.com", address: "127.0.0.1" };

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("{value}") };
    object
}

fn user(id: &str) -> UserId {
    UserId::new(id)
}

fn unit(path: &str) -> OrgUnitPath {
    OrgUnitPath::parse(path).unwrap()
}

impl Office {
    async fn directory(&self) -> DirectoryId {
        let mut tx = self.store.read("tests::directory").await.unwrap();
        directory::by_name(&mut tx, "embedded").await.unwrap().unwrap().id
    }

    async fn does(&self, edit: DirectoryEdit) -> Option<String> {
        self.hands.edit_directory(&edit, ADMIN).await.unwrap()
    }

    /// Why an edit is not made.
    async fn refuses(&self, edit: DirectoryEdit) -> String {
        self.hands.edit_directory(&edit, ADMIN).await.unwrap_err().to_string()
    }

    async fn person(&self, id: &str) -> directory::Person {
        let of = self.directory().await;
        let mut tx = self.store.read("tests::person").await.unwrap();
        directory::people(&mut tx, &of, &[user(id)].into()).await.unwrap().remove(&user(id)).unwrap()
    }

    async fn actions(&self) -> Vec<action::Action> {
        let mut tx = self.store.read("tests::actions").await.unwrap();
        action::list(&mut tx, None, 100).await.unwrap()
    }

    async fn cost(&self, id: &str, becomes: Becomes) -> Vec<(String, bool)> {
        let of = self.directory().await;
        let all = self.hands.consequences(&of, &user(id), &becomes).await.unwrap();
        all.into_iter().map(|one| (one.what, one.is_loss)).collect()
    }
}

#[tokio::test]
async fn an_edit_is_made_by_what_serves_the_api_and_written_down_with_before_and_after() {
    let office = Office::new().await;
    office.does(DirectoryEdit::Suspend { user: user("1"), on: true }).await;
    let suspended = usher_model::directory::UserState::Suspended { since: None };
    let is = office.person("1").await.user.state;
    assert_eq!(std::mem::discriminant(&is), std::mem::discriminant(&suspended));
    let actions = office.actions().await;
    let action = &actions[0];
    assert_eq!((action.who.as_str(), action.kind.as_str()), ("admin@example.com", "user_suspend"));
    assert_eq!((action.subject.as_str(), action.address.as_deref()), ("ada@example.com", Some("127.0.0.1")));
    assert_eq!(action.before.as_ref().unwrap()["state"], "active");
    assert_eq!(action.after.as_ref().unwrap()["state"], "suspended");
    office.does(DirectoryEdit::MoveUser { user: user("1"), unit: unit("/Sales") }).await;
    let moved = &office.actions().await[0];
    assert_eq!(moved.before, Some(json!({"orgUnitPath": "/"})));
    assert_eq!(moved.after, Some(json!({"orgUnitPath": "/Sales"})));
}

#[tokio::test]
async fn somebody_is_made_found_deleted_and_restored() {
    let office = Office::new().await;
    let resource = json!({
        "primaryEmail": "New@example.com", "name": {"givenName": "Nell", "familyName": "New"}, "orgUnitPath": "/Sales",
    });
    let id = office.does(DirectoryEdit::CreateUser(object(resource))).await.unwrap();
    let made = office.person(&id).await;
    assert_eq!(
        (made.user.primary_email.as_str(), made.user.org_unit.as_str()),
        ("new@example.com", "/Sales")
    );
    assert!(!made.resource.contains_key("password"));
    office.does(DirectoryEdit::DeleteUser(user(&id))).await;
    let of = office.directory().await;
    let mut tx = office.store.read("tests::deleted").await.unwrap();
    let sought = directory::PeopleSought { text: "nell", state: Some(StateSought::Deleted), unit: None };
    let found = directory::people_sought(&mut tx, &of, sought, None, 10).await.unwrap();
    assert_eq!(found.page.len(), 1);
    drop(tx);
    office.does(DirectoryEdit::RestoreUser { user: user(&id), unit: unit("/") }).await;
    assert_eq!(office.person(&id).await.user.state, usher_model::directory::UserState::Active);
}

#[tokio::test]
async fn what_is_wrong_is_one_sentence_of_ours_and_nothing_is_kept_or_written_down() {
    let office = Office::new().await;
    let n_actions = office.actions().await.len();
    let new = |email: &str, given: &str| {
        DirectoryEdit::CreateUser(object(json!({
            "primaryEmail": email, "name": {"givenName": given, "familyName": "X"}, "orgUnitPath": "/",
        })))
    };
    for (edit, sentence) in [
        (new("ada@example.com", "A"), "the address ada@example.com is somebody else’s"),
        (new("ada@example.org", "A"), "example.org is none of the organisation’s domains"),
        (new("ada example.com", "A"), "is no e-mail address"),
        (new("", "A"), "enter an e-mail address"),
        (new("new@example.com", ""), "the given name is missing"),
        (new("new@example.com", &"A".repeat(61)), "the given name is longer than 60 letters"),
        (DirectoryEdit::MoveUser { user: user("1"), unit: unit("/Nowhere") }, "no such organizational unit"),
        (DirectoryEdit::DeleteUnit(unit("/Sales")), "the unit is not empty"),
        (DirectoryEdit::RemoveDomain("example.com".into()), "the domain is the primary one"),
        (
            DirectoryEdit::AddMember {
                group: GroupId::new("g1"),
                email: "ada@example.com".into(),
                role: "MEMBER".into(),
            },
            "is a member of this group already",
        ),
        (
            DirectoryEdit::AddMember {
                group: GroupId::new("g1"),
                email: "nobody@example.com".into(),
                role: "MEMBER".into(),
            },
            "nobody in the organisation has the address nobody@example.com",
        ),
        (
            DirectoryEdit::CreateUnit { parent: unit("/"), name: "sales".into(), description: String::new() },
            "there is a unit of this name at that place already",
        ),
        (
            DirectoryEdit::CreateSchema { name: "Pay".into(), display_name: "Pay".into(), fields: vec![] },
            "custom attributes need at least one field",
        ),
    ] {
        let said = office.refuses(edit).await;
        assert!(said.contains(sentence), "{said}, not {sentence}");
    }
    assert_eq!(office.actions().await.len(), n_actions);
    let gone = office.hands.edit_directory(&DirectoryEdit::DeleteUser(user("99")), ADMIN).await;
    assert!(matches!(gone, Err(NotEdited::NotFound)));
}

#[tokio::test]
async fn the_second_of_two_is_told_and_overwrites_nothing() {
    let office = Office::new().await;
    let version = office.person("1").await.fingerprint().to_owned();
    let edit = |family: &str| DirectoryEdit::UpdateUser {
        user: user("1"),
        resource: object(json!({"name": {"givenName": "Ada", "familyName": family}})),
        version: version.clone(),
    };
    office.does(edit("First")).await;
    let second = office.hands.edit_directory(&edit("Second"), ADMIN).await;
    assert!(matches!(second, Err(NotEdited::Stale)));
    assert_eq!(office.person("1").await.resource["name"]["familyName"], "First");
}

#[tokio::test]
async fn groups_units_domains_and_custom_attributes_follow_their_edits() {
    let office = Office::new().await;
    let group = json!({"name": "New", "email": "new@example.com", "description": "x"});
    let id = GroupId::new(office.does(DirectoryEdit::CreateGroup(object(group))).await.unwrap());
    let add =
        DirectoryEdit::AddMember { group: id.clone(), email: "bo@example.com".into(), role: "OWNER".into() };
    office.does(add).await;
    let of = office.directory().await;
    let count = async || {
        let mut tx = office.store.read("tests::count").await.unwrap();
        directory::count_members(&mut tx, &of, &id).await.unwrap()
    };
    assert_eq!(count().await, 1);
    let written = office.actions().await.remove(0);
    assert_eq!(written.after, Some(json!({"bo@example.com in new@example.com": "OWNER"})));
    office.does(DirectoryEdit::RemoveMember { group: id.clone(), member: "2".into() }).await;
    assert_eq!(count().await, 0);
    office.does(DirectoryEdit::DeleteGroup(id.clone())).await;
    let sales = unit("/Sales");
    let rename = DirectoryEdit::UpdateUnit {
        unit: sales,
        parent: unit("/"),
        name: "Trade".into(),
        description: "buys too".into(),
    };
    office.does(rename).await;
    assert_eq!(office.person("2").await.user.org_unit, unit("/Trade"), "everybody goes along");
    office.does(DirectoryEdit::AddDomain("example.org".into())).await;
    office.does(DirectoryEdit::RemoveDomain("example.org".into())).await;
    let fields = vec![json!({"fieldName": "level", "fieldType": "INT64", "multiValued": false})];
    let schema = DirectoryEdit::CreateSchema { name: "Work".into(), display_name: "Work".into(), fields };
    office.does(schema).await;
    office.does(DirectoryEdit::DeleteSchema("Work".into())).await;
    let mut tx = office.store.read("tests::structure").await.unwrap();
    assert_eq!(directory::domains(&mut tx, &of).await.unwrap().len(), 1);
    assert!(directory::schema_records(&mut tx, &of).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_change_says_beforehand_at_which_app_a_timer_would_start() {
    let office = Office::on().await;
    assert!(office.cost("1", Becomes::Suspended).await.is_empty(), "without an account nothing is lost");
    office.provisions("ada@example.com").await;
    let [(what, true)] = &office.cost("1", Becomes::Suspended).await[..] else { panic!() };
    assert!(
        what.starts_with(
            "Their account at wiki is suspended by the next run, because they are suspended in the directory."
        ),
        "{what}"
    );
    let [(what, false)] = &office.cost("1", Becomes::Deleted).await[..] else { panic!() };
    assert!(
        what.contains("stays on, although they are deleted from the directory: no trigger is selected"),
        "{what}"
    );
    let [(what, false)] = &office.cost("1", Becomes::Archived).await[..] else { panic!() };
    assert!(what.contains("archiving starts no timer"), "{what}");
    assert!(office.cost("1", Becomes::In(unit("/Sales"))).await.is_empty(), "the app is on there too");
    let off = Edit::Access(AccessOf::Unit(unit("/Sales"), Some(Switch::Off)));
    office.edits(off).await.unwrap();
    let triggers = Deprovisioning { app_off: Delay::parse("7d").ok(), ..Deprovisioning::default() };
    office.edits(Edit::Deprovisioning { triggers, hard_delete: None }).await.unwrap();
    let [(what, true)] = &office.cost("1", Becomes::In(unit("/Sales"))).await[..] else { panic!() };
    assert!(what.starts_with("A timer starts at wiki: their account is suspended on "), "{what}");
    let [(what, false)] = &office.cost("2", Becomes::In(unit("/"))).await[..] else { panic!() };
    assert_eq!(what, "They get an account at wiki.");
}

#[tokio::test]
async fn a_unit_that_is_moved_says_beforehand_who_loses_what_by_inheriting_from_elsewhere() {
    let office = Office::on().await;
    let of = office.directory().await;
    let (sales, there) = (unit("/Sales"), unit("/Legal/Sales"));
    let means = async || office.hands.consequences_of_move(&of, &sales, &there).await.unwrap();
    let legal =
        DirectoryEdit::CreateUnit { parent: unit("/"), name: "Legal".into(), description: String::new() };
    office.does(legal).await;
    assert!(means().await.is_empty(), "the app is on there too");
    let switch =
        async |path: &str, is| office.edits(Edit::Access(AccessOf::Unit(unit(path), is))).await.unwrap();
    switch("/Legal", Some(Switch::Off)).await;
    office.provisions("bo@example.com").await;
    let triggers = Deprovisioning { app_off: Delay::parse("7d").ok(), ..Deprovisioning::default() };
    office.edits(Edit::Deprovisioning { triggers, hard_delete: None }).await.unwrap();
    let means_now = means().await;
    let [all, bo] = means_now.as_slice() else { panic!("{means_now:?}") };
    let ends = "wiki is off where the unit goes: access ends for 1 person, unless a group gives it to them.";
    assert_eq!((all.what.as_str(), all.is_loss, bo.is_loss), (ends, true, true));
    assert!(
        bo.what.starts_with("bo@example.com: A timer starts at wiki: their account is suspended on "),
        "{bo:?}"
    );
    switch("/Sales", Some(Switch::On)).await;
    assert!(means().await.is_empty(), "its own switch goes along");
    switch("/Sales", None).await;

    let moved = DirectoryEdit::UpdateUnit {
        unit: sales.clone(),
        parent: unit("/Legal"),
        name: "Sales".into(),
        description: String::new(),
    };
    office.does(moved).await;
    let planned = office.plan(None).await;
    assert_eq!((planned.n_leaving, planned.leaving[0].0.as_str()), (1, "bo@example.com"), "and so it is");
    let back = office.hands.consequences_of_move(&of, &there, &sales).await.unwrap();
    let words: Vec<_> = back.iter().map(|one| (one.what.as_str(), one.is_loss)).collect();
    let begins = "wiki is on where the unit goes: access begins for 1 person.";
    assert_eq!(words, [(begins, false), ("bo@example.com: They keep their account at wiki.", false)]);
}

#[tokio::test]
async fn what_takes_access_away_says_beforehand_what_becomes_of_whose_account() {
    let office = Office::on().await;
    office.provisions("ada@example.com").await;
    office.provisions("bo@example.com").await;
    let triggers = Deprovisioning { app_off: Delay::parse("7d").ok(), ..Deprovisioning::default() };
    office.edits(Edit::Deprovisioning { triggers, hard_delete: None }).await.unwrap();
    let means = async |of: AccessOf| -> Vec<String> {
        let all = office.hands.consequences_of_access(&office.app().await, &of).await.unwrap();
        all.into_iter().map(|one| one.what).collect()
    };
    let sales = AccessOf::Unit(unit("/Sales"), Some(Switch::Off));
    let now = means(sales.clone()).await;
    let [bo] = now.as_slice() else { panic!("{now:?}") };
    assert!(bo.starts_with("bo@example.com: A timer starts at wiki: their account is suspended on "), "{bo}");
    assert!(means(AccessOf::Unit(unit("/Sales"), None)).await.is_empty(), "it inherits already");
    let everybody = AccessOf::Unit(unit("/"), Some(Switch::Off));
    assert_eq!(means(everybody.clone()).await.len(), 2);

    let team = AccessOf::Group(Email::parse("team@example.com").unwrap());
    office.edits(Edit::Access(team)).await.unwrap();
    assert_eq!(means(everybody.clone()).await.len(), 1, "a group that is on wins");
    assert!(means(AccessOf::NoGroup(GroupId::new("g1"))).await.is_empty(), "the unit is on");
    office.edits(Edit::Access(everybody)).await.unwrap();
    let now = means(AccessOf::NoGroup(GroupId::new("g1"))).await;
    let [ada] = now.as_slice() else { panic!("{now:?}") };
    assert!(ada.starts_with("ada@example.com: A timer starts at wiki: "), "{ada}");
}

#[tokio::test]
async fn whoever_loses_nothing_is_named_by_their_address_where_nothing_is_brought_forward() {
    let office = Office::on().await;
    office.provisions("ada@example.com").await;
    for (id, who) in [("1", "ada@example.com"), ("ghost", "ghost")] {
        let why = office.edits(Edit::SuspendNow { user: user(id) }).await.unwrap_err();
        assert_eq!(why, format!("{who} is losing no account at wiki, so there is nothing to bring forward"));
    }
}

#[tokio::test]
async fn a_users_page_is_told_what_explain_says() {
    let office = Office::on().await;
    office.provisions("ada@example.com").await;
    let of = office.directory().await;
    let at = office.hands.at_apps(&of, &user("1")).await.unwrap().remove(0);
    assert_eq!((at.name.as_str(), at.account.as_str(), at.tone), ("wiki", "Active", Tone::Good));
    assert!(
        at.facts.iter().any(|(name, text)| name == "access" && text.contains("the app is on for /")),
        "{at:?}"
    );
    assert!(at.events.iter().any(|event| event.kind == EventKind::Create), "{at:?}");
    office.does(DirectoryEdit::Suspend { user: user("1"), on: true }).await;
    let at = office.hands.at_apps(&of, &user("1")).await.unwrap().remove(0);
    assert!(at.decision.starts_with("suspend the account"), "{}", at.decision);
}

#[tokio::test]
async fn a_file_is_kept_for_the_import_that_follows_its_preview_and_gone_from_the_disk_afterwards() {
    let office = Office::new().await;
    let n_files = || std::fs::read_dir(office.data.path().join(UPLOADS)).map_or(0, Iterator::count);
    assert_eq!(n_files(), 0, "the first import's file is gone");
    let text = PEOPLE.replace("Byron", "Lovelace");
    let preview = office.import(&text, true).await;
    let Job::Import { files, .. } = &preview else { panic!() };
    let files = files.clone();
    let Finished::Imported(would) = office.job(preview).await else { panic!() };
    assert!(would.is_preview && would.kinds[0].updated == 1, "{would:?}");
    assert_eq!(
        (n_files(), office.person("1").await.resource["name"]["familyName"].as_str()),
        (1, Some("Byron"))
    );
    office.job(Job::Import { files: files.clone(), replace: false, preview: false }).await;
    assert_eq!(office.person("1").await.resource["name"]["familyName"], "Lovelace");
    assert_eq!(n_files(), 0);
    let JobState::Failed(why) = office.ended(Job::Import { files, replace: false, preview: false }).await
    else {
        panic!()
    };
    assert!(why.contains("not kept any more"), "{why}");
    assert!(
        office.hands.receive("people.xls").await.err().unwrap().to_string().contains("neither JSON nor CSV")
    );
    let wrong = office.import("{\"users\": [{\"primaryEmail\": 3}]}", true).await;
    let JobState::Failed(why) = office.ended(wrong).await else { panic!() };
    assert!(why.contains("people.json") && !why.contains(office.data.path().to_str().unwrap()), "{why}");
}
