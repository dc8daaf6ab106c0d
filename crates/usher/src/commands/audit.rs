//! `usher audit`: reads the whole app, compares it with what is on record, and does about it what the policy says.

use usher_engine::report::RunRequest;
use usher_store::Store;

use super::{lookup, ran};
use crate::cli::Audit;
use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Audits the app and prints what was found and done.
pub(crate) async fn run(context: &Context, store: &Store, args: &Audit) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::audit").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    drop(tx);
    let request = RunRequest { audit: true, ..RunRequest::default() };
    ran::run(context, store, &app, &request, args.all).await
}
