//! Signing in without a key: on a machine of Google Cloud, or with another provider's token.

use std::io::Write as _;

use secrecy::SecretString;
use serde_json::{Value, json};
use usher_emulator::exchange::Response;
use usher_engine::google::ambient::Surroundings;
use usher_engine::google::client::GoogleClient;
use usher_engine::google::credential::Credential;
use usher_engine::google::error::GoogleError;
use usher_protocol::directory::request::UserFields;
use usher_protocol::oauth::SCOPES;
use usher_testkit::workspace::{ACCOUNT, ADMIN};

use crate::scene::{Scene, count, serve};

const AUDIENCE: &str = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q";
const OWN: &str = "eyJ.workload.token";

fn credential() -> Credential {
    Credential::keyless(ACCOUNT, ADMIN).unwrap()
}

fn client(scene: &Scene, surroundings: &Surroundings) -> GoogleClient {
    GoogleClient::open(scene.sign_in_within(credential(), surroundings), SCOPES.to_vec(), None).unwrap()
}

/// Reads something, or says why not.
async fn read(scene: &Scene, surroundings: &Surroundings) -> Result<usize, String> {
    let said = |error: GoogleError| {
        let said = error.to_string();
        assert!(!said.contains(OWN), "{said}");
        said
    };
    count(client(scene, surroundings).users(&UserFields::of([]))).await.map_err(said)
}

/// A configuration file of workload identity federation.
fn configuration(scene: &Scene, audience: &str, source: &Value) -> Value {
    json!({
        "type": "external_account",
        "audience": audience,
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("{}/v1/token", scene.server.base_url()),
        "credential_source": source,
    })
}

/// The environment of a workload that has it.
fn workload(scene: &Scene, audience: &str, source: &Value) -> Surroundings {
    let file = configuration(scene, audience, source).to_string();
    Surroundings { metadata_host: None, application_credentials: Some(SecretString::from(file)) }
}

#[tokio::test]
async fn a_machine_signs_by_way_of_iam_credentials() {
    let scene = Scene::new().await;
    let machine = scene.server.workspace.create_service_account("machine", "emulated").unwrap().email;
    let none = read(&scene, &scene.machine()).await.unwrap_err();
    assert!(none.starts_with("this machine has no service account"), "{none}");
    scene.server.workspace.set_machine(Some(&machine)).unwrap();
    let denied = read(&scene, &scene.machine()).await.unwrap_err();
    assert!(denied.contains("Service Account Token Creator"), "{denied}");
    scene.server.allow_signing(&machine);
    assert_eq!(read(&scene, &scene.machine()).await, Ok(1));
}

#[tokio::test]
async fn where_no_metadata_server_is_that_is_said() {
    let scene = Scene::new().await;
    let nowhere =
        Surroundings { metadata_host: Some("127.0.0.1:1".to_owned()), application_credentials: None };
    let said = read(&scene, &nowhere).await.unwrap_err();
    assert!(said.starts_with("no metadata server answers at http://127.0.0.1:1"), "{said}");
    let elsewhere = Surroundings {
        metadata_host: Some("metadata.example.com".to_owned()),
        application_credentials: None,
    };
    let said = read(&scene, &elsewhere).await.unwrap_err();
    assert!(said.starts_with("the metadata server cannot be at `metadata.example.com`"), "{said}");
}

#[tokio::test]
async fn a_workload_exchanges_its_own_token_first() {
    let scene = Scene::new().await;
    scene.server.workspace.federate(AUDIENCE, "ci", OWN).unwrap();
    scene.server.allow_signing("ci");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{OWN}").unwrap();
    let plain = json!({ "file": file.path() });
    assert_eq!(read(&scene, &workload(&scene, AUDIENCE, &plain)).await, Ok(1));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "{}", json!({ "access_token": OWN })).unwrap();
    let format = json!({ "type": "json", "subject_token_field_name": "access_token" });
    let in_json = json!({ "file": file.path(), "format": format });
    assert_eq!(read(&scene, &workload(&scene, AUDIENCE, &in_json)).await, Ok(1));
}

#[tokio::test]
async fn each_refusal_of_a_workload_has_its_own_sentence() {
    let scene = Scene::new().await;
    scene.server.workspace.federate(AUDIENCE, "ci", "another").unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "{OWN}").unwrap();
    let source = json!({ "file": file.path() });
    let said = read(&scene, &workload(&scene, AUDIENCE, &source)).await.unwrap_err();
    assert!(said.starts_with("the workload identity pool does not take this workload's token"), "{said}");
    let said = read(&scene, &workload(&scene, "//iam.googleapis.com/else", &source)).await.unwrap_err();
    assert!(said.starts_with("the security token service gave no token"), "{said}");
    let gone = json!({ "file": "/nowhere/token" });
    let said = read(&scene, &workload(&scene, AUDIENCE, &gone)).await.unwrap_err();
    assert!(said.contains("cannot be read from /nowhere/token"), "{said}");
    let surroundings =
        Surroundings { metadata_host: None, application_credentials: Some(scene.server.key_text()) };
    let said = read(&scene, &surroundings).await.unwrap_err();
    assert!(said.contains("use it with --key-file"), "{said}");
}

#[tokio::test]
async fn a_workloads_token_may_be_asked_for_and_become_that_of_another_account() {
    let scene = Scene::new().await;
    let workspace = &scene.server.workspace;
    let machine = workspace.create_service_account("machine", "emulated").unwrap().email;
    workspace.federate(AUDIENCE, "ci", OWN).unwrap();
    workspace.allow_signing(&machine, "ci", None).unwrap();
    scene.server.allow_signing(&machine);
    let provider = serve(|request| {
        assert_eq!(request.target, "/token?audience=x");
        let is_asked_for = request.header("authorization") == Some("bearer ci");
        let body = json!({ "value": if is_asked_for { OWN } else { "" } }).to_string().into_bytes();
        Response { status: 200, headers: Vec::new(), body }
    })
    .await;
    let source = |authorization: &str| {
        json!({
            "url": format!("{provider}/token?audience=x"),
            "headers": { "Authorization": authorization },
            "format": { "type": "json", "subject_token_field_name": "value" },
        })
    };
    let base = scene.server.base_url();
    let url = format!("{base}/v1/projects/-/serviceAccounts/{machine}:generateAccessToken");
    let surroundings = |authorization, url| {
        let mut file = configuration(&scene, AUDIENCE, &source(authorization));
        file["service_account_impersonation_url"] = json!(url);
        Surroundings { metadata_host: None, application_credentials: Some(file.to_string().into()) }
    };
    assert_eq!(read(&scene, &surroundings("bearer ci", url.as_str())).await, Ok(1));
    let said = read(&scene, &surroundings("bearer x", &url)).await.unwrap_err();
    assert!(said.contains("it holds no token"), "{said}");
    let other = format!("{base}/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken");
    let said = read(&scene, &surroundings("bearer ci", &other)).await.unwrap_err();
    assert!(said.contains("Workload Identity User"), "{said}");
}
