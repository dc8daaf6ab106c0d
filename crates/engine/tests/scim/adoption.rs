//! Accounts that were there before us, at a server that others wrote.

use serde_json::{Value, json};
use usher_engine::report::RunRequest;
use usher_model::account::Choice;
use usher_model::app::Settings;
use usher_store::account;
use usher_store::event::EventKind;
use usher_testkit::builders::{Directory, User, id_of};
use usher_testkit::proxy::Proxy;
use usher_testkit::scim::ScimServer;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::rule::Rule;
use usher_testkit::scim2_server::Scim2Server;

use crate::world::{World, days, did, named};

const TENANT: &str = "t";

struct Scene {
    world: World,
    server: Scim2Server,
    proxy: Proxy,
}

impl Scene {
    /// Ada and Bob in the directory, and these accounts at the app.
    async fn new(accounts: &[Value]) -> Self {
        let server = Scim2Server::start();
        let proxy = Proxy::start(&server.endpoint(TENANT)).await;
        for account in accounts {
            let answer = server.client(TENANT).send("POST", "/Users", Some(account)).await.unwrap();
            assert_eq!(answer.status, 201, "{}", answer.json());
        }
        let world = World::new().await;
        world.has(&Directory::new("example.com").people(["ada@example.com", "bob@example.com"])).await;
        world.connect(&proxy.endpoint(), server.token()).await;
        Self { world, server, proxy }
    }

    async fn users(&self) -> Vec<Value> {
        self.server.users(TENANT).await
    }
}

fn account(user_name: &str, external_id: Option<&str>) -> Value {
    let mut account = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name, "active": true, "nickName": "kept",
    });
    if let Some(external_id) = external_id {
        account["externalId"] = json!(external_id);
    }
    account
}

#[tokio::test]
async fn an_account_of_the_same_name_in_another_case_is_adopted_with_one_patch_and_not_duplicated() {
    let scene = Scene::new(&[account("ADA@Example.com", None)]).await;
    let preview = scene.world.preview().await;
    assert_eq!(
        preview.operations.iter().map(|(kind, n)| format!("{kind} {n}")).collect::<Vec<_>>(),
        ["create 1", "adopt 1"]
    );
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("create 1, adopt 1", 0));
    assert_eq!((scene.proxy.count("POST"), scene.proxy.count("PATCH")), (1, 1));
    let users = scene.users().await;
    assert_eq!(users.len(), 2);
    let ada = named(&users, "ada@example.com");
    assert_eq!(ada["externalId"], id_of("ada@example.com"));
    assert_eq!(ada["nickName"], "kept", "attributes we do not map are never touched");
    assert_eq!(did(&scene.world.sync().await), "nothing");
    assert_eq!(scene.world.events().await, [(EventKind::Create, 1), (EventKind::Adopt, 1)]);
}

#[tokio::test]
async fn an_account_with_the_users_id_as_external_id_is_theirs_whatever_its_name() {
    let scene = Scene::new(&[account("countess@example.com", Some(&id_of("ada@example.com")))]).await;
    assert_eq!(did(&scene.world.sync().await), "create 1, adopt 1");
    assert_eq!(scene.users().await.len(), 2);
    assert_eq!(named(&scene.users().await, "ada@example.com")["nickName"], "kept");
}

#[tokio::test]
async fn an_account_with_the_users_id_is_theirs_under_its_old_name_while_the_new_one_is_held() {
    let scene = Scene::new(&[account("bob@example.com", Some(&id_of("ada@example.com")))]).await;
    let bob = |address: &str| User::new("bob@example.com").renamed(address);
    // Bob holds Ada's name, and wants the one that her account has.
    scene.world.has(&Directory::new("example.com").user(bob("ada@example.com"))).await;
    assert_eq!(did(&scene.world.sync().await), "create 1");
    scene.world.has(&Directory::new("example.com").user(bob("bob@example.com"))).await;
    assert_eq!(scene.world.sync().await.n_failures, 1, "the name is that of an account nobody knows");
    let both = Directory::new("example.com").user(bob("bob@example.com")).people(["ada@example.com"]);
    scene.world.has(&both).await;
    let audit = RunRequest { audit: true, ..RunRequest::default() };
    let report = scene.world.try_run(&audit).await.unwrap();
    assert_eq!((did(&report).as_str(), report.n_failures), ("adopt 1", 0), "{report:?}");
    // Bob waits since he was refused; once both are tried, they swap.
    scene.world.wait(days(1));
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("update 3", 0), "{report:?}");
    let users = scene.users().await;
    for address in ["ada@example.com", "bob@example.com"] {
        assert_eq!(named(&users, address)["externalId"], id_of(address));
    }
    assert_eq!(named(&users, "ada@example.com")["nickName"], "kept");
}

#[tokio::test]
async fn accounts_of_nobody_are_left_alone() {
    let scene = Scene::new(&[account("admin@elsewhere.example", None)]).await;
    scene.world.sync().await;
    let users = scene.users().await;
    assert_eq!(users.len(), 3);
    assert_eq!(named(&users, "admin@elsewhere.example").get("externalId"), None);
}

#[tokio::test]
async fn a_foreign_external_id_fails_that_person_alone_and_is_named() {
    let scene = Scene::new(&[account("ada@example.com", Some("hr-7"))]).await;
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("create 1", 1));
    let (email, why) = &report.failures[0];
    assert_eq!(email.as_str(), "ada@example.com");
    assert!(why.contains("hr-7") && why.contains("take it over or wait"), "{why}");
    assert_eq!(named(&scene.users().await, "ada@example.com")["externalId"], "hr-7");
    assert_eq!(scene.users().await.len(), 2);

    // An admin chooses to take it over.
    let app = scene.world.app().await.id;
    let user = usher_model::id::UserId::new(id_of("ada@example.com"));
    let mut tx = scene.world.store.begin("test").await.unwrap();
    account::set_choice(&mut tx, &app, &user, Some(Choice::TakeOver)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(did(&scene.world.insist().await), "adopt 1");
    assert_eq!(named(&scene.users().await, "ada@example.com")["externalId"], id_of("ada@example.com"));
}

#[tokio::test]
async fn an_account_that_two_may_adopt_with_one_run_is_adopted_for_one_of_them() {
    let server = ScimServer::start().await;
    // Ada has Eve's old address, and may take over what is there; Eve left, and leavers are adopted.
    server.insert_user(account("ada@example.com", Some(&id_of("eve@example.com"))));
    let world = World::new().await;
    let people = Directory::new("example.com").people(["ada@example.com"]);
    world.has(&people.user(User::new("eve@example.com").suspended())).await;
    world.connect(&server.endpoint(), &server.token()).await;
    world.configure(&Settings { adopt_leavers: true, ..World::settings() }).await;
    let app = world.app().await.id;
    let ada = usher_model::id::UserId::new(id_of("ada@example.com"));
    let mut tx = world.store.begin("test").await.unwrap();
    account::set_choice(&mut tx, &app, &ada, Some(Choice::TakeOver)).await.unwrap();
    tx.commit().await.unwrap();
    for _ in 0..3 {
        world.insist().await;
        let (ada, eve) = (world.account("ada@example.com").await, world.account("eve@example.com").await);
        let whose = [ada, eve].map(|record| record.and_then(|record| record.remote_id));
        assert!(whose[0].is_none() || whose[0] != whose[1], "{whose:?}");
        let own =
            server.users().into_iter().find(|user| user["externalId"] == id_of("ada@example.com").as_str());
        assert!(own.is_none_or(|user| user["active"] == true), "nobody is suspended in another's stead");
    }
}

#[tokio::test]
async fn a_duplicate_that_is_not_about_the_name_has_nobody_adopted() {
    let server = ScimServer::start().await;
    server.insert_user(account("ada@example.com", None));
    server.behave(Rule::from(Behaviour::Fails { status: 409, is_done: false }).on("PATCH"));
    let world = World::new().await;
    world.has(&Directory::new("example.com").people(["ada@example.com"])).await;
    world.connect(&server.endpoint(), &server.token()).await;
    let report = world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 1));
    assert_eq!(world.account("ada@example.com").await.and_then(|record| record.remote_id), None);
}

#[tokio::test]
async fn an_adopted_account_that_is_off_stays_off_and_is_reported() {
    let mut off = account("ada@example.com", None);
    off["active"] = json!(false);
    let scene = Scene::new(&[off]).await;
    assert_eq!(did(&scene.world.sync().await), "create 1, adopt 1");
    assert_eq!(named(&scene.users().await, "ada@example.com")["active"], false);
    let report = scene.world.sync().await;
    assert_eq!(report.skipped.get("switched off at the app by somebody else"), Some(&1), "{report:?}");
    assert_eq!(named(&scene.users().await, "ada@example.com")["active"], false);
}

#[tokio::test]
async fn a_recreated_person_whose_leaver_still_has_the_address_fails_alone_and_the_leaver_is_named() {
    let scene = Scene::new(&[]).await;
    scene.world.sync().await;
    let recreated = Directory::new("example.com")
        .people(["bob@example.com"])
        .user(User::new("ada@example.com").id("555"));
    scene.world.has(&recreated).await;
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("suspend 1", 1), "{report:?}");
    let (email, why) = &report.failures[0];
    assert_eq!(email.as_str(), "ada@example.com");
    assert!(why.contains(&id_of("ada@example.com")), "the reason names the holder: {why}");
    assert_eq!(scene.users().await.len(), 2);
}

#[tokio::test]
async fn somebody_renamed_onto_a_leavers_old_address_fails_alone_and_the_leaver_is_named() {
    let scene = Scene::new(&[]).await;
    let everybody =
        Directory::new("example.com").people(["ada@example.com", "bob@example.com", "eve@example.com"]);
    scene.world.has(&everybody).await;
    scene.world.sync().await;
    let renamed = Directory::new("example.com")
        .people(["eve@example.com"])
        .user(User::new("bob@example.com").renamed("ada@example.com"));
    scene.world.has(&renamed).await;
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("suspend 1", 1), "{report:?}");
    assert!(report.failures[0].1.contains(&id_of("ada@example.com")), "{:?}", report.failures);
    assert_eq!(named(&scene.users().await, "bob@example.com")["active"], true);
}

#[tokio::test]
async fn an_account_that_somebody_deleted_at_the_app_is_made_anew_and_logged_as_such() {
    let scene = Scene::new(&[]).await;
    scene.world.sync().await;
    let id = named(&scene.users().await, "ada@example.com")["id"].as_str().unwrap().to_owned();
    scene.server.client(TENANT).send("DELETE", &format!("/Users/{id}"), None).await.unwrap();
    let changed = Directory::new("example.com")
        .people(["bob@example.com"])
        .user(User::new("ada@example.com").named("Ada", "Byron"));
    scene.world.has(&changed).await;
    scene.world.sync().await;
    scene.world.sync().await;
    assert_eq!(named(&scene.users().await, "ada@example.com")["name"]["familyName"], "Byron");
    assert_eq!(scene.users().await.len(), 2);
}
