//! Whoever is missing after a listing is asked for, one by one: people by id, members by their group.
//!
//! # Invariants
//!
//! 1. Nobody is asked for where the listing shrank beyond what an app accepts: Google's bad day is not the day to ask.
//! 2. At most a thousand of each are asked for after one listing; the others wait for the next.
//! 3. What cannot be asked now changes nothing.

use futures::{FutureExt as _, StreamExt as _, stream};
use usher_model::guard::{Shrink, shrank};
use usher_protocol::directory::request::UserFields;
use usher_store::directory::stage::{self, Missing};
use usher_store::directory::{self, Directory};
use usher_store::{Store, StoreError, app};

use super::people::Heard;
use super::{Listed, MirrorError, record_heard};
use crate::clock::Clock;
use crate::google::client::GoogleClient;
use crate::google::error::GoogleError;
use crate::google::lookup::Membership;

/// How many are asked for after one listing, of people and of members each (DESIGN §2).
const MAX_ASKED: usize = 1_000;
/// How many are asked for at once; the pace of all calls together is the client's.
const ASKED_AT_ONCE: usize = 8;

/// Asks for whoever is missing.
pub(super) async fn confirm(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
    listed: &mut Listed,
) -> Result<(), MirrorError> {
    if let Some(shrink) = shrunk(store, directory).await? {
        listed.warn(format!("{shrink}; those who are missing are not asked for either"));
        return Ok(());
    }
    people(store, clock, client, directory, listed).await?;
    members(store, clock, client, directory, listed).await
}

/// By how much the directory shrank against what one of its apps accepted last, if that is too much.
async fn shrunk(store: &Store, directory: &Directory) -> Result<Option<Shrink>, StoreError> {
    let mut tx = store.read("engine::mirror::shrunk").await?;
    let n_listed = directory::listed(&mut tx, &directory.id).await?;
    let apps = app::list(&mut tx).await?.into_iter().filter(|app| app.directory == directory.id);
    let mut shrinks = apps.filter_map(|app| {
        let limits = app.settings.as_ref()?.guards.shrink;
        shrank(app.accepted_people?, n_listed, &limits)
    });
    Ok(shrinks.next())
}

async fn people(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
    listed: &mut Listed,
) -> Result<(), MirrorError> {
    let (missing, fields) = {
        let mut tx = store.read("engine::mirror::unlisted").await?;
        let missing = directory::unlisted(&mut tx, &directory.id, MAX_ASKED).await?;
        let fields = directory::mirrored(&mut tx, &directory.id).await?.and_then(|it| it.listed_fields);
        (missing, fields.as_deref().map_or_else(|| UserFields::of([]), UserFields::from_text))
    };
    if missing.is_empty() {
        return Ok(());
    }
    let mut heard = Heard::default();
    let fields = &fields;
    let mut asked = Vec::with_capacity(missing.len());
    for person in missing {
        let id = person.user.id;
        let asking = async move {
            let asked_at = clock.now();
            let answer = client.user_by_id(id.as_str(), fields).await;
            (id, asked_at, answer)
        };
        asked.push(asking.boxed());
    }
    let mut answers = stream::iter(asked).buffer_unordered(ASKED_AT_ONCE);
    while let Some((id, asked_at, answer)) = answers.next().await {
        listed.n_asked += 1;
        match answer {
            Ok(Some(user)) => heard.there.push((asked_at, user.attributes().clone())),
            Ok(None) => heard.gone.push((asked_at, id)),
            Err(error) if error.is_of_one() => {
                listed.warn(format!("the user {id} stays as they were: {error}"));
            }
            Err(error) => {
                listed.warn(unasked(&error));
                break;
            }
        }
    }
    drop(answers);
    let mut tx = store.begin("engine::mirror::confirm_people").await?;
    listed.is_changed |= record_heard(&mut tx, &directory.id, heard, clock).await?;
    tx.commit().await?;
    Ok(())
}

async fn members(
    store: &Store,
    clock: &dyn Clock,
    client: &GoogleClient,
    directory: &Directory,
    listed: &mut Listed,
) -> Result<(), MirrorError> {
    let missing = {
        let mut tx = store.read("engine::mirror::missing_members").await?;
        stage::missing_members(&mut tx, &directory.id, MAX_ASKED).await?
    };
    if missing.is_empty() {
        return Ok(());
    }
    let mut asked = Vec::with_capacity(missing.len());
    for missing in missing {
        let asking = async move {
            let answer = client.has_member(missing.group.as_str(), &missing.member).await;
            (missing, answer)
        };
        asked.push(asking.boxed());
    }
    let mut answers = stream::iter(asked).buffer_unordered(ASKED_AT_ONCE);
    let (mut gone, mut there) = (Vec::new(), Vec::new());
    while let Some((missing, answer)) = answers.next().await {
        listed.n_asked += 1;
        match answer {
            Ok(Membership::NotAMember) => gone.push(missing),
            Ok(Membership::Member) => there.push(missing),
            // A second whole listing decides.
            Ok(Membership::Unsaid) => {}
            Err(error) if error.is_of_one() => {}
            Err(error) => {
                listed.warn(unasked(&error));
                break;
            }
        }
    }
    drop(answers);
    listed.is_changed |= settle_members(store, clock, directory, &gone, &there).await?;
    Ok(())
}

/// Ends the memberships that Google said have ended, and forgets that the others were missing. Whether anything changed.
async fn settle_members(
    store: &Store,
    clock: &dyn Clock,
    directory: &Directory,
    gone: &[Missing],
    there: &[Missing],
) -> Result<bool, StoreError> {
    let mut tx = store.begin("engine::mirror::confirm_members").await?;
    let mut is_changed = false;
    for missing in gone {
        is_changed |= stage::drop_membership(&mut tx, &directory.id, missing).await?;
    }
    for missing in there {
        stage::find_membership(&mut tx, &directory.id, missing).await?;
    }
    if is_changed {
        app::touch(&mut tx, &directory.id, clock.now()).await?;
    }
    tx.commit().await?;
    Ok(is_changed)
}

fn unasked(error: &GoogleError) -> String {
    format!("some of those who are missing could not be asked for, and stay as they were: {error}")
}
