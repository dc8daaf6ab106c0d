//! A Workspace, its mirror, and an app that people of it are provisioned to: all in this process, under one clock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Value, json};
use usher_emulator::identity_center::settings::Settings as CenterSettings;
use usher_emulator::workspace::READ_ONLY_SCOPES;
use usher_emulator::workspace::fault::{Fault, FaultRule};
use usher_emulator::workspace::settings::Settings as WorkspaceSettings;
use usher_engine::authorize::{Authorization, authorize};
use usher_engine::carrier::{Carrier, Message};
use usher_engine::clock::Clock;
use usher_engine::endpoint::Reachable;
use usher_engine::environment::{Environment, Workspaces};
use usher_engine::google::address::Roots;
use usher_engine::google::ambient::{Ambient, Surroundings};
use usher_engine::google::client::GoogleClient;
use usher_engine::google::credential::Credential;
use usher_engine::google::method::ApiMethod;
use usher_engine::google::sign_in::SignIn;
use usher_engine::mirror::{self, Listed, MirrorError, feed};
use usher_engine::progress::Silent;
use usher_engine::report::{RunError, RunReport, RunRequest};
use usher_engine::run::run;
use usher_engine::transport::TransportError;
use usher_model::access::Switch;
use usher_model::app::Settings;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::{OrgUnitPath, UserState};
use usher_model::id::{AppId, DirectoryId, Email};
use usher_model::scope::Depth;
use usher_model::time::Timestamp;
use usher_protocol::http::{Method, Request, Response};
use usher_store::app::NewApp;
use usher_store::directory::{Directory, Google};
use usher_store::{Key, KeySource, Location, Migrations, Opening, Store, access, app, directory};
use usher_testkit::clock::SimClock;
use usher_testkit::identity_center::EmulatedCenter;
use usher_testkit::workspace::{ACCOUNT, ADMIN, WorkspaceServer};

pub const APP: &str = "aws";
/// The scopes of whoever edits; Usher has none of them.
const EDITING: [&str; 3] = ["admin.directory.user", "admin.directory.group", "admin.directory.group.member"];

pub struct Office {
    pub sim: SimClock,
    pub clock: Arc<dyn Clock>,
    pub server: WorkspaceServer,
    pub aws: EmulatedCenter,
    pub store: Store,
    pub environment: Environment,
    pub directory: Directory,
    pub client: GoogleClient,
    pub log: GoogleClient,
    pub app: AppId,
    spoilt: Spoilt,
}

/// What answers are to say instead.
type Spoilt = Arc<Mutex<Vec<(String, String)>>>;

/// The way to the emulated Workspace, without HTTP.
#[derive(Debug)]
struct Here {
    carrier: Arc<dyn Carrier>,
    root: String,
}

/// A way on which answers change.
#[derive(Debug)]
struct Spoiling {
    carrier: Arc<dyn Carrier>,
    spoilt: Spoilt,
}

#[async_trait]
impl Carrier for Spoiling {
    async fn carry(&self, message: &Message<'_>, timeout: Duration) -> Result<Response, TransportError> {
        let mut response = self.carrier.carry(message, timeout).await?;
        let mut text = String::from_utf8(response.body).unwrap();
        for (from, to) in &*self.spoilt.lock().unwrap() {
            text = text.replace(from, to);
        }
        response.body = text.into_bytes();
        Ok(response)
    }
}

impl Workspaces for Here {
    fn sign_in(
        &self,
        clock: &Arc<dyn Clock>,
        credential: Credential,
        _: Option<&str>,
    ) -> Result<SignIn, String> {
        let reachable = Reachable::default();
        Ok(SignIn {
            carrier: Arc::clone(&self.carrier),
            clock: Arc::clone(clock),
            credential,
            ambient: Ambient::of(&Surroundings::default(), reachable),
            roots: Roots::of(Some(&self.root), reachable).map_err(|error| error.to_string())?,
            timeout: Duration::from_secs(20),
        })
    }
}

impl Office {
    /// With what the seed says beside the administrator; nothing is listed yet. The clock moves with whoever waits.
    pub async fn of(seed: &Value) -> Self {
        Self::under(seed, SimClock::at(beginning()).auto_advancing()).await
    }

    pub async fn under(seed: &Value, sim: SimClock) -> Self {
        // Another test of this process may have done it.
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let server = WorkspaceServer::start(&sim).await;
        let limits = WorkspaceSettings::default().unlimited();
        server.workspace.change_settings(limits).unwrap();
        server.seed(seed).await;
        let editing = EDITING.map(usher_protocol::oauth::scope);
        let scopes: Vec<&str> =
            READ_ONLY_SCOPES.into_iter().chain(editing.iter().map(String::as_str)).collect();
        server.workspace.delegate(ACCOUNT, &scopes).unwrap();
        server.workspace.clear_log();
        let aws = EmulatedCenter::new(&sim, CenterSettings::default().unlimited());
        let clock: Arc<dyn Clock> = Arc::new(sim.clone());
        let chance = sim.clone();
        let store = Store::open(Opening {
            location: Location::Memory,
            keys: KeySource::Given(vec![Key::new([7; 32])]),
            entropy: Arc::new(move |into: &mut [u8]| chance.entropy(into)),
            migrations: Migrations::Apply,
        });
        let store = store.await.unwrap();
        let (request_timeout, look_again_after) = (Duration::from_secs(20), Duration::from_secs(5));
        let spoilt = Spoilt::default();
        let carrier = Spoiling { carrier: server.in_process(), spoilt: Arc::clone(&spoilt) };
        let here = Here { carrier: Arc::new(carrier), root: server.base_url().to_owned() };
        let over_http = Environment::over_http(
            request_timeout,
            look_again_after,
            Duration::from_mins(15),
            Reachable::default(),
        );
        let environment = Environment {
            transports: Arc::new(aws.clone()),
            workspaces: Arc::new(here),
            ..over_http.unwrap()
        };
        let directory = add_directory(&store, &server).await;
        let app = add_app(&store, &directory).await;
        let client = mirror::open(&store, &clock, &environment, &directory).await.unwrap();
        let log = feed::open(&store, &clock, &environment, &directory).await.unwrap();
        Self { sim, clock, server, aws, store, environment, directory, client, log, app, spoilt }
    }

    /// Gives the app its endpoint and token, and turns it on.
    pub async fn connect(&self) {
        let (endpoint, token) = (&self.aws.enabled.endpoint, SecretString::from(self.aws.token().to_owned()));
        let authorization =
            Authorization { app: APP, endpoint, token, token_created_at: None, is_new_tenant: false };
        authorize(&self.store, &self.clock, &self.environment, authorization).await.unwrap();
        let mut tx = self.store.begin("office").await.unwrap();
        app::enable(&mut tx, &self.app, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn try_list(&self) -> Result<Listed, MirrorError> {
        mirror::list(&self.store, self.clock.as_ref(), &self.client, &self.directory).await
    }

    pub async fn list(&self) -> Listed {
        self.try_list().await.unwrap()
    }

    pub async fn run(&self) -> RunReport {
        self.try_run().await.unwrap()
    }

    pub async fn try_run(&self) -> Result<RunReport, RunError> {
        run(&self.store, &self.clock, &self.environment, APP, &RunRequest::default(), &Silent).await
    }

    /// Lists and runs, and nobody is removed for what was listed.
    pub async fn removes_nobody(&self, what: &str) {
        self.try_list().await.ok();
        let report = self.run().await;
        let n_removed: u64 = report
            .operations
            .iter()
            .filter(|(kind, _)| ["suspend", "delete"].contains(&kind.as_str()))
            .map(|(_, n)| n)
            .sum();
        assert_eq!(n_removed, 0, "{what}: {report:?}");
        let off = self.aws.users().await.into_iter().filter(|user| user["active"] != true).count();
        assert_eq!(off, 0, "{what}");
    }

    /// Narrows the scope to a group, with the groups in it.
    pub async fn scope(&self, group: &str, depth: Depth) {
        let mut tx = self.store.begin("office").await.unwrap();
        let found = directory::group_by_email(&mut tx, &self.directory.id, &email(group)).await.unwrap();
        access::add_scope(&mut tx, &self.app, &found.unwrap(), depth).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Takes a group out of the scope again.
    pub async fn unscope(&self, group: &str) {
        let id = usher_model::id::GroupId::new(self.id_of(group).await);
        let mut tx = self.store.begin("office").await.unwrap();
        access::remove_scope(&mut tx, &self.app, &id).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A group's id.
    pub async fn id_of(&self, group: &str) -> String {
        let mut tx = self.store.read("office").await.unwrap();
        let found = directory::group_by_email(&mut tx, &self.directory.id, &email(group)).await.unwrap();
        found.unwrap().id.as_str().to_owned()
    }

    /// Somebody's id.
    pub async fn user_id(&self, address: &str) -> String {
        let mut tx = self.store.read("office").await.unwrap();
        let found = directory::user_by_email(&mut tx, &self.directory.id, &email(address)).await.unwrap();
        found.unwrap().id.as_str().to_owned()
    }

    /// What the apps need to know.
    pub async fn needs(&self) -> mirror::needs::Needs {
        let mut tx = self.store.read("office").await.unwrap();
        mirror::needs::Needs::of(&mut tx, &self.directory.id).await.unwrap()
    }

    pub async fn map(&self, assignments: &[&str]) {
        let assignments: Vec<String> = assignments.iter().map(|&text| text.to_owned()).collect();
        let mut tx = self.store.begin("office").await.unwrap();
        app::set_mapping(&mut tx, &self.app, &assignments).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Where somebody stands in the mirror; none: it never had them.
    pub async fn state(&self, address: &str) -> Option<UserState> {
        let mut tx = self.store.read("office").await.unwrap();
        let user = directory::user_by_email(&mut tx, &self.directory.id, &email(address)).await.unwrap();
        user.map(|user| user.state)
    }

    /// How many people are members of a group themselves, as far as the mirror knows.
    pub async fn n_members(&self, group: &str) -> u64 {
        let mut tx = self.store.read("office").await.unwrap();
        let found = directory::group_by_email(&mut tx, &self.directory.id, &email(group)).await.unwrap();
        let group = std::collections::BTreeSet::from([found.unwrap().id]);
        directory::members_below(&mut tx, &self.directory.id, &group).await.unwrap()
    }

    /// Somebody does something in the Admin console.
    pub async fn admin(&self, method: Method, path: &[&str], body: Option<Value>) -> Value {
        let credential = Credential::delegated(&self.server.key_text(), ADMIN, Reachable::default()).unwrap();
        let sign_in = self.environment.workspaces.sign_in(&self.clock, credential, None).unwrap();
        let client = GoogleClient::open(sign_in, EDITING.to_vec(), None).unwrap();
        let path = ["admin", "directory", "v1"].iter().chain(path).copied();
        let request = Request::new(method, path.collect::<Vec<_>>());
        let request = match body {
            Some(body) => request.with_body(body),
            None => request,
        };
        // A method that writes: what may have happened is not tried again.
        client.call(ApiMethod::ChannelsStop, &request).await.unwrap()
    }

    pub async fn suspend(&self, address: &str) {
        self.admin(Method::Put, &["users", address], Some(json!({ "suspended": true }))).await;
    }

    /// Every answer says this instead of that, until it is mended.
    pub fn spoils(&self, from: &str, to: &str) {
        self.spoilt.lock().unwrap().push((from.to_owned(), to.to_owned()));
    }

    /// Something goes wrong with every request of a method, until it is mended.
    pub fn breaks(&self, method: &str, fault: Fault) {
        self.server.workspace.add_fault(FaultRule::always(method, fault)).unwrap();
    }

    pub fn mends(&self) {
        self.server.workspace.end_faults();
        self.spoilt.lock().unwrap().clear();
    }
}

pub fn beginning() -> Timestamp {
    Timestamp::parse("2026-11-23T09:00:00Z").unwrap()
}

pub fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

async fn add_directory(store: &Store, server: &WorkspaceServer) -> Directory {
    let credential = Credential::delegated(&server.key_text(), ADMIN, Reachable::default()).unwrap();
    let google = Google {
        customer: None,
        api_root: Some(server.base_url().to_owned()),
        credential_set_at: beginning(),
    };
    let mut tx = store.begin("office").await.unwrap();
    let id = DirectoryId::new("workspace");
    let directory = directory::insert_google(&mut tx, &id, "workspace", beginning()).await.unwrap();
    directory::set_google(&mut tx, store.keyring(), &id, &google, &credential.seal()).await.unwrap();
    tx.commit().await.unwrap();
    directory
}

async fn add_app(store: &Store, directory: &Directory) -> AppId {
    let id = AppId::new("aws-id");
    let new = NewApp {
        id: id.clone(),
        name: APP.into(),
        template: "aws".into(),
        directory: directory.id.clone(),
        created_at: beginning(),
    };
    let at_once = Some(Delay::Within24Hours);
    let deprovisioning = Deprovisioning { app_off: at_once, suspended: at_once, deleted: at_once };
    let mut tx = store.begin("office").await.unwrap();
    app::insert(&mut tx, &new).await.unwrap();
    access::set_unit(&mut tx, &id, &OrgUnitPath::root(), Some(Switch::On)).await.unwrap();
    app::configure(&mut tx, &id, &Settings { deprovisioning, ..Settings::default() }).await.unwrap();
    tx.commit().await.unwrap();
    id
}
