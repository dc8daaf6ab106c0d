//! What a directory that is served is read and edited with.

use usher_store::directory::stage::MemberKind;
use usher_store::directory::{KeptBy, KnownMember, MemberRecord, Organisation, Place, Roll};

use super::*;

fn known(key: &str, kind: MemberKind) -> MemberRecord {
    let (role, delivery) = ("MEMBER".to_owned(), "ALL_MAIL".to_owned());
    MemberRecord { key: key.to_owned(), kind, role, delivery }
}

#[rstest]
#[tokio::test]
async fn people_are_walked_by_address_the_deleted_apart(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::by_address").await.unwrap();
    let named = |id: &str, address: &str, state| {
        let mut person = person(id, state);
        person.user.primary_email = email(address);
        person
    };
    let deleted = UserState::Deleted { since: Some(NOW) };
    let people = [
        named("u1", "c@example.com", UserState::Active),
        named("u2", "a@example.com", UserState::Suspended { since: None }),
        named("u3", "b@example.com", deleted),
        // Two who had one address, one after the other.
        named("u5", "b@example.com", deleted),
        named("u4", "b@example.com", UserState::Active),
    ];
    populate(&mut tx, &people, &[]).await;
    for (roll, expected) in [(Roll::Living, &["u2", "u4", "u1"][..]), (Roll::Deleted, &["u3", "u5"])] {
        for most in [1, 2, 10] {
            let (mut found, mut last) = (Vec::new(), (String::new(), String::new()));
            loop {
                let after = Place { address: &last.0, id: &last.1 };
                let page = directory::people_by_address(&mut tx, &id(), roll, after, most).await.unwrap();
                assert!(page.len() <= most);
                let Some(end) = page.last() else { break };
                last = (end.user.primary_email.to_string(), end.user.id.to_string());
                found.extend(page);
            }
            let ids: Vec<&str> = found.iter().map(|person| person.user.id.as_str()).collect();
            assert_eq!(ids, expected, "{roll:?} {most}");
            assert!(found.iter().all(|person| people.contains(person)));
        }
    }
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn people_are_walked_by_unit_as_it_is_spelled(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::by_unit").await.unwrap();
    let unit = |path: &str| OrgUnitPath::parse(path).unwrap();
    let within = |id: &str, path: &str, state| {
        let mut person = person(id, state);
        person.user.org_unit = unit(path);
        person
    };
    let deleted = UserState::Deleted { since: Some(NOW) };
    let people = [
        within("u1", "/Sales", UserState::Active),
        within("u2", "/sales", UserState::Active),
        within("u3", "/Sales", deleted),
        within("u4", "/Sales/East", UserState::Active),
    ];
    populate(&mut tx, &people, &[]).await;
    let units = directory::units_of_people(&mut tx, &id()).await.unwrap();
    assert_eq!(units, ["/Sales", "/sales", "/Sales/East"].map(unit).into());
    let sales = unit("/Sales");
    let page = directory::people_in_unit(&mut tx, &id(), &sales, None, 1).await.unwrap();
    assert_eq!(page, people[..1]);
    let after = Some(user_id("u1"));
    let page = directory::people_in_unit(&mut tx, &id(), &sales, after.as_ref(), 10).await.unwrap();
    assert_eq!(page, people[2..3]);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn groups_are_walked_by_address(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::groups").await.unwrap();
    let mut last = group("a");
    last.group.email = email("z@example.com");
    populate(&mut tx, &[], &[last.clone(), group("c"), group("b")]).await;
    let page = directory::groups_by_address(&mut tx, &id(), Place::default(), 2).await.unwrap();
    assert_eq!(page, [group("b"), group("c")]);
    let after = Place { address: "c@example.com", id: "c" };
    assert_eq!(directory::groups_by_address(&mut tx, &id(), after, 2).await.unwrap(), [last]);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn members_are_read_and_written_one_by_one(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::members").await.unwrap();
    let suspended = UserState::Suspended { since: Some(NOW) };
    let people = [active("u1"), person("u2", suspended)];
    populate(&mut tx, &people, &[group("g1"), group("g2"), group("g3")]).await;
    let (first, nested) = (GroupId::new("g1"), GroupId::new("g2"));
    let by_id = [
        KnownMember {
            member: known("g2", MemberKind::Group),
            email: Some("g2@example.com".to_owned()),
            state: None,
        },
        KnownMember {
            member: known("u1", MemberKind::User),
            email: Some("u1@example.com".to_owned()),
            state: Some(UserState::Active),
        },
        KnownMember {
            member: known("u2", MemberKind::User),
            email: Some("u2@example.com".to_owned()),
            state: Some(suspended),
        },
    ];
    let nameless = |member| KnownMember { member, email: None, state: None };
    let by_word = [
        nameless(known("customer", MemberKind::Customer)),
        nameless(known("x@elsewhere.example", MemberKind::External)),
    ];
    for known in by_id.iter().chain(&by_word) {
        directory::record_member(&mut tx, &id(), &first, &known.member).await.unwrap();
    }
    directory::record_member(&mut tx, &id(), &nested, &by_word[1].member).await.unwrap();

    for (kept_by, expected) in [(KeptBy::Id, &by_id[..]), (KeptBy::Word, &by_word[..])] {
        let all = directory::members(&mut tx, &id(), &first, kept_by, None, 10).await.unwrap();
        assert_eq!(all, expected);
        let after = Some(expected[0].member.key.as_str());
        let next = directory::members(&mut tx, &id(), &first, kept_by, after, 1).await.unwrap();
        assert_eq!(next, expected[1..2]);
    }
    assert_eq!(directory::count_members(&mut tx, &id(), &first).await.unwrap(), 5);
    assert_eq!(directory::count_members(&mut tx, &id(), &GroupId::new("g3")).await.unwrap(), 0);
    let groups = directory::groups_of_member(&mut tx, &id(), "x@elsewhere.example").await.unwrap();
    assert_eq!(groups, [first.clone(), nested]);
    let addresses = directory::external_members(&mut tx, &id(), None, 10).await.unwrap();
    assert_eq!(addresses, ["x@elsewhere.example"]);
    let after = Some("x@elsewhere.example");
    assert!(directory::external_members(&mut tx, &id(), after, 10).await.unwrap().is_empty());

    let digest = MemberRecord {
        role: "OWNER".to_owned(),
        delivery: "DIGEST".to_owned(),
        ..known("u1", MemberKind::User)
    };
    directory::record_member(&mut tx, &id(), &first, &digest).await.unwrap();
    let read = directory::member(&mut tx, &id(), &first, "u1").await.unwrap();
    assert_eq!(read.map(|known| known.member), Some(digest));
    assert_eq!(directory::member(&mut tx, &id(), &first, "u3").await.unwrap(), None);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn an_import_leaves_how_a_member_has_mail_delivered(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::delivery").await.unwrap();
    populate(&mut tx, &[active("u1")], &[group("g1")]).await;
    let none = MemberRecord { delivery: "NONE".to_owned(), ..known("u1", MemberKind::User) };
    let group = GroupId::new("g1");
    directory::record_member(&mut tx, &id(), &group, &none).await.unwrap();
    let owner = StagedMember { role: "OWNER".to_owned(), ..member("g1", "u1@example.com") };
    assert!(matches!(settle(&mut tx, &[owner], false).await, SettledMembers::Done(_)));
    let read = directory::member(&mut tx, &id(), &group, "u1").await.unwrap().unwrap().member;
    assert_eq!((read.role.as_str(), read.delivery.as_str()), ("OWNER", "NONE"));
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn what_is_said_of_an_organisation_comes_back(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::organisation").await.unwrap();
    assert_eq!(directory::organisation(&mut tx, &id()).await.unwrap(), None);
    for language in ["en", "de"] {
        let said = Organisation {
            customer: object(json!({"id": "C1", "language": language})),
            root_unit: object(json!({"orgUnitId": "id:1"})),
        };
        directory::record_organisation(&mut tx, &id(), &said).await.unwrap();
        assert_eq!(directory::organisation(&mut tx, &id()).await.unwrap(), Some(said));
    }
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn an_edition_counts_how_often_a_directory_became_another(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::edition").await.unwrap();
    assert_eq!(directory::edition(&mut tx, &id()).await.unwrap(), 0);
    directory::advance(&mut tx, &id()).await.unwrap();
    directory::advance(&mut tx, &id()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.begin("tests::edition").await.unwrap();
    directory::advance(&mut tx, &id()).await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = store.read("tests::edition").await.unwrap();
    assert_eq!(directory::edition(&mut tx, &id()).await.unwrap(), 2);
}
