//! What runs, the command line and the console read of a directory.

use usher_store::directory::{Counts, Domain, DomainRecord, OrgUnitRecord, SchemaRecord};

use super::*;

#[rstest]
#[tokio::test]
async fn people_come_back_as_they_were_written(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::people").await.unwrap();
    let since = Some(NOW);
    let written = [
        active("u1"),
        person("u2", UserState::Suspended { since }),
        person("u3", UserState::Archived { since: None }),
        person("u4", UserState::Deleted { since }),
        person("u5", UserState::Unlisted),
    ];
    populate(&mut tx, &written, &[]).await;
    let ids: BTreeSet<UserId> = ["u1", "u2", "u3", "u4", "u5", "u6"].map(UserId::new).into();
    let read = directory::people(&mut tx, &id(), &ids).await.unwrap();
    assert_eq!(read.into_values().collect::<Vec<_>>(), written);

    let asked = [user_id("u4"), user_id("u1"), user_id("u6")];
    let resources = directory::resources(&mut tx, &id(), &asked).await.unwrap();
    assert_eq!(resources.keys().map(UserId::as_str).collect::<Vec<_>>(), ["u1", "u4"]);
    assert_eq!(resources[&user_id("u1")], written[0].resource);
    tx.rollback().await.unwrap();
}

#[test]
fn a_fingerprint_changes_with_everything_that_is_said() {
    let one = active("u1");
    assert_eq!(one.fingerprint(), active("u1").fingerprint());
    let suspended = |since| person("u1", UserState::Suspended { since });
    let mut renamed = one.resource.clone();
    renamed.insert("primaryEmail".to_owned(), "x@example.com".into());
    let mut moved = one.user.clone();
    moved.org_unit = OrgUnitPath::parse("/Sales").unwrap();
    let others = [
        suspended(None),
        suspended(Some(NOW)),
        Person::new(one.user.clone(), renamed),
        Person::new(moved, one.resource.clone()),
        one,
    ];
    let distinct: BTreeSet<&str> = others.iter().map(Person::fingerprint).collect();
    assert_eq!(distinct.len(), others.len());
}

#[rstest]
#[tokio::test]
async fn somebody_is_found_by_any_address_and_the_deleted_only_where_nobody_has_it(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::addresses").await.unwrap();
    let deleted = |id: &str, at: i64| {
        let mut person = person(id, UserState::Deleted { since: Some(Timestamp::from_micros(at)) });
        person.user.primary_email = email("gone@example.com");
        person
    };
    populate(&mut tx, &[active("u1"), deleted("u2", 1), deleted("u3", 2)], &[group("g1")]).await;
    let addresses = Addresses {
        owner: Owner::User(user_id("u1")),
        primary: Some(email("u1@example.com")),
        aliases: emails(&["nick@example.com", "u1@example.com"]),
    };
    stage::restate(&mut tx, &id(), &[addresses]).await.unwrap();
    assert_eq!(stage::settle_addresses(&mut tx, &id()).await.unwrap(), None);

    for (address, found) in [
        ("u1@example.com", Some("u1")),
        ("NICK@example.com", Some("u1")),
        ("gone@example.com", Some("u3")),
        ("g1@example.com", None),
        ("nobody@example.com", None),
    ] {
        let user = directory::user_by_email(&mut tx, &id(), &email(address)).await.unwrap();
        assert_eq!(user.as_ref().map(|user| user.id.as_str()), found, "{address}");
    }
    let group = directory::group_by_email(&mut tx, &id(), &email("g1@example.com")).await.unwrap();
    assert_eq!(group.unwrap().id, GroupId::new("g1"));
    assert_eq!(directory::group_by_email(&mut tx, &id(), &email("u1@example.com")).await.unwrap(), None);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn memberships_are_read_by_person_and_by_group(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::memberships").await.unwrap();
    populate(&mut tx, &[active("u1"), active("u2"), active("u3")], &[group("g1"), group("g2"), group("g3")])
        .await;
    let everyone = StagedMember { email: None, is_customer: true, ..member("g3", "x@example.com") };
    let members = [
        member("g1", "u1@example.com"),
        member("g1", "u3@example.com"),
        member("g1", "g2@example.com"),
        member("g2", "u1@example.com"),
        member("g2", "g1@example.com"),
        member("g2", "somebody@elsewhere.example"),
        everyone,
    ];
    assert!(matches!(settle(&mut tx, &members, false).await, SettledMembers::Done(_)));

    let groups = |ids: &[&str]| -> BTreeSet<GroupId> { ids.iter().map(|id| GroupId::new(*id)).collect() };
    let direct = directory::direct_groups(&mut tx, &id(), &user_id("u1"), &user_id("u2")).await.unwrap();
    assert_eq!(direct.into_iter().collect::<Vec<_>>(), [(user_id("u1"), groups(&["g1", "g2"]))]);
    let asked = [user_id("u3"), user_id("u2")];
    let direct = directory::direct_groups_of(&mut tx, &id(), &asked).await.unwrap();
    assert_eq!(direct.into_iter().collect::<Vec<_>>(), [(user_id("u3"), groups(&["g1"]))]);

    let graph = directory::group_graph(&mut tx, &id()).await.unwrap();
    assert_eq!(graph.below(&GroupId::new("g1")), groups(&["g1", "g2"]));
    assert_eq!(graph.everyone, groups(&["g3"]));

    let below =
        async |tx: &mut Tx, ids: &[&str]| directory::members_below(tx, &id(), &groups(ids)).await.unwrap();
    assert_eq!(below(&mut tx, &["g1"]).await, 2);
    assert_eq!(below(&mut tx, &["g1", "g2"]).await, 3);
    assert_eq!(below(&mut tx, &["g3"]).await, 3, "everyone is whoever is listed");
    assert_eq!(below(&mut tx, &[]).await, 0);

    assert_eq!(directory::leave_groups(&mut tx, &id(), &[user_id("u1")]).await.unwrap(), 2);
    assert_eq!(below(&mut tx, &["g1", "g2"]).await, 1);
    assert_eq!(directory::remove_groups(&mut tx, &id(), &[GroupId::new("g2")]).await.unwrap(), 3);
    assert_eq!(directory::group_by_id(&mut tx, &id(), &GroupId::new("g2")).await.unwrap(), None);
    let graph = directory::group_graph(&mut tx, &id()).await.unwrap();
    assert_eq!(graph.below(&GroupId::new("g1")), groups(&["g1"]));
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn more_memberships_than_a_page_holds_are_all_read(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::many").await.unwrap();
    let people: Vec<Person> = (0..3_000).map(|n| active(&format!("u{n:05}"))).collect();
    let groups: Vec<GroupRecord> = (0..4).map(|n| group(&format!("g{n}"))).collect();
    populate(&mut tx, &people, &groups).await;
    let members: Vec<StagedMember> = (0..4)
        .flat_map(|g| people.iter().map(move |p| member(&format!("g{g}"), p.user.primary_email.as_str())))
        .collect();
    settle(&mut tx, &members, false).await;
    let (first, last) = (&people[0].user.id, &people[2_999].user.id);
    let direct = directory::direct_groups(&mut tx, &id(), first, last).await.unwrap();
    assert_eq!(direct.len(), 3_000);
    assert!(direct.values().all(|groups| groups.len() == 4));
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn what_people_stand_in_is_written_and_removed(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::structure").await.unwrap();
    let unit = OrgUnitRecord {
        path: OrgUnitPath::parse("/Sales/Öst").unwrap(),
        resource: object(json!({"orgUnitPath": "/Sales/Öst"})),
    };
    directory::record_org_units(&mut tx, &id(), std::slice::from_ref(&unit)).await.unwrap();
    assert_eq!(directory::org_unit_records(&mut tx, &id()).await.unwrap(), std::slice::from_ref(&unit));
    for (path, exists) in [("/", true), ("/sales/ÖST", true), ("/Sales", false)] {
        let path = OrgUnitPath::parse(path).unwrap();
        assert_eq!(directory::org_unit_exists(&mut tx, &id(), &path).await.unwrap(), exists, "{path}");
    }
    directory::remove_org_units(&mut tx, &id(), &[unit.path.folded()]).await.unwrap();
    assert!(directory::org_unit_records(&mut tx, &id()).await.unwrap().is_empty());

    assert!(directory::domains(&mut tx, &id()).await.unwrap().is_empty());
    let domain = |name: &str, is_primary| DomainRecord {
        domain: Domain { name: name.to_owned(), is_primary },
        resource: object(json!({"domainName": name})),
    };
    let all = [domain("example.com", true), domain("example.org", false)];
    directory::record_domains(&mut tx, &id(), &all).await.unwrap();
    assert_eq!(directory::domain_records(&mut tx, &id()).await.unwrap(), all);
    directory::remove_domains(&mut tx, &id(), &["example.org".to_owned()]).await.unwrap();
    assert_eq!(directory::domains(&mut tx, &id()).await.unwrap(), [all[0].domain.clone()]);

    let schema = SchemaRecord { name: "HR".to_owned(), resource: object(json!({"schemaName": "HR"})) };
    directory::record_schemas(&mut tx, &id(), std::slice::from_ref(&schema)).await.unwrap();
    assert_eq!(directory::schema_records(&mut tx, &id()).await.unwrap(), [schema]);
    directory::remove_schemas(&mut tx, &id(), &["HR".to_owned()]).await.unwrap();
    assert!(directory::schema_records(&mut tx, &id()).await.unwrap().is_empty());
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_directory_is_counted_by_kind(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::counts").await.unwrap();
    assert_eq!(directory::counts(&mut tx, &id()).await.unwrap(), Counts::default());
    let mut guest = active("u5");
    guest.user.is_guest = true;
    let people = [
        active("u1"),
        person("u2", UserState::Suspended { since: None }),
        person("u3", UserState::Deleted { since: None }),
        person("u4", UserState::Unlisted),
        guest,
        person("u6", UserState::Archived { since: None }),
    ];
    populate(&mut tx, &people, &[group("g1")]).await;
    let counted = directory::counts(&mut tx, &id()).await.unwrap();
    let expected = Counts {
        users: 4,
        active: 2,
        suspended: 1,
        archived: 1,
        deleted: 1,
        guests: 1,
        groups: 1,
        ..Counts::default()
    };
    assert_eq!(counted, expected);
    assert_eq!(directory::listed(&mut tx, &id()).await.unwrap(), 4);
    tx.rollback().await.unwrap();
}
