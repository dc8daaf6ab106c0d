//! `usher directory add` and `usher directory authorize`: a Google Workspace, once it has let its reader in.
//!
//! The credential is read from a file and leaves it only as a secret.

use usher_engine::clock::new_id;
use usher_engine::google::check::{self, Found};
use usher_engine::google::client::GoogleClient;
use usher_engine::google::credential::Credential;
use usher_engine::google::method::ApiMethod;
use usher_model::id::DirectoryId;
use usher_store::directory::{self, Google};
use usher_store::{Store, Tx};

use super::check::Checked;
use crate::cli::directory::{Add, Authorize, How};
use crate::commands::freshen;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::secret_file;

/// Checks it and adds it.
pub(crate) async fn run(context: &Context, store: &Store, args: &Add) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::directory_add").await?;
    is_free(&mut tx, &args.name).await?;
    drop(tx);
    let google = Google {
        customer: args.how.customer.clone(),
        api_root: args.how.api_root.clone(),
        credential_set_at: context.now(),
    };
    let Tried { credential, checked, customer } = try_out(context, &args.how, &google).await?;
    if let Some(why) = kept_out(&checked) {
        return Err(Failure::new(format!("{} is not added: {why}", args.name)));
    }
    let mut tx = store.begin("usher::directory_add").await?;
    is_free(&mut tx, &args.name).await?;
    let id = DirectoryId::new(new_id(context.clock.as_ref()));
    let added = directory::insert_google(&mut tx, &id, &args.name, context.now()).await?;
    directory::set_google(&mut tx, store.keyring(), &id, &google, &credential.seal()).await?;
    if let Some(customer) = customer {
        directory::set_google_customer_id(&mut tx, &id, &customer).await?;
    }
    tx.commit().await?;
    let checked = Checked::new(args.name.clone(), checked);
    context.output.answer(&checked)?;
    // So that units and groups are there to be chosen. What cannot be listed now is listed before the first run.
    if let Err(failure) = freshen::list(context, store, &added).await {
        context.output.note(&format!("warning: {}", failure.sentence()));
    }
    Ok(checked.exit())
}

/// Gives a directory that is there another credential, once it was let in.
pub(crate) async fn authorize(context: &Context, store: &Store, args: &Authorize) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::directory_authorize").await?;
    let (found, before) = super::google(&mut tx, &args.name).await?;
    let customer_before = directory::google_customer_id(&mut tx, &found.id).await?;
    drop(tx);
    let google = Google {
        customer: args.how.customer.clone().or(before.customer),
        api_root: args.how.api_root.clone().or(before.api_root),
        credential_set_at: context.now(),
    };
    let Tried { credential, checked, customer } = try_out(context, &args.how, &google).await?;
    if let (Some(before), Some(now)) = (&customer_before, &customer)
        && before != now
    {
        // Everybody of the one would be missing from the other.
        return Err(Failure::new(format!(
            "{} is the directory of the customer {before}, and this credential opens that of {now}: add it under another \
             name, with `usher directory add`",
            found.name
        )));
    }
    if let Some(why) = kept_out(&checked) {
        let name = &found.name;
        return Err(Failure::new(format!(
            "{name} is signed in to as it was, and not with this credential: {why}"
        )));
    }
    let mut tx = store.begin("usher::directory_authorize").await?;
    directory::set_google(&mut tx, store.keyring(), &found.id, &google, &credential.seal()).await?;
    if let Some(customer) = customer {
        directory::set_google_customer_id(&mut tx, &found.id, &customer).await?;
    }
    directory::set_mended(&mut tx, &found.id).await?;
    tx.commit().await?;
    let checked = Checked::new(found.name, checked);
    context.output.answer(&checked)?;
    Ok(checked.exit())
}

/// A credential that was tried.
struct Tried {
    credential: Credential,
    checked: check::Check,
    /// Google's id of the customer whose directory it opens, if Google says.
    customer: Option<String>,
}

/// Reads the credential, and tries what it opens.
async fn try_out(context: &Context, how: &How, google: &Google) -> Result<Tried, Failure> {
    let credential = credential(context, how)?;
    let api_root = google.api_root.as_deref();
    let sign_in = context.way_to_google().sign_in(&context.clock, credential.clone(), api_root)?;
    let checked = check::check(sign_in.clone(), google.customer.as_deref()).await?;
    let scopes = vec![ApiMethod::CustomersGet.scope()];
    let client = GoogleClient::open(sign_in, scopes, google.customer.as_deref())?;
    let is_said =
        checked.calls.iter().any(|call| call.method == ApiMethod::CustomersGet && call.found == Found::Works);
    let customer = if is_said { client.customer().await.ok().map(|customer| customer.id) } else { None };
    Ok(Tried { credential, checked, customer })
}

/// Why nobody is listed with it, who are what a directory is for; none: they are.
fn kept_out(checked: &check::Check) -> Option<&str> {
    let users = checked.calls.iter().find(|call| call.method == ApiMethod::UsersList);
    match users.map(|call| &call.found) {
        Some(Found::Works) => None,
        Some(Found::Fails(why) | Found::NotTried(why)) => checked.sign_in.as_deref().or(Some(why)),
        None => checked.sign_in.as_deref().or(Some("its users were not asked for")),
    }
}

async fn is_free(tx: &mut Tx, name: &str) -> Result<(), Failure> {
    // That of the directory which Usher keeps itself, where there is none yet.
    let is_kept = name == "embedded";
    if !is_kept && directory::by_name(tx, name).await?.is_none() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the name {name} is another directory's: choose another name; `usher directory list` shows them"
    )))
}

fn credential(context: &Context, how: &How) -> Result<Credential, Failure> {
    let reachable = context.reachable();
    let admin = how.admin.as_deref().unwrap_or_default();
    let read = |path| secret_file::read("the key file", path);
    Ok(match (&how.key_file, &how.role_key_file, &how.keyless) {
        (Some(path), _, _) => Credential::delegated(&read(path)?, admin, reachable)?,
        (_, Some(path), _) => Credential::role(&read(path)?, reachable)?,
        (_, _, Some(account)) => Credential::keyless(account, admin)?,
        (None, None, None) => {
            return Err(Failure::usage(
                "say what signs in: --key-file, --role-key-file or --keyless; see `usher directory add --help`",
            ));
        }
    })
}
