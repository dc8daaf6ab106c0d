//! Who may sign in, their links and sessions, and what they did.

use rstest::rstest;
use secrecy::ExposeSecret as _;
use serde_json::json;
use usher_model::admin::Role;
use usher_model::id::{AdminId, Email};
use usher_store::admin::action::{self, Action, Face};
use usher_store::admin::failures::{self, Failures};
use usher_store::admin::openid::{self, Identity, UnderWay};
use usher_store::admin::session::{self, Session};
use usher_store::admin::{self, link};
use usher_store::{StoreError, Tx};

use crate::apps::at;
use crate::db::Db;

fn id(id: &str) -> AdminId {
    AdminId::new(id)
}

fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.com")).unwrap()
}

/// Ada is a super admin, and Bob an operator.
async fn two(tx: &mut Tx) {
    admin::insert(tx, &id("1"), &email("ada"), Role::SuperAdmin, at(1)).await.unwrap();
    admin::insert(tx, &id("2"), &email("bob"), Role::Operator, at(2)).await.unwrap();
}

fn session_of(admin: &str, digest: &str) -> Session {
    Session {
        digest: digest.to_owned(),
        admin: id(admin),
        created_at: at(10),
        seen_at: at(10),
        expires_at: at(100),
        address: "127.0.0.1".to_owned(),
        agent: "Firefox".to_owned(),
    }
}

#[rstest]
#[tokio::test]
async fn admins_are_found_by_id_and_address_and_listed_by_page(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::admin").await.unwrap();
    assert!(!admin::any(&mut tx).await.unwrap());
    two(&mut tx).await;
    assert!(admin::any(&mut tx).await.unwrap());
    let ada = admin::by_id(&mut tx, &id("1")).await.unwrap().unwrap();
    assert_eq!((&ada.email, ada.role, ada.has_password), (&email("ada"), Role::SuperAdmin, false));
    assert_eq!(admin::by_email(&mut tx, &email("ada")).await.unwrap(), Some(ada.clone()));
    assert_eq!(admin::by_email(&mut tx, &email("eve")).await.unwrap(), None);
    let page = admin::list(&mut tx, None, 1).await.unwrap();
    assert_eq!(page, [ada]);
    let next = admin::list(&mut tx, Some(&page[0].email), 5).await.unwrap();
    assert_eq!(next.iter().map(|admin| admin.email.as_str()).collect::<Vec<_>>(), ["bob@example.com"]);
    admin::signed_in(&mut tx, &id("2"), at(7)).await.unwrap();
    assert_eq!(admin::by_id(&mut tx, &id("2")).await.unwrap().unwrap().signed_in_at, Some(at(7)));
    let again = admin::insert(&mut tx, &id("3"), &email("ada"), Role::Auditor, at(3)).await.unwrap_err();
    assert!(again.is_unique_violation(), "{again}");
}

#[rstest]
#[tokio::test]
async fn a_password_is_kept_as_its_hash_and_shown_by_no_list(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::admin").await.unwrap();
    two(&mut tx).await;
    assert_eq!(admin::password(&mut tx, &id("1")).await.unwrap(), None);
    admin::set_password(&mut tx, &id("1"), "$argon2id$…").await.unwrap();
    assert_eq!(admin::password(&mut tx, &id("1")).await.unwrap().as_deref(), Some("$argon2id$…"));
    assert_eq!(admin::password(&mut tx, &id("2")).await.unwrap(), None);
    assert!(admin::by_id(&mut tx, &id("1")).await.unwrap().unwrap().has_password);
    let nobody = admin::set_password(&mut tx, &id("9"), "x").await.unwrap_err();
    assert!(matches!(nobody, StoreError::RowCount { .. }), "{nobody}");
}

#[rstest]
#[tokio::test]
async fn the_last_super_admin_stays_one(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::admin").await.unwrap();
    two(&mut tx).await;
    assert!(!admin::set_role(&mut tx, &id("1"), Role::Auditor).await.unwrap());
    assert!(!admin::remove(&mut tx, &id("1")).await.unwrap());
    assert!(admin::set_role(&mut tx, &id("1"), Role::SuperAdmin).await.unwrap(), "that changes nothing");
    assert!(admin::set_role(&mut tx, &id("2"), Role::SuperAdmin).await.unwrap());
    assert!(admin::set_role(&mut tx, &id("1"), Role::Auditor).await.unwrap(), "there is another");
    assert!(!admin::remove(&mut tx, &id("2")).await.unwrap());
    assert!(admin::remove(&mut tx, &id("1")).await.unwrap());
    assert!(!admin::remove(&mut tx, &id("1")).await.unwrap(), "they are gone");
}

#[rstest]
#[tokio::test]
async fn a_link_works_once_and_for_a_while_and_a_new_one_replaces_it(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::admin").await.unwrap();
    two(&mut tx).await;
    link::make(&mut tx, "first", None, at(20)).await.unwrap();
    assert_eq!(link::find(&mut tx, "first", at(19)).await.unwrap(), Some(None));
    link::make(&mut tx, "second", None, at(20)).await.unwrap();
    assert_eq!(link::find(&mut tx, "first", at(19)).await.unwrap(), None, "it was replaced");
    link::make(&mut tx, "bobs", Some(&id("2")), at(20)).await.unwrap();
    assert_eq!(link::find(&mut tx, "bobs", at(19)).await.unwrap(), Some(Some(id("2"))));
    assert_eq!(link::find(&mut tx, "bobs", at(20)).await.unwrap(), None, "its time is up");
    assert!(link::use_up(&mut tx, "bobs", at(19)).await.unwrap());
    assert!(!link::use_up(&mut tx, "bobs", at(19)).await.unwrap());
    assert!(!link::use_up(&mut tx, "second", at(20)).await.unwrap());
    assert_eq!(link::forget(&mut tx, at(20)).await.unwrap(), 1);
    assert_eq!(link::find(&mut tx, "second", at(19)).await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn a_session_says_who_it_is_until_it_expires_or_ends(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::admin").await.unwrap();
    two(&mut tx).await;
    session::insert(&mut tx, &session_of("2", "a")).await.unwrap();
    let found = session::find(&mut tx, "a", at(99)).await.unwrap().unwrap();
    assert_eq!(
        (found.session, found.email, found.role),
        (session_of("2", "a"), email("bob"), Role::Operator)
    );
    assert_eq!(session::find(&mut tx, "a", at(100)).await.unwrap(), None, "it has expired");
    assert_eq!(session::find(&mut tx, "b", at(11)).await.unwrap(), None, "there is none such");
    admin::set_role(&mut tx, &id("2"), Role::Auditor).await.unwrap();
    assert_eq!(session::find(&mut tx, "a", at(11)).await.unwrap().unwrap().role, Role::Auditor);
    assert!(session::seen(&mut tx, "a", at(50), at(150)).await.unwrap());
    let seen = session::find(&mut tx, "a", at(120)).await.unwrap().unwrap().session;
    assert_eq!((seen.seen_at, seen.expires_at), (at(50), at(150)));
    session::end(&mut tx, "a").await.unwrap();
    session::end(&mut tx, "a").await.unwrap();
    assert_eq!(session::find(&mut tx, "a", at(11)).await.unwrap(), None);
    assert!(!session::seen(&mut tx, "a", at(51), at(151)).await.unwrap());
}

#[rstest]
#[tokio::test]
async fn somebody_is_signed_out_everywhere_but_here_and_wherever_they_are_when_they_are_removed(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::admin").await.unwrap();
    two(&mut tx).await;
    for (admin, digest) in [("2", "a"), ("2", "b"), ("2", "c"), ("1", "d")] {
        session::insert(&mut tx, &session_of(admin, digest)).await.unwrap();
    }
    session::seen(&mut tx, "b", at(40), at(140)).await.unwrap();
    let digests = async |tx: &mut Tx, admin: &str, now| {
        let all = session::of_admin(tx, &id(admin), at(now), 9).await.unwrap();
        all.into_iter().map(|session| session.digest).collect::<Vec<_>>()
    };
    assert_eq!(digests(&mut tx, "2", 50).await, ["b", "a", "c"], "the last used first");
    assert_eq!(digests(&mut tx, "2", 100).await, ["b"], "those that count");
    assert_eq!(session::end_all(&mut tx, &id("2"), Some("b")).await.unwrap(), 2);
    assert_eq!(digests(&mut tx, "2", 50).await, ["b"]);
    assert_eq!(session::end_all(&mut tx, &id("2"), None).await.unwrap(), 1);
    assert_eq!(digests(&mut tx, "1", 50).await, ["d"], "another's are another's");
    session::insert(&mut tx, &session_of("2", "e")).await.unwrap();
    link::make(&mut tx, "bobs", Some(&id("2")), at(99)).await.unwrap();
    assert!(admin::remove(&mut tx, &id("2")).await.unwrap());
    assert_eq!(session::find(&mut tx, "e", at(11)).await.unwrap(), None);
    assert_eq!(link::find(&mut tx, "bobs", at(11)).await.unwrap(), None);
    assert_eq!(session::forget(&mut tx, at(100)).await.unwrap(), 1);
}

fn under_way(state: &str, expires_at: i64) -> UnderWay {
    UnderWay {
        state: state.to_owned(),
        browser: "b".to_owned(),
        nonce: "n".to_owned(),
        verifier: "v3rifier".into(),
        next: "/apps".to_owned(),
        link: None,
        expires_at: at(expires_at),
    }
}

#[rstest]
#[tokio::test]
async fn a_sign_in_that_is_under_way_is_taken_once_in_its_own_browser_and_in_its_time(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let store = home.open().await;
    let keyring = store.keyring();
    let mut tx = store.begin("tests::openid").await.unwrap();
    openid::begin(&mut tx, keyring, &under_way("s", 20)).await.unwrap();
    let linked = UnderWay { link: Some("l".to_owned()), ..under_way("t", 30) };
    openid::begin(&mut tx, keyring, &linked).await.unwrap();
    assert_eq!(openid::n(&mut tx).await.unwrap(), 2);
    for (state, browser, now) in [("s", "another", 19), ("another", "b", 19), ("s", "b", 20)] {
        let taken = openid::take(&mut tx, keyring, state, browser, at(now)).await.unwrap();
        assert!(taken.is_none(), "{state} {browser} {now}");
    }
    let taken = openid::take(&mut tx, keyring, "s", "b", at(19)).await.unwrap().unwrap();
    assert_eq!((taken.nonce.as_str(), taken.next.as_str(), taken.link), ("n", "/apps", None));
    assert_eq!(taken.verifier.expose_secret(), "v3rifier");
    assert!(openid::take(&mut tx, keyring, "s", "b", at(19)).await.unwrap().is_none(), "once");
    assert_eq!(openid::forget(&mut tx, at(29)).await.unwrap(), 0);
    let taken = openid::take(&mut tx, keyring, "t", "b", at(29)).await.unwrap().unwrap();
    assert_eq!((taken.link.as_deref(), taken.expires_at), (Some("l"), at(30)));
    openid::begin(&mut tx, keyring, &under_way("u", 40)).await.unwrap();
    assert_eq!(openid::forget(&mut tx, at(40)).await.unwrap(), 1);
}

#[rstest]
#[tokio::test]
async fn who_an_admin_is_at_their_provider_is_written_down_once_and_is_nobody_else(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let store = home.open().await;
    let at_issuer =
        |subject: &str| Identity { issuer: "https://id.example".to_owned(), subject: subject.to_owned() };
    let mut tx = store.begin("tests::openid").await.unwrap();
    two(&mut tx).await;
    let ada = admin::by_id(&mut tx, &id("1")).await.unwrap().unwrap();
    assert!(ada.openid.is_none() && !ada.has_joined());
    admin::bind(&mut tx, &id("1"), &at_issuer("17")).await.unwrap();
    let ada = admin::by_identity(&mut tx, &at_issuer("17")).await.unwrap().unwrap();
    assert_eq!((&ada.id, &ada.openid, ada.has_joined()), (&id("1"), &Some(at_issuer("17")), true));
    let elsewhere = Identity { issuer: "https://other.example".to_owned(), ..at_issuer("17") };
    assert_eq!(admin::by_identity(&mut tx, &elsewhere).await.unwrap(), None);
    let again = admin::bind(&mut tx, &id("1"), &at_issuer("18")).await.unwrap_err();
    assert!(matches!(again, StoreError::RowCount { .. }), "{again}");
    let twice = admin::bind(&mut tx, &id("2"), &at_issuer("17")).await.unwrap_err();
    assert!(twice.is_unique_violation(), "{twice}");
}

#[rstest]
#[tokio::test]
async fn an_invitation_is_accepted_without_its_link_while_it_works(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::openid").await.unwrap();
    two(&mut tx).await;
    link::make(&mut tx, "bobs", Some(&id("2")), at(20)).await.unwrap();
    assert!(!link::use_up_of(&mut tx, &id("1"), at(19)).await.unwrap(), "another's");
    assert!(!link::use_up_of(&mut tx, &id("2"), at(20)).await.unwrap(), "its time is up");
    assert!(link::use_up_of(&mut tx, &id("2"), at(19)).await.unwrap());
    assert_eq!(link::find(&mut tx, "bobs", at(19)).await.unwrap(), None);
    assert!(!link::use_up_of(&mut tx, &id("2"), at(19)).await.unwrap(), "once");
}

#[rstest]
#[tokio::test]
async fn failures_are_counted_until_one_succeeds_or_they_are_forgotten(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::admin").await.unwrap();
    assert_eq!(failures::of(&mut tx, "ada@example.com").await.unwrap(), None);
    failures::count(&mut tx, "ada@example.com", at(1)).await.unwrap();
    failures::count(&mut tx, "ada@example.com", at(5)).await.unwrap();
    failures::count(&mut tx, "10.0.0.1", at(2)).await.unwrap();
    let ada = failures::of(&mut tx, "ada@example.com").await.unwrap();
    assert_eq!(ada, Some(Failures { n: 2, last_at: at(5) }));
    assert_eq!(failures::forget(&mut tx, at(4)).await.unwrap(), 1);
    failures::clear(&mut tx, "ada@example.com").await.unwrap();
    assert_eq!(failures::of(&mut tx, "ada@example.com").await.unwrap(), None);
}

#[rstest]
#[tokio::test]
async fn what_was_done_is_listed_newest_first_by_page(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::admin").await.unwrap();
    let of = |n: i64| Action {
        id: format!("action-{n}"),
        at: at(n / 2),
        who: "ada@example.com".to_owned(),
        face: if n == 1 { Face::CommandLine } else { Face::Console },
        address: (n != 1).then(|| "10.0.0.1".to_owned()),
        kind: "app_scope".to_owned(),
        subject: "aws".to_owned(),
        before: None,
        after: Some(json!({"groups": ["ops@example.com"]})),
    };
    for n in 1..=4 {
        action::append(&mut tx, &of(n)).await.unwrap();
    }
    let first = action::list(&mut tx, None, 3).await.unwrap();
    assert_eq!(first, [of(4), of(3), of(2)]);
    let last = first.last().map(|action| (action.at, action.id.as_str()));
    assert_eq!(action::list(&mut tx, last, 3).await.unwrap(), [of(1)]);
}
