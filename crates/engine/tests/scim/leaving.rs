//! Joining, changing, leaving and coming back, at a server that others wrote.

use std::time::Duration;

use serde_json::Value;
use usher_model::access::Switch;
use usher_model::app::Settings;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::OrgUnitPath;
use usher_store::access;
use usher_store::event::EventKind;
use usher_testkit::builders::{Directory, User};
use usher_testkit::proxy::Proxy;
use usher_testkit::scim2_server::Scim2Server;

use crate::world::{World, days, did, named, user_names};

/// A world at `scim2-server`, with a proxy in between that counts.
struct Scene {
    world: World,
    server: Scim2Server,
    proxy: Proxy,
}

const TENANT: &str = "t";

impl Scene {
    async fn new(settings: &Settings) -> Self {
        let server = Scim2Server::start();
        let proxy = Proxy::start(&server.endpoint(TENANT)).await;
        let world = World::new().await;
        world.configure(settings).await;
        let scene = Self { world, server, proxy };
        scene.world.has(&company()).await;
        scene.world.connect(&scene.proxy.endpoint(), scene.server.token()).await;
        scene
    }

    async fn users(&self) -> Vec<Value> {
        self.server.users(TENANT).await
    }

    async fn is_active(&self, user_name: &str) -> bool {
        named(&self.users().await, user_name)["active"].as_bool().unwrap()
    }

    fn n_writes(&self) -> usize {
        ["POST", "PUT", "PATCH", "DELETE"].iter().map(|method| self.proxy.count(method)).sum()
    }
}

fn company() -> Directory {
    Directory::new("example.com").ou("/Sales").people([
        "ada@example.com",
        "bob@example.com",
        "eve@example.com",
    ])
}

/// The company with Ada as given.
fn with_ada(ada: User) -> Directory {
    Directory::new("example.com").ou("/Sales").people(["bob@example.com", "eve@example.com"]).user(ada)
}

fn ada() -> User {
    User::new("ada@example.com")
}

fn after(n: &str) -> Option<Delay> {
    Delay::parse(n).ok()
}

fn only(deprovisioning: Deprovisioning) -> Settings {
    Settings { deprovisioning, ..World::settings() }
}

#[tokio::test]
async fn everyone_is_created_once_and_a_second_run_writes_nothing() {
    let scene = Scene::new(&World::settings()).await;
    let first = scene.world.sync().await;
    assert_eq!(did(&first), "create 3");
    assert_eq!((scene.proxy.count("POST"), scene.n_writes()), (3, 3));
    assert_eq!(user_names(&scene.users().await).len(), 3);
    assert_eq!(did(&scene.world.sync().await), "nothing");
    assert_eq!(did(&scene.world.sync().await), "nothing");
    assert_eq!(scene.n_writes(), 3, "a converged app gets no write");
    assert_eq!(scene.world.events().await, [(EventKind::Create, 3)]);
}

#[tokio::test]
async fn a_changed_person_costs_one_patch_with_only_what_differs() {
    let scene = Scene::new(&World::settings()).await;
    scene.world.sync().await;
    scene.world.has(&with_ada(ada().named("Ada", "Byron"))).await;
    assert_eq!(did(&scene.world.sync().await), "update 1");
    let patches: Vec<_> =
        scene.proxy.requests().into_iter().filter(|request| request.method == "PATCH").collect();
    let [patch] = patches.as_slice() else { panic!("one PATCH, got {patches:?}") };
    let body: Value = serde_json::from_slice(&patch.body).unwrap();
    let mut paths: Vec<_> =
        body["Operations"].as_array().unwrap().iter().map(|op| op["path"].as_str().unwrap()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["displayName", "name.familyName"]);
    assert_eq!(scene.n_writes(), 4);
    assert_eq!(named(&scene.users().await, "ada@example.com")["name"]["familyName"], "Byron");
}

#[tokio::test]
async fn a_suspended_person_is_suspended_when_due_and_not_before() {
    let scene =
        Scene::new(&only(Deprovisioning { suspended: after("7d"), ..Deprovisioning::default() })).await;
    scene.world.sync().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    assert_eq!(did(&scene.world.sync().await), "nothing");
    scene.world.wait(Duration::from_hours(7 * 24 - 1));
    assert_eq!(did(&scene.world.sync().await), "nothing");
    assert!(scene.is_active("ada@example.com").await);
    scene.world.wait(Duration::from_hours(1));
    assert_eq!(did(&scene.world.sync().await), "suspend 1");
    assert!(!scene.is_active("ada@example.com").await);
    assert_eq!(did(&scene.world.sync().await), "nothing");
}

#[tokio::test]
async fn a_deleted_person_is_suspended_under_the_trigger_deleted_alone() {
    let scene = Scene::new(&only(Deprovisioning { deleted: after("1d"), ..Deprovisioning::default() })).await;
    scene.world.sync().await;
    scene
        .world
        .has(&Directory::new("example.com").ou("/Sales").people(["bob@example.com", "eve@example.com"]))
        .await;
    assert_eq!(did(&scene.world.sync().await), "nothing");
    scene.world.wait(days(1));
    assert_eq!(did(&scene.world.sync().await), "suspend 1");
}

#[tokio::test]
async fn turning_the_app_off_for_a_unit_suspends_after_its_own_delay() {
    let scene =
        Scene::new(&only(Deprovisioning { app_off: after("30d"), ..Deprovisioning::default() })).await;
    scene.world.has(&with_ada(ada().in_ou("/Sales"))).await;
    scene.world.sync().await;
    let app = scene.world.app().await.id;
    let mut tx = scene.world.store.begin("test").await.unwrap();
    access::set_unit(&mut tx, &app, &OrgUnitPath::parse("/Sales").unwrap(), Some(Switch::Off)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(did(&scene.world.sync().await), "nothing");
    scene.world.wait(days(30));
    assert_eq!(did(&scene.world.sync().await), "suspend 1");
}

#[tokio::test]
async fn a_trigger_that_is_not_selected_changes_nothing() {
    let scene =
        Scene::new(&only(Deprovisioning { deleted: after("24h"), ..Deprovisioning::default() })).await;
    scene.world.sync().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    scene.world.wait(days(400));
    let report = scene.world.sync().await;
    assert_eq!(did(&report), "nothing");
    assert_eq!(report.skipped.get("kept, because the trigger is not selected"), Some(&1));
    assert!(scene.is_active("ada@example.com").await);
}

#[tokio::test]
async fn who_comes_back_before_the_due_date_is_left_alone_and_after_it_switched_on_again() {
    let scene =
        Scene::new(&only(Deprovisioning { suspended: after("1d"), ..Deprovisioning::default() })).await;
    scene.world.sync().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    scene.world.sync().await;
    scene.world.wait(days(1) / 2);
    scene.world.has(&with_ada(ada())).await;
    assert_eq!(did(&scene.world.sync().await), "nothing");
    assert_eq!(scene.n_writes(), 3, "coming back in time sends nothing");

    scene.world.has(&with_ada(ada().suspended())).await;
    scene.world.wait(days(1));
    assert_eq!(did(&scene.world.sync().await), "suspend 1");
    scene.world.has(&with_ada(ada().named("Ada", "Byron"))).await;
    assert_eq!(did(&scene.world.sync().await), "unsuspend 1");
    let users = scene.users().await;
    assert_eq!(named(&users, "ada@example.com")["active"], true);
    assert_eq!(named(&users, "ada@example.com")["name"]["familyName"], "Byron");
}

#[tokio::test]
async fn an_account_is_deleted_only_where_switched_on_and_after_its_own_time_suspended() {
    let settings = Settings { hard_delete: after("7d"), ..World::settings() };
    let scene = Scene::new(&settings).await;
    scene.world.sync().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    assert_eq!(did(&scene.world.sync().await), "suspend 1");
    scene.world.wait(days(4));
    assert_eq!(did(&scene.world.sync().await), "nothing");
    scene.world.turn_off().await;
    scene.world.wait(days(30));
    scene.world.turn_on().await;
    assert_eq!(did(&scene.world.sync().await), "nothing", "time while provisioning was off does not count");
    scene.world.wait(days(3));
    assert_eq!(did(&scene.world.sync().await), "delete 1");
    assert_eq!(user_names(&scene.users().await).len(), 2);
    scene.world.has(&with_ada(ada())).await;
    assert_eq!(did(&scene.world.sync().await), "create 1");
}

#[tokio::test]
async fn an_account_that_somebody_switched_on_again_is_not_deleted() {
    let settings = Settings { hard_delete: after("24h"), ..World::settings() };
    let scene = Scene::new(&settings).await;
    scene.world.sync().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    scene.world.sync().await;
    let id = named(&scene.users().await, "ada@example.com")["id"].as_str().unwrap().to_owned();
    let patch = serde_json::json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": true}]});
    scene.server.client(TENANT).send("PATCH", &format!("/Users/{id}"), Some(&patch)).await.unwrap();
    scene.world.wait(days(2));
    let report = scene.world.sync().await;
    assert_eq!((did(&report).as_str(), report.n_failures), ("nothing", 1));
    assert!(scene.is_active("ada@example.com").await);
    assert_eq!(did(&scene.world.insist().await), "suspend 1");
}

#[tokio::test]
async fn what_somebody_wrote_to_an_account_that_was_due_to_be_deleted_is_repaired_when_its_owner_is_back() {
    let settings = Settings { hard_delete: after("24h"), ..World::settings() };
    let scene = Scene::new(&settings).await;
    scene.world.sync().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    scene.world.sync().await;
    let id = named(&scene.users().await, "ada@example.com")["id"].as_str().unwrap().to_owned();
    let patch = serde_json::json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": true},
            {"op": "replace", "path": "displayName", "value": "By Hand"}]});
    scene.server.client(TENANT).send("PATCH", &format!("/Users/{id}"), Some(&patch)).await.unwrap();
    scene.world.wait(days(2));
    assert_eq!(scene.world.sync().await.n_failures, 1, "found on, and not deleted");
    scene.world.has(&with_ada(ada())).await;
    let audit = usher_engine::report::RunRequest { audit: true, insist: true, ..Default::default() };
    scene.world.wait(days(1));
    scene.world.try_run(&audit).await.unwrap();
    let ada = named(&scene.users().await, "ada@example.com").clone();
    assert_ne!(ada["displayName"], "By Hand");
}

#[tokio::test]
async fn turning_provisioning_off_touches_nobody() {
    let scene = Scene::new(&World::settings()).await;
    scene.world.sync().await;
    scene.world.turn_off().await;
    scene.world.has(&with_ada(ada().suspended())).await;
    assert!(scene.world.try_run(&usher_engine::report::RunRequest::default()).await.is_err());
    assert_eq!(scene.n_writes(), 3);
}

#[tokio::test]
async fn two_people_who_swap_addresses_end_with_each_others_name_and_their_own_account() {
    let scene = Scene::new(&World::settings()).await;
    scene.world.sync().await;
    let id_of = |users: &[Value], name: &str| named(users, name)["id"].as_str().unwrap().to_owned();
    let before = scene.users().await;
    let swapped = Directory::new("example.com")
        .ou("/Sales")
        .people(["eve@example.com"])
        .user(ada().renamed("bob@example.com"))
        .user(User::new("bob@example.com").renamed("ada@example.com"));
    scene.world.has(&swapped).await;
    let report = scene.world.sync().await;
    assert_eq!((report.n_failures, did(&report).as_str()), (0, "update 3"), "{report:?}");
    let after = scene.users().await;
    assert_eq!(id_of(&after, "bob@example.com"), id_of(&before, "ada@example.com"));
    assert_eq!(id_of(&after, "ada@example.com"), id_of(&before, "bob@example.com"));
    assert_eq!(did(&scene.world.sync().await), "nothing");
}
