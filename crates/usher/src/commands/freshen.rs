//! Before people are decided about, the mirror of a Google Workspace is brought up to date; the embedded directory always
//! is.

use std::collections::BTreeSet;

use usher_engine::mirror::needs::Needs;
use usher_engine::mirror::refresh::{Touched, refresh};
use usher_engine::mirror::{self, Listed, MirrorError, keep};
use usher_model::id::Email;
use usher_model::time::Timestamp;
use usher_store::app::App;
use usher_store::directory::{self, Directory, DirectoryKind, Mirrored};
use usher_store::{Store, StoreError, Tx};

use crate::context::Context;
use crate::failure::Failure;
use crate::output::{instant, number_of};
use crate::progress::Progress;

/// Brings the mirror of an app's directory up to date: everything, or one person; with `lately`, only if the last
/// listing is older than a cycle. Returns how many requests it took.
pub(crate) async fn freshen(
    context: &Context,
    store: &Store,
    app: &App,
    user: Option<&Email>,
    lately: bool,
) -> Result<u64, Failure> {
    let mut tx = store.read("usher::freshen").await?;
    let found = directory::by_id(&mut tx, &app.directory).await?;
    let Some(found) = found.filter(|found| found.kind == DirectoryKind::Google) else { return Ok(0) };
    let mirrored = directory::mirrored(&mut tx, &found.id).await?.unwrap_or_default();
    let is_news = Needs::of(&mut tx, &found.id).await?.is_news;
    drop(tx);
    let is_known = mirrored.listed_at.is_some() && !is_news;
    if let Some(user) = user.filter(|_| is_known) {
        return read_one(context, store, &found, user).await;
    }
    let is_recent = is_known && is_recent(context, &mirrored);
    if lately && is_recent { Ok(0) } else { Ok(list(context, store, &found).await?.n_calls()) }
}

/// That an app's directory cannot be read at the moment, since when and why; none: nothing says so.
pub(super) async fn failing(tx: &mut Tx, app: &App, now: Timestamp) -> Result<Option<String>, StoreError> {
    let Some(found) = directory::by_id(tx, &app.directory).await? else { return Ok(None) };
    let mirrored = directory::mirrored(tx, &found.id).await?.unwrap_or_default();
    Ok(mirrored.failing.map(|(why, since)| {
        let (name, since) = (&found.name, instant(since, now));
        format!("the directory {name} cannot be read since {since}: {why}; what it said before still counts")
    }))
}

fn is_recent(context: &Context, mirrored: &Mirrored) -> bool {
    let cycle = context.config.runs.full_every();
    mirrored.listed_at.is_some_and(|at| context.now().since(at) < cycle)
}

/// Lists a directory, and says what came of it.
pub(crate) async fn list(context: &Context, store: &Store, found: &Directory) -> Result<Listed, Failure> {
    let environment = context.environment()?;
    let progress = Progress::new(context.output);
    usher_engine::progress::Progress::step(&progress, "listing the directory");
    let listing = async {
        let client = mirror::open(store, &context.clock, &environment, found).await?;
        mirror::list(store, context.clock.as_ref(), &client, found).await
    };
    let listed = listing.await;
    drop(progress);
    match listed {
        Ok(listed) => {
            let next = context.now() + context.config.runs.full_every();
            let mut tx = store.begin("usher::listed").await?;
            directory::set_next_listing(&mut tx, &found.id, next).await?;
            tx.commit().await?;
            tell(context, found, &listed);
            Ok(listed)
        }
        Err(error) => Err(fails(context, store, found, error).await?),
    }
}

/// Reads one person anew.
async fn read_one(context: &Context, store: &Store, found: &Directory, user: &Email) -> Result<u64, Failure> {
    let environment = context.environment()?;
    let touched = Touched { users: BTreeSet::from([user.clone()]), ..Touched::default() };
    let reading = async {
        let client = mirror::open(store, &context.clock, &environment, found).await?;
        refresh(store, context.clock.as_ref(), &client, found, &touched).await?;
        Ok::<u64, MirrorError>(client.counts().values().sum())
    };
    match reading.await {
        Ok(n_calls) => Ok(n_calls),
        Err(error) => Err(fails(context, store, found, error).await?),
    }
}

async fn fails(
    context: &Context,
    store: &Store,
    found: &Directory,
    error: MirrorError,
) -> Result<Failure, StoreError> {
    keep::fails(store, found, &error, context.now()).await?;
    Ok(Failure::new(format!("the directory {} cannot be read: {error}", found.name)))
}

fn tell(context: &Context, found: &Directory, listed: &Listed) {
    let people = number_of(listed.n_people, "person", "people");
    let groups = number_of(listed.n_groups, "group", "groups");
    let calls = number_of(listed.n_calls(), "call", "calls");
    context.output.note(&format!("listed {}: {people}, {groups}, with {calls}", found.name));
    for warning in &listed.warnings {
        context.output.note(&format!("warning: {warning}"));
    }
}
