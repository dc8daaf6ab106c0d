//! `usher sync`: one run now, with progress and a summary.

use usher_engine::approval::Approval;
use usher_engine::report::RunRequest;
use usher_store::Store;

use super::{lookup, ran};
use crate::cli::Sync;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Runs the app and prints what came of it.
pub(crate) async fn run(context: &Context, store: &Store, args: &Sync) -> Result<Exit, Failure> {
    let user = args.user.as_deref().map(lookup::email).transpose()?;
    let mut tx = store.read("usher::sync").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    drop(tx);
    // Asked for one person, somebody waits for the answer: pauses after failures are not waited out.
    let insist = user.is_some();
    let approved = args.plan.as_deref().map(|file| Approval::open(file, &app)).transpose()?;
    let request = RunRequest { user, release: args.release, insist, approved, ..RunRequest::default() };
    ran::run(context, store, &app, &request, args.all).await
}
