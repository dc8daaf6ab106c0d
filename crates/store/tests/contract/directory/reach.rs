//! How many people stand where, and the directory's certificate.

use std::collections::BTreeMap;

use usher_store::directory::IdentityProvider;

use super::*;

fn in_unit(id: &str, unit: &str, state: UserState) -> Person {
    let person = person(id, state);
    let user = User { org_unit: OrgUnitPath::parse(unit).unwrap(), ..person.user };
    Person::new(user, person.resource)
}

fn counted(found: &BTreeMap<OrgUnitPath, u64>) -> Vec<(&str, u64)> {
    found.iter().map(|(unit, n)| (unit.as_str(), *n)).collect()
}

#[rstest]
#[tokio::test]
async fn active_people_are_counted_by_their_unit_once_in_however_many_groups_they_are(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::reach").await.unwrap();
    let people = [
        in_unit("ada", "/Sales", UserState::Active),
        in_unit("bo", "/Sales/East", UserState::Active),
        in_unit("cy", "/Sales", UserState::Suspended { since: None }),
        in_unit("dee", "/Sales", UserState::Active),
    ];
    populate(&mut tx, &people, &[group("one"), group("two")]).await;
    let members = [("one", "ada"), ("two", "ada"), ("one", "bo"), ("one", "cy")];
    let members = members.map(|(of, who)| member(of, &format!("{who}@example.com")));
    settle(&mut tx, &members, false).await;
    let by_unit = directory::people_by_unit(&mut tx, &id()).await.unwrap();
    assert_eq!(counted(&by_unit), [("/sales", 2), ("/sales/east", 1)]);
    let groups = |ids: &[&str]| ids.iter().map(|id| GroupId::new(*id)).collect::<BTreeSet<_>>();
    let both = directory::people_in_groups(&mut tx, &id(), &groups(&["one", "two"]), None).await.unwrap();
    assert_eq!(counted(&both), [("/sales", 1), ("/sales/east", 1)]);
    let also = groups(&["two"]);
    let narrowed = directory::people_in_groups(&mut tx, &id(), &groups(&["one"]), Some(&also)).await.unwrap();
    assert_eq!(counted(&narrowed), [("/sales", 1)]);
    let nobody =
        directory::people_in_groups(&mut tx, &id(), &groups(&["one"]), Some(&groups(&[]))).await.unwrap();
    assert!(nobody.is_empty(), "in none of no groups");
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_directory_keeps_the_certificate_that_it_had_first(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::provider").await.unwrap();
    assert_eq!(directory::identity_provider(&mut tx, &id()).await.unwrap(), None);
    let provider = |certificate: &str| IdentityProvider {
        certificate: certificate.to_owned(),
        created_at: NOW,
        expires_at: NOW,
    };
    for certificate in ["first", "second"] {
        let key = "key".into();
        directory::insert_identity_provider(&mut tx, store.keyring(), &id(), &provider(certificate), &key)
            .await
            .unwrap();
    }
    assert_eq!(directory::identity_provider(&mut tx, &id()).await.unwrap(), Some(provider("first")));
    tx.rollback().await.unwrap();
}
