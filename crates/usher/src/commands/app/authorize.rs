//! `usher app authorize`: gives an app its endpoint and access token, once the app has accepted them.
//!
//! The token is never on a command line, and leaves this file only as a secret.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use usher_engine::authorize::{Authorization, authorize};
use usher_model::app::Settings;
use usher_store::{Store, app};

use super::show::show;
use super::view::AppView;
use crate::cli::app::Authorize;
use crate::commands::lookup;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::secret_file;

/// Checks and stores them.
pub(super) async fn run(context: &Context, store: &Store, args: Authorize) -> Result<Exit, Failure> {
    let token = token(&args.token_file)?;
    let mut tx = store.read("usher::app_authorize").await?;
    let app = lookup::app(context, &mut tx, &args.name).await?;
    drop(tx);
    let endpoint = args.endpoint.or(app.endpoint.clone()).ok_or_else(|| {
        Failure::usage(format!("{} has no endpoint yet: give it with --endpoint", app.name))
    })?;
    let authorization = Authorization {
        app: &app.name,
        endpoint: &endpoint,
        token,
        token_created_at: args.token_created,
        is_new_tenant: args.new_tenant,
    };
    authorize(store, &context.clock, &context.environment()?, authorization).await?;
    if app.settings.is_none() {
        // After `unconfigure` the app begins anew, as a new one does.
        let mut tx = store.begin("usher::app_authorize").await?;
        app::configure(&mut tx, &app.id, &Settings::default()).await?;
        tx.commit().await?;
    }
    let mut tx = store.read("usher::app_authorize").await?;
    show(context, &mut tx, &app.name, text).await
}

fn text(view: &AppView) -> String {
    let [name, .., endpoint] = view.row();
    let next = view
        .in_the_way()
        .map(|sentences| format!("Before it can be turned on: {}.\n", sentences.replace('\n', "; ")));
    let token = view.token().map(|token| format!("The token was {token}.\n")).unwrap_or_default();
    format!("{name} is authorized: {endpoint} accepted the token.\n{token}{}", next.unwrap_or_default())
}

/// Reads a token, without the white space around it.
fn token(path: &Path) -> Result<SecretString, Failure> {
    let text = secret_file::read("the token file", path)?;
    let shown = secret_file::shown(path);
    let token = text.expose_secret().trim();
    if token.is_empty() {
        return Err(Failure::new(format!(
            "the token file {shown} is empty: put the app's access token into it"
        )));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::new(format!(
            "the token file {shown} holds more than one token, or something else: a token has no white space inside"
        )));
    }
    Ok(SecretString::from(token))
}
