use super::*;

const LATER: Timestamp = Timestamp::from_micros(1_900_000_000_000_000);

#[tokio::test]
async fn absent_keys_stay_null_clears_and_lists_are_replaced() {
    let mut desk = Desk::new().await;
    let phones = json!([{"type": "work", "value": "1"}, {"type": "home", "value": "2"}]);
    desk.json(json!({"users": [{
        "id": "u1", "primaryEmail": "u1@example.com", "phones": phones, "recoveryEmail": "x@example.org",
        "name": {"givenName": "Ada", "familyName": "Byron"}
    }]}))
    .await;
    let report = desk
        .json(json!({"users": [{
            "id": "u1", "recoveryEmail": null, "phones": [{"type": "work", "value": "3"}],
            "name": {"familyName": "Lovelace"}
        }]}))
        .await;
    assert_eq!(report.users, KindReport { updated: 1, ..KindReport::default() });
    let resource = desk.person("u1").await.resource;
    assert_eq!(resource["primaryEmail"], "u1@example.com");
    assert_eq!(resource["phones"], json!([{"type": "work", "value": "3"}]));
    assert!(!resource.contains_key("recoveryEmail"));
    assert_eq!(
        resource["name"],
        json!({"givenName": "Ada", "familyName": "Lovelace", "fullName": "Ada Lovelace"})
    );
}

#[tokio::test]
async fn a_second_import_changes_nothing() {
    let mut desk = Desk::new().await;
    let document = json!({
        "domains": domains(), "organizationUnits": [{"orgUnitPath": "/Sales", "name": "Sales"}],
        "schemas": [{"schemaName": "HR"}],
        "users": [user("u1"), {"id": "u2", "primaryEmail": "U2@Example.com", "suspended": true,
            "orgUnitPath": "/Sales"}, {"id": "u3", "primaryEmail": "u3@example.com",
            "deletionTime": "2026-11-01T00:00:00Z"}],
        "groups": [group("g1")], "members": {"g1@example.com": ["u1@example.com"]}
    });
    let first = desk.json(document.clone()).await;
    assert_eq!(first.users, added(3));
    for kind in [first.groups, first.members, first.org_units, first.domains, first.schemas] {
        assert_eq!(kind, added(1));
    }
    let before = desk.person("u2").await;
    desk.now = LATER;
    for options in [Import::default(), Import { replace: true, preview: false }] {
        let again = desk.try_json(document.clone(), options).await.unwrap();
        assert!(!again.is_changed(), "{again:?}");
        assert_eq!(again.users.unchanged, 3);
    }
    assert_eq!(desk.person("u2").await, before);
}

#[tokio::test]
async fn users_without_an_id_are_matched_by_any_address() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [{"primaryEmail": "ada@example.com", "aliases": ["a@example.com"]}]})).await;
    assert_eq!(desk.id_of("ada@example.com").await.unwrap(), "new2", "the directory took the first id");
    desk.json(json!({"users": [{"primaryEmail": "ADA@example.com", "isGuestUser": true}]})).await;
    assert!(desk.person("new2").await.user.is_guest);
    let report = desk.csv("Email Address,Department\na@example.com,Maths\n").await.unwrap();
    assert_eq!(report.users.updated, 1);
    let person = desk.person("new2").await;
    assert_eq!(person.user.primary_email.as_str(), "ada@example.com");
    assert_eq!(person.resource["organizations"][0]["department"], "Maths");
}

#[tokio::test]
async fn two_people_may_swap_addresses_within_one_import() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [user("u1"), user("u2")]})).await;
    let swapped = json!([{"id": "u1", "primaryEmail": "u2@example.com"},
                         {"id": "u2", "primaryEmail": "u1@example.com"}]);
    assert_eq!(desk.json(json!({"users": swapped})).await.users.updated, 2);
    assert_eq!(desk.id_of("u1@example.com").await.unwrap(), "u2");
    let table =
        "Email Address,New Primary Email\nu1@example.com,u2@example.com\nu2@example.com,u1@example.com\n";
    assert_eq!(desk.csv(table).await.unwrap().users.updated, 2);
    assert_eq!(desk.id_of("u1@example.com").await.unwrap(), "u1");
}

#[tokio::test]
async fn an_address_that_two_would_have_is_refused_with_both_named() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [user("u1")], "groups": [group("g1")]})).await;
    let said = desk
        .refusal(
            json!({"users": [{"id": "u2", "primaryEmail": "u2@example.com", "aliases": ["u1@example.com"]}]}),
        )
        .await;
    assert_eq!(
        said,
        "u1@example.com would belong to two at once, the user u1@example.com (id u1) and the user u2@example.com \
         (id u2); give it to one of them"
    );
    let said = desk.refusal(json!({"users": [{"id": "u1", "aliases": ["g1@example.com"]}]})).await;
    assert!(said.contains("the group g1@example.com (id g1) and the user u1@example.com (id u1)"), "{said}");
    assert_eq!(desk.user_with("u2@example.com").await, None, "nothing is half-written");
}

#[tokio::test]
async fn a_suspension_begins_once_and_ends_with_its_time() {
    let mut desk = Desk::new().await;
    let with = |suspended: bool| {
        json!({"users": [{"id": "u1", "primaryEmail": "u1@example.com",
                                                   "suspended": suspended}]})
    };
    desk.json(with(true)).await;
    let began = UserState::Suspended { since: Some(desk.now) };
    assert_eq!(desk.person("u1").await.user.state, began);
    desk.now = LATER;
    assert_eq!(desk.json(with(true)).await.users.unchanged, 1);
    desk.json(json!({"users": [{"id": "u1", "recoveryEmail": "x@example.org"}]})).await;
    assert_eq!(desk.person("u1").await.user.state, began);

    desk.json(with(false)).await;
    let person = desk.person("u1").await;
    assert_eq!(person.user.state, UserState::Active);
    assert!(!person.resource.contains_key("suspensionTime"));
    desk.json(with(true)).await;
    assert_eq!(desk.person("u1").await.user.state, UserState::Suspended { since: Some(LATER) });
}

#[tokio::test]
async fn the_directorys_own_instants_win_and_archived_counts_before_suspended() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [
        {"id": "u1", "primaryEmail": "u1@example.com", "suspended": true,
         "suspensionTime": "2026-11-01T08:00:00.123Z"},
        {"id": "u2", "primaryEmail": "u2@example.com", "suspended": true, "archived": true}
    ]}))
    .await;
    let since = Some(Timestamp::parse("2026-11-01T08:00:00.123Z").unwrap());
    assert_eq!(desk.person("u1").await.user.state, UserState::Suspended { since });
    assert_eq!(desk.person("u2").await.user.state, UserState::Archived { since: Some(desk.now) });
}

#[tokio::test]
async fn the_deleted_leave_their_groups_and_free_their_addresses() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [user("u1"), user("u2")], "groups": [group("g1")],
                     "members": {"g1@example.com": ["u1@example.com", "u2@example.com"]}}))
        .await;
    let report = desk.json(json!({"users": [
        {"id": "u1", "deletionTime": "2026-11-20T00:00:00Z"},
        {"primaryEmail": "u1@example.com"}
    ]}));
    let report = report.await;
    assert_eq!(report.users, KindReport { added: 1, deleted: 1, ..KindReport::default() });
    assert_eq!(report.members.deleted, 1);
    assert!(desk.groups_of("u1").await.is_empty());
    assert_eq!(desk.groups_of("u2").await, ["g1"]);
    let heir = desk.id_of("u1@example.com").await.unwrap();
    assert_ne!(heir, "u1", "a recreated address is another person");
    assert!(matches!(desk.person("u1").await.user.state, UserState::Deleted { since: Some(_) }));
}

#[tokio::test]
async fn whoever_is_imported_again_without_a_deletion_time_is_restored() {
    let mut desk = Desk::new().await;
    let deleted = json!({"users": [{"id": "u1", "primaryEmail": "u1@example.com",
                                    "deletionTime": "2026-11-20T00:00:00Z"}]});
    desk.json(deleted.clone()).await;
    let report = desk.json(json!({"users": [user("u1")]})).await;
    assert_eq!(report.users, KindReport { restored: 1, ..KindReport::default() });
    let person = desk.person("u1").await;
    assert_eq!(person.user.state, UserState::Active);
    assert_eq!(desk.id_of("u1@example.com").await.unwrap(), "u1");
    assert_eq!(desk.json(deleted).await.users.deleted, 1);
}

#[tokio::test]
async fn deleted_people_without_an_id_are_matched_by_the_address_they_had() {
    let mut desk = Desk::new().await;
    let deleted =
        json!({"users": [{"primaryEmail": "gone@example.com", "deletionTime": "2026-11-20T00:00:00Z"}]});
    assert_eq!(desk.json(deleted.clone()).await.users.added, 1);
    assert_eq!(desk.json(deleted).await.users, KindReport { unchanged: 1, ..KindReport::default() });
}

#[tokio::test]
async fn an_entry_that_repeats_a_deletion_is_not_about_who_has_the_address_now() {
    let mut desk = Desk::new().await;
    let deleted = |day: u8| json!({"primaryEmail": "x@example.com", "deletionTime": format!("2026-03-0{day}T00:00:00Z")});
    let ids = [("d1", 1), ("d2", 2)].map(|(id, day)| {
        let mut user = deleted(day);
        user["id"] = id.into();
        user
    });
    desk.json(json!({"users": ids})).await;
    let both = json!({"users": [deleted(1), {"primaryEmail": "x@example.com"}]});
    assert_eq!(desk.json(both.clone()).await.users, KindReport { unchanged: 1, ..added(1) });
    let id = desk.id_of("x@example.com").await;
    assert_eq!(desk.json(both).await.users, KindReport { unchanged: 2, ..KindReport::default() });
    assert_eq!(desk.id_of("x@example.com").await, id);
    let report = desk.json(json!({"users": [deleted(5)]})).await;
    assert_eq!(report.users.deleted, 1, "a deletion that nobody knew of is of who has the address");
}

#[tokio::test]
async fn a_deletion_without_an_id_is_of_whoever_was_deleted_last() {
    let mut desk = Desk::new().await;
    let deleted = |day: u8| json!({"primaryEmail": "x@example.com", "deletionTime": format!("2026-03-0{day}T00:00:00Z")});
    let ids = [("d1", 2), ("d2", 1)].map(|(id, day)| {
        let mut user = deleted(day);
        user["id"] = id.into();
        user
    });
    desk.json(json!({"users": ids})).await;
    desk.json(json!({"users": [deleted(5)]})).await;
    let first = desk.json(json!({"users": [deleted(1)]})).await;
    assert_eq!(first.users, KindReport { unchanged: 1, ..KindReport::default() }, "the first one's stays");
}

#[tokio::test]
async fn with_replace_whoever_is_missing_is_deleted_once() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [user("u1"), user("u2"), user("u3")], "groups": [group("g1")],
                     "members": {"g1@example.com": ["u2@example.com"]}}))
        .await;
    let report = desk.replace(json!({"users": [user("u1"), {"id": "u3"}]})).await;
    assert_eq!(report.users, KindReport { deleted: 1, unchanged: 2, ..KindReport::default() });
    let gone = UserState::Deleted { since: Some(desk.now) };
    assert_eq!(desk.person("u2").await.user.state, gone);
    assert!(desk.groups_of("u2").await.is_empty());
    assert_eq!(report.groups, KindReport::default(), "a kind that is absent stays untouched");
    desk.now = LATER;
    assert!(!desk.replace(json!({"users": [user("u1"), user("u3")]})).await.is_changed());
    assert_eq!(desk.person("u2").await.user.state, gone);
}

#[tokio::test]
async fn replacing_everybody_by_nobody_is_refused() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [user("u1")]})).await;
    let replace = Import { replace: true, preview: false };
    let error = desk.try_json(json!({"users": []}), replace).await.unwrap_err();
    assert!(matches!(error, ImportError::NobodyLeft));
    assert_eq!(desk.json(json!({"users": []})).await, desk.json(json!({})).await);
    assert_eq!(desk.person("u1").await.user.state, UserState::Active);
}

#[tokio::test]
async fn passwords_and_their_hashes_reach_no_row() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [{"id": "u1", "primaryEmail": "u1@example.com", "password": "s3cret",
                                "hashFunction": "MD5"}]}))
        .await;
    desk.csv("Email Address,Password,Password Hash Function,Department\nu1@example.com,s3cret,MD5,Maths\n")
        .await
        .unwrap();
    let stored = serde_json::to_string(&desk.person("u1").await.resource).unwrap();
    assert!(stored.contains("Maths") && !stored.contains("s3cret") && !stored.contains("MD5"), "{stored}");
}

#[tokio::test]
async fn a_name_may_hold_any_character() {
    let mut desk = Desk::new().await;
    let name = "Line\nBreak\u{0}\u{85}\u{202e}";
    let document = json!({
        "users": [{"id": "u1", "primaryEmail": "u1@example.com", "name": {"familyName": name}}],
        "groups": [{"id": "g1", "email": "g1@example.com", "name": name}]
    });
    desk.json(document.clone()).await;
    assert_eq!(desk.person("u1").await.resource["name"]["familyName"], name);
    assert!(!desk.json(document).await.is_changed());
}

#[tokio::test]
async fn what_is_no_user_is_refused_with_its_line() {
    let mut desk = Desk::new().await;
    for (entry, problem) in [
        (json!({}), "the entry has neither an id nor a primaryEmail"),
        (json!({"id": "u1"}), "the user has no primaryEmail, and everybody needs one"),
        (json!({"id": 7}), "7 is not an id: an id is a text, not empty"),
        (json!({"primaryEmail": "ada"}), "`ada` is not an e-mail address"),
        (json!({"id": "u1", "suspended": "no"}), "the value of \"suspended\" is not true or false"),
        (json!({"id": "u1", "mail": "x"}), "the Directory API has no key \"mail\" here"),
        (json!({"id": "u1", "deletionTime": "soon"}), "the value of \"deletionTime\" is not a time"),
        (json!({"id": "u1", "primaryEmail": "u1@example.com", "aliases": ["x"]}), "`x` is not an e-mail"),
        (
            json!({"id": "u1", "primaryEmail": "u1@example.com", "orgUnitPath": "Sales"}),
            "`Sales` is not the path",
        ),
    ] {
        let said = desk.refusal(json!({"users": [entry]})).await;
        assert!(said.starts_with(&format!("people.json, line 1: {problem}")), "{said}");
    }
}

#[tokio::test]
async fn later_batches_know_what_earlier_ones_said() {
    let mut desk = Desk::new().await;
    let many = |offset: u32| -> Vec<Value> {
        (0..2_500)
            .map(|n| {
                json!({"id": format!("u{n:04}"),
            "primaryEmail": format!("p{}@example.com", (n + offset) % 2_500)})
            })
            .collect()
    };
    assert_eq!(desk.json(json!({"users": many(0)})).await.users, added(2_500));
    let first = desk.write("1.json", json!({"users": many(1)}).to_string());
    let second = desk.write("2.csv", "Email Address,Department\np2500@example.com,A\np2500@example.com,B\n");
    let report = desk.import_files(&[first, second], Import::default()).await.unwrap();
    assert_eq!(report.users, KindReport { updated: 2_501, added: 1, ..KindReport::default() });
    assert_eq!(desk.id_of("p0@example.com").await.unwrap(), "u2499");
}
