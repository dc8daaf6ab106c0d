//! Hands that do what a test says beforehand, and note what they were asked for: where the console would need an engine and an
//! app. What the binary's hands do is tested with it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use usher_model::app::Settings;
use usher_model::directory::OrgUnitPath;
use usher_model::id::UserId;
use usher_model::id::{AppId, DirectoryId};
use usher_model::time::Timestamp;
use usher_store::app::{self, App, Grant};
use usher_store::{Store, Tx, access, directory};
use usher_web::hands::{
    AccessOf, AtApp, Author, Authorization, Becomes, Consequence, DirectoryEdit, Edit, Hands, Incoming, Job,
    JobId, JobState, NewApp, NotAuthorized, NotEdited, Refused, Upload, UploadId,
};

/// What is said of an authorization.
type Said = Result<(), NotAuthorized>;

/// Scripted hands.
#[derive(Debug)]
pub(crate) struct Scripted {
    store: Store,
    state: std::sync::Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    /// What the next authorizations come to; without any, they are taken.
    authorizations: VecDeque<Said>,
    /// What the next edits are refused for.
    refusals: VecDeque<String>,
    /// Endpoint and token of those that were asked for.
    authorized: Vec<(String, String)>,
    edits: Vec<Edit>,
    jobs: Vec<Job>,
    /// How far every job is.
    of_every_job: Option<JobState>,
    directory_edits: Vec<(DirectoryEdit, String)>,
    /// What the next edits of the directory come to; without any, they are made.
    directory_answers: VecDeque<Result<Option<String>, NotEdited>>,
    at_apps: Vec<AtApp>,
    consequences: Vec<Consequence>,
    moves: Vec<(OrgUnitPath, OrgUnitPath)>,
    switches: Vec<AccessOf>,
    asked: Vec<Becomes>,
    upload: Option<(Upload, Vec<u8>)>,
}

/// A file that is being taken in.
struct Taking(std::sync::Arc<Mutex<State>>, String, Vec<u8>);

#[async_trait]
impl Incoming for Taking {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.2.extend_from_slice(bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<UploadId, Refused> {
        let Self(state, name, bytes) = *self;
        let upload = Upload { name, n_bytes: bytes.len() as u64 };
        state.lock().unwrap_or_else(PoisonError::into_inner).upload = Some((upload, bytes));
        Ok(UploadId("file".to_owned()))
    }
}

impl Scripted {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, state: std::sync::Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next authorization comes to this.
    pub(crate) fn next_authorization(&self, said: Said) {
        self.state().authorizations.push_back(said);
    }

    /// The next edit is refused.
    pub(crate) fn refuse_next(&self, why: &str) {
        self.state().refusals.push_back(why.to_owned());
    }

    /// Every job is so far.
    pub(crate) fn jobs_are(&self, state: JobState) {
        self.state().of_every_job = Some(state);
    }

    pub(crate) fn authorized(&self) -> Vec<(String, String)> {
        self.state().authorized.clone()
    }

    pub(crate) fn edits(&self) -> Vec<Edit> {
        self.state().edits.clone()
    }

    /// The next edit of the directory comes to this.
    pub(crate) fn next_directory_edit(&self, answer: Result<Option<String>, NotEdited>) {
        self.state().directory_answers.push_back(answer);
    }

    /// Edits of the directory that were asked for, and by whom.
    pub(crate) fn directory_edits(&self) -> Vec<(DirectoryEdit, String)> {
        self.state().directory_edits.clone()
    }

    /// Everybody stands so at the apps, and every change has these consequences.
    pub(crate) fn say_of_people(&self, at_apps: Vec<AtApp>, consequences: Vec<Consequence>) {
        let mut state = self.state();
        (state.at_apps, state.consequences) = (at_apps, consequences);
    }

    /// The changes whose consequences were asked for.
    pub(crate) fn asked(&self) -> Vec<Becomes> {
        self.state().asked.clone()
    }

    /// The units that were asked about, and where they were to go.
    pub(crate) fn moves(&self) -> Vec<(OrgUnitPath, OrgUnitPath)> {
        self.state().moves.clone()
    }

    /// The switches of access that were asked about.
    pub(crate) fn switches(&self) -> Vec<AccessOf> {
        self.state().switches.clone()
    }

    /// The file that was taken in.
    pub(crate) fn taken(&self) -> Option<Vec<u8>> {
        self.state().upload.as_ref().map(|(_, bytes)| bytes.clone())
    }

    pub(crate) fn jobs(&self) -> Vec<Job> {
        self.state().jobs.clone()
    }
}

#[async_trait]
impl Hands for Scripted {
    async fn add(&self, tx: &mut Tx, new: NewApp<'_>) -> Result<AppId, Refused> {
        if app::by_name(tx, new.name).await?.is_some() {
            return Err(Refused::Because(format!("there is an app named {} already", new.name)));
        }
        let now = Timestamp::from_micros(1);
        let directory = directory::embedded(tx, &DirectoryId::new("embedded"), now).await?.id;
        let (id, name) = (AppId::new(format!("id-of-{}", new.name)), new.name.to_owned());
        let template = new.template.to_owned();
        let new = app::NewApp { id: id.clone(), name, template, directory, created_at: now };
        app::insert(tx, &new).await?;
        app::configure(tx, &id, &Settings::default()).await?;
        Ok(id)
    }

    async fn authorize(&self, asked: Authorization<'_>) -> Result<(), NotAuthorized> {
        let token = asked.token.expose_secret().to_owned();
        self.state().authorized.push((asked.endpoint.to_owned(), token));
        let said = self.state().authorizations.pop_front();
        said.unwrap_or(Ok(()))?;
        let mut tx = self.store.begin("tests::authorize").await?;
        let grant =
            Grant { endpoint: asked.endpoint, token: &asked.token, created_at: None, drop_records: false };
        let now = Timestamp::from_micros(2);
        app::authorize(&mut tx, self.store.keyring(), &asked.app.id, grant, now).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn edit(&self, tx: &mut Tx, app: &App, edit: &Edit) -> Result<(), Refused> {
        self.state().edits.push(edit.clone());
        if let Some(why) = self.state().refusals.pop_front() {
            return Err(Refused::Because(why));
        }
        let now = Timestamp::from_micros(3);
        let mut settings = app.settings.clone().unwrap_or_default();
        match edit {
            Edit::Access(AccessOf::Unit(path, switch)) => {
                access::set_unit(tx, &app.id, path, *switch).await?;
            }
            Edit::Deprovisioning { triggers, hard_delete } => {
                (settings.deprovisioning, settings.hard_delete) = (*triggers, *hard_delete);
                app::configure(tx, &app.id, &settings).await?;
            }
            Edit::Mapping(lines) => app::set_mapping(tx, &app.id, lines).await?,
            Edit::TurnOn => app::enable(tx, &app.id, now).await?,
            Edit::TurnOff => app::disable(tx, &app.id, now).await?,
            Edit::Unconfigure => app::unconfigure(tx, &app.id, now).await?,
            Edit::Remove => app::remove(tx, &app.id).await?,
            Edit::Access(_)
            | Edit::Scope(_)
            | Edit::Domains(_)
            | Edit::Groups(_)
            | Edit::Drift(_)
            | Edit::Pin { .. }
            | Edit::Choose { .. }
            | Edit::SuspendNow { .. } => {}
        }
        Ok(())
    }

    async fn begin(&self, job: Job) -> Result<JobId, Refused> {
        self.state().jobs.push(job);
        Ok(JobId("job".to_owned()))
    }

    fn job(&self, id: &JobId) -> Option<JobState> {
        self.state().of_every_job.clone().filter(|_| id.0 == "job")
    }
    async fn edit_directory(
        &self,
        edit: &DirectoryEdit,
        by: Author<'_>,
    ) -> Result<Option<String>, NotEdited> {
        let mut state = self.state();
        state.directory_edits.push((edit.clone(), by.who.to_owned()));
        state.directory_answers.pop_front().unwrap_or(Ok(None))
    }

    async fn at_apps(&self, _: &DirectoryId, _: &UserId) -> Result<Vec<AtApp>, Refused> {
        Ok(self.state().at_apps.clone())
    }

    async fn consequences(
        &self,
        _: &DirectoryId,
        _: &UserId,
        becomes: &Becomes,
    ) -> Result<Vec<Consequence>, Refused> {
        let mut state = self.state();
        state.asked.push(becomes.clone());
        Ok(state.consequences.clone())
    }

    async fn consequences_of_move(
        &self,
        _: &DirectoryId,
        unit: &OrgUnitPath,
        to: &OrgUnitPath,
    ) -> Result<Vec<Consequence>, Refused> {
        let mut state = self.state();
        state.moves.push((unit.clone(), to.clone()));
        Ok(state.consequences.clone())
    }

    async fn consequences_of_access(&self, _: &App, of: &AccessOf) -> Result<Vec<Consequence>, Refused> {
        let mut state = self.state();
        state.switches.push(of.clone());
        Ok(state.consequences.clone())
    }

    async fn receive(&self, name: &str) -> Result<Box<dyn Incoming>, Refused> {
        if name.rsplit_once('.').is_none_or(|(_, ending)| ending != "json") {
            return Err(Refused::Because(format!("{name} is not JSON by its name")));
        }
        Ok(Box::new(Taking(std::sync::Arc::clone(&self.state), name.to_owned(), Vec::new())))
    }

    fn upload(&self, id: &UploadId) -> Option<Upload> {
        self.state().upload.as_ref().map(|(upload, _)| upload.clone()).filter(|_| id.0 == "file")
    }

    fn forget(&self, _: &UploadId) {
        self.state().upload = None;
    }
}
