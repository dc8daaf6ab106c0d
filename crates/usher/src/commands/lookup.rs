//! Finds what a command line names, or says that it is not there.

use usher_model::directory::{Group, User};
use usher_model::id::{DirectoryId, Email};
use usher_store::app::{self, App};
use usher_store::{Tx, directory};

use crate::context::Context;
use crate::failure::Failure;

/// How many names a message lists.
const NAMES_SHOWN: usize = 10;

/// The app of this name.
pub(crate) async fn app(context: &Context, tx: &mut Tx, name: &str) -> Result<App, Failure> {
    if let Some(app) = app::by_name(tx, name).await? {
        return Ok(app);
    }
    let apps = app::list(tx).await?;
    let mut names: Vec<_> = apps.iter().take(NAMES_SHOWN).map(|app| app.name.as_str()).collect();
    if apps.len() > NAMES_SHOWN {
        names.push("…");
    }
    let there_are = match names.as_slice() {
        [] => "it has none yet; make one with `usher app add`".to_owned(),
        [one] => format!("there is {one}"),
        many => format!("there are {}", many.join(", ")),
    };
    Err(Failure::new(format!("there is no app named `{name}` in {}: {there_are}", context.place())))
}

/// The group with this address.
pub(crate) async fn group(tx: &mut Tx, directory: &DirectoryId, address: &str) -> Result<Group, Failure> {
    let email = email(address)?;
    let found = directory::group_by_email(tx, directory, &email).await?;
    found.ok_or_else(|| Failure::new(format!("the directory has no group with the address {email}")))
}

/// Somebody of a directory, or one of its groups.
#[derive(Debug)]
pub(crate) enum Subject {
    Person(User),
    Group(Group),
}

/// Whoever, or whichever group, of the app's directory has this address. No address is both's.
pub(crate) async fn subject(tx: &mut Tx, app: &App, email: &Email) -> Result<Subject, Failure> {
    if let Some(user) = directory::user_by_email(tx, &app.directory, email).await? {
        return Ok(Subject::Person(user));
    }
    let group = directory::group_by_email(tx, &app.directory, email).await?;
    group.map(Subject::Group).ok_or_else(|| nobody(email))
}

/// Neither a person nor a group has this address.
pub(crate) fn nobody(email: &Email) -> Failure {
    Failure::new(format!("nobody in the directory has the address {email}, and no group has it"))
}

/// An address as it was typed.
pub(crate) fn email(text: &str) -> Result<Email, Failure> {
    Email::parse(text).map_err(|error| Failure::usage(error.to_string()))
}
