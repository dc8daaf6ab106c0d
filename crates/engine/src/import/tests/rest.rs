use usher_model::directory::OrgUnitPath;
use usher_model::id::GroupId;
use usher_store::app::NewApp;

use super::*;

#[tokio::test]
async fn a_user_in_a_unit_that_is_not_there_is_refused_with_both_named() {
    let mut desk = Desk::new().await;
    let ada = json!([{"id": "u1", "primaryEmail": "u1@example.com", "orgUnitPath": "/sales"}]);
    let said = desk.refusal(json!({"users": ada})).await;
    assert!(
        said.starts_with(
            "the user u1@example.com is in the organizational unit /sales, which does not exist"
        ),
        "{said}"
    );
    desk.json(json!({"users": ada, "organizationUnits": [{"orgUnitPath": "/Sales"}]})).await;
    let replace = Import { replace: true, preview: false };
    let emptied = desk.try_json(json!({"organizationUnits": []}), replace).await.unwrap_err();
    assert!(matches!(emptied, ImportError::NoSuchOrgUnit { .. }), "{emptied}");
}

#[tokio::test]
async fn a_unit_stands_below_one_that_is_there() {
    let mut desk = Desk::new().await;
    let east = json!({"name": "East", "parentOrgUnitPath": "/Sales"});
    let said = desk.refusal(json!({"organizationUnits": [east]})).await;
    assert_eq!(
        said,
        "the organizational unit /Sales/East is below /Sales, which does not exist; import that one too"
    );
    let report = desk
        .json(json!({"organizationUnits": [east, {"orgUnitPath": "/sales"}, {"orgUnitPath": "/"}]}))
        .await;
    assert_eq!(report.org_units, added(2));
    let directory = desk.directory().await;
    let mut tx = desk.store.read("tests::unit").await.unwrap();
    let path = OrgUnitPath::parse("/Sales/East").unwrap();
    assert!(directory::org_unit_exists(&mut tx, &directory, &path).await.unwrap());
}

#[tokio::test]
async fn exactly_one_domain_is_the_primary_one() {
    let mut desk = Desk::new().await;
    let said = desk.refusal(json!({"domains": [{"domainName": "example.com"}]})).await;
    assert_eq!(said, "exactly one domain is the primary one (isPrimary), and here none is");
    desk.json(json!({"domains": domains()})).await;
    let other = json!({"domainName": "Example.ORG", "isPrimary": true});
    let said = desk.refusal(json!({"domains": [other]})).await;
    assert!(said.ends_with("and here example.com and example.org are"), "{said}");
    let moved = json!([other, {"domainName": "example.com", "isPrimary": false}]);
    let report = desk.json(json!({"domains": moved})).await;
    assert_eq!(report.domains, KindReport { added: 1, updated: 1, ..KindReport::default() });
}

#[tokio::test]
async fn without_any_domain_the_import_says_so() {
    let mut desk = Desk::new().await;
    let report = desk.json(json!({"users": [user("u1")]})).await;
    assert_eq!(report.n_warnings, 1);
    assert!(report.warnings[0].starts_with("no domain of the organisation is known"), "{report:?}");
    assert_eq!(desk.json(json!({"domains": domains()})).await.n_warnings, 0);
}

#[tokio::test]
async fn members_are_resolved_on_the_end_state() {
    let mut desk = Desk::new().await;
    // Members first: who they are is said later in the same file.
    let document = r#"{"members": {
        "g1@example.com": ["u1@example.com", "g2@example.com", "somebody@elsewhere.example",
                           {"id": "C01", "type": "CUSTOMER"}],
        "g2@example.com": [{"id": "u2", "email": "old@example.com", "role": "OWNER", "type": "USER"},
                           {"email": "g1@example.com"}]},
        "groups": [{"email": "g1@example.com", "id": "g1"}, {"email": "g2@example.com", "id": "g2"}],
        "users": [{"id": "u1", "primaryEmail": "ada@example.com", "aliases": ["u1@example.com"]},
                  {"id": "u2", "primaryEmail": "u2@example.com"}],
        "domains": [{"domainName": "example.com", "isPrimary": true}]}"#;
    let file = desk.write("members.json", document);
    let report = desk.import_files(&[file], Import::default()).await.unwrap();
    assert_eq!(report.members, added(6));
    assert_eq!(desk.groups_of("u1").await, ["g1"]);
    assert_eq!(desk.groups_of("u2").await, ["g2"]);
    let directory = desk.directory().await;
    let mut tx = desk.store.read("tests::graph").await.unwrap();
    let graph = directory::group_graph(&mut tx, &directory).await.unwrap();
    assert_eq!(graph.below(&GroupId::new("g2")).len(), 2, "a cycle is fine");
    assert!(graph.everyone.contains(&GroupId::new("g1")));
}

#[tokio::test]
async fn a_member_that_nobody_is_is_refused_with_the_group() {
    let mut desk = Desk::new().await;
    desk.json(json!({"domains": domains(), "groups": [group("g1")]})).await;
    let said = desk.refusal(json!({"members": {"g1@example.com": ["nobody@example.com"]}})).await;
    assert!(
        said.starts_with("nobody@example.com is listed as a member of g1@example.com and is neither"),
        "{said}"
    );
    let said = desk.refusal(json!({"members": {"g2@example.com": []}})).await;
    assert_eq!(said, "members are listed for g2@example.com, and there is no such group");
    for (member, problem) in [
        (json!(7), "a member of g1@example.com is neither an address nor an object"),
        (json!({"role": "OWNER"}), "a member of g1@example.com has neither an id nor an email"),
        (json!({"email": "x@example.org", "role": "BOSS"}), "\"BOSS\" is not the role of a member"),
        (json!("x"), "`x` is not an e-mail address"),
    ] {
        let said = desk.refusal(json!({"members": {"g1@example.com": [member]}})).await;
        assert!(said.starts_with(&format!("people.json, line 1: {problem}")), "{said}");
    }
}

#[tokio::test]
async fn a_deleted_person_who_is_listed_is_left_out_with_a_warning() {
    let mut desk = Desk::new().await;
    let report = desk
        .json(json!({"domains": domains(), "groups": [group("g1")],
            "users": [{"id": "u1", "primaryEmail": "u1@example.com", "deletionTime": "2026-11-20T00:00:00Z"}],
            "members": {"g1@example.com": ["u1@example.com", {"id": "u1"}]}}))
        .await;
    assert_eq!(report.members, KindReport::default());
    assert_eq!(report.warnings, ["2 listed members are deleted people, who are in no group: left out"]);
}

#[tokio::test]
async fn a_list_of_members_replaces_that_of_its_group_alone() {
    let mut desk = Desk::new().await;
    desk.json(
        json!({"domains": domains(), "users": [user("u1"), user("u2")], "groups": [group("g1"), group("g2")],
        "members": {"g1@example.com": ["u1@example.com"], "g2@example.com": ["u1@example.com"]}}),
    )
    .await;
    let report = desk.json(json!({"members": {"g1@example.com": ["u2@example.com"]}})).await;
    assert_eq!(report.members, KindReport { added: 1, deleted: 1, ..KindReport::default() });
    assert_eq!(desk.groups_of("u1").await, ["g2"]);
    let report = desk.replace(json!({"members": {"g1@example.com": ["u2@example.com"]}})).await;
    assert_eq!(report.members, KindReport { deleted: 1, unchanged: 1, ..KindReport::default() });
    assert!(desk.groups_of("u1").await.is_empty());
}

#[tokio::test]
async fn groups_are_matched_as_users_are_and_go_when_they_are_replaced() {
    let mut desk = Desk::new().await;
    desk.json(json!({"domains": domains(), "users": [user("u1")], "groups": [group("g1"), group("g2")],
        "members": {"g1@example.com": ["u1@example.com", "g2@example.com"], "g2@example.com": []}}))
        .await;
    let renamed = json!({"email": "g1@example.com", "name": "One", "aliases": ["one@example.com"]});
    let report =
        desk.json(json!({"groups": [renamed, {"email": "ONE@example.com", "description": "d"}]})).await;
    assert_eq!(report.groups, KindReport { updated: 2, ..KindReport::default() });
    let report = desk.replace(json!({"groups": [{"id": "g1"}]})).await;
    assert_eq!(report.groups, KindReport { deleted: 1, unchanged: 1, ..KindReport::default() });
    assert_eq!(report.members.deleted, 1, "the group was a member of the other one");
    assert_eq!(desk.groups_of("u1").await, ["g1"]);
    desk.json(json!({"users": [{"id": "u1", "aliases": ["g2@example.com"]}]})).await;
}

#[tokio::test]
async fn a_preview_says_everything_and_changes_nothing() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [user("u1")]})).await;
    let document = json!({"users": [user("u2")], "groups": [group("g1")]});
    let preview = Import { replace: true, preview: true };
    let said = desk.try_json(document.clone(), preview).await.unwrap();
    assert_eq!(said.users, KindReport { added: 1, deleted: 1, ..KindReport::default() });
    assert_eq!(desk.user_with("u2@example.com").await, None);
    assert_eq!(desk.replace(document).await, said);
}

#[tokio::test]
async fn apps_of_the_directory_are_due_when_something_changed_and_only_then() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [user("u1")]})).await;
    let directory = desk.directory().await;
    let mut tx = desk.store.begin("tests::app").await.unwrap();
    let id = usher_model::id::AppId::new("a1");
    let new = NewApp {
        id: id.clone(),
        name: "aws".to_owned(),
        template: "aws".to_owned(),
        directory,
        created_at: desk.now,
    };
    app::insert(&mut tx, &new).await.unwrap();
    app::enable(&mut tx, &id, desk.now).await.unwrap();
    app::set_next_run(&mut tx, &id, None).await.unwrap();
    tx.commit().await.unwrap();
    let due = async |desk: &Desk| {
        let mut tx = desk.store.read("tests::due").await.unwrap();
        app::due(&mut tx, desk.now).await.unwrap().len()
    };
    desk.json(json!({"users": [user("u1")]})).await;
    assert_eq!(due(&desk).await, 0);
    desk.json(json!({"users": [user("u2")]})).await;
    assert_eq!(due(&desk).await, 1);
}
