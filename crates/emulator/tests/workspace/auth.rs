//! Tokens: assertions exchanged, self-signed ones, scopes and rights.

use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use usher_emulator::exchange::Request;
use usher_emulator::workspace::accounts::Role;

use crate::world::{ADMIN, Answer, BASE, KEY, World, refused};

pub(crate) const USERS: &str = "https://www.googleapis.com/auth/admin.directory.user.readonly";
const GROUPS: &str = "https://www.googleapis.com/auth/admin.directory.group.readonly";
const ACCOUNT: &str = "usher@emulated.iam.gserviceaccount.com";
/// The second at which every test begins.
const SECOND: i64 = 1_767_323_045;

/// Signs claims with the test's key.
pub(crate) fn signed(key_id: &str, claims: &Value) -> String {
    let body: String = KEY.lines().filter(|line| !line.starts_with("--")).collect();
    let pair = RsaKeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap();
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key_id }).to_string();
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A service account with a key, and the key's id.
fn with_account(world: &World) -> String {
    world.workspace.create_service_account("usher", "emulated").unwrap();
    let file = world.workspace.create_key(ACCOUNT, Some(KEY)).unwrap();
    assert_eq!(file["token_uri"], format!("{BASE}/token"));
    assert_eq!(file["client_email"], ACCOUNT);
    assert!(file["private_key"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    world.workspace.delegate(ACCOUNT, &[USERS]).unwrap();
    file["private_key_id"].as_str().unwrap().to_owned()
}

fn claims() -> Value {
    json!({
        "iss": ACCOUNT, "sub": ADMIN, "scope": USERS, "aud": format!("{BASE}/token"),
        "iat": SECOND, "exp": SECOND + 3_600,
    })
}

fn exchange(world: &World, assertion: &str) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")
        .append_pair("assertion", assertion)
        .finish();
    let request = Request::new("POST", "/token")
        .with_header("Content-Type", "application/x-www-form-urlencoded")
        .with_body(body);
    world.raw(request)
}

fn get(world: &World, token: &str, target: &str) -> Answer {
    world.raw(Request::new("GET", target).with_header("Authorization", &format!("Bearer {token}")))
}

const LIST: &str = "/admin/directory/v1/users?customer=my_customer";

#[test]
fn a_signed_assertion_is_exchanged_for_a_token_of_the_administrator() {
    let world = World::new();
    let key = with_account(&world);
    let answer = exchange(&world, &signed(&key, &claims())).ok();
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(3_599)));
    let token = answer["access_token"].as_str().unwrap();
    get(&world, token, LIST).ok();
    let mut for_google = claims();
    for_google["aud"] = json!("https://oauth2.googleapis.com/token");
    exchange(&world, &signed(&key, &for_google)).ok();
    get(&world, "x", &format!("{LIST}&access_token={token}")).refusal();
    world.raw(Request::new("GET", &format!("{LIST}&access_token={token}"))).ok();
    let logged = world.workspace.requests(0, 100);
    assert!(logged.iter().all(|request| !request.target.contains(token)));
    world.clock.advance(Duration::from_secs(3_599));
    assert_eq!(get(&world, token, LIST).refusal(), refused(401, "authError", "Invalid Credentials"));
}

#[test]
fn a_wrong_assertion_has_its_own_error() {
    let world = World::new();
    let key = with_account(&world);
    world.user("ada");
    world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
    let error = |name: &str, value: Value| {
        let mut claims = claims();
        claims[name] = value;
        let answer = exchange(&world, &signed(&key, &claims));
        let body = answer.json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        (answer.status, text("error"), text("error_description"))
    };
    let is = |status: u16, error: &str, description: &str| (status, error.to_owned(), description.to_owned());
    let time = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat \
                and exp values in the JWT claim.";
    assert_eq!(
        error("iss", json!("no@x.example")),
        is(400, "invalid_grant", "Invalid grant: account not found")
    );
    assert_eq!(error("sub", json!("no@example.com")), is(400, "invalid_grant", "Invalid email or User ID"));
    assert_eq!(error("sub", json!("ada@example.com")).2, "Invalid email or User ID", "suspended");
    assert_eq!(error("exp", json!(SECOND + 3_601)), is(400, "invalid_grant", time));
    assert_eq!(error("iat", json!(SECOND + 301)).2, time);
    assert_eq!(error("exp", json!(SECOND)).2, time);
    let unauthorized = "Client is unauthorized to retrieve access tokens using this method, or client not authorized for \
                        any of the scopes requested.";
    assert_eq!(
        error("scope", json!(format!("{USERS} {GROUPS}"))),
        is(401, "unauthorized_client", unauthorized)
    );
    assert_eq!(error("scope", json!("")).1, "invalid_scope");
    assert_eq!(
        error("scope", json!("users")),
        is(400, "invalid_scope", "users is not a valid audience string.")
    );
    let audience = format!("Invalid JWT: Failed audience check. The right audience is {BASE}/token");
    let other = "https://else.example/token";
    assert_eq!(error("aud", json!(other)), is(400, "invalid_grant", &audience));
    let signature = exchange(&world, &signed("other", &claims())).json();
    assert_eq!(signature["error_description"], "Invalid JWT Signature.");
    let forged = format!("{}x", signed(&key, &claims()));
    assert_eq!(exchange(&world, &forged).json()["error"], "invalid_grant");
    world.workspace.delete_key(ACCOUNT, &key).unwrap();
    assert_eq!(
        exchange(&world, &signed(&key, &claims())).json()["error_description"],
        "Invalid JWT Signature."
    );
    let grant = Request::new("POST", "/token").with_body("grant_type=password");
    assert_eq!(world.raw(grant).json()["error"], "unsupported_grant_type");
}

#[test]
fn scopes_and_rights_are_looked_at() {
    let world = World::new();
    let key = with_account(&world);
    let token = exchange(&world, &signed(&key, &claims())).ok()["access_token"].as_str().unwrap().to_owned();
    let groups = get(&world, &token, "/admin/directory/v1/groups?customer=my_customer");
    let scopes = "Request had insufficient authentication scopes.";
    assert_eq!(groups.refusal(), refused(403, "insufficientPermissions", scopes));
    let write = Request::new("PUT", &format!("/admin/directory/v1/users/{ADMIN}"))
        .with_header("Authorization", &format!("Bearer {token}"))
        .with_body("{}");
    assert_eq!(world.raw(write).refusal().1, "insufficientPermissions");
    assert_eq!(world.raw(Request::new("GET", LIST)).refusal(), refused(401, "required", "Login Required."));
    world.user("ada");
    let mut of_ada = claims();
    of_ada["sub"] = json!("ada@example.com");
    let token = exchange(&world, &signed(&key, &of_ada)).ok()["access_token"].as_str().unwrap().to_owned();
    let forbidden = refused(403, "forbidden", "Not Authorized to access this resource/api");
    assert_eq!(get(&world, &token, LIST).refusal(), forbidden);
    get(&world, &token, &format!("{LIST}&viewType=domain_public")).ok();
    world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
    assert_eq!(get(&world, &token, LIST).refusal().0, 401);
}

#[test]
fn a_self_signed_token_has_its_account_s_own_role() {
    let world = World::new();
    let key = with_account(&world);
    let customer = world.get("~/customers/my_customer").ok()["id"].as_str().unwrap().to_owned();
    let own = format!("/admin/directory/v1/users?customer={customer}");
    let token = |audience: &str| {
        signed(
            &key,
            &json!({
                "iss": ACCOUNT, "sub": ACCOUNT, "aud": audience, "iat": SECOND, "exp": SECOND + 3_600,
            }),
        )
    };
    let good = token("https://admin.googleapis.com/");
    let forbidden = refused(403, "forbidden", "Not Authorized to access this resource/api");
    assert_eq!(get(&world, &good, &own).refusal(), forbidden, "no role");
    world.workspace.set_role(ACCOUNT, Some(Role::Reader)).unwrap();
    get(&world, &good, &own).ok();
    get(&world, &token(&format!("{BASE}/")), &own).ok();
    assert_eq!(get(&world, &good, LIST).refusal(), refused(400, "invalid", "Invalid Input"));
    assert_eq!(get(&world, &token("https://else.example/"), &own).refusal().0, 401);
    let write = Request::new("DELETE", &format!("/admin/directory/v1/users/{ADMIN}"))
        .with_header("Authorization", &format!("Bearer {good}"));
    assert_eq!(world.raw(write).refusal(), forbidden);
    world.workspace.set_role(ACCOUNT, Some(Role::GroupsReader)).unwrap();
    assert_eq!(get(&world, &good, &own).refusal(), forbidden);
    get(&world, &good, &format!("/admin/directory/v1/groups?customer={customer}")).ok();
}
