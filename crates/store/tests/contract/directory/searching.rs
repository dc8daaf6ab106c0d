//! People and groups as admins look for them, page by page.

use usher_store::directory::stage::MemberKind;
use usher_store::directory::{Mark, MemberRecord, PeopleSought, StateSought};

use super::*;

fn named(id: &str, [given, family]: [&str; 2], state: UserState, unit: &str) -> Person {
    let user = User { org_unit: OrgUnitPath::parse(unit).unwrap(), ..person(id, state).user };
    Person::new(user, object(json!({"id": id, "name": {"givenName": given, "familyName": family}})))
}

fn named_group(id: &str, name: &str) -> GroupRecord {
    let record = group(id);
    GroupRecord { group: Group { name: name.to_owned(), ..record.group }, ..record }
}

const SUSPENDED: UserState = UserState::Suspended { since: None };
const DELETED: UserState = UserState::Deleted { since: None };

fn crowd() -> Vec<Person> {
    vec![
        named("ada", ["Ada", "Byron"], UserState::Active, "/Sales"),
        named("b7", ["Bo", "Adams"], UserState::Active, "/sales"),
        named("bo", ["Bo", "Li"], SUSPENDED, "/Sales"),
        named("cy", ["Adé", "Zwart"], UserState::Archived { since: None }, "/Sales/East"),
        named("adam", ["Eve", "Adamson"], UserState::Active, "/"),
        named("gone", ["Ada", "Past"], DELETED, "/"),
        named("lost", ["Nemo", "Null"], UserState::Unlisted, "/"),
    ]
}

/// Everybody of a search, walked in pages of this many.
async fn walked(tx: &mut Tx, sought: PeopleSought<'_>, most: usize) -> Vec<String> {
    let (mut found, mut at): (Vec<String>, Option<Mark>) = (Vec::new(), None);
    loop {
        let page = directory::people_sought(tx, &id(), sought, at.as_ref(), most).await.unwrap();
        assert!(page.page.len() <= most);
        found.extend(page.page.iter().map(|person| person.user.id.to_string()));
        at = page.next;
        if at.is_none() {
            return found;
        }
    }
}

#[rstest]
#[tokio::test]
async fn people_are_found_by_the_beginning_of_address_or_name_and_each_once(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::sought").await.unwrap();
    populate(&mut tx, &crowd(), &[]).await;
    let all = PeopleSought::default();
    let by = |text| PeopleSought { text, ..all };
    for most in [1, 2, 100] {
        // By address, then by given name, then by family name.
        assert_eq!(walked(&mut tx, by("Ad"), most).await, ["ada", "adam", "cy", "b7"]);
        assert_eq!(walked(&mut tx, by("bo l"), most).await, ["bo"]);
        assert_eq!(walked(&mut tx, by("Li, B"), most).await, ["bo"]);
        assert_eq!(walked(&mut tx, by("ADÉ"), most).await, ["cy"]);
        assert!(walked(&mut tx, by("yron"), most).await.is_empty());
        let gone = PeopleSought { state: Some(StateSought::Deleted), ..by("ada") };
        assert_eq!(walked(&mut tx, gone, most).await, ["gone"]);
    }
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn people_are_listed_by_state_and_by_unit_however_it_is_spelled(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::listed").await.unwrap();
    populate(&mut tx, &crowd(), &[]).await;
    let all = PeopleSought::default();
    let of = |state| PeopleSought { state: Some(state), ..all };
    let sales = OrgUnitPath::parse("/SALES").unwrap();
    let nowhere = OrgUnitPath::parse("/Nowhere").unwrap();
    for most in [1, 2, 100] {
        assert_eq!(walked(&mut tx, all, most).await, ["ada", "adam", "b7", "bo", "cy", "lost"]);
        assert_eq!(walked(&mut tx, of(StateSought::Active), most).await, ["ada", "adam", "b7"]);
        assert_eq!(walked(&mut tx, of(StateSought::Suspended), most).await, ["bo"]);
        assert_eq!(walked(&mut tx, of(StateSought::Archived), most).await, ["cy"]);
        assert_eq!(walked(&mut tx, of(StateSought::Deleted), most).await, ["gone"]);
        let unit = PeopleSought { unit: Some(&sales), ..all };
        assert_eq!(walked(&mut tx, unit, most).await, ["ada", "b7", "bo"]);
        let both = PeopleSought { unit: Some(&sales), text: "b", state: Some(StateSought::Active) };
        assert_eq!(walked(&mut tx, both, most).await, ["b7", "ada"], "by address, then by family name");
        assert!(walked(&mut tx, PeopleSought { unit: Some(&nowhere), ..all }, most).await.is_empty());
    }
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn whoever_is_renamed_is_found_by_the_new_name_alone(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::renamed").await.unwrap();
    populate(&mut tx, &[named("x1", ["Ann", "Old"], UserState::Active, "/")], &[]).await;
    let renamed = named("x1", ["Ann", "New"], UserState::Active, "/");
    directory::record_people(&mut tx, &id(), [&renamed]).await.unwrap();
    assert!(walked(&mut tx, PeopleSought { text: "old", ..Default::default() }, 9).await.is_empty());
    assert_eq!(walked(&mut tx, PeopleSought { text: "new", ..Default::default() }, 9).await, ["x1"]);
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn a_group_is_found_by_a_piece_of_its_name_or_address_in_whatever_case(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::search").await.unwrap();
    let groups = [("g3", "Cloud Ops"), ("g1", "ÜBER CLOUD"), ("clouds", "Sky"), ("g4", "100%_")];
    let groups = groups.map(|(id, name)| named_group(id, name));
    populate(&mut tx, &[], &groups).await;
    let mut found = async |text: &str, most| {
        let found = directory::groups_sought(&mut tx, &id(), text, None, most).await.unwrap();
        found.page.into_iter().map(|group| group.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("cloud", 10).await, ["clouds", "g1", "g3"]);
    assert_eq!(found("cloud", 2).await, ["clouds", "g1"]);
    assert_eq!(found("über", 10).await, ["g1"]);
    assert_eq!(found("%_", 10).await, ["g4"], "nothing stands for anything else");
    assert!(found("nothing", 10).await.is_empty());
    tx.rollback().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn groups_are_found_by_a_piece_of_them_and_counted_no_further_than_asked(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_of(db).await;
    let mut tx = store.begin("tests::groups_sought").await.unwrap();
    let groups =
        [named_group("g1", "Sales East"), named_group("g2", "SALES West"), named_group("g3", "Legal")];
    populate(&mut tx, &[active("u1"), active("u2"), active("u3")], &groups).await;
    for (most, sizes) in [(1, &[1, 1][..]), (5, &[2])] {
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let found =
                directory::groups_sought(&mut tx, &id(), "sales", after.as_ref(), most).await.unwrap();
            seen.push(found.page.len());
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, sizes, "{most}");
    }
    let joins = [("g1", "u1"), ("g1", "u2"), ("g2", "u2"), ("g2", "u3")];
    for (group, user) in joins {
        let member = MemberRecord {
            key: user.into(),
            kind: MemberKind::User,
            role: "MEMBER".into(),
            delivery: "ALL_MAIL".into(),
        };
        directory::record_member(&mut tx, &id(), &GroupId::new(group), &member).await.unwrap();
    }
    let ids: BTreeSet<GroupId> = ["g1", "g2"].map(GroupId::new).into();
    let counts = directory::count_members_up_to(&mut tx, &id(), &ids, 1).await.unwrap();
    assert_eq!(counts.into_values().collect::<Vec<_>>(), [1, 1]);
    assert_eq!(directory::count_people_below(&mut tx, &id(), &ids, 100).await.unwrap(), 3, "each once");
    assert_eq!(directory::count_people_below(&mut tx, &id(), &ids, 2).await.unwrap(), 2);
    assert_eq!(directory::count_people_below(&mut tx, &id(), &BTreeSet::new(), 2).await.unwrap(), 0);
    tx.rollback().await.unwrap();
}
