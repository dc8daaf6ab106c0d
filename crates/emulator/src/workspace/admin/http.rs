//! The administration over HTTP, below `/emulator`: JSON in, JSON out, an error is one sentence under `error`.
//!
//! Nothing is done for a web page of somewhere else, nor for another machine: [`crate::gate`].

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{AdminError, missing};
use crate::exchange::{Request, Response};
use crate::gate;
use crate::workspace::accounts::ServiceAccount;
use crate::workspace::catalog::{catalog, decoded};
use crate::workspace::fault::FaultRule;
use crate::workspace::{Workspace, oauth};

mod bodies;
mod index;

/// How many requests a page of the log has unless it is said, and at most.
const PAGE: usize = 100;
const MAX_PAGE: usize = 10_000;

/// Whether a path is the administration's.
pub(crate) fn is_admin(path: &str) -> bool {
    path == "/emulator" || path.starts_with("/emulator/")
}

/// A status and what is shown.
type Shown = Result<(u16, Value), AdminError>;

/// Answers a request below `/emulator`.
pub(crate) async fn answer(workspace: &Workspace, request: &Request) -> Response {
    if let Err(sentence) = gate::pass(request) {
        return shown(403, &json!({ "error": sentence }));
    }
    let (path, query) = request.path_and_query();
    let parts: Vec<String> =
        path.trim_matches('/').split('/').skip(1).filter(|part| !part.is_empty()).map(decoded).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let call = Call { workspace, query, body: &request.body };
    let done = match (request.method.as_str(), parts.as_slice()) {
        ("GET", []) => Ok((200, index::shown())),
        ("GET", ["summary"]) => call.summary().await,
        ("POST", ["seed"]) => call.seed().await,
        ("POST", ["access-tokens"]) => call.access_token().await,
        (method, ["service-accounts", rest @ ..]) => call.service_accounts(method, rest),
        (method, parts) => call.switches(method, parts),
    };
    match done {
        Ok((status, body)) => shown(status, &body),
        Err(error) => shown(status(&error), &json!({ "error": error.to_string() })),
    }
}

struct Call<'a> {
    workspace: &'a Workspace,
    query: &'a str,
    body: &'a [u8],
}

impl Call<'_> {
    fn read<T: DeserializeOwned>(&self) -> Result<T, AdminError> {
        let body = if self.body.trim_ascii().is_empty() { b"{}" } else { self.body };
        serde_json::from_slice(body).map_err(|error| {
            AdminError::BadRequest(format!("the body is not what is expected here: {error}"))
        })
    }

    fn number(&self, name: &str, usual: u64) -> Result<u64, AdminError> {
        let mut query = url::form_urlencoded::parse(self.query.as_bytes());
        let Some((_, value)) = query.find(|(known, _)| known == name) else { return Ok(usual) };
        value.parse().map_err(|_| AdminError::BadRequest(format!("`{name}` is not a number")))
    }

    async fn summary(&self) -> Shown {
        Ok((200, json!(self.workspace.summary().await?)))
    }

    async fn seed(&self) -> Shown {
        Ok((200, json!(self.workspace.seed(self.body).await?)))
    }

    async fn access_token(&self) -> Shown {
        let bodies::AccessToken { user, scopes } = self.read()?;
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        let token = self.workspace.access_token(&user, &scopes).await?;
        Ok((201, json!({ "access_token": token })))
    }

    fn service_accounts(&self, method: &str, rest: &[&str]) -> Shown {
        let workspace = self.workspace;
        match (method, rest) {
            ("GET", []) => {
                let accounts: Vec<Value> = workspace.service_accounts().iter().map(account).collect();
                Ok((200, json!({ "service_accounts": accounts })))
            }
            ("POST", []) => {
                let bodies::NewAccount { name, project } = self.read()?;
                Ok((201, account(&workspace.create_service_account(&name, &project)?)))
            }
            ("DELETE", [email]) => workspace.delete_service_account(email).map(nothing),
            ("POST", [email, "keys"]) => {
                let bodies::Key { private_key } = self.read()?;
                Ok((201, workspace.create_key(email, private_key.as_deref())?))
            }
            ("DELETE", [email, "keys", key]) => workspace.delete_key(email, key).map(nothing),
            ("PUT", [email, "scopes"]) => {
                let bodies::Scopes { scopes } = self.read()?;
                let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
                workspace.delegate(email, &scopes).map(nothing)
            }
            ("PUT", [email, "role"]) => {
                let bodies::NewRole { role } = self.read()?;
                workspace.set_role(email, role).map(nothing)
            }
            ("POST", [email, "signers"]) => {
                let bodies::Signer { caller, private_key } = self.read()?;
                workspace.allow_signing(email, &caller, private_key.as_deref()).map(nothing)
            }
            _ => Err(nowhere()),
        }
    }

    fn switches(&self, method: &str, parts: &[&str]) -> Shown {
        let workspace = self.workspace;
        match (method, parts) {
            ("DELETE", ["access-tokens"]) => {
                workspace.revoke_tokens();
                Ok(nothing(()))
            }
            ("PUT", ["machine"]) => {
                let bodies::Machine { service_account } = self.read()?;
                workspace.set_machine(service_account.as_deref()).map(nothing)
            }
            ("POST", ["federations"]) => {
                let bodies::NewFederation { audience, principal, subject_token } = self.read()?;
                workspace.federate(&audience, &principal, &subject_token).map(nothing)
            }
            ("GET", ["faults"]) => Ok((200, json!({ "faults": workspace.faults() }))),
            ("POST", ["faults"]) => {
                let rule: FaultRule = self.read()?;
                Ok((201, json!({ "id": workspace.add_fault(rule)? })))
            }
            ("DELETE", ["faults"]) => {
                workspace.end_faults();
                Ok(nothing(()))
            }
            ("DELETE", ["faults", id]) => {
                let id = id.parse().map_err(|_| missing("fault", id))?;
                workspace.end_fault(id).map(nothing)
            }
            ("GET", ["methods"]) => {
                let mut methods: Vec<&str> = catalog().ids().collect();
                methods.extend(oauth::Place::NAMES);
                Ok((200, json!({ "methods": methods })))
            }
            ("GET", ["settings"]) => Ok((200, json!(workspace.settings()))),
            ("PATCH", ["settings"]) => {
                let settings = bodies::changed(&workspace.settings(), self.read()?)?;
                workspace.change_settings(settings.clone())?;
                Ok((200, json!(settings)))
            }
            ("GET", ["channels"]) => Ok((200, json!({ "channels": workspace.channels() }))),
            ("GET", ["counters"]) => Ok((200, json!(workspace.counters()))),
            ("GET", ["requests"]) => {
                let (after, limit) = (self.number("after", 0)?, self.number("limit", PAGE as u64)?);
                let most = usize::try_from(limit).unwrap_or(MAX_PAGE).min(MAX_PAGE);
                let requests = workspace.requests(after, most);
                let next = requests.last().map_or(after, |last| last.n);
                Ok((200, json!({ "requests": requests, "next": next })))
            }
            ("DELETE", ["requests"]) => {
                workspace.clear_log();
                Ok(nothing(()))
            }
            _ => Err(nowhere()),
        }
    }
}

fn nowhere() -> AdminError {
    missing("such call below", "/emulator")
}

fn nothing((): ()) -> (u16, Value) {
    (204, Value::Null)
}

/// A service account as it is shown: never a private key.
fn account(account: &ServiceAccount) -> Value {
    json!({
        "email": account.email,
        "client_id": account.client_id,
        "project": account.project,
        "keys": account.keys.keys().collect::<Vec<_>>(),
        "delegated_scopes": account.delegated_scopes,
        "role": account.role,
        "token_creators": account.token_creators,
    })
}

fn status(error: &AdminError) -> u16 {
    match error {
        AdminError::BadRequest(_) | AdminError::Key(_) => 400,
        AdminError::NotFound { .. } => 404,
        AdminError::Refused(_) => 409,
        AdminError::Directory(_) => 503,
        AdminError::State(_) => 500,
    }
}

fn shown(status: u16, body: &Value) -> Response {
    let mut headers = vec![("Cache-Control", "no-store".to_owned())];
    if status == 204 {
        return Response { status, headers, body: Vec::new() };
    }
    headers.push(("Content-Type", "application/json".to_owned()));
    let mut text = serde_json::to_vec_pretty(body).expect("invariant: what is shown is JSON");
    text.push(b'\n');
    Response { status, headers, body: text }
}
