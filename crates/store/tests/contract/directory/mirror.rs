//! What a mirror of somebody else's directory is kept with: pages, what was heard since, rosters, the feed.

use std::time::Duration;

use secrecy::SecretString;
use usher_store::directory::listing::{self, Heard, ListingPage, PageOf};
use usher_store::directory::stage::{MemberKind, Missing, RosterMember};
use usher_store::directory::{Mirrored, feed};

use super::*;

/// A store with an empty Google Workspace.
async fn workspace_of(db: Db) -> (Home, Store) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::workspace").await.unwrap();
    directory::insert_google(&mut tx, &id(), "google", NOW).await.unwrap();
    let how = directory::Google { customer: None, api_root: None, credential_set_at: NOW };
    let secret = SecretString::from("key".to_owned());
    directory::set_google(&mut tx, store.keyring(), &id(), &how, &secret).await.unwrap();
    tx.commit().await.unwrap();
    (home, store)
}

fn later(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}

fn roster(members: &[&str]) -> Vec<RosterMember> {
    let member = |key: &&str| RosterMember {
        key: (*key).to_owned(),
        kind: MemberKind::User,
        role: "MEMBER".to_owned(),
    };
    members.iter().map(member).collect()
}

/// One listing of a group's members, whole or not.
async fn list(tx: &mut Tx, group: &str, members: &[&str], is_whole: bool, at: u64) -> stage::MemberCounts {
    stage::clear(tx, &id()).await.unwrap();
    let mention = if is_whole { Mention::Members } else { Mention::SomeMembers };
    stage::mention(tx, &id(), mention, [group]).await.unwrap();
    stage::stage_roster(tx, &id(), 0, &GroupId::new(group), &roster(members)).await.unwrap();
    let counts = stage::settle_rosters(tx, &id(), Some(later(at))).await.unwrap();
    stage::clear(tx, &id()).await.unwrap();
    counts
}

async fn members_of(tx: &mut Tx, group: &str) -> u64 {
    directory::members_below(tx, &id(), &BTreeSet::from([GroupId::new(group)])).await.unwrap()
}

fn missing(group: &str, member: &str) -> Missing {
    Missing { group: GroupId::new(group), member: member.to_owned() }
}

#[rstest]
#[tokio::test]
async fn pages_come_back_as_they_were_put_and_end_with_the_listing(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::pages").await.unwrap();
    assert!(listing::begin(&mut tx, &id(), "one", NOW).await.unwrap());
    let page =
        |name: &str| ListingPage { asked_at: later(1), resources: vec![object(json!({ "id": name }))] };
    let kinds = [
        PageOf::Domains,
        PageOf::OrgUnits,
        PageOf::Schemas,
        PageOf::Users,
        PageOf::Deleted,
        PageOf::Groups,
        PageOf::Members("g".to_owned()),
    ];
    for (of, n) in kinds.iter().zip(0..) {
        for (at, name) in [(0, "first"), (1, "second")] {
            let page = page(&format!("{name} {n}"));
            assert!(listing::put(&mut tx, &id(), "one", of, at, &page, later(60)).await.unwrap());
        }
    }
    for (of, n) in kinds.iter().zip(0..) {
        let first = listing::page(&mut tx, &id(), "one", of, 0).await.unwrap();
        assert_eq!(first, Some(page(&format!("first {n}"))));
        assert_eq!(listing::page(&mut tx, &id(), "one", of, 2).await.unwrap(), None);
    }
    let other = PageOf::Members("other".to_owned());
    assert_eq!(listing::page(&mut tx, &id(), "one", &other, 0).await.unwrap(), None);
    assert!(listing::is_current(&mut tx, &id(), "one").await.unwrap());
    assert!(!listing::begin(&mut tx, &id(), "two", later(300)).await.unwrap(), "one at a time");
    assert!(
        listing::begin(&mut tx, &id(), "two", later(361)).await.unwrap(),
        "it has been silent for too long"
    );
    assert!(!listing::is_current(&mut tx, &id(), "one").await.unwrap());
    assert!(
        !listing::put(&mut tx, &id(), "one", &PageOf::Users, 2, &page("late"), later(362)).await.unwrap()
    );
    assert_eq!(listing::page(&mut tx, &id(), "one", &PageOf::Users, 0).await.unwrap(), None);
    listing::abandon(&mut tx, &id(), "two").await.unwrap();
    assert!(listing::begin(&mut tx, &id(), "three", later(363)).await.unwrap(), "it was given up");
    directory::set_failing(&mut tx, &id(), "no way", NOW).await.unwrap();
    listing::end(&mut tx, &id(), NOW, later(9), "id,name").await.unwrap();
    directory::set_next_listing(&mut tx, &id(), later(99)).await.unwrap();
    let mirrored = directory::mirrored(&mut tx, &id()).await.unwrap().unwrap();
    let expected = Mirrored {
        listed_from: Some(NOW),
        listed_at: Some(later(9)),
        next_listing_at: Some(later(99)),
        listed_fields: Some("id,name".to_owned()),
        feed_read_to: None,
        failing: None,
    };
    assert_eq!(mirrored, expected);
}

#[rstest]
#[tokio::test]
async fn a_directory_fails_since_it_first_did_until_it_is_mended(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::failing").await.unwrap();
    directory::set_failing(&mut tx, &id(), "first", later(1)).await.unwrap();
    directory::set_failing(&mut tx, &id(), "second", later(2)).await.unwrap();
    let failing = directory::mirrored(&mut tx, &id()).await.unwrap().unwrap().failing;
    assert_eq!(failing, Some(("second".to_owned(), later(1))));
    directory::set_mended(&mut tx, &id()).await.unwrap();
    assert_eq!(directory::mirrored(&mut tx, &id()).await.unwrap().unwrap(), Mirrored::default());
    assert_eq!(directory::mirrored(&mut tx, &DirectoryId::new("none")).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn whoever_was_read_alone_is_known_until_a_listing_that_began_later_ends(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::heard").await.unwrap();
    listing::hear(&mut tx, &id(), Heard::Users, ["a", "b"], later(1)).await.unwrap();
    listing::hear(&mut tx, &id(), Heard::Users, ["b"], later(5)).await.unwrap();
    listing::hear(&mut tx, &id(), Heard::Users, ["b"], later(4)).await.unwrap();
    let since = async |tx: &mut Tx, at| {
        listing::heard_since(tx, &id(), Heard::Users, ["a", "b", "c"], at).await.unwrap()
    };
    assert_eq!(since(&mut tx, later(1)).await, ["a".to_owned(), "b".to_owned()].into());
    assert_eq!(since(&mut tx, later(2)).await, ["b".to_owned()].into());
    let groups = listing::heard_since(&mut tx, &id(), Heard::Groups, ["a", "b"], NOW).await.unwrap();
    assert!(groups.is_empty());
    listing::end(&mut tx, &id(), later(3), later(9), "id").await.unwrap();
    assert_eq!(since(&mut tx, NOW).await, ["b".to_owned()].into());
}

#[rstest]
#[tokio::test]
async fn a_member_is_gone_when_whole_lists_leave_them_out_for_a_while(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::roster").await.unwrap();
    let deleted = person("gone", UserState::Deleted { since: None });
    populate(&mut tx, &[active("a"), active("b"), deleted], &[group("g")]).await;
    let first = list(&mut tx, "g", &["a", "b", "b", "gone"], true, 0).await;
    assert_eq!((first.added, first.left_out), (2, 1), "deleted people are in no group");
    let again = list(&mut tx, "g", &["a", "b"], true, 1).await;
    assert_eq!((again.added, again.updated, again.deleted, again.unchanged), (0, 0, 0, 2));
    let long = stage::GONE_AFTER.as_secs();
    list(&mut tx, "g", &["a"], true, 10).await;
    list(&mut tx, "g", &["a"], true, 9 + long).await;
    assert_eq!(members_of(&mut tx, "g").await, 2, "two lists of one bad moment are one");
    assert_eq!(stage::missing_members(&mut tx, &id(), 10).await.unwrap(), [missing("g", "b")]);
    list(&mut tx, "g", &["a", "b"], true, 10 + long).await;
    assert_eq!(stage::missing_members(&mut tx, &id(), 10).await.unwrap(), []);
    list(&mut tx, "g", &["a"], true, 20 + long).await;
    list(&mut tx, "g", &["a"], false, 20 + 3 * long).await;
    assert_eq!(members_of(&mut tx, "g").await, 2, "lists that are not whole prove nothing");
    let gone = list(&mut tx, "g", &["a"], true, 20 + 3 * long).await;
    assert_eq!((gone.deleted, members_of(&mut tx, "g").await), (1, 1));
}

#[rstest]
#[tokio::test]
async fn somebody_who_is_missing_from_a_part_of_a_list_is_to_be_asked_for(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::roster").await.unwrap();
    populate(&mut tx, &[active("a"), active("b")], &[group("g"), group("h")]).await;
    list(&mut tx, "g", &["a", "b"], true, 0).await;
    list(&mut tx, "g", &["a"], false, 1).await;
    assert_eq!(stage::missing_members(&mut tx, &id(), 10).await.unwrap(), [missing("g", "b")]);
    stage::find_membership(&mut tx, &id(), &missing("g", "b")).await.unwrap();
    assert_eq!(stage::missing_members(&mut tx, &id(), 10).await.unwrap(), []);
    // Where another group is in it, they may be a member through that one.
    let nested = RosterMember { key: "h".to_owned(), kind: MemberKind::Group, role: "MEMBER".to_owned() };
    stage::stage_roster(&mut tx, &id(), 0, &GroupId::new("g"), &[nested]).await.unwrap();
    stage::settle_rosters(&mut tx, &id(), None).await.unwrap();
    stage::clear(&mut tx, &id()).await.unwrap();
    list(&mut tx, "g", &["a"], false, 2).await;
    stage::find_membership(&mut tx, &id(), &missing("g", "b")).await.unwrap();
    assert!(stage::missing_members(&mut tx, &id(), 10).await.unwrap().contains(&missing("g", "b")));
    assert!(stage::drop_membership(&mut tx, &id(), &missing("g", "b")).await.unwrap());
    assert!(!stage::drop_membership(&mut tx, &id(), &missing("g", "b")).await.unwrap());
    assert_eq!(members_of(&mut tx, "g").await, 1);
}

#[rstest]
#[tokio::test]
async fn a_group_is_missing_until_it_is_listed_again_and_gone_after_a_while(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::groups").await.unwrap();
    populate(&mut tx, &[], &[group("g"), group("h")]).await;
    let list = async |tx: &mut Tx, groups: &[&str], at| {
        stage::clear(tx, &id()).await.unwrap();
        stage::mention(tx, &id(), Mention::Group, groups.iter().copied()).await.unwrap();
        stage::miss_groups(tx, &id(), later(at), 10).await.unwrap()
    };
    let long = stage::GONE_AFTER.as_secs();
    for (groups, at) in [(&["g"][..], 0), (&["g"], long - 1), (&["g", "h"], long), (&["g"], long + 1)] {
        assert_eq!(list(&mut tx, groups, at).await, [], "{groups:?}");
    }
    assert_eq!(list(&mut tx, &["g"], 1 + 2 * long).await, [GroupId::new("h")]);
}

#[rstest]
#[tokio::test]
async fn who_is_in_a_group_is_known_while_it_is_listed_and_no_longer(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::groups").await.unwrap();
    populate(&mut tx, &[], &[group("g"), group("h")]).await;
    let both = [GroupId::new("g"), GroupId::new("h")];
    let never = async |tx: &mut Tx| {
        let asked = both.iter().cloned().collect();
        directory::never_listed(tx, &id(), &asked).await.unwrap().into_iter().map(|group| group.id).collect()
    };
    let unknown: Vec<GroupId> = never(&mut tx).await;
    assert_eq!(unknown, both);
    directory::set_members_listed(&mut tx, &id(), &both, later(1)).await.unwrap();
    directory::set_members_listed(&mut tx, &id(), &both[..1], later(5)).await.unwrap();
    assert_eq!(never(&mut tx).await, []);
    directory::forget_members_listed(&mut tx, &id(), later(3)).await.unwrap();
    assert_eq!(never(&mut tx).await, both[1..]);
}

#[rstest]
#[tokio::test]
async fn of_two_who_are_listed_with_one_address_one_has_it(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::addresses").await.unwrap();
    populate(&mut tx, &[active("a"), active("b"), active("c")], &[]).await;
    let states = |id: &str, address: &str| Addresses {
        owner: Owner::User(user_id(id)),
        primary: Some(email(address)),
        aliases: BTreeSet::new(),
    };
    // One takes what another had and states nothing of; two state the same.
    let all = [states("b", "a@example.com"), states("c", "new@example.com"), states("a", "new@example.com")];
    stage::restate(&mut tx, &id(), &all[..2]).await.unwrap();
    assert_eq!(stage::make_way(&mut tx, &id()).await.unwrap(), []);
    assert_eq!(stage::settle_addresses(&mut tx, &id()).await.unwrap(), None);
    stage::clear(&mut tx, &id()).await.unwrap();
    stage::restate(&mut tx, &id(), &all[1..]).await.unwrap();
    let lost = stage::make_way(&mut tx, &id()).await.unwrap();
    assert_eq!(lost, [(email("new@example.com"), Owner::User(user_id("c")))]);
    assert_eq!(stage::settle_addresses(&mut tx, &id()).await.unwrap(), None);
    let owners =
        directory::owners(&mut tx, &id(), &emails(&["a@example.com", "new@example.com"])).await.unwrap();
    assert_eq!(owners[&email("a@example.com")], Owner::User(user_id("b")));
    assert_eq!(owners[&email("new@example.com")], Owner::User(user_id("a")));
}

#[rstest]
#[tokio::test]
async fn entries_of_the_feed_are_news_once(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::feed").await.unwrap();
    let entries = |keys: &[(u64, &str)]| -> BTreeSet<feed::EntryKey> {
        keys.iter().map(|(at, qualifier)| (later(*at), (*qualifier).to_owned())).collect()
    };
    let all = entries(&[(1, "-5"), (1, "7"), (2, "7")]);
    assert_eq!(feed::news(&mut tx, &id(), &all).await.unwrap(), all);
    feed::take(&mut tx, &id(), &entries(&[(1, "-5"), (2, "7")]), later(3), NOW).await.unwrap();
    assert_eq!(feed::news(&mut tx, &id(), &all).await.unwrap(), entries(&[(1, "7")]));
    feed::take(&mut tx, &id(), &all, later(4), later(2)).await.unwrap();
    let mirrored = directory::mirrored(&mut tx, &id()).await.unwrap().unwrap();
    assert_eq!(mirrored.feed_read_to, Some(later(4)));
    assert_eq!(
        feed::news(&mut tx, &id(), &all).await.unwrap(),
        entries(&[(1, "-5"), (1, "7")]),
        "not asked for again"
    );
}

#[rstest]
#[tokio::test]
async fn the_unlisted_are_found_in_the_order_of_their_ids(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = workspace_of(db).await;
    let mut tx = store.begin("tests::unlisted").await.unwrap();
    let people = [
        person("c", UserState::Unlisted),
        active("b"),
        person("a", UserState::Unlisted),
        person("d", UserState::Deleted { since: None }),
    ];
    populate(&mut tx, &people, &[]).await;
    let ids = async |tx: &mut Tx, limit| {
        let found = directory::unlisted(tx, &id(), limit).await.unwrap();
        found.into_iter().map(|person| person.user.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&mut tx, 10).await, ["a", "c"]);
    assert_eq!(ids(&mut tx, 1).await, ["a"]);
}
