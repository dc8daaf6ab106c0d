//! Google Workspaces from the console: added, given another key, checked; by the functions of `usher directory`.

use secrecy::SecretString;
use usher_engine::google::check::{CallCheck, Check, Found, ScopeCheck};
use usher_engine::google::credential::Credential;
use usher_engine::progress::Progress as _;
use usher_model::id::DirectoryId;
use usher_store::Store;
use usher_store::directory::{self, Directory};
use usher_web::hands::{Checked, CheckedLine, Finished, NewGoogle};

use super::jobs::Told;
use crate::commands::directory::add::{self, Tried, Wanted};
use crate::commands::directory::check;
use crate::commands::freshen;
use crate::context::Context;
use crate::failure::Failure;

const ASKING: &str =
    "asking Google what the service account may read; this takes a minute where it does not answer";

/// Adds one, and lists it, so that its units and groups are there to be chosen.
pub(super) async fn add(
    context: &Context,
    store: &Store,
    told: &Told,
    new: NewGoogle,
) -> Result<Finished, Failure> {
    told.step(ASKING);
    let tried = add::add(context, store, wanted(context, &new)?).await?;
    let mut warnings = Vec::new();
    if let Ok(added) = &tried.stored {
        told.step("listing the directory");
        if let Err(failure) = freshen::list(context, store, added).await {
            warnings.push(failure.sentence());
        }
    }
    Ok(finished(new.name, tried, warnings))
}

/// Gives one another key.
pub(super) async fn authorize(
    context: &Context,
    store: &Store,
    told: &Told,
    new: NewGoogle,
) -> Result<Finished, Failure> {
    told.step(ASKING);
    let tried = add::authorize_with(context, store, wanted(context, &new)?).await?;
    Ok(finished(new.name, tried, Vec::new()))
}

/// Says how one stands.
pub(super) async fn check(
    context: &Context,
    store: &Store,
    told: &Told,
    id: &DirectoryId,
) -> Result<Finished, Failure> {
    told.step(ASKING);
    let mut tx = store.read("usher::console_check").await?;
    let found = directory::by_id(&mut tx, id).await?;
    drop(tx);
    let found = found.ok_or_else(|| Failure::new("the directory is not there any more"))?;
    let (found, checked) = check::check(context, store, &found.name).await?;
    let name = found.name.clone();
    Ok(finished(name, Tried { checked, stored: Ok(found) }, Vec::new()))
}

fn wanted<'a>(context: &Context, new: &'a NewGoogle) -> Result<Wanted<'a>, Failure> {
    let NewGoogle { name, admin, key, customer, api_root } = new;
    let credential = delegated(context, key, admin)?;
    Ok(Wanted { name, customer: customer.clone(), api_root: api_root.clone(), credential })
}

fn delegated(context: &Context, key: &SecretString, admin: &str) -> Result<Credential, Failure> {
    Ok(Credential::delegated(key, admin, context.reachable())?)
}

fn finished(name: String, tried: Tried, warnings: Vec<String>) -> Finished {
    let Tried { checked, stored } = tried;
    let works = checked.is_fine();
    let Check { account, admin, sign_in, delegation, scopes, calls, .. } = checked;
    let (stored, refused) = match stored {
        Ok(Directory { id, .. }) => (Some(id), None),
        Err(why) => (None, Some(why)),
    };
    let scope = |ScopeCheck { scope, found }: ScopeCheck| line(scope, found);
    let call = |CallCheck { method, found }: CallCheck| line(method.name(), found);
    Finished::Checked(Checked {
        directory: stored,
        name,
        account,
        admin,
        works,
        refused,
        sign_in,
        delegation,
        scopes: scopes.into_iter().map(scope).collect(),
        calls: calls.into_iter().map(call).collect(),
        warnings,
    })
}

fn line(name: &str, found: Found) -> CheckedLine {
    let (works, why) = match found {
        Found::Works => (Some(true), None),
        Found::Fails(why) => (Some(false), Some(why)),
        Found::NotTried(why) => (None, Some(why)),
    };
    CheckedLine { name: name.to_owned(), works, why }
}
