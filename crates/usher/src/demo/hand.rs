//! Another hand: somebody who works at the app itself, past Usher, with a token of their own.
//!
//! What it sends is plain SCIM, as any script of an administrator would send it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use serde_json::{Value, json};
use usher_engine::endpoint::Endpoint;
use usher_engine::environment::Environment;
use usher_engine::transport::Transport;
use usher_model::template::Template;
use usher_protocol::http::{Method, Request, Response};

use super::setup::Door;
use crate::failure::Failure;

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATIENCE: Duration = Duration::from_secs(10);

/// Somebody with a way to the app.
#[derive(Debug)]
pub(super) struct Hand {
    transport: Arc<dyn Transport>,
}

/// An account that is made without Usher.
#[derive(Clone, Debug)]
pub(super) struct ByHand {
    pub(super) address: String,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
    /// As another tool may have left it.
    pub(super) external_id: Option<&'static str>,
}

impl Hand {
    pub(super) fn new(environment: &Environment, door: &Door) -> Result<Self, Failure> {
        let template = Template::by_key("aws").context("the catalogue has no template for AWS")?;
        let endpoint = Endpoint::parse(&door.endpoint, template, environment.reachable)?;
        Ok(Self { transport: environment.transports.open(endpoint, door.token.clone()) })
    }

    /// Makes an account.
    pub(super) async fn make(&self, account: &ByHand) -> Result<(), Failure> {
        let ByHand { address, given, family, external_id } = account;
        let mut body = json!({
            "schemas": [USER],
            "userName": address,
            "name": {"givenName": given, "familyName": family},
            "displayName": format!("{given} {family}"),
            "emails": [{"value": address, "type": "work", "primary": true}],
            "active": true,
        });
        if let Some(external_id) = external_id {
            body["externalId"] = json!(external_id);
        }
        self.send(&Request::new(Method::Post, ["Users"]).with_body(body)).await.map(drop)
    }

    /// Sets one attribute of the account with this `externalId`.
    pub(super) async fn set(&self, external_id: &str, path: &str, value: &Value) -> Result<(), Failure> {
        let filter = format!("externalId eq \"{external_id}\"");
        let found = self.send(&Request::new(Method::Get, ["Users"]).with_query("filter", filter)).await?;
        let found = found.body_json().context("the emulated app answered a look-up without JSON")?;
        let id = found["Resources"][0]["id"].as_str();
        let id =
            id.with_context(|| format!("the emulated app has no account with the externalId {external_id}"))?;
        let body = json!({
            "schemas": [PATCH],
            "Operations": [{"op": "replace", "path": path, "value": value}],
        });
        self.send(&Request::new(Method::Patch, ["Users", id]).with_body(body)).await.map(drop)
    }

    async fn send(&self, request: &Request) -> Result<Response, Failure> {
        let answer = self.transport.send(request, PATIENCE).await?;
        if answer.is_success() {
            return Ok(answer);
        }
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        Err(anyhow!("the emulated app answered {} to an edit by hand: {said}", answer.status).into())
    }
}
