//! People: what is kept of them, whose an address is, and what deleting does.

use super::*;

async fn listed(home: &Home, which: Which, most: usize) -> Vec<String> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = home.directory.users(which, after.as_ref(), most).await.unwrap();
        assert!(page.len() <= most);
        let Some(last) = page.last() else { return ids };
        after = Some(last.place());
        ids.extend(page.iter().map(|user| user.id.clone()));
    }
}

#[tokio::test]
async fn a_user_comes_back_as_they_were_written_and_runs_see_the_same() {
    let home = Home::new().await;
    let written = with(home.user("1").await, "aliases", json!(["nick@example.com"]));
    home.does([Change::User(written.clone())]).await;
    assert_eq!(home.read("1").await, written);
    assert_eq!(home.directory.user("2").await.unwrap(), None);
    let person = home.person("1").await;
    assert_eq!(person.user.primary_email.as_str(), "1@example.com");
    assert_eq!(person.user.state, UserState::Active);
    assert_eq!((&person.resource["id"], &person.resource["orgUnitPath"]), (&json!("1"), &json!("/")));
}

#[tokio::test]
async fn a_suspension_is_the_directorys_own_and_changes_the_fingerprint() {
    let home = Home::new().await;
    home.does([Change::User(home.user("1").await)]).await;
    let before = home.person("1").await;
    let suspended = with(home.read("1").await, "suspended", json!(true));
    let suspended = with(suspended, "suspensionTime", json!("2026-11-23T09:30:00.000Z"));
    home.does([Change::User(suspended)]).await;
    let after = home.person("1").await;
    let since = Some(Timestamp::parse("2026-11-23T09:30:00Z").unwrap());
    assert_eq!(after.user.state, UserState::Suspended { since });
    assert_ne!(before.fingerprint(), after.fingerprint());
}

#[tokio::test]
async fn lists_go_by_address_in_pages_of_any_size_with_everybody_once() {
    let home = Home::new().await;
    let root = home.root().await;
    // The order of the ids is not that of the addresses.
    let address = |n: u32| format!("p{:02}@example.com", 20 - n);
    let people = (0..20).map(|n| with(user(&n.to_string(), &root), "primaryEmail", json!(address(n))));
    home.does(people.map(Change::User)).await;
    for n in 15..20 {
        let user = User { deleted_at: Some(Timestamp::from_micros(1)), ..home.read(&n.to_string()).await };
        home.does([Change::User(user)]).await;
    }
    let ids = |range: std::ops::Range<u32>| range.rev().map(|n| n.to_string()).collect::<Vec<_>>();
    for most in [1, 3, 5, 100] {
        assert_eq!(listed(&home, Which::Living, most).await, ids(0..15), "{most}");
        assert_eq!(listed(&home, Which::Deleted, most).await, ids(15..20), "{most}");
    }
}

#[tokio::test]
async fn an_address_belongs_to_one_owner() {
    let home = Home::new().await;
    let ada = with(home.user("ada").await, "aliases", json!(["Nick@Example.com"]));
    home.does([Change::User(ada), Change::Group(group("team"))]).await;
    assert_eq!(home.holder("ada@example.com").await, Some(user_holds("ada")));
    assert_eq!(home.holder("nick@example.com").await, Some(user_holds("ada")));
    assert_eq!(home.holder("team@example.com").await, Some(Holder::Group("team".to_owned())));
    assert_eq!(home.holder("nobody@example.com").await, None);
    assert_eq!(home.holder("no address").await, None);
    for taken in ["ada@example.com", "nick@example.com", "team@example.com"] {
        home.refuses([Change::User(with(home.user("bo").await, "primaryEmail", json!(taken)))]).await;
        home.refuses([Change::User(with(home.user("bo").await, "aliases", json!([taken])))]).await;
    }
    let named = object(json!({"email": "ada@example.com"}));
    home.refuses([Change::Group(Group { id: "other".to_owned(), fields: named })]).await;
    assert_eq!(home.directory.user("bo").await.unwrap(), None);
    assert_eq!(home.directory.group("other").await.unwrap(), None);
}

#[tokio::test]
async fn two_people_can_swap_their_addresses_with_one_edit_and_a_renamed_one_frees_theirs() {
    let home = Home::new().await;
    let (ada, bo) = (home.user("ada").await, home.user("bo").await);
    home.does([Change::User(ada.clone()), Change::User(bo.clone())]).await;
    let ada = with(ada, "primaryEmail", json!("bo@example.com"));
    home.refuses([Change::User(ada.clone())]).await;
    let bo = with(bo, "primaryEmail", json!("ada@example.com"));
    home.does([Change::User(ada.clone()), Change::User(bo)]).await;
    assert_eq!(home.holder("bo@example.com").await, Some(user_holds("ada")));
    assert_eq!(home.holder("ada@example.com").await, Some(user_holds("bo")));
    home.does([Change::User(with(ada, "primaryEmail", json!("countess@example.com")))]).await;
    assert_eq!(home.holder("bo@example.com").await, None);
    home.does([Change::User(with(home.user("cy").await, "primaryEmail", json!("bo@example.com")))]).await;
    assert_eq!(home.holder("bo@example.com").await, Some(user_holds("cy")));
}

#[tokio::test]
async fn the_primary_address_among_the_mails_follows_a_rename() {
    let home = Home::new().await;
    let mails = json!([{"address": "1@example.com", "primary": true}, {"address": "x@elsewhere.example"}]);
    home.does([Change::User(with(home.user("1").await, "emails", mails))]).await;
    home.does([Change::User(with(home.read("1").await, "primaryEmail", json!("new@example.com")))]).await;
    let mails = json!([{"address": "new@example.com", "primary": true}, {"address": "x@elsewhere.example"}]);
    assert_eq!(home.person("1").await.resource["emails"], mails);
}

#[tokio::test]
async fn whoever_is_deleted_keeps_their_row_has_no_address_and_is_in_no_group() {
    let home = Home::new().await;
    let ada = home.user("ada").await;
    home.does([Change::User(ada.clone()), Change::Group(group("team"))]).await;
    home.does([joins("team", member("ada", MemberKind::User))]).await;
    let at = Timestamp::from_micros(1_790_000_000_000_000);
    home.does([Change::User(User { deleted_at: Some(at), ..ada.clone() })]).await;
    assert_eq!(home.read("ada").await.deleted_at, Some(at));
    assert_eq!(home.person("ada").await.user.state, UserState::Deleted { since: Some(at) });
    assert_eq!(home.holder("ada@example.com").await, None);
    assert_eq!(home.directory.count_members("team").await.unwrap(), 0);
    home.refuses([joins("team", member("ada", MemberKind::User))]).await;
    home.does([Change::User(with(home.user("bo").await, "primaryEmail", json!("ada@example.com")))]).await;
    home.refuses([Change::User(ada.clone())]).await;
    home.does([Change::User(home.user("bo").await)]).await;
    home.does([Change::User(ada)]).await;
    assert_eq!(home.person("ada").await.user.state, UserState::Active);
    assert_eq!(home.holder("ada@example.com").await, Some(user_holds("ada")));
    assert_eq!(home.directory.count_members("team").await.unwrap(), 0);
}

#[tokio::test]
async fn whoever_is_gone_for_good_is_deleted_and_their_row_stays() {
    let home = Home::new().await;
    home.does([Change::User(home.user("1").await)]).await;
    home.does([Change::UserGone("1".to_owned()), Change::UserGone("2".to_owned())]).await;
    assert!(matches!(home.person("1").await.user.state, UserState::Deleted { since: Some(_) }));
    assert_eq!(home.directory.user("2").await.unwrap(), None);
}

#[tokio::test]
async fn what_the_emulator_does_not_speak_of_stays() {
    let home = Home::new().await;
    let imported = json!({
        "kind": "admin#directory#user", "etag": "old", "id": "1", "customerId": "C1", "orgUnitPath": "/",
        "primaryEmail": "1@example.com", "nonEditableAliases": ["1@example.com.test-google-a.com"],
        "thumbnailPhotoUrl": "https://photo.example/1",
    });
    let mut tx = home.store.begin("tests::import").await.unwrap();
    let person = usher_engine::import::to_person(object(imported)).unwrap();
    directory::record_people(&mut tx, &home.directory.id, [&person]).await.unwrap();
    tx.commit().await.unwrap();
    let read = home.read("1").await;
    for name in ["kind", "etag", "id", "customerId", "orgUnitPath", "nonEditableAliases"] {
        assert!(!read.fields.contains_key(name), "{name}");
    }
    home.does([Change::User(with(read, "notes", json!({"value": "hello"})))]).await;
    let kept = home.person("1").await.resource;
    assert_eq!(kept["customerId"], "C1");
    assert_eq!(kept["thumbnailPhotoUrl"], "https://photo.example/1");
    assert_eq!(kept["notes"], json!({"value": "hello"}));
    assert_eq!(home.holder("1@example.com.test-google-a.com").await, Some(user_holds("1")));
}

#[tokio::test]
async fn apps_hear_of_an_edit_that_changes_something_and_of_no_other() {
    let home = Home::new().await;
    home.adds_app().await;
    let is_due = async || home.app().await.next_run_at.is_some();
    assert!(!is_due().await);
    home.refuses([Change::User(with(home.user("1").await, "primaryEmail", json!("nothing")))]).await;
    assert!(!is_due().await);
    home.does([Change::User(home.user("1").await)]).await;
    assert!(is_due().await);
    let id = home.app().await.id;
    let mut tx = home.store.begin("tests::ran").await.unwrap();
    app::set_next_run(&mut tx, &id, None).await.unwrap();
    tx.commit().await.unwrap();
    home.does([Change::User(home.user("1").await)]).await;
    assert!(!is_due().await, "the same again is no change");
}

#[tokio::test]
async fn an_edit_is_kept_as_a_whole_or_not_at_all() {
    let home = Home::new().await;
    home.does([Change::User(home.user("1").await)]).await;
    let taken = with(home.user("3").await, "primaryEmail", json!("1@example.com"));
    home.refuses([Change::User(home.user("2").await), Change::Group(group("g")), Change::User(taken)]).await;
    assert_eq!(home.directory.user("2").await.unwrap(), None);
    assert_eq!(home.directory.group("g").await.unwrap(), None);
    home.does([Change::User(home.user("2").await)]).await;
    assert_eq!(home.holder("2@example.com").await, Some(user_holds("2")));
}

#[tokio::test]
async fn what_was_thought_out_before_an_import_does_not_undo_it() {
    let home = Home::new().await;
    home.does([Change::User(home.user("1").await)]).await;
    let name = json!({"givenName": "Ada", "familyName": "Byron"});
    let suspending =
        json!({"users": [{"id": "1", "primaryEmail": "1@example.com", "name": name, "suspended": true}]});
    let edition = home.directory.edition().await.unwrap();
    let renamed = with(home.read("1").await, "primaryEmail", json!("ada@example.com"));
    home.imports(&suspending).await;
    let before = home.person("1").await;
    let kept = home.directory.commit(vec![Change::User(renamed)], edition).await;
    assert!(matches!(kept, Err(NotCommitted::Unavailable(_))), "{kept:?}");
    assert_eq!(home.person("1").await, before);
    assert!(matches!(before.user.state, UserState::Suspended { .. }));

    // What changes nothing overtakes nobody.
    let edition = home.directory.edition().await.unwrap();
    home.imports(&suspending).await;
    let restored = with(home.read("1").await, "suspended", json!(false));
    home.directory.commit(vec![Change::User(restored.clone())], edition).await.unwrap();

    // Nor do two edits that were begun together both count.
    let kept = home.directory.commit(vec![Change::User(restored)], edition).await;
    assert!(matches!(kept, Err(NotCommitted::Unavailable(_))), "{kept:?}");
}
