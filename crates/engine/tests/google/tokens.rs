//! Access tokens are kept, and asked for anew in time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::future::join_all;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use usher_emulator::workspace::accounts::Role;
use usher_emulator::workspace::fault::ErrorReason;
use usher_engine::carrier::{Carrier, Message};
use usher_engine::google::client::GoogleClient;
use usher_engine::google::error::GoogleError;
use usher_engine::google::method::ApiMethod;
use usher_engine::google::token::Tokens;
use usher_engine::transport::TransportError;
use usher_protocol::directory::error::ApiError;
use usher_protocol::directory::request::UserFields;
use usher_protocol::http::Response;
use usher_protocol::oauth::SCOPES;

use crate::scene::{Scene, count, error};

#[tokio::test]
async fn whoever_asks_meanwhile_waits_for_the_same_token() {
    let scene = Scene::new().await;
    let tokens = Tokens::new(scene.sign_in(scene.delegated()), SCOPES.to_vec());
    let all = join_all((0..10).map(|_| tokens.get())).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(scene.asked("oauth.token"), 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let scene = Scene::new().await;
    let client = scene.client();
    count(client.domains()).await.unwrap();
    scene.sim.advance(Duration::from_mins(54));
    count(client.domains()).await.unwrap();
    assert_eq!(scene.asked("oauth.token"), 1);
    scene.sim.advance(Duration::from_mins(1));
    count(client.domains()).await.unwrap();
    assert_eq!(scene.asked("oauth.token"), 2);
    assert_eq!(client.counts()[&ApiMethod::DomainsList], 3, "none was refused");
}

#[tokio::test]
async fn a_token_that_is_refused_is_followed_by_one_new_one() {
    let scene = Scene::new().await;
    let client = scene.client();
    count(client.domains()).await.unwrap();
    scene.server.workspace.revoke_tokens();
    count(client.domains()).await.unwrap();
    assert_eq!(scene.asked("oauth.token"), 2);
    scene.break_always("directory.domains.list", error(401, ErrorReason::AuthError));
    let failed = count(client.domains()).await.unwrap_err();
    assert!(matches!(failed, GoogleError::Unauthorized { .. }), "{failed}");
    assert!(failed.needs_an_administrator());
    assert_eq!(scene.asked("oauth.token"), 3, "and no more than one");
}

#[tokio::test]
async fn a_role_key_needs_no_token_endpoint() {
    let scene = Scene::new().await;
    let workspace = &scene.server.workspace;
    let account = workspace.create_service_account("reader", "emulated").unwrap().email;
    workspace.set_role(&account, Some(Role::Reader)).unwrap();
    let client = scene.role_client(&account).await;
    count(client.users(&UserFields::of([]))).await.unwrap();
    scene.sim.advance(Duration::from_hours(2));
    count(client.groups()).await.unwrap();
    assert_eq!(scene.asked("oauth.token"), 0);
}

/// Takes no token that names scopes.
#[derive(Debug)]
struct ByAudienceAlone(Arc<dyn Carrier>);

#[async_trait]
impl Carrier for ByAudienceAlone {
    async fn carry(&self, message: &Message<'_>, timeout: Duration) -> Result<Response, TransportError> {
        let token = message.bearer.unwrap().expose_secret();
        let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(token).unwrap().claims;
        if claims.get("scope").is_none() {
            return self.0.carry(message, timeout).await;
        }
        let error = ApiError::new(401, "authError", "Invalid Credentials");
        Ok(Response::json(401, &error.to_json()))
    }
}

#[tokio::test]
async fn a_role_key_signs_for_an_audience_where_scopes_are_not_taken() {
    let scene = Scene::new().await;
    let workspace = &scene.server.workspace;
    let account = workspace.create_service_account("reader", "emulated").unwrap().email;
    workspace.set_role(&account, Some(Role::Reader)).unwrap();
    let role = scene.role_client(&account).await;
    let mut sign_in = role.sign_in().clone();
    sign_in.carrier = Arc::new(ByAudienceAlone(scene.server.in_process()));
    let client = GoogleClient::open(sign_in, SCOPES.to_vec(), Some(role.customer_key())).unwrap();
    for n in 2..4 {
        count(client.domains()).await.unwrap();
        assert_eq!(client.counts()[&ApiMethod::DomainsList], n, "the form that is taken is kept to");
    }
}
