//! What the console asks of the rest of Usher, done by what the commands are made of.
//!
//! Whoever clicks and whoever types get the same: an edit is the function that the command calls in its transaction, and a
//! job is the engine's own. Sentences that advise a command are replaced by such that advise a click.

mod directory;
mod edit;
mod first;
mod google;
mod jobs;
mod moving;
mod standing;
mod switching;
mod uploads;
mod work;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio_util::task::TaskTracker;
use usher_engine::authorize::{self, AuthorizeError};
use usher_engine::clock::new_id;
use usher_engine::turns::Turns;
use usher_model::app::Settings;
use usher_model::directory::OrgUnitPath;
use usher_model::id::{AppId, DirectoryId, UserId};
use usher_store::app::App;
use usher_store::{Store, StoreError, Tx, app};
use usher_web::hands::{
    AccessOf, AtApp, Author, Authorization, Becomes, Consequence, DirectoryEdit, Edit, Hands, Incoming, Job,
    JobId, JobState, NewApp, NotAuthorized, NotEdited, Refused, Upload, UploadId,
};

use self::jobs::Jobs;
use self::uploads::Uploads;
use crate::cli::app::{Add, app_name};
use crate::commands::app::add;
use crate::context::Context;
use crate::failure::Failure;

/// Where files are kept that admins send, in the data directory.
const UPLOADS: &str = "uploads";

/// The console's hands.
pub(crate) struct FromConsole {
    context: Arc<Context>,
    store: Store,
    turns: Turns,
    jobs: Jobs,
    uploads: Uploads,
}

impl FromConsole {
    /// Hands that work on this store; jobs are owned by `tasks`, and take their turns at each app.
    pub(crate) fn new(context: &Context, store: &Store, turns: &Turns, tasks: &TaskTracker) -> Self {
        Self {
            context: Arc::new(context.clone()),
            store: store.clone(),
            turns: turns.clone(),
            jobs: Jobs::new(tasks.clone()),
            uploads: Uploads::new(context.config.data_dir.join(UPLOADS)),
        }
    }
}

impl fmt::Debug for FromConsole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromConsole").finish_non_exhaustive()
    }
}

#[async_trait]
impl Hands for FromConsole {
    async fn add(&self, tx: &mut Tx, new: NewApp<'_>) -> Result<AppId, Refused> {
        let NewApp { name, template, directory } = new;
        let name = app_name(name).map_err(Refused::Because)?;
        if app::by_name(tx, &name).await?.is_some() {
            return Err(Refused::Because(format!(
                "there is an app named {name} already: choose another name"
            )));
        }
        let args = Add { name, template: template.to_owned(), directory: directory.map(str::to_owned) };
        add::add(&self.context, tx, &args).await.map_err(refused)
    }

    async fn authorize(&self, asked: Authorization<'_>) -> Result<(), NotAuthorized> {
        let Authorization { app, endpoint, token, is_new_tenant } = asked;
        let environment =
            self.context.environment().map_err(|failure| NotAuthorized::Endpoint(failure.sentence()))?;
        let authorization = authorize::Authorization {
            app: &app.name,
            endpoint,
            token,
            token_created_at: None,
            is_new_tenant,
        };
        authorize::authorize(&self.store, &self.context.clock, &environment, authorization)
            .await
            .map_err(not_authorized)?;
        if app.settings.is_none() {
            // After its configuration was deleted the app begins anew, as a new one does.
            let mut tx = self.store.begin("usher::console_authorize").await?;
            app::configure(&mut tx, &app.id, &Settings::default()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn edit(&self, tx: &mut Tx, app: &App, edit: &Edit) -> Result<(), Refused> {
        edit::make(&self.context, tx, app, edit).await.map_err(refused)
    }

    async fn begin(&self, job: Job) -> Result<JobId, Refused> {
        let id = JobId(new_id(self.context.clock.as_ref()));
        let (context, store, turns) = (Arc::clone(&self.context), self.store.clone(), self.turns.clone());
        let uploads = self.uploads.clone();
        self.jobs.begin(id.clone(), move |progress| async move {
            let at = work::At {
                context: &context,
                store: &store,
                turns: &turns,
                uploads: &uploads,
                told: &progress,
            };
            Box::pin(at.carry_out(job)).await
        });
        Ok(id)
    }

    fn job(&self, id: &JobId) -> Option<JobState> {
        self.jobs.state(id)
    }

    async fn edit_directory(
        &self,
        edit: &DirectoryEdit,
        by: Author<'_>,
    ) -> Result<Option<String>, NotEdited> {
        directory::edit(&self.context, &self.store, edit, by).await
    }

    async fn at_apps(&self, directory: &DirectoryId, user: &UserId) -> Result<Vec<AtApp>, Refused> {
        standing::at_apps(&self.context, &self.store, directory, user).await.map_err(refused)
    }

    async fn consequences(
        &self,
        directory: &DirectoryId,
        user: &UserId,
        becomes: &Becomes,
    ) -> Result<Vec<Consequence>, Refused> {
        standing::consequences(&self.context, &self.store, directory, user, becomes).await.map_err(refused)
    }

    async fn consequences_of_move(
        &self,
        directory: &DirectoryId,
        unit: &OrgUnitPath,
        to: &OrgUnitPath,
    ) -> Result<Vec<Consequence>, Refused> {
        moving::consequences(&self.context, &self.store, directory, unit, to).await.map_err(refused)
    }

    async fn consequences_of_access(&self, app: &App, of: &AccessOf) -> Result<Vec<Consequence>, Refused> {
        switching::consequences(&self.context, &self.store, app, of).await.map_err(refused)
    }

    async fn receive(&self, name: &str) -> Result<Box<dyn Incoming>, Refused> {
        self.uploads.receive(self.context.clock.as_ref(), name)
    }

    fn upload(&self, id: &UploadId) -> Option<Upload> {
        self.uploads.find(id)
    }

    fn forget(&self, id: &UploadId) {
        self.uploads.forget(id);
    }
}

/// What failed, as the console says it.
fn refused(failure: Failure) -> Refused {
    match failure.downcast::<StoreError>() {
        Ok(error) => Refused::Store(error),
        Err(failure) => Refused::Because(failure.sentence()),
    }
}

fn not_authorized(error: AuthorizeError) -> NotAuthorized {
    let said = error.to_string();
    match error {
        AuthorizeError::OtherTenant { n_accounts, known, .. } => {
            NotAuthorized::OtherTenant { n_accounts, known }
        }
        AuthorizeError::Store(error) => NotAuthorized::Store(error),
        AuthorizeError::WrongToken { .. }
        | AuthorizeError::Forbidden { .. }
        | AuthorizeError::NotCreatedYet(_)
        | AuthorizeError::ExpiredAlready { .. } => NotAuthorized::Token(said),
        AuthorizeError::NoSuchApp(_)
        | AuthorizeError::UnknownTemplate(_)
        | AuthorizeError::Endpoint(_)
        | AuthorizeError::WrongEndpoint { .. }
        | AuthorizeError::Redirects(_)
        | AuthorizeError::Unreachable { .. } => NotAuthorized::Endpoint(said),
    }
}

#[cfg(test)]
mod tests;
