//! What an import keeps until its end, and what its end makes of it.

use usher_store::directory::stage::MemberCounts;

use super::*;

fn addresses(owner: Owner, all: &[&str]) -> Addresses {
    let primary = all.first().map(|address| email(address));
    Addresses { owner, primary, aliases: emails(all.get(1..).unwrap_or_default()) }
}

fn of_user(id: &str, all: &[&str]) -> Addresses {
    addresses(Owner::User(user_id(id)), all)
}

#[rstest]
#[tokio::test]
async fn two_people_may_swap_addresses(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::swap").await.unwrap();
    populate(&mut tx, &[active("u1"), active("u2")], &[]).await;
    let (one, two) = ("u1@example.com", "u2@example.com");
    stage::restate(&mut tx, &id(), &[of_user("u1", &[two])]).await.unwrap();
    stage::restate(&mut tx, &id(), &[of_user("u2", &[one])]).await.unwrap();
    let before = directory::owners(&mut tx, &id(), &emails(&[one])).await.unwrap();
    assert_eq!(before[&email(one)], Owner::User(user_id("u1")), "until the end all is as before");
    let staged = stage::staged_owners(&mut tx, &id(), &emails(&[one, "x@example.com"])).await.unwrap();
    assert_eq!(staged.into_iter().collect::<Vec<_>>(), [(email(one), Owner::User(user_id("u2")))]);

    assert_eq!(stage::settle_addresses(&mut tx, &id()).await.unwrap(), None);
    let after = directory::owners(&mut tx, &id(), &emails(&[one, two])).await.unwrap();
    assert_eq!(after[&email(one)], Owner::User(user_id("u2")));
    assert_eq!(after[&email(two)], Owner::User(user_id("u1")));
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn an_address_that_two_want_is_named_with_both(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::contested").await.unwrap();
    populate(&mut tx, &[active("u1"), active("u2")], &[group("g1")]).await;
    stage::restate(&mut tx, &id(), &[of_user("u1", &["u1@example.com", "g1@example.com"])]).await.unwrap();
    let contested = stage::settle_addresses(&mut tx, &id()).await.unwrap().unwrap();
    assert_eq!(contested.address, email("g1@example.com"));
    assert_eq!(contested.holders, [Owner::Group(GroupId::new("g1")), Owner::User(user_id("u1"))]);
    tx.rollback().await.unwrap();

    let mut tx = store.begin("tests::contested").await.unwrap();
    let both = [of_user("u1", &["new@example.com"]), of_user("u2", &["new@example.com"])];
    stage::restate(&mut tx, &id(), &both).await.unwrap();
    let contested = stage::settle_addresses(&mut tx, &id()).await.unwrap().unwrap();
    assert_eq!(contested.holders, [Owner::User(user_id("u1")), Owner::User(user_id("u2"))]);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn whoever_is_gone_frees_their_addresses_and_the_last_word_counts(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::free").await.unwrap();
    populate(&mut tx, &[active("u1"), active("u2")], &[]).await;
    stage::restate(&mut tx, &id(), &[of_user("u1", &["wrong@example.com"])]).await.unwrap();
    stage::restate(&mut tx, &id(), &[of_user("u1", &[])]).await.unwrap();
    stage::restate(&mut tx, &id(), &[of_user("u2", &["u2@example.com", "u1@example.com"])]).await.unwrap();
    assert_eq!(stage::settle_addresses(&mut tx, &id()).await.unwrap(), None);
    let asked = emails(&["u1@example.com", "u2@example.com", "wrong@example.com"]);
    let owners = directory::owners(&mut tx, &id(), &asked).await.unwrap();
    let two = Owner::User(user_id("u2"));
    assert_eq!(
        owners.into_iter().collect::<Vec<_>>(),
        [(email("u1@example.com"), two.clone()), (email("u2@example.com"), two)]
    );
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn whoever_was_not_named_is_found(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::missing").await.unwrap();
    let gone = person("u4", UserState::Deleted { since: None });
    let people = [active("u1"), active("u2"), active("u3"), gone];
    populate(&mut tx, &people, &[group("g1"), group("g2")]).await;
    stage::lock(&mut tx, &id()).await.unwrap();
    stage::mention(&mut tx, &id(), Mention::User, ["u2", "u2"]).await.unwrap();
    stage::mention(&mut tx, &id(), Mention::User, ["u2"]).await.unwrap();
    stage::mention(&mut tx, &id(), Mention::Group, ["g2"]).await.unwrap();

    let first = stage::unmentioned_people(&mut tx, &id(), None, 1).await.unwrap();
    assert_eq!(first, people[..1]);
    let rest = stage::unmentioned_people(&mut tx, &id(), Some(&user_id("u1")), 10).await.unwrap();
    assert_eq!(rest, people[2..3]);
    assert_eq!(stage::unmentioned_groups(&mut tx, &id(), None, 10).await.unwrap(), [GroupId::new("g1")]);
    stage::clear(&mut tx, &id()).await.unwrap();
    assert_eq!(stage::unmentioned_people(&mut tx, &id(), None, 10).await.unwrap().len(), 3);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn units_in_use_are_those_of_people_who_are_not_deleted(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::units").await.unwrap();
    let path = |text| OrgUnitPath::parse(text).unwrap();
    let mut people =
        [active("u1"), active("u2"), active("u3"), person("u4", UserState::Deleted { since: None })];
    for person in &mut people[1..3] {
        person.user.org_unit = path("/Sales");
    }
    people[3].user.org_unit = path("/Gone");
    populate(&mut tx, &people, &[]).await;
    let used = stage::org_units_in_use(&mut tx, &id()).await.unwrap();
    assert_eq!(used, BTreeSet::from([path("/"), path("/Sales")]));
    let somebody = stage::somebody_in(&mut tx, &id(), &path("/Sales")).await.unwrap();
    assert_eq!(somebody.unwrap().id, user_id("u2"));
    assert_eq!(stage::somebody_in(&mut tx, &id(), &path("/Gone")).await.unwrap(), None);
    let deleted =
        stage::deleted_people_of(&mut tx, &id(), ["u4@example.com", "u1@example.com"]).await.unwrap();
    assert_eq!(deleted, [people[3].user.clone()]);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_list_of_members_replaces_the_one_before(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::members").await.unwrap();
    populate(&mut tx, &[active("u1"), active("u2"), active("u3")], &[group("g1"), group("g2"), group("g3")])
        .await;
    let first = [
        member("g1", "u1@example.com"),
        member("g1", "u2@example.com"),
        member("g2", "u1@example.com"),
        member("g3", "u3@example.com"),
    ];
    let counts = |added, updated, deleted, unchanged| {
        SettledMembers::Done(MemberCounts { added, updated, deleted, unchanged, left_out: 0 })
    };
    assert_eq!(settle(&mut tx, &first, false).await, counts(4, 0, 0, 0));
    assert_eq!(settle(&mut tx, &first, false).await, counts(0, 0, 0, 4));

    let manager = StagedMember {
        role: "MANAGER".to_owned(),
        id: Some("u1".to_owned()),
        ..member("g1", "x@example.com")
    };
    let second = [member("g1", "u1@example.com"), manager, member("g1", "u3@example.com")];
    assert_eq!(settle(&mut tx, &second, false).await, counts(1, 1, 1, 0), "named twice, the later counts");

    stage::mention(&mut tx, &id(), Mention::Members, ["g2@example.com"]).await.unwrap();
    let emptied = stage::settle_members(&mut tx, &id(), ["example.com"], false).await.unwrap();
    stage::clear(&mut tx, &id()).await.unwrap();
    assert_eq!(emptied, counts(0, 0, 1, 0), "an empty list empties the group");
    let kept = [member("g1", "u1@example.com")];
    assert_eq!(settle(&mut tx, &kept, true).await, counts(0, 1, 2, 0), "replacing empties the others too");
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_member_is_a_user_a_group_everyone_somebody_foreign_or_an_error(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::members").await.unwrap();
    let gone = person("u2", UserState::Deleted { since: None });
    populate(&mut tx, &[active("u1"), gone], &[group("g1"), group("g2")]).await;
    let by_id =
        |id: &str| StagedMember { id: Some(id.to_owned()), email: None, ..member("g1", "x@example.com") };
    let everyone = StagedMember { is_customer: true, ..by_id("C01") };
    let members = [
        by_id("u1"),
        by_id("g2"),
        everyone,
        StagedMember { id: Some("foreign".to_owned()), ..member("g1", "somebody@elsewhere.example") },
        by_id("u2"),
        member("g1", "u2@example.com"),
    ];
    let settled = settle(&mut tx, &members, false).await;
    let counts = MemberCounts { added: 4, left_out: 2, ..MemberCounts::default() };
    assert_eq!(settled, SettledMembers::Done(counts));

    let nobody = settle(&mut tx, &[member("g1", "nobody@example.com")], false).await;
    let group = email("g1@example.com");
    assert_eq!(
        nobody,
        SettledMembers::NoSuchMember { group: group.clone(), member: "nobody@example.com".to_owned() }
    );
    let nobody = settle(&mut tx, &[by_id("u9")], false).await;
    assert_eq!(nobody, SettledMembers::NoSuchMember { group, member: "u9".to_owned() });
    let nowhere = settle(&mut tx, &[member("g9", "u1@example.com")], false).await;
    assert_eq!(nowhere, SettledMembers::NoSuchGroup { group: email("g9@example.com") });
    tx.rollback().await.unwrap();
}
