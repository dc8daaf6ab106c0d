//! Sign-out: this session ends.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use usher_store::admin::session as sessions;

use crate::console::Console;
use crate::failure::Failure;
use crate::posted::Posted;
use crate::session::{Signed, no_cookie};

#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// Ends it.
pub(crate) async fn sign_out(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let mut tx = console.store().begin("web::sign_out").await?;
    sessions::end(&mut tx, &signed.digest).await?;
    tx.commit().await?;
    Ok(([no_cookie(&console)], Redirect::to("/sign-in")).into_response())
}
