//! Each way in which a credential is wrong has a sentence of its own, and none of them shows a secret.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use usher_emulator::exchange::Response;
use usher_emulator::workspace::accounts::Role;
use usher_emulator::workspace::fault::ErrorReason;
use usher_engine::endpoint::Reachable;
use usher_engine::google::address::Address;
use usher_engine::google::client::{GoogleClient, OpenError};
use usher_engine::google::credential::Credential;
use usher_engine::google::error::GoogleError;
use usher_protocol::directory::request::UserFields;
use usher_protocol::oauth::SCOPES;
use usher_testkit::clock::SimClock;
use usher_testkit::workspace::{ACCOUNT, ADMIN};

use crate::scene::{Scene, assert_no_secret, count, error, serve, user};

/// What is said when people are asked for.
async fn said(scene: &Scene, client: &GoogleClient) -> String {
    let failed: GoogleError = count(client.users(&UserFields::of([]))).await.unwrap_err();
    assert!(failed.needs_an_administrator(), "{failed}");
    let (said, shown) = (failed.to_string(), format!("{failed:?} {client:?}"));
    let key_file = scene.server.key_text();
    assert_no_secret(&said, &key_file);
    assert_no_secret(&shown, &key_file);
    said
}

fn acting_as(scene: &Scene, admin: &str) -> GoogleClient {
    let credential = Credential::delegated(&scene.server.key_text(), admin, Reachable::default());
    scene.client_of(credential.unwrap())
}

#[tokio::test]
async fn each_wrong_credential_has_its_own_sentence() {
    let mut sentences = BTreeSet::new();
    let mut n = 0;
    let mut keep = |sentence: String, part: &str| {
        assert!(sentence.contains(part), "{sentence}");
        sentences.insert(sentence);
        n += 1;
    };
    let scene = Scene::new().await;
    let workspace = &scene.server.workspace;
    let off = json!({ "primaryEmail": "off@example.com", "suspended": true, "isAdmin": true });
    scene.server.seed(&json!({ "users": [user("plain"), off] })).await;
    keep(
        said(&scene, &acting_as(&scene, "nobody@example.com")).await,
        "nobody sign in as nobody@example.com",
    );
    keep(said(&scene, &acting_as(&scene, "off@example.com")).await, "nobody sign in as off@example.com");
    keep(said(&scene, &acting_as(&scene, "plain@example.com")).await, "Users > Read");

    let mut late = scene.sign_in(scene.delegated());
    late.clock = Arc::new(SimClock::at(scene.sim.now() + Duration::from_hours(3)).auto_advancing());
    let late = GoogleClient::open(late, SCOPES.to_vec(), None).unwrap();
    keep(said(&scene, &late).await, "its clock is wrong");

    let account = workspace.create_service_account("reader", "emulated").unwrap().email;
    let role = scene.role_client(&account).await;
    keep(said(&scene, &role).await, "reader@emulated.iam.gserviceaccount.com may not call");
    workspace.set_role(&account, Some(Role::GroupsReader)).unwrap();
    assert_eq!(count(role.groups()).await.unwrap(), 0);
    let other = GoogleClient::open(role.sign_in().clone(), SCOPES.to_vec(), Some("C0other")).unwrap();
    keep(said(&scene, &other).await, "C0other is not their customer ID");
    workspace.delete_service_account(&account).unwrap();
    keep(said(&scene, &role).await, "takes no access token of reader@");

    let narrow = GoogleClient::open(scene.sign_in(scene.delegated()), vec![SCOPES[1]], None).unwrap();
    keep(
        said(&scene, &narrow).await,
        "add the scope https://www.googleapis.com/auth/admin.directory.user.readonly",
    );
    workspace.delegate(ACCOUNT, &["https://www.googleapis.com/auth/admin.directory.user.readonly"]).unwrap();
    keep(said(&scene, &scene.client()).await, "Manage domain-wide delegation");

    let client = scene.client();
    let keys: Vec<_> = workspace
        .service_accounts()
        .into_iter()
        .filter(|account| account.email == ACCOUNT)
        .flat_map(|account| account.keys.into_keys())
        .collect();
    for key in keys {
        workspace.delete_key(ACCOUNT, &key).unwrap();
    }
    keep(said(&scene, &client).await, "deleted or disabled; make a new one");
    workspace.delete_service_account(ACCOUNT).unwrap();
    let failed = count(client.users(&UserFields::of([]))).await.unwrap_err().to_string();
    keep(failed, "does not know the service account usher@");
    assert_eq!(sentences.len(), n, "{sentences:#?}");
}

#[tokio::test]
async fn what_is_switched_off_at_google_is_said() {
    for (reason, part) in [
        (ErrorReason::AccessNotConfigured, "enable it (Google Cloud console"),
        (ErrorReason::DomainCannotUseApis, "does not let APIs read its directory"),
    ] {
        let scene = Scene::new().await;
        scene.break_always("directory.users.list", error(403, reason));
        let sentence = said(&scene, &scene.client()).await;
        assert!(sentence.contains(part), "{sentence}");
    }
}

#[tokio::test]
async fn a_token_endpoint_that_is_not_there_is_said() {
    let scene = Scene::new().await;
    let mut file = scene.server.key_file();
    file["token_uri"] = json!("http://127.0.0.1:1/token");
    let credential = Credential::delegated(&file.to_string().into(), ADMIN, Reachable::default()).unwrap();
    let failed = count(scene.client_of(credential).groups()).await.unwrap_err();
    let expected = "the token endpoint http://127.0.0.1:1/token cannot be reached";
    assert!(failed.to_string().starts_with(expected), "{failed}");
    assert!(failed.is_passing());
}

#[tokio::test]
async fn an_account_with_a_role_of_its_own_has_to_name_the_customer() {
    let scene = Scene::new().await;
    let role = || Credential::role(&scene.server.key_text(), Reachable::default()).unwrap();
    let open = |customer| GoogleClient::open(scene.sign_in(role()), SCOPES.to_vec(), customer);
    assert_eq!(open(None).unwrap_err(), OpenError::NoCustomer);
    assert_eq!(open(Some("example.com")).unwrap_err(), OpenError::NotACustomer);
}

#[tokio::test]
async fn a_server_that_repeats_what_it_was_sent_shows_nothing() {
    let scene = Scene::new().await;
    let repeating = serve(|request| {
        let sent = format!("{} {:?}", String::from_utf8_lossy(&request.body), request.headers);
        let envelope =
            json!({ "code": 400, "message": sent, "errors": [{ "reason": "x", "message": sent }] });
        let is_token = request.target == "/token";
        let error = if is_token { json!("invalid_grant") } else { envelope };
        let body = json!({ "error": error, "error_description": sent }).to_string().into_bytes();
        Response { status: 400, headers: Vec::new(), body }
    })
    .await;
    let mut file = scene.server.key_file();
    file["token_uri"] = format!("{repeating}/token").into();
    let credential = Credential::delegated(&file.to_string().into(), ADMIN, Reachable::default()).unwrap();
    let mut sentences = vec![count(scene.client_of(credential).groups()).await.unwrap_err().to_string()];
    let mut sign_in = scene.sign_in(scene.delegated());
    sign_in.roots.api = Address::parse("the API root", &repeating, Reachable::default()).unwrap();
    let client = GoogleClient::open(sign_in, SCOPES.to_vec(), None).unwrap();
    let failed = count(client.groups()).await.unwrap_err();
    sentences.push(failed.to_string());
    assert!(sentences[0].contains("assertion=…"), "{}", sentences[0]);
    assert!(sentences[1].contains("Bearer …"), "{}", sentences[1]);
    for sentence in sentences {
        assert_no_secret(&sentence, &scene.server.key_text());
    }
}
