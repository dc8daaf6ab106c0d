//! The state file: what is in it is there again, and what cannot be read is said.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use usher_emulator::clock::Clock;
use usher_emulator::exchange::Outcome;
use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::identity_center::{IdentityCenter, Opened, Options, StateError};

use crate::still_clock::StillClock;
use crate::world::{World, authorized, person};

/// A place for a state file, and a clock that goes on.
struct Place {
    directory: TempDir,
    clock: Arc<StillClock>,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), clock: Arc::new(StillClock::new()) }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join("aws.jsonl")
    }

    fn open(&self) -> Result<Opened, StateError> {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        IdentityCenter::open(clock, Options::at("http://127.0.0.1:8081"), &self.file())
    }

    /// A world whose state is kept here.
    fn world(&self) -> World {
        let center = self.open().unwrap().center;
        World::of(Arc::clone(&self.clock), center, Settings::default().unlimited())
    }

    /// The same tenant in an emulator that is started anew.
    fn again(&self, World { clock, center, tenant, token }: World) -> World {
        drop(center);
        World { clock, center: self.open().unwrap().center, tenant, token }
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file()).unwrap()
    }

    fn append(&self, text: &str) {
        let mut file = OpenOptions::new().append(true).open(self.file()).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// What is said of the file as it is; it is left as it is.
    fn refusal(&self) -> String {
        let before = self.text();
        let sentence = self.open().unwrap_err().to_string();
        assert_eq!(self.text(), before);
        let file = self.file().display().to_string();
        assert!(sentence.contains(&file), "{sentence}");
        sentence.replace(&file, "FILE")
    }
}

/// All that an administrator sees of a tenant.
fn all_of(world: &World) -> Value {
    let (center, tenant) = (&world.center, &world.tenant);
    json!({
        "tenant": center.tenant(tenant).unwrap(),
        "tokens": center.tokens(tenant).unwrap(),
        "settings": center.settings(tenant).unwrap(),
        "users": center.users(tenant, 0, 1_000).unwrap(),
        "groups": center.groups(tenant, 0, 1_000).unwrap(),
    })
}

impl World {
    /// Puts a fault in force.
    fn fault(&self, rule: &str) {
        self.center.add_fault(&self.tenant, serde_json::from_str(rule).unwrap()).unwrap();
    }
}

/// People made, changed and deleted in every way.
async fn live(world: &World) {
    let ada = world.user("ada@example.com").await;
    let bo = world.user("bo@example.com").await;
    let cy = world.user("cy@example.com").await;
    world.scim("PUT", &format!("/Users/{ada}"), &person("ada.b@example.com")).await;
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations":[{"op":"replace","path":"active","value":false}]}"#;
    assert_eq!(world.scim("PATCH", &format!("/Users/{bo}"), patch).await.status, 200);
    let group = format!(r#"{{"displayName":"Team","members":[{{"value":"{ada}"}},{{"value":"{cy}"}}]}}"#);
    assert_eq!(world.scim("POST", "/Groups", &group).await.status, 201);
    assert_eq!(world.scim("POST", "/Groups", r#"{"displayName":"Gone"}"#).await.status, 201);
    for edit in [
        Edit::AddMember { group: "Team".to_owned(), user: "bo@example.com".to_owned() },
        Edit::RemoveMember { group: "Team".to_owned(), user: "cy@example.com".to_owned() },
        Edit::DeleteGroup { group: "Gone".to_owned() },
    ] {
        world.center.edit(&world.tenant, &edit).unwrap();
    }
    assert_eq!(world.scim("DELETE", &format!("/Users/{cy}"), "").await.status, 204);
    world.center.generate_token(&world.tenant).unwrap();
    world.set(|settings| settings.shows_profile_url = true);
}

#[tokio::test]
async fn everything_is_there_again_and_the_file_holds_no_token() {
    let place = Place::new();
    let world = place.world();
    live(&world).await;
    let before = all_of(&world);
    assert_eq!(before["groups"][0]["members"].as_array().unwrap().len(), 2, "{before}");
    assert!(!place.text().contains(&world.token));
    let world = place.again(world);
    assert_eq!(all_of(&world), before);
    assert_eq!(world.scim("GET", "/Users", "").await.status, 200);
    // What was written anew reads the same.
    let world = place.again(world);
    assert_eq!(all_of(&world), before);
    let dee = world.user("dee@example.com").await;
    let world = place.again(world);
    assert_eq!(world.shown(&dee).await["userName"], "dee@example.com");
}

#[tokio::test]
async fn a_request_whose_answer_was_lost_is_kept_and_one_that_was_lost_or_refused_is_not() {
    let place = Place::new();
    let world = place.world();
    let before = place.text();
    assert_eq!(world.post_user(r#"{"userName":"incomplete"}"#).await.status, 400);
    assert_eq!(world.scim("GET", "/Users", "").await.status, 200);
    world.fault(r#"{"fault":{"kind":"lost-request"},"when":{"kind":"next","n":1}}"#);
    assert_eq!(
        world.wire(&authorized("POST", "/Users", &person("lost@example.com"))).await,
        Outcome::Dropped
    );
    assert_eq!(place.text(), before);
    world.fault(r#"{"fault":{"kind":"lost-answer"},"when":{"kind":"next","n":1}}"#);
    assert_eq!(world.wire(&authorized("POST", "/Users", &person("ada@example.com"))).await, Outcome::Dropped);
    let world = place.again(world);
    let users = world.center.users(&world.tenant, 0, 10).unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0]["userName"], "ada@example.com");
}

#[tokio::test]
async fn one_request_is_one_line_and_what_is_over_goes_at_the_next_start() {
    let place = Place::new();
    let world = place.world();
    let before = place.text().lines().count();
    let ids = [world.user("a@example.com").await, world.user("b@example.com").await];
    let members: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    let group = json!({"displayName": "Team", "members": members}).to_string();
    assert_eq!(world.scim("POST", "/Groups", &group).await.status, 201);
    assert_eq!(place.text().lines().count(), before + 3);
    for id in ids {
        world.scim("DELETE", &format!("/Users/{id}"), "").await;
    }
    let world = place.again(world);
    let text = place.text();
    assert!(!text.contains("a@example.com") && text.contains("Team"), "{text}");
    assert_eq!(world.center.tenant(&world.tenant).unwrap().users, 0);
}

#[tokio::test]
async fn a_list_goes_on_in_its_order_after_a_new_start_though_the_last_user_is_gone() {
    let place = Place::new();
    let world = place.world();
    world.user("a@example.com").await;
    let last = world.user("b@example.com").await;
    let listed = world.scim("GET", "/Users?cursor=&count=1", "").await.json();
    let cursor =
        listed["nextCursor"].as_str().unwrap().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    world.scim("DELETE", &format!("/Users/{last}"), "").await;
    let world = place.again(world);
    world.user("c@example.com").await;
    let listed = world.scim("GET", &format!("/Users?cursor={cursor}&count=1"), "").await.json();
    assert_eq!(listed["Resources"][0]["userName"], "c@example.com");
    let text = place.text();
    assert!(text.lines().last().unwrap().contains(r#""key":3"#), "no key is given twice: {text}");
}

#[tokio::test]
async fn a_cut_last_line_is_left_out_and_said() {
    let place = Place::new();
    let world = place.world();
    world.user("ada@example.com").await;
    let n_lines = place.text().lines().count();
    let tenant = world.tenant.clone();
    drop(world);
    place.append(r#"{"people":{"tenant":"#);
    let opened = place.open().unwrap();
    assert_eq!(opened.cut_line, Some(n_lines as u64 + 1));
    assert_eq!(opened.center.tenant(&tenant).unwrap().users, 1);
    drop(opened);
    assert_eq!(place.open().unwrap().cut_line, None);
}

#[tokio::test]
async fn any_other_damage_is_refused_in_one_sentence_that_names_the_line() {
    for damage in ["{\"people\":{\"tenant\":\n", "\n", "{\"persons\":{}}\n", "\u{0}\u{0}\n"] {
        let place = Place::new();
        drop(place.world());
        let line = place.text().lines().count() + 1;
        place.append(damage);
        place.append("{}\n");
        let said = place.refusal();
        assert!(said.starts_with(&format!("FILE line {line} is damaged (")), "{said}");
        assert!(said.ends_with("; restore the file, or use another state file"), "{said}");
    }
    let place = Place::new();
    drop(place.world());
    place.append("{\"people\":{\"tenant\":\"nobody\",\"changes\":[]}}\n");
    assert!(place.refusal().contains("there is no tenant `nobody`"));
}

#[tokio::test]
async fn a_newer_or_another_file_is_left_alone() {
    let place = Place::new();
    fs::write(place.file(), "{\"format\":\"usher-emulator identity-center\",\"version\":2,\"more\":1}\n")
        .unwrap();
    assert_eq!(
        place.refusal(),
        "FILE line 1: written by a newer version of usher (format 2, this one knows 1); use that version, or another \
         state file"
    );
    for text in ["my notes\n", "{}\n", "[1]", "{\"format\":\"x\",\"version\":1}\n"] {
        fs::write(place.file(), text).unwrap();
        let said = place.refusal();
        assert_eq!(said, "FILE line 1 is not that of an emulator's state file; use another state file");
    }
    fs::write(place.file(), "").unwrap();
    assert!(place.open().unwrap().center.tenants().is_empty());
}

#[tokio::test]
async fn one_emulator_at_a_time_has_the_file() {
    let place = Place::new();
    let world = place.world();
    let said = place.refusal();
    assert!(said.contains(&format!("is in use by another emulator (pid {});", std::process::id())), "{said}");
    drop(world);
    assert_eq!(place.open().unwrap().center.tenants().len(), 1);
}

#[tokio::test]
async fn a_file_that_a_link_leads_to_is_written_and_the_link_stays() {
    let place = Place::new();
    let link = place.directory.path().join("link");
    std::os::unix::fs::symlink(place.file(), &link).unwrap();
    drop(place.world());
    let clock = Arc::clone(&place.clock) as Arc<dyn Clock>;
    let opened = IdentityCenter::open(clock, Options::at("http://127.0.0.1:8081"), &link).unwrap();
    assert_eq!(opened.center.tenants().len(), 1);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[tokio::test]
async fn two_who_ask_at_once_do_not_get_a_third_token() {
    let world = World::new();
    let generated: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..8).map(|_| scope.spawn(|| world.center.generate_token(&world.tenant).is_ok())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(generated.iter().filter(|ok| **ok).count(), 1);
    assert_eq!(world.center.tokens(&world.tenant).unwrap().len(), 2);
}
