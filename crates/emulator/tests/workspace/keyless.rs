//! Without a key file: a metadata server or another identity provider, then a signature by IAM Credentials.

use serde_json::{Value, json};
use usher_emulator::exchange::Request;

use crate::auth::USERS;
use crate::world::{ADMIN, Answer, BASE, KEY, World};

const ACCOUNT: &str = "usher@emulated.iam.gserviceaccount.com";
const MACHINE: &str = "machine@emulated.iam.gserviceaccount.com";
const AUDIENCE: &str = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q";
const SECOND: i64 = 1_767_323_045;

fn prepared() -> World {
    let world = World::new();
    world.workspace.create_service_account("usher", "emulated").unwrap();
    world.workspace.create_service_account("machine", "emulated").unwrap();
    world.workspace.delegate(ACCOUNT, &[USERS]).unwrap();
    world
}

fn sign(world: &World, token: &str) -> Answer {
    let claims = json!({
        "iss": ACCOUNT, "sub": ADMIN, "scope": USERS, "aud": format!("{BASE}/token"),
        "iat": SECOND, "exp": SECOND + 3_600,
    });
    let target = format!("/v1/projects/-/serviceAccounts/{}:signJwt", ACCOUNT.replace('@', "%40"));
    let request = Request::new("POST", &target)
        .with_header("Authorization", &format!("Bearer {token}"))
        .with_body(json!({ "payload": claims.to_string() }).to_string());
    world.raw(request)
}

fn use_signed(world: &World, signed: &Value) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
        .append_pair("assertion", signed["signedJwt"].as_str().unwrap())
        .finish();
    let token = world.raw(Request::new("POST", "/token").with_body(body)).ok();
    let list = Request::new("GET", "/admin/directory/v1/users?customer=my_customer")
        .with_header("Authorization", &format!("Bearer {}", token["access_token"].as_str().unwrap()));
    world.raw(list).ok();
}

#[test]
fn a_machine_signs_by_way_of_iam_credentials() {
    let world = prepared();
    let ask = |path: &str| {
        let target = format!("/computeMetadata/v1/instance/service-accounts/{path}");
        world.raw(Request::new("GET", &target).with_header("Metadata-Flavor", "Google"))
    };
    assert_eq!(ask("default/token").status, 404, "no machine yet");
    world.workspace.set_machine(Some(MACHINE)).unwrap();
    assert_eq!(ask("default/email").text(), MACHINE);
    let bare = Request::new("GET", "/computeMetadata/v1/instance/service-accounts/default/token");
    assert_eq!(world.raw(bare).status, 403);
    let answer = ask("default/token");
    assert_eq!(answer.response.header("metadata-flavor"), Some("Google"));
    let token = answer.ok()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(sign(&world, &token).status, 403, "not granted");
    assert_eq!(sign(&world, "x").status, 401);
    world.workspace.allow_signing(ACCOUNT, MACHINE, Some(KEY)).unwrap();
    use_signed(&world, &sign(&world, &token).ok());
}

#[test]
fn a_token_of_another_provider_is_exchanged_first() {
    let world = prepared();
    world.workspace.federate(AUDIENCE, "ci", "a.b.c").unwrap();
    world.workspace.allow_signing(ACCOUNT, "ci", Some(KEY)).unwrap();
    let exchange = |audience: &str, token: &str| {
        let body = json!({
            "grantType": "urn:ietf:params:oauth:grant-type:token-exchange",
            "audience": audience, "subjectToken": token,
            "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt",
            "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
            "scope": "https://www.googleapis.com/auth/cloud-platform",
        });
        let request = Request::new("POST", "/v1/token").with_header("Content-Type", "application/json");
        world.raw(request.with_body(body.to_string()))
    };
    assert_eq!(exchange("//else", "a.b.c").json()["error"], "invalid_target");
    assert_eq!(exchange(AUDIENCE, "x.y.z").json()["error"], "invalid_grant");
    let token = exchange(AUDIENCE, "a.b.c").ok()["access_token"].as_str().unwrap().to_owned();
    use_signed(&world, &sign(&world, &token).ok());
    let direct = Request::new("GET", "/admin/directory/v1/users?customer=my_customer")
        .with_header("Authorization", &format!("Bearer {token}"));
    assert_eq!(world.raw(direct).status, 403);
    let target = format!("/v1/projects/-/serviceAccounts/{ACCOUNT}:generateAccessToken");
    let request = Request::new("POST", &target)
        .with_header("Authorization", &format!("Bearer {token}"))
        .with_body(json!({ "scope": [USERS] }).to_string());
    assert!(world.raw(request).ok()["accessToken"].is_string());
}
