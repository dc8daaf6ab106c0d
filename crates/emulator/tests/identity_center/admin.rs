//! The console over HTTP, below `/admin`.

use std::time::Duration;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::world::{Answer, World};

/// A request as a program sends it, with a body if there is one.
async fn ask(world: &World, method: &str, path: &str, body: &str) -> Answer {
    world.http(&format!("{method} /admin{path}\nHost: 127.0.0.1:8081\n\n{body}")).await
}

async fn json(world: &World, method: &str, path: &str, body: &str) -> Value {
    let answer = ask(world, method, path, body).await;
    assert!((200..300).contains(&answer.status), "{method} {path}: {} {}", answer.status, answer.text());
    if answer.status == 204 { Value::Null } else { answer.json() }
}

/// The status and the sentence of an error, which is all that there is in it.
async fn refused(world: &World, method: &str, path: &str, body: &str) -> (u16, String) {
    let answer = ask(world, method, path, body).await;
    let error = answer.json();
    assert_eq!(error.as_object().map(serde_json::Map::len), Some(1), "{error}");
    (answer.status, error["error"].as_str().expect("a sentence").to_owned())
}

async fn get_user(world: &World, tenant: &str, token: &str) -> u16 {
    let request = format!("GET /{tenant}/scim/v2/Users\nAuthorization: Bearer {token}\n\n");
    world.http(&request).await.status
}

#[tokio::test]
async fn a_newcomer_finds_every_endpoint() {
    let world = World::new();
    let listed = json(&world, "GET", "", "").await;
    let endpoints = listed["endpoints"].as_array().unwrap();
    assert!(endpoints.len() > 15, "{listed}");
    for endpoint in endpoints {
        let path = endpoint["path"].as_str().unwrap().replace("/admin", "").replace(['{', '}'], "");
        assert!(!endpoint["what"].as_str().unwrap().is_empty());
        let answer = ask(&world, endpoint["method"].as_str().unwrap(), &path, "").await;
        assert_ne!(answer.status, 405, "{endpoint}");
        if answer.status == 404 {
            assert!(!answer.text().contains("there is nothing at"), "{endpoint}: {}", answer.text());
        }
    }
    assert_eq!(ask(&world, "GET", "/", "").await.status, 200);
}

#[tokio::test]
async fn a_tenant_goes_the_console_s_way_to_its_first_token() {
    let world = World::new();
    let tenant = json(&world, "POST", "/tenants", "").await;
    let id = tenant["id"].as_str().unwrap().to_owned();
    assert_eq!(tenant["source"], json!({"kind": "identity-center-directory"}));
    assert_eq!(tenant["created_at"], "2026-01-02T03:04:05Z");
    assert_eq!(tenant["endpoint"], Value::Null);
    let at = format!("/tenants/{id}");
    let why = "automatic provisioning needs an external identity provider: change the identity source";
    assert_eq!(
        refused(&world, "POST", &format!("{at}/provisioning/enable"), "").await,
        (409, why.to_owned())
    );

    let metadata = json(&world, "GET", "/sample-metadata", "").await["metadata"].clone();
    let unconfirmed = json!({"metadata": metadata}).to_string();
    let source = format!("{at}/identity-source");
    assert_eq!(
        refused(&world, "POST", &source, &unconfirmed).await,
        (400, "type ACCEPT to confirm".to_owned())
    );
    let (status, sentence) =
        refused(&world, "POST", &source, r#"{"metadata": "<a/>", "confirmation": "ACCEPT"}"#).await;
    assert_eq!(status, 400);
    assert!(sentence.contains("no EntityDescriptor"), "{sentence}");
    let confirmed = json!({"metadata": metadata, "confirmation": "ACCEPT"}).to_string();
    json(&world, "POST", &source, &confirmed).await;

    let enabled = json(&world, "POST", &format!("{at}/provisioning/enable"), "").await;
    assert_eq!(enabled["endpoint"], format!("http://127.0.0.1:8081/{id}/scim/v2"));
    assert_eq!(enabled["token"]["expires_at"], "2027-01-02T03:04:05Z");
    let token = enabled["token"]["value"].as_str().unwrap();
    assert_eq!(get_user(&world, &id, token).await, 200);
    let shown = json(&world, "GET", &at, "").await;
    assert_eq!(shown["endpoint"], enabled["endpoint"]);
    assert_eq!(shown["source"]["entity_id"], "https://idp.example.com/saml");
    assert_eq!(json(&world, "GET", "/tenants", "").await["tenants"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn there_are_two_tokens_at_most_and_their_values_are_shown_once() {
    let world = World::new();
    let tokens = format!("/tenants/{}/tokens", world.tenant);
    let second = json(&world, "POST", &tokens, "").await;
    let value = second["value"].as_str().unwrap();
    assert_eq!(get_user(&world, &world.tenant, value).await, 200);
    let (status, sentence) = refused(&world, "POST", &tokens, "").await;
    assert_eq!((status, sentence.as_str()), (409, "there are two access tokens already: delete one first"));
    let listed = ask(&world, "GET", &tokens, "").await;
    assert!(!listed.text().contains(value) && !listed.text().contains("value"), "{}", listed.text());
    assert_eq!(listed.json()["tokens"][1]["id"], second["id"]);

    let delete = format!("{tokens}/{}/delete", second["id"].as_str().unwrap());
    assert_eq!(
        refused(&world, "POST", &delete, r#"{"confirmation": "delete"}"#).await,
        (400, "type DELETE to confirm".to_owned())
    );
    json(&world, "POST", &delete, r#"{"confirmation": "DELETE"}"#).await;
    assert_eq!(get_user(&world, &world.tenant, value).await, 401);
    assert_eq!(refused(&world, "POST", &delete, r#"{"confirmation": "DELETE"}"#).await.0, 404);
}

#[tokio::test]
async fn a_token_ceases_to_work_after_a_year_of_the_clock() {
    let world = World::new();
    world.clock.advance(Duration::from_hours(24 * 365 - 1));
    assert_eq!(get_user(&world, &world.tenant, &world.token).await, 200);
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(get_user(&world, &world.tenant, &world.token).await, 401);
    let tokens = json(&world, "GET", &format!("/tenants/{}/tokens", world.tenant), "").await;
    assert_eq!(tokens["tokens"][0]["is_expired"], true);
}

#[tokio::test]
async fn provisioning_is_disabled_once_no_token_is_left_and_users_stay() {
    let world = World::new();
    world.user("ada@example.com").await;
    let at = format!("/tenants/{}", world.tenant);
    let disable = format!("{at}/provisioning/disable");
    let typed = r#"{"confirmation": "DISABLE"}"#;
    assert_eq!(
        refused(&world, "POST", &disable, typed).await,
        (409, "delete every access token first".to_owned())
    );
    let tokens = json(&world, "GET", &format!("{at}/tokens"), "").await;
    let delete = format!("{at}/tokens/{}/delete", tokens["tokens"][0]["id"].as_str().unwrap());
    json(&world, "POST", &delete, r#"{"confirmation": "DELETE"}"#).await;
    assert_eq!(refused(&world, "POST", &disable, "{}").await, (400, "type DISABLE to confirm".to_owned()));
    json(&world, "POST", &disable, typed).await;
    let shown = json(&world, "GET", &at, "").await;
    assert_eq!((&shown["is_provisioning"], &shown["users"]), (&json!(false), &json!(1)));
    assert_eq!(refused(&world, "POST", &disable, typed).await.0, 409);
}

#[tokio::test]
async fn settings_are_changed_one_by_one_and_a_wrong_one_changes_nothing() {
    let world = World::new();
    let settings = format!("/tenants/{}/settings", world.tenant);
    let before = json(&world, "GET", &settings, "").await;
    assert_eq!((&before["put_user"], &before["writes_per_second"]), (&json!("created"), &Value::Null));
    let changed =
        json(&world, "PATCH", &settings, r#"{"put_user": "ok", "allowed_sources": ["192.0.2.0/24"]}"#).await;
    assert_eq!(changed["put_user"], "ok");
    assert_eq!(changed["writes_per_second"], Value::Null);
    for wrong in [r#"{"put_user": "maybe"}"#, r#"{"put_users": "ok"}"#, r#"{"allowed_sources": ["x"]}"#, "[]"]
    {
        assert_eq!(refused(&world, "PATCH", &settings, wrong).await.0, 400, "{wrong}");
    }
    assert_eq!(json(&world, "GET", &settings, "").await, changed);
    let enabled =
        json(&world, "POST", "/tenants", r#"{"ready": true, "settings": {"put_user": "ok"}}"#).await;
    let at = format!("/tenants/{}/settings", enabled["tenant"].as_str().unwrap());
    assert_eq!(json(&world, "GET", &at, "").await["put_user"], "ok");
}

#[tokio::test]
async fn faults_are_put_in_force_seen_and_ended() {
    let world = World::new();
    let faults = format!("/tenants/{}/faults", world.tenant);
    let rule =
        r#"{"operations": ["ListUsers"], "fault": {"kind": "server-error"}, "when": {"kind": "always"}}"#;
    let id = json(&world, "POST", &faults, rule).await["id"].clone();
    assert_eq!(get_user(&world, &world.tenant, &world.token).await, 500);
    let listed = json(&world, "GET", &faults, "").await;
    assert_eq!((&listed["faults"][0]["id"], &listed["faults"][0]["fired"]), (&id, &json!(1)));
    json(&world, "DELETE", &format!("{faults}/{id}"), "").await;
    assert_eq!(get_user(&world, &world.tenant, &world.token).await, 200);
    assert_eq!(refused(&world, "DELETE", &format!("{faults}/{id}"), "").await.0, 404);
    json(&world, "POST", &faults, rule).await;
    json(&world, "DELETE", &faults, "").await;
    assert_eq!(json(&world, "GET", &faults, "").await, json!({"faults": []}));
    let (status, sentence) = refused(&world, "POST", &faults, r#"{"fault": {"kind": "fire"}}"#).await;
    assert!(status == 400 && sentence.contains("fire"), "{sentence}");
}

#[tokio::test]
async fn the_list_names_every_fault_there_is() {
    let world = World::new();
    let list = json(&world, "GET", "", "").await;
    let mut endpoints = list["endpoints"].as_array().unwrap().iter();
    let faults =
        endpoints.find(|it| it["path"] == "/admin/tenants/{tenant}/faults" && it["method"] == "POST");
    let what = faults.unwrap()["what"].as_str().unwrap();
    let (named, _) = what.split_once(": ").unwrap().1.split_once(';').unwrap();
    let named: BTreeSet<_> = named.split(", ").map(|name| name.split(' ').next().unwrap()).collect();

    let path = format!("/tenants/{}/faults", world.tenant);
    let wrong = r#"{"fault": {"kind": "fire"}, "when": {"kind": "always"}}"#;
    let (_, sentence) = refused(&world, "POST", &path, wrong).await;
    let (_, known) = sentence.split_once("expected one of ").unwrap();
    let known: BTreeSet<_> = known.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, known, "{sentence}");
    let rule =
        r#"{"operations": ["PatchGroup"], "fault": {"kind": "no-effect"}, "when": {"kind": "next", "n": 1}}"#;
    assert_eq!(json(&world, "POST", &path, rule).await, json!({"id": 1}));
}

#[tokio::test]
async fn the_request_log_is_read_by_pages_and_holds_no_token() {
    let world = World::new();
    for name in ["a@example.com", "b@example.com", "c@example.com"] {
        world.user(name).await;
    }
    assert_eq!(get_user(&world, &world.tenant, "wrong").await, 401);
    let at = format!("/tenants/{}", world.tenant);
    let first = json(&world, "GET", &format!("{at}/requests?limit=3"), "").await;
    assert_eq!(first["requests"].as_array().unwrap().len(), 3);
    assert_eq!(first["requests"][0]["subject"], "a@example.com");
    assert_eq!(first["requests"][0]["at"], "2026-01-02T03:04:05Z");
    let second = ask(&world, "GET", &format!("{at}/requests?after={}", first["next"]), "").await;
    assert!(!second.text().contains(&world.token), "{}", second.text());
    assert_eq!(second.json()["requests"][0]["exception"], "UnauthorizedException");
    assert_eq!(second.json()["next"], 4);
    let counters = json(&world, "GET", &format!("{at}/counters"), "").await;
    assert_eq!(counters["total"]["requests"], 4);
    assert_eq!(counters["total"]["max_per_second"], 4);
    assert_eq!(counters["operations"]["CreateUser"]["statuses"], json!({"201": 3}));
    for wrong in ["?limit=0", "?limit=1001", "?after=x", "?before=1"] {
        assert_eq!(refused(&world, "GET", &format!("{at}/requests{wrong}"), "").await.0, 400, "{wrong}");
    }
    json(&world, "DELETE", &format!("{at}/requests"), "").await;
    assert_eq!(json(&world, "GET", &format!("{at}/requests"), "").await["requests"], json!([]));
}

#[tokio::test]
async fn what_is_not_there_is_said_in_one_sentence() {
    let world = World::new();
    let (status, sentence) = refused(&world, "GET", "/tenant", "").await;
    assert_eq!((status, sentence.contains("GET /admin lists what there is")), (404, true), "{sentence}");
    assert_eq!(ask(&world, "GET", "istrator", "").await.status, 404);
    let answer = ask(&world, "PUT", "/tenants", "").await;
    assert_eq!((answer.status, answer.response.header("Allow")), (405, Some("GET, POST")));
    assert_eq!(refused(&world, "POST", "/tenants", "{").await.0, 400);
    assert_eq!(refused(&world, "POST", "/tenants", r#"{"reddy": true}"#).await.0, 400);
}

#[tokio::test]
async fn no_web_page_of_another_site_and_no_other_machine_is_let_in() {
    let world = World::new();
    for header in [
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1:9999",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ] {
        let request = format!("POST /admin/tenants\nHost: 127.0.0.1:8081\n{header}\n\n{{}}");
        assert_eq!(world.http(&request).await.status, 403, "{header}");
    }
    for header in ["Origin: http://127.0.0.1:8081", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none"] {
        let request = format!("GET /admin\nHost: 127.0.0.1:8081\n{header}\n\n");
        assert_eq!(world.http(&request).await.status, 200, "{header}");
    }
    assert_eq!(world.center.tenants().len(), 1, "nothing was made for them");
    for (source, status) in [("192.0.2.7", 403), ("127.0.0.1", 200), ("::1", 200)] {
        assert_eq!(world.from(source, "GET /admin\n\n").await.status, status, "{source}");
    }
}

#[tokio::test]
async fn users_and_groups_are_looked_at_and_edited_past_scim() {
    let world = World::new();
    let ada = world.user("ada@example.com").await;
    world.user("bo+1@example.com").await;
    let at = format!("/tenants/{}", world.tenant);
    let edits = format!("{at}/edits");
    json(&world, "POST", &edits, r#"{"kind": "create-group", "display_name": "All staff"}"#).await;
    for user in ["ada@example.com", "bo+1@example.com"] {
        let edit = json!({"kind": "add-member", "group": "All staff", "user": user}).to_string();
        json(&world, "POST", &edits, &edit).await;
    }
    let edit = r#"{"kind": "disable-user", "user": "ada@example.com"}"#;
    assert_eq!(json(&world, "POST", &edits, edit).await, json!({"id": ada}));
    assert_eq!(world.shown(&ada).await["active"], false);

    assert_eq!(json(&world, "GET", &format!("{at}/users/{ada}"), "").await["active"], false);
    for path in ["users/bo%2B1%40example.com", "users/bo+1@example.com"] {
        assert_eq!(json(&world, "GET", &format!("{at}/{path}"), "").await["userName"], "bo+1@example.com");
    }
    let second = json(&world, "GET", &format!("{at}/users?skip=1&limit=5"), "").await;
    assert_eq!(second["users"].as_array().unwrap().len(), 1);
    let group = json(&world, "GET", &format!("{at}/groups/All%20staff"), "").await;
    assert_eq!(group["members"][1]["user_name"], "bo+1@example.com");
    assert_eq!(group["created_at"], "2026-01-02T03:04:05Z");
    assert_eq!(json(&world, "GET", &format!("{at}/groups"), "").await, json!({"groups": [group]}));

    assert_eq!(refused(&world, "GET", &format!("{at}/users/none"), "").await.0, 404);
    assert_eq!(refused(&world, "GET", &format!("{at}/users?after=1"), "").await.0, 400);
    assert_eq!(refused(&world, "POST", &edits, r#"{"kind": "promote-user"}"#).await.0, 400);
    let again = r#"{"kind": "create-group", "display_name": "all STAFF"}"#;
    assert_eq!(refused(&world, "POST", &edits, again).await.0, 409);
}

#[tokio::test]
async fn every_edit_that_the_list_names_has_an_example_that_can_be_sent_as_it_stands() {
    let world = World::new();
    let list = json(&world, "GET", "", "").await;
    let mut endpoints = list["endpoints"].as_array().unwrap().iter();
    let edit = endpoints.find(|endpoint| endpoint["path"] == "/admin/tenants/{tenant}/edits").unwrap();
    let (_, named) = edit["what"].as_str().unwrap().split_once(": ").unwrap();
    let named: BTreeSet<_> = named.split(", ").map(str::to_owned).collect();
    let mut shown = BTreeSet::new();
    for example in edit["examples"].as_array().unwrap() {
        let example = example.as_str().unwrap();
        json(&world, "POST", &format!("/tenants/{}/edits", world.tenant), example).await;
        let body: Value = serde_json::from_str(example).unwrap();
        shown.insert(body["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(shown, named);
}
