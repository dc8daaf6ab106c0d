//! A world at an app that lies on command, and a whole life lived there.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use usher_engine::report::RunReport;
use usher_store::event::EventKind;
use usher_testkit::builders::{Directory, User, id_of};
use usher_testkit::scim::ScimServer;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::setup::Setup;

use crate::world::{World, did, named};

/// A world and the app in it.
pub struct Scene {
    pub world: World,
    pub app: ScimServer,
}

/// Three people.
pub fn company() -> Directory {
    Directory::new("example.com").people(["ada@example.com", "bob@example.com", "eve@example.com"])
}

/// Bob and Eve, and Ada as given.
pub fn with_ada(ada: User) -> Directory {
    Directory::new("example.com").people(["bob@example.com", "eve@example.com"]).user(ada)
}

pub fn ada() -> User {
    User::new("ada@example.com")
}

/// Ada under another family name.
pub fn married() -> User {
    ada().named("Ada", "Byron")
}

/// So many people, p1, p2, …
pub fn crowd(n: usize) -> Directory {
    let users = (1..=n).map(|number| User::new(&format!("p{number}@example.com")));
    users.fold(Directory::new("example.com"), Directory::user)
}

impl Scene {
    /// An honest app, connected, and a company of three.
    pub async fn new() -> Self {
        Self::at(ScimServer::start().await).await
    }

    /// The company at an app that can do what is said, and lies so from the beginning.
    pub async fn lying(setup: Setup, lies: &[Behaviour]) -> Self {
        let app = ScimServer::start_with(setup).await;
        for lie in lies {
            app.behave(lie.clone());
        }
        Self::at(app).await
    }

    /// The company at an app of the template for Amazon Web Services.
    pub async fn aws(setup: Setup) -> Self {
        Self::of(World::of_template("aws").await, ScimServer::start_with(setup).await).await
    }

    async fn at(app: ScimServer) -> Self {
        Self::of(World::new().await, app).await
    }

    async fn of(world: World, app: ScimServer) -> Self {
        world.has(&company()).await;
        world.connect(&app.endpoint(), &app.token()).await;
        app.clear_log();
        Self { world, app }
    }

    /// An honest app with the company's accounts, and no request in its log.
    pub async fn settled() -> Self {
        let scene = Self::new().await;
        assert_eq!(did(&scene.world.sync().await), "create 3");
        scene.app.clear_log();
        scene
    }

    pub fn user(&self, user_name: &str) -> Value {
        named(&self.app.users(), user_name).clone()
    }

    pub fn id(&self, user_name: &str) -> String {
        self.user(user_name)["id"].as_str().unwrap().to_owned()
    }

    /// Adds an account that is on, behind everybody's back; its id.
    pub fn insert(&self, mut user: Value) -> String {
        user["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
        user["active"] = true.into();
        self.app.insert_user(user)
    }

    /// Every `userName`, folded and sorted: somebody who is there twice stands here twice.
    pub fn names(&self) -> Vec<String> {
        let users = self.app.users();
        let mut names: Vec<_> =
            users.iter().map(|user| user["userName"].as_str().unwrap().to_lowercase()).collect();
        names.sort();
        names
    }

    /// How many events there are of a kind.
    pub async fn n_events(&self, kind: EventKind) -> u64 {
        self.world.events().await.into_iter().find(|(of, _)| *of == kind).map_or(0, |(_, n)| n)
    }

    /// Runs twice more: nothing is to be written, and nothing is left.
    pub async fn is_silent(&self) {
        for _ in 0..2 {
            let n_before = self.app.writes().len();
            let report = self.world.sync().await;
            assert_eq!((did(&report).as_str(), report.n_failures, &report.stopped), ("nothing", 0, &None));
            assert_eq!(self.app.writes().len(), n_before, "a converged app gets no write");
        }
    }

    /// A run that ends as it should and leaves nothing behind.
    pub async fn sync_well(&self) -> RunReport {
        let report = self.world.sync().await;
        assert_eq!((report.n_failures, &report.stopped), (0, &None), "{report:?}");
        report
    }

    /// A life in short: three join, Ada marries, Eve is suspended and comes back; later Zoe joins, and Guy, who has an
    /// account already, and Max, whose create is answered by nobody.
    ///
    /// Whatever the app lies about, the accounts are right, nobody is there twice, nothing is written without need,
    /// strangers are left alone, and it all takes few requests.
    pub async fn live(&self) {
        let stranger = self.insert(json!({"userName": "robot@example.com", "externalId": "r-1"}));
        let untouched = self.app.by_id(&stranger).unwrap();
        self.join_change_and_leave().await;
        let guy = self.insert(json!({"userName": "GUY@example.com"}));
        self.world.wait(Duration::from_hours(2));
        self.world.has(&with_ada(married()).people(["guy@example.com", "zoe@example.com"])).await;
        self.sync_well().await;
        self.is_silent().await;
        self.app.behave(Behaviour::LostAnswer.on("POST").about("max@").at(1));
        let everybody = ["guy@example.com", "max@example.com", "zoe@example.com"];
        self.world.has(&with_ada(married()).people(everybody)).await;
        self.sync_well().await;
        self.is_silent().await;
        assert_eq!(self.names().join(" ").replace("@example.com", ""), "ada bob eve guy max robot zoe");
        assert_eq!(self.id("guy@example.com"), guy, "an account that is there is adopted");
        assert_eq!(self.app.by_id(&stranger).unwrap(), untouched, "what is not ours is not touched");
        assert_eq!(self.user("ada@example.com")["displayName"], "Ada Byron");
        self.was_brief().await;
    }

    async fn join_change_and_leave(&self) {
        assert_eq!(did(&self.sync_well().await), "create 3");
        self.is_silent().await;
        self.world.has(&with_ada(married())).await;
        assert_eq!(did(&self.sync_well().await), "update 1");
        assert_eq!(self.user("ada@example.com")["name"]["familyName"], "Byron");
        self.world.has(&with_ada(married().suspended())).await;
        assert_eq!(did(&self.sync_well().await), "suspend 1");
        assert_eq!(self.user("ada@example.com")["active"], false);
        self.is_silent().await;
        self.world.has(&with_ada(married())).await;
        assert_eq!(did(&self.sync_well().await), "unsuspend 1");
        assert_eq!(self.user("ada@example.com")["active"], true);
        self.is_silent().await;
    }

    async fn was_brief(&self) {
        let writes = self.app.writes().len();
        assert!(writes <= 3 + 3 + 2 + 2 + 3, "{writes} writes: {:?}", self.app.counts());
        let requests = self.app.log().len();
        assert!(requests <= 120, "{requests} requests: {:?}", self.app.counts());
        let joined = self.n_events(EventKind::Create).await + self.n_events(EventKind::Adopt).await;
        assert_eq!((joined, self.n_events(EventKind::Failure).await), (6, 0));
    }

    /// `externalId` of each account that is ours.
    pub fn external_ids(&self) -> BTreeMap<String, Value> {
        let users = self.app.users();
        users.iter().map(|user| (user["userName"].to_string(), user["externalId"].clone())).collect()
    }

    pub fn is_ours(&self, user_name: &str) -> bool {
        self.user(user_name)["externalId"] == id_of(user_name)
    }
}
