//! Push channels.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use usher_emulator::workspace::courier::{Courier, Delivery, Notification};

use usher_emulator::exchange::{Outcome, Response};
use usher_emulator::server::Listening;
use usher_emulator::workspace::courier::LoopbackCourier;

use crate::world::{World, run};

/// Keeps what it is given and answers as it is told.
#[derive(Debug, Default)]
struct Post {
    sent: Mutex<Vec<Notification>>,
    refuses: Mutex<Vec<u16>>,
}

#[async_trait]
impl Courier for Post {
    async fn deliver(&self, notification: &Notification) -> Delivery {
        self.sent.lock().unwrap().push(notification.clone());
        Delivery::Answered(self.refuses.lock().unwrap().pop().unwrap_or(200))
    }
}

impl Post {
    fn states(&self, world: &World) -> Vec<String> {
        run(world.workspace.deliver_due(self));
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        let state = |one: &Notification| {
            format!(
                "{} {}",
                one.header("X-Goog-Message-Number").unwrap(),
                one.header("X-Goog-Resource-State").unwrap()
            )
        };
        sent.iter().map(state).collect()
    }
}

fn channel(id: &str) -> Value {
    json!({ "id": id, "type": "web_hook", "address": "https://usher.example/push", "token": "secret" })
}

#[test]
fn a_channel_begins_with_sync_and_tells_of_one_thing() {
    let (world, post) = (World::new(), Post::default());
    let opened = world.post("~/users/watch?customer=my_customer&event=update", &channel("c1")).ok();
    assert_eq!((&opened["kind"], &opened["token"]), (&json!("api#channel"), &json!("secret")));
    assert_eq!(opened["expiration"], "1767330245160");
    run(world.workspace.deliver_due(&post));
    let sync = post.sent.lock().unwrap().pop().unwrap();
    assert_eq!(sync.header("X-Goog-Resource-State"), Some("sync"));
    assert_eq!(sync.header("X-Goog-Channel-Expiration"), Some("Fri, 02 Jan 2026 05:04:05 GMT"));
    assert!(sync.body.is_empty());
    world.user("ada");
    assert!(post.states(&world).is_empty(), "made, not changed");
    world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
    run(world.workspace.deliver_due(&post));
    let update = post.sent.lock().unwrap().pop().unwrap();
    assert_eq!(update.header("X-Goog-Channel-Token"), Some("secret"));
    let body: Value = serde_json::from_slice(&update.body).unwrap();
    assert_eq!(
        (&body["kind"], &body["primaryEmail"]),
        (&json!("admin#directory#user"), &json!("ada@example.com"))
    );
    assert!(body.get("name").is_none());
}

#[test]
fn a_channel_is_stopped_or_ends() {
    let (world, post) = (World::new(), Post::default());
    let opened = world.post("~/users/watch?domain=example.com&event=add", &channel("c1")).ok();
    let twice = world.post("~/users/watch?domain=example.com&event=add", &channel("c1")).refusal();
    assert_eq!(twice.1, "channelIdNotUnique");
    world.user("ada");
    assert_eq!(post.states(&world), ["1 sync", "2 add"]);
    let stop = json!({ "id": "c1", "resourceId": opened["resourceId"] });
    assert_eq!(world.post("/admin/directory_v1/channels/stop", &stop).status, 204);
    assert_eq!(world.post("/admin/directory_v1/channels/stop", &stop).refusal().0, 404);
    let mut short = channel("c2");
    short["params"] = json!({ "ttl": "60" });
    world.post("~/users/watch?domain=example.com&event=add", &short).ok();
    world.clock.advance(Duration::from_mins(1));
    world.user("ben");
    assert_eq!(post.states(&world), ["1 sync"]);
    let mut long = channel("c3");
    long["params"] = json!({ "ttl": "604800" });
    let opened = world.post("~/users/watch?customer=my_customer&event=delete", &long).ok();
    let days =
        (opened["expiration"].as_str().unwrap().parse::<i64>().unwrap() - 1_767_323_105_160) / 86_400_000;
    assert_eq!(days, 2, "two days at most");
}

#[test]
fn a_message_is_tried_again_after_503_and_lost_after_404() {
    let (world, post) = (World::new(), Post::default());
    world.post("~/users/watch?customer=my_customer&event=add", &channel("c1")).ok();
    *post.refuses.lock().unwrap() = vec![404, 503, 503];
    assert_eq!(post.states(&world), ["1 sync"]);
    assert!(post.states(&world).is_empty());
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(post.states(&world), ["1 sync"]);
    world.clock.advance(Duration::from_secs(2));
    assert_eq!(post.states(&world), ["1 sync"]);
    world.clock.advance(Duration::from_hours(1));
    assert!(post.states(&world).is_empty(), "404 is the end of it");
}

#[test]
fn activities_are_pushed_whole() {
    let (world, post) = (World::new(), Post::default());
    let target = "/admin/reports/v1/activity/users/all/applications/admin/watch?eventName=SUSPEND_USER";
    world.post(target, &channel("c1")).ok();
    world.user("ada");
    world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
    run(world.workspace.deliver_due(&post));
    let sent = post.sent.lock().unwrap();
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[1].header("X-Goog-Resource-State"), Some("SUSPEND_USER"));
    let body: Value = serde_json::from_slice(&sent[1].body).unwrap();
    assert_eq!(body["events"][0]["parameters"][0]["value"], "ada@example.com");
}

#[test]
fn what_is_no_channel_is_refused() {
    let world = World::new();
    let reason = |target: &str, body: Value| world.post(target, &body).refusal().1;
    let target = "~/users/watch?customer=my_customer&event=add";
    let with = |name: &str, value: &str| {
        let mut body = channel("c1");
        body[name] = json!(value);
        body
    };
    assert_eq!(reason(target, with("address", "http://usher.example/push")), "push.webhookUrlNotHttps");
    assert_eq!(reason(target, with("type", "pigeon")), "unsupportedWebhookType");
    assert_eq!(reason(target, with("id", "")), "required");
    assert_eq!(reason("~/users/watch?customer=my_customer", channel("c1")), "required");
    assert_eq!(reason("~/users/watch?customer=my_customer&event=sing", channel("c1")), "invalidParameter");
    world.post(target, &with("address", "http://127.0.0.1:9/push")).ok();
}

#[tokio::test]
async fn messages_are_carried_to_a_port_of_this_machine_and_nowhere_else() {
    let listening = Listening::on(0).await.unwrap();
    let base = listening.base_url();
    let (into, mut came) = mpsc::unbounded_channel();
    let answer = move |request| {
        into.send(request).unwrap();
        async { Outcome::Answered(Response { status: 200, headers: Vec::new(), body: Vec::new() }) }
    };
    let stop = CancellationToken::new();
    let served = listening.serve(answer, stop.clone());
    let carried = async {
        let body = b"{}".to_vec();
        let headers = vec![("X-Goog-Resource-State", "update".to_owned())];
        let notification = Notification { address: format!("{base}/push?x=1"), headers, body };
        let delivered = LoopbackCourier.deliver(&notification).await;
        let elsewhere = Notification { address: "http://192.0.2.1/push".to_owned(), ..notification };
        let nowhere = LoopbackCourier.deliver(&elsewhere).await;
        stop.cancel();
        (delivered, nowhere)
    };
    let (ended, (delivered, nowhere)) = tokio::join!(served, carried);
    ended.unwrap();
    assert_eq!((delivered, nowhere), (Delivery::Answered(200), Delivery::Unreachable));
    let request = came.recv().await.unwrap();
    assert_eq!((request.method.as_str(), request.target.as_str()), ("POST", "/push?x=1"));
    assert_eq!(request.header("x-goog-resource-state"), Some("update"));
    assert_eq!(request.body, b"{}");
}
