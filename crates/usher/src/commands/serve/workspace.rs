//! The embedded directory, served as a Google Workspace beside everything else.
//!
//! # Invariants
//!
//! 1. Nobody gets in without a key that this server has given out: the emulator's own administration is not served.
//! 2. The service account has a role of its own and invents no administrator: nobody is made whom apps would hear of.
//! 3. One key at a time is good: whoever moves the file away ends it with the next start. What a key may do is what the
//!    configuration says at the start, also of a key that has been out for long.
//! 4. Nothing is sent to anybody: no push channel is opened.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use usher_emulator::clock::Clock as _;
use usher_emulator::server::Listening;
use usher_emulator::workspace::accounts::Role;
use usher_emulator::workspace::settings::Settings;
use usher_emulator::workspace::{EDITING_SCOPES, Opened, Options, READ_ONLY_SCOPES, Workspace};
use usher_store::Store;

use super::note;
use crate::commands::emulate::serving::{GRACE, note_cut_line};
use crate::context::Context;
use crate::embedded::Embedded;
use crate::failure::Failure;
use crate::google_key;
use crate::system::SystemClock;

/// What the service account is called, and its project.
const NAME: &str = "usher";
const PROJECT: &str = "embedded";

/// The Workspace, not yet served.
pub(super) struct Served {
    listening: Listening,
    workspace: Workspace,
}

/// Takes the address, and makes ready what Google's clients sign in with.
pub(super) async fn open(context: &Context, store: &Store, address: SocketAddr) -> Result<Served, Failure> {
    let listening = Listening::on(address.port()).await.map_err(|error| {
        let advice = "choose another address with `workspace.listen` in the configuration file";
        Failure::new(format!("cannot listen on {address}: {error}; {advice}"))
    })?;
    let directory = Embedded::open(store.clone(), Arc::clone(&context.clock), &SystemClock).await?;
    // Google's quotas are no use to a directory of one's own; the last requests are nobody's to read here; and whoever has
    // the key has no business with the other ports of this machine.
    let settings = Settings { takes_channels: false, ..Settings::default().unlimited() };
    let options = Options { settings, max_logged: 0, ..Options::at(listening.base_url()) };
    let state = context.config.workspace_state();
    let opened = Workspace::open_over(Arc::new(SystemClock), options, Arc::new(directory), &state)?;
    let Opened { workspace, cut_line } = opened;
    note_cut_line(context, &state, cut_line);
    let config = &context.config.workspace;
    if let Some(file) = &config.key_file {
        give_key(&workspace, file)?;
    }
    if !set_roles(&workspace, config.read_only)? {
        tracing::warn!("nobody can sign in to the served directory: set workspace.key_file");
    }
    let customer = workspace.summary().await?.customer;
    tracing::info!(listen = %listening.address(), customer, "serving the embedded directory");
    let base_url = listening.base_url();
    note(
        context,
        &format!("the embedded directory is served to Google's clients on {base_url}, customer {customer}"),
    );
    Ok(Served { listening, workspace })
}

/// Sees to it that the file holds the key of the service account.
fn give_key(workspace: &Workspace, file: &Path) -> Result<(), Failure> {
    if google_key::holder(workspace, file)?.is_some() {
        return Ok(());
    }
    let account = workspace.create_service_account(NAME, PROJECT)?;
    google_key::create(workspace, &account.email, file)?;
    // Only now: where the file cannot be written, the key that is out stays good.
    for key in account.keys.keys() {
        workspace.delete_key(&account.email, key)?;
    }
    Ok(())
}

/// Lets whoever has a key do what the configuration says; false if nobody has one.
fn set_roles(workspace: &Workspace, reads_only: bool) -> Result<bool, Failure> {
    let (role, more) =
        if reads_only { (Role::Reader, &[][..]) } else { (Role::Administrator, &EDITING_SCOPES[..]) };
    let accounts = workspace.service_accounts();
    for account in &accounts {
        workspace.delegate(&account.email, &[&READ_ONLY_SCOPES[..], more].concat())?;
        workspace.set_role(&account.email, Some(role))?;
    }
    Ok(accounts.iter().any(|account| !account.keys.is_empty()))
}

impl Served {
    /// Serves until told to stop; what is under way then is answered, but not waited for without end.
    pub(super) async fn until(self, stop: &CancellationToken) -> Result<(), Failure> {
        let Self { listening, workspace } = self;
        let answering = workspace.clone();
        let answer = move |request| {
            let workspace = answering.clone();
            async move { workspace.answer_clients(request).await }
        };
        let grace = async {
            stop.cancelled().await;
            SystemClock.sleep_until(SystemClock.now() + GRACE).await;
        };
        tokio::select! {
            ended = listening.serve(answer, stop.clone()) => ended?,
            lost = workspace.state_lost() => return Err(lost.into()),
            () = grace => {}
        }
        Ok(workspace.sync()?)
    }
}
