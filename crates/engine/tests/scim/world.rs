//! A whole world in one value: directory, store, clock, and an app named `wiki`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use usher_engine::authorize::{Authorization, AuthorizeError, authorize};
use usher_engine::clock::Clock;
use usher_engine::endpoint::Reachable;
use usher_engine::environment::Environment;
use usher_engine::import::{Import, ImportReport, import};
use usher_engine::preview::preview;
use usher_engine::progress::Silent;
use usher_engine::report::{PreviewReport, RunError, RunReport, RunRequest};
use usher_engine::run::run;
use usher_engine::undo::{UndoError, UndoRequest, undo};
use usher_model::access::Switch;
use usher_model::app::Settings;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::OrgUnitPath;
use usher_model::id::{AppId, DirectoryId, RunId};
use usher_model::operation::Kind;
use usher_model::template::Template;
use usher_model::time::Timestamp;
use usher_store::account::AccountRecord;
use usher_store::app::{App, NewApp};
use usher_store::event::EventKind;
use usher_store::{Key, KeySource, Location, Migrations, Opening, Store};
use usher_store::{access, account, app, directory, event};
use usher_testkit::builders::Directory;
use usher_testkit::clock::SimClock;

pub const NAME: &str = "wiki";

/// Everything but the app's server.
pub struct World {
    pub store: Store,
    pub sim: SimClock,
    pub clock: Arc<dyn Clock>,
    pub environment: Environment,
    files: tempfile::TempDir,
}

/// The instant at which every world begins.
pub fn beginning() -> Timestamp {
    Timestamp::parse("2026-11-23T09:00:00Z").unwrap()
}

pub fn days(n: u32) -> Duration {
    Duration::from_hours(24) * n
}

impl World {
    /// A world with an app named `wiki`, on for everybody, that suspends at once. It is not authorized yet.
    pub async fn new() -> Self {
        Self::of_template("scim").await
    }

    /// The same, with an app of this template.
    pub async fn of_template(template: &str) -> Self {
        // Another test of this process may have done it.
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let sim = SimClock::at(beginning()).auto_advancing();
        let clock: Arc<dyn Clock> = Arc::new(sim.clone());
        let chance = sim.clone();
        let store = Store::open(Opening {
            location: Location::Memory,
            keys: KeySource::Given(vec![Key::new([7; 32])]),
            entropy: Arc::new(move |into: &mut [u8]| chance.entropy(into)),
            migrations: Migrations::Apply,
        });
        let environment = Environment::over_http(
            Duration::from_secs(20),
            Duration::from_secs(5),
            Duration::from_mins(15),
            Reachable::default(),
        )
        .unwrap();
        let files = tempfile::tempdir().unwrap();
        let world = Self { store: store.await.unwrap(), sim, clock, environment, files };
        world.add_app(NAME, template).await;
        world
    }

    pub async fn add_app(&self, name: &str, template: &str) {
        let mut tx = self.store.begin("world::add_app").await.unwrap();
        let directory = directory::embedded(&mut tx, &DirectoryId::new("d"), beginning()).await.unwrap();
        let id = AppId::new(format!("{name}-id"));
        let new = NewApp {
            id: id.clone(),
            name: name.into(),
            template: template.into(),
            directory: directory.id,
            created_at: beginning(),
        };
        app::insert(&mut tx, &new).await.unwrap();
        access::set_unit(&mut tx, &id, &OrgUnitPath::root(), Some(Switch::On)).await.unwrap();
        app::configure(&mut tx, &id, &Self::settings()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Every trigger at once, nothing deleted.
    pub fn settings() -> Settings {
        let at_once = Some(Delay::Within24Hours);
        let deprovisioning = Deprovisioning { app_off: at_once, suspended: at_once, deleted: at_once };
        Settings { deprovisioning, ..Settings::default() }
    }

    pub async fn configure(&self, settings: &Settings) {
        let id = self.app().await.id;
        let mut tx = self.store.begin("world::configure").await.unwrap();
        app::configure(&mut tx, &id, settings).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Adds assignments to the template's own mapping.
    pub async fn map(&self, assignments: &[&str]) {
        let app = self.app().await;
        let template = Template::by_key(&app.template).unwrap();
        let mut all: Vec<String> = template.default_mapping().into();
        all.extend(assignments.iter().map(|&assignment| assignment.to_owned()));
        let mut tx = self.store.begin("world::map").await.unwrap();
        app::set_mapping(&mut tx, &app.id, &all).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Gives the app's endpoint and token, and turns it on.
    pub async fn connect(&self, endpoint: &str, token: &str) {
        self.authorize(endpoint, token).await;
        self.turn_on().await;
    }

    pub async fn authorize(&self, endpoint: &str, token: &str) {
        self.authorize_from(endpoint, token, None).await.unwrap();
    }

    /// The same for another app than the first.
    pub async fn connect_app(&self, name: &str, endpoint: &str, token: &str) {
        let token = SecretString::from(token.to_owned());
        let authorization =
            Authorization { app: name, endpoint, token, token_created_at: None, is_new_tenant: false };
        authorize(&self.store, &self.clock, &self.environment, authorization).await.unwrap();
        let mut tx = self.store.begin("world::connect_app").await.unwrap();
        let id = app::by_name(&mut tx, name).await.unwrap().unwrap().id;
        app::enable(&mut tx, &id, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Gives the token once more, generated at this instant if one is given.
    pub async fn authorize_from(
        &self,
        endpoint: &str,
        token: &str,
        created_at: Option<Timestamp>,
    ) -> Result<(), AuthorizeError> {
        let token = SecretString::from(token.to_owned());
        let authorization =
            Authorization { app: NAME, endpoint, token, token_created_at: created_at, is_new_tenant: false };
        authorize(&self.store, &self.clock, &self.environment, authorization).await
    }

    pub async fn turn_on(&self) {
        let id = self.app().await.id;
        let mut tx = self.store.begin("world::turn_on").await.unwrap();
        app::enable(&mut tx, &id, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn turn_off(&self) {
        let id = self.app().await.id;
        let mut tx = self.store.begin("world::turn_off").await.unwrap();
        app::disable(&mut tx, &id, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Makes this the whole directory.
    pub async fn has(&self, directory: &Directory) -> ImportReport {
        self.import(&directory.json(), Import { replace: true, preview: false }).await
    }

    pub async fn import(&self, json: &Value, options: Import) -> ImportReport {
        let file = self.files.path().join("directory.json");
        std::fs::write(&file, json.to_string()).unwrap();
        self.import_file(&file, options).await
    }

    pub async fn import_file(&self, file: &std::path::Path, options: Import) -> ImportReport {
        let mut n = 0;
        let mut new_id = || {
            n += 1;
            format!("9{n:020}")
        };
        let files: Vec<PathBuf> = vec![file.to_owned()];
        import(&self.store, &files, options, self.clock.now(), &mut new_id, &|_| ()).await.unwrap()
    }

    pub async fn try_run(&self, request: &RunRequest) -> Result<RunReport, RunError> {
        run(&self.store, &self.clock, &self.environment, NAME, request, &Silent).await
    }

    /// One run of everybody, as the schedule makes it.
    pub async fn sync(&self) -> RunReport {
        self.try_run(&RunRequest::default()).await.unwrap()
    }

    /// One run of another app than the first.
    pub async fn sync_app(&self, name: &str) -> RunReport {
        let request = RunRequest::default();
        run(&self.store, &self.clock, &self.environment, name, &request, &Silent).await.unwrap()
    }

    /// One run, as somebody asks for it: pauses after failures are not waited out.
    pub async fn insist(&self) -> RunReport {
        self.try_run(&RunRequest { insist: true, ..RunRequest::default() }).await.unwrap()
    }

    pub async fn release(&self) -> RunReport {
        self.try_run(&RunRequest { release: true, ..RunRequest::default() }).await.unwrap()
    }

    /// Takes back what a run did, as grace asks for it.
    pub async fn try_undo(&self, run: &RunId) -> Result<RunReport, UndoError> {
        undo(&self.store, &self.clock, &self.environment, &Self::undoing(run), &Silent).await
    }

    pub async fn undo(&self, run: &RunId) -> RunReport {
        self.try_undo(run).await.unwrap()
    }

    pub fn undoing(run: &RunId) -> UndoRequest {
        UndoRequest { run: run.clone(), by: "grace".to_owned(), is_alone: false }
    }

    pub async fn preview(&self) -> PreviewReport {
        preview(&self.store, &self.clock, &self.environment, NAME, &RunRequest::default()).await.unwrap()
    }

    pub fn wait(&self, span: Duration) {
        self.sim.advance(span);
    }

    pub async fn app(&self) -> App {
        let mut tx = self.store.read("world::app").await.unwrap();
        app::by_name(&mut tx, NAME).await.unwrap().unwrap()
    }

    /// What is known of the account of whoever has this address.
    pub async fn account(&self, address: &str) -> Option<AccountRecord> {
        let app = self.app().await;
        let mut tx = self.store.read("world::account").await.unwrap();
        let email = usher_model::id::Email::parse(address).unwrap();
        let user = directory::user_by_email(&mut tx, &app.directory, &email).await.unwrap()?;
        account::of(&mut tx, &app.id, std::slice::from_ref(&user.id)).await.unwrap().remove(&user.id)
    }

    /// Every event so far, counted by kind.
    pub async fn events(&self) -> Vec<(EventKind, u64)> {
        let app = self.app().await;
        let mut tx = self.store.read("world::events").await.unwrap();
        event::counts(&mut tx, &app.id, Timestamp::from_micros(0)).await.unwrap().into_iter().collect()
    }
}

/// What a run did, in words: `create 2, update 1`.
pub fn did(report: &RunReport) -> String {
    let parts: Vec<_> =
        report.operations.iter().filter(|(_, n)| **n > 0).map(|(kind, n)| format!("{kind} {n}")).collect();
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

pub fn count(report: &RunReport, kind: Kind) -> u64 {
    report.operations.get(&kind).copied().unwrap_or(0)
}

pub fn user_names(users: &[Value]) -> BTreeSet<String> {
    users.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect()
}

pub fn named<'a>(users: &'a [Value], user_name: &str) -> &'a Value {
    let found: Vec<_> = users
        .iter()
        .filter(|user| user["userName"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(user_name)))
        .collect();
    assert_eq!(found.len(), 1, "one account named {user_name}, of {users:#?}");
    found[0]
}
