//! `usher directory check`: what of a Google Workspace works, and what an administrator clicks to mend the rest.

use serde::Serialize;
use usher_engine::google::check::{self, CallCheck, Found, ScopeCheck};
use usher_engine::google::credential::Credential;
use usher_store::Store;
use usher_store::directory::{self, Directory};

use crate::cli::directory::Check;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, table};

/// How a directory stands.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    directory: String,
    service_account: String,
    admin: Option<String>,
    works: bool,
    /// Why nobody is signed in.
    sign_in: Option<String>,
    /// How the scopes are given that are missing.
    delegation: Option<String>,
    scopes: Vec<Line>,
    calls: Vec<Line>,
}

/// One scope, or one call.
#[derive(Debug, Serialize)]
struct Line {
    name: &'static str,
    works: Option<bool>,
    /// What is wrong and what mends it, or why it was not tried.
    why: Option<String>,
}

/// Checks a directory that is there.
pub(crate) async fn run(context: &Context, store: &Store, args: &Check) -> Result<Exit, Failure> {
    let (found, checked) = check(context, store, &args.name).await?;
    let checked = Checked::new(found.name, checked);
    context.output.answer(&checked)?;
    Ok(checked.exit())
}

/// The same, by whatever face it was asked for.
pub(crate) async fn check(
    context: &Context,
    store: &Store,
    name: &str,
) -> Result<(Directory, check::Check), Failure> {
    let mut tx = store.read("usher::directory_check").await?;
    let (found, google) = super::google(&mut tx, name).await?;
    let sealed = directory::google_credential(&mut tx, store.keyring(), &found.id).await?;
    drop(tx);
    let credential = Credential::unseal(&sealed, context.reachable())?;
    let api_root = google.api_root.as_deref();
    let sign_in = context.way_to_google().sign_in(&context.clock, credential, api_root)?;
    Ok((found, check::check(sign_in, google.customer.as_deref()).await?))
}

impl Checked {
    pub(super) fn new(directory: String, check: check::Check) -> Self {
        let works = check.is_fine();
        let scope = |ScopeCheck { scope, found }: ScopeCheck| Line::new(scope, found);
        let call = |CallCheck { method, found }: CallCheck| Line::new(method.name(), found);
        Self {
            directory,
            service_account: check.account,
            admin: check.admin,
            works,
            sign_in: check.sign_in,
            delegation: check.delegation,
            scopes: check.scopes.into_iter().map(scope).collect(),
            calls: check.calls.into_iter().map(call).collect(),
        }
    }

    pub(super) fn exit(&self) -> Exit {
        if self.works { Exit::Ok } else { Exit::Failed }
    }
}

impl Line {
    fn new(name: &'static str, found: Found) -> Self {
        let (works, why) = match found {
            Found::Works => (Some(true), None),
            Found::Fails(why) => (Some(false), Some(why)),
            Found::NotTried(why) => (None, Some(why)),
        };
        Self { name, works, why }
    }

    fn row(&self) -> [String; 3] {
        let word = match self.works {
            Some(true) => "works",
            Some(false) => "fails",
            None => "not tried",
        };
        [self.name.to_owned(), word.to_owned(), self.why.clone().unwrap_or_default()]
    }
}

impl Answer for Checked {
    fn text(&self) -> String {
        let who = match &self.admin {
            Some(admin) => format!("{} acts as {admin}", self.service_account),
            None => format!("{} acts for itself", self.service_account),
        };
        let signed_in = match (&self.sign_in, &self.delegation) {
            (Some(why), _) => format!("not signed in: {why}"),
            (None, Some(how)) => format!("signed in, and not for everything: {how}"),
            (None, None) => "signed in".to_owned(),
        };
        let scopes = table(&["SCOPE", "", ""], self.scopes.iter().map(Line::row));
        let calls = table(&["CALL", "", ""], self.calls.iter().map(Line::row));
        let end = if self.works { "Everything works.\n" } else { "" };
        format!("{}: {who}; {signed_in}\n\n{scopes}\n{calls}\n{end}", self.directory)
    }
}
