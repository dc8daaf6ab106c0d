//! `usher directory add` and `usher directory authorize`: a Google Workspace, once it has let its reader in.
//!
//! The credential is read from a file and leaves it only as a secret.

use std::collections::BTreeSet;

use usher_engine::clock::new_id;
use usher_engine::google::check::{self, Found};
use usher_engine::google::credential::Credential;
use usher_engine::google::method::ApiMethod;
use usher_model::id::{DirectoryId, UserId};
use usher_store::directory::{self, Directory, Google};
use usher_store::{Store, StoreError, Tx};

use super::check::Checked;
use crate::cli::directory::{Add, Authorize, How};
use crate::commands::freshen;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::secret_file;

/// A directory that is to be signed in to, and with what.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// What admins call it.
    pub(crate) name: &'a str,
    /// Google's id of the customer, where it is not the administrator's own.
    pub(crate) customer: Option<String>,
    /// Where the API is; none: at Google.
    pub(crate) api_root: Option<String>,
    pub(crate) credential: Credential,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Tried {
    pub(crate) checked: check::Check,
    /// The directory, or why it was not stored.
    pub(crate) stored: Result<Directory, String>,
}

/// Checks it and adds it.
pub(crate) async fn run(context: &Context, store: &Store, args: &Add) -> Result<Exit, Failure> {
    let wanted = Wanted {
        name: &args.name,
        customer: args.how.customer.clone(),
        api_root: args.how.api_root.clone(),
        credential: credential(context, &args.how)?,
    };
    let Tried { checked, stored } = add(context, store, wanted).await?;
    let added = stored.map_err(Failure::new)?;
    let checked = Checked::new(args.name.clone(), checked);
    context.output.answer(&checked)?;
    if checked.exit() != Exit::Ok {
        context.output.note(&format!(
            "{} is added, and not everything of it can be read yet: mend what fails, then look again with `usher directory \
             check {}`",
            added.name, added.name
        ));
    }
    // So that units and groups are there to be chosen. What cannot be listed now is listed before the first run.
    if let Err(failure) = freshen::list(context, store, &added).await {
        context.output.note(&format!("warning: {}", failure.sentence()));
    }
    Ok(checked.exit())
}

/// Checks a directory, and adds it if people can be listed.
pub(crate) async fn add(context: &Context, store: &Store, wanted: Wanted<'_>) -> Result<Tried, Failure> {
    let Wanted { name, customer, api_root, credential } = wanted;
    let mut tx = store.read("usher::directory_add").await?;
    is_free(&mut tx, name).await?;
    drop(tx);
    let google = Google { customer, api_root, credential_set_at: context.now() };
    let checked = try_out(context, &credential, &google).await?;
    if let Some(why) = kept_out(&checked) {
        let why = format!("{name} is not added: {why}");
        return Ok(Tried { checked, stored: Err(why) });
    }
    let mut tx = store.begin("usher::directory_add").await?;
    is_free(&mut tx, name).await?;
    let id = DirectoryId::new(new_id(context.clock.as_ref()));
    let added = directory::insert_google(&mut tx, &id, name, context.now()).await?;
    directory::set_google(&mut tx, store.keyring(), &id, &google, &credential.seal()).await?;
    if let Some(customer) = &checked.customer {
        directory::set_google_customer_id(&mut tx, &id, customer).await?;
    }
    tx.commit().await?;
    Ok(Tried { checked, stored: Ok(added) })
}

/// Gives a directory that is there another credential, once it was let in.
pub(crate) async fn authorize(context: &Context, store: &Store, args: &Authorize) -> Result<Exit, Failure> {
    let wanted = Wanted {
        name: &args.name,
        customer: args.how.customer.clone(),
        api_root: args.how.api_root.clone(),
        credential: credential(context, &args.how)?,
    };
    let Tried { checked, stored } = authorize_with(context, store, wanted).await?;
    let found = stored.map_err(Failure::new)?;
    let checked = Checked::new(found.name, checked);
    context.output.answer(&checked)?;
    Ok(checked.exit())
}

/// The same, by whatever face it was asked for.
pub(crate) async fn authorize_with(
    context: &Context,
    store: &Store,
    wanted: Wanted<'_>,
) -> Result<Tried, Failure> {
    let Wanted { name, customer, api_root, credential } = wanted;
    let mut tx = store.read("usher::directory_authorize").await?;
    let (found, before) = super::google(&mut tx, name).await?;
    drop(tx);
    let google = Google {
        customer: customer.or(before.customer),
        api_root: api_root.or(before.api_root),
        credential_set_at: context.now(),
    };
    let checked = try_out(context, &credential, &google).await?;
    if let Some(why) = kept_out(&checked) {
        let name = &found.name;
        let why = format!("{name} is signed in to as it was, and not with this credential: {why}");
        return Ok(Tried { checked, stored: Err(why) });
    }
    let mut tx = store.read("usher::directory_authorize").await?;
    let before = Before {
        customer: directory::google_customer_id(&mut tx, &found.id).await?,
        knows_somebody: knows(&mut tx, &found, checked.somebody.as_deref()).await?,
    };
    drop(tx);
    is_the_same(&found.name, &before, checked.customer.as_deref())?;
    let mut tx = store.begin("usher::directory_authorize").await?;
    directory::set_google(&mut tx, store.keyring(), &found.id, &google, &credential.seal()).await?;
    if let Some(customer) = &checked.customer {
        directory::set_google_customer_id(&mut tx, &found.id, customer).await?;
    }
    directory::set_mended(&mut tx, &found.id).await?;
    tx.commit().await?;
    Ok(Tried { checked, stored: Ok(found) })
}

/// What is known of a directory that is given another credential.
struct Before {
    /// Whose it is, if Google ever said so.
    customer: Option<String>,
    /// Whether it knows whoever the credential shows, or has never known anybody.
    knows_somebody: bool,
}

/// Whether the mirror knows this person, or has never known anybody.
async fn knows(tx: &mut Tx, found: &Directory, somebody: Option<&str>) -> Result<bool, StoreError> {
    let counts = directory::counts(tx, &found.id).await?;
    if counts.users + counts.deleted == 0 {
        return Ok(true);
    }
    let Some(somebody) = somebody else { return Ok(false) };
    Ok(!directory::people(tx, &found.id, &BTreeSet::from([UserId::new(somebody)])).await?.is_empty())
}

/// Everybody of one company would be missing from another's directory. Google's ids of people are never used twice: where
/// it was never said whose a directory is, whoever is in it says so.
fn is_the_same(name: &str, before: &Before, now: Option<&str>) -> Result<(), Failure> {
    match (before.customer.as_deref(), now) {
        (Some(before), Some(now)) if before == now => Ok(()),
        (None, Some(_)) if before.knows_somebody => Ok(()),
        (Some(before), Some(now)) => Err(Failure::new(format!(
            "{name} is the directory of the customer {before}, and this credential opens that of {now}: add it under \
             another name, with `usher directory add`"
        ))),
        (None, Some(now)) => Err(Failure::new(format!(
            "this credential opens the directory of the customer {now}, and shows somebody whom {name} does not know: if it \
             is another company's, add it under another name with `usher directory add`; if not, list {name} first"
        ))),
        (_, None) => Err(Failure::new(format!(
            "{name} is signed in to as it was: Google does not say whose directory this credential opens, and another \
             company's is not to be taken for it; give the credential the scope {}",
            ApiMethod::CustomersGet.scope()
        ))),
    }
}

/// Tries what a credential opens.
async fn try_out(
    context: &Context,
    credential: &Credential,
    google: &Google,
) -> Result<check::Check, Failure> {
    let api_root = google.api_root.as_deref();
    let sign_in = context.way_to_google().sign_in(&context.clock, credential.clone(), api_root)?;
    if context.output.is_watched() {
        let account = credential.account();
        context.output.note(&format!(
            "asking Google what {account} may read; this takes a minute where it does not answer"
        ));
    }
    Ok(check::check(sign_in, google.customer.as_deref()).await?)
}

/// Why nobody is listed with it, who are what a directory is for; none: they are.
fn kept_out(checked: &check::Check) -> Option<&str> {
    let users = checked.calls.iter().find(|call| call.method == ApiMethod::UsersList)?;
    let failed = |call: &check::CallCheck| matches!(call.found, Found::Fails(_));
    match &users.found {
        Found::Works => None,
        Found::Fails(why) => Some(why),
        // What came before says more than that it was not tried.
        Found::NotTried(why) => {
            let before = checked.calls.iter().find(|call| failed(call)).map(|call| &call.found);
            let before =
                before.and_then(|found| if let Found::Fails(why) = found { Some(why) } else { None });
            let why = before.unwrap_or(why);
            Some(checked.sign_in.as_ref().or(checked.delegation.as_ref()).unwrap_or(why))
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(customer: Option<&str>, knows_somebody: bool, now: Option<&str>) -> Option<String> {
        let before = Before { customer: customer.map(str::to_owned), knows_somebody };
        is_the_same("google", &before, now).err().map(|failure| failure.sentence())
    }

    #[test]
    fn a_directory_stays_the_one_of_its_customer() {
        assert_eq!(refused(Some("C1"), true, Some("C1")), None);
        assert_eq!(refused(Some("C1"), false, Some("C1")), None, "somebody may be new there");
        let other = refused(Some("C1"), true, Some("C2")).unwrap();
        assert!(other.contains("of the customer C1") && other.contains("of C2"), "{other}");
        assert!(refused(Some("C1"), true, None).unwrap().contains("does not say whose directory"));
    }

    #[test]
    fn where_it_was_never_said_whose_it_is_its_people_say_so() {
        assert_eq!(refused(None, true, Some("C1")), None);
        assert!(refused(None, false, Some("C2")).unwrap().contains("whom google does not know"));
        assert!(refused(None, true, None).is_some());
    }
}
