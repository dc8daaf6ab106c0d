//! Access tokens are kept, and asked for anew in time.

use std::time::Duration;

use futures::future::join_all;
use usher_emulator::workspace::fault::ErrorReason;
use usher_engine::google::error::GoogleError;
use usher_engine::google::method::ApiMethod;
use usher_engine::google::token::Tokens;
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
    workspace.set_role(&account, Some(usher_emulator::workspace::accounts::Role::Reader)).unwrap();
    let client = scene.role_client(&account).await;
    count(client.users(&usher_protocol::directory::request::UserFields::of([]))).await.unwrap();
    scene.sim.advance(Duration::from_hours(2));
    count(client.groups()).await.unwrap();
    assert_eq!(scene.asked("oauth.token"), 0);
}
