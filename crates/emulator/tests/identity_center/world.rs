//! An emulator with one tenant under a clock that stands still, and requests written as text.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use serde_json::Value;
use usher_emulator::clock::Clock;
use usher_emulator::exchange::{Outcome, Request, Response};
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::identity_center::{IdentityCenter, Options};

use crate::still_clock::StillClock;

/// An emulator with one tenant that is provisioned into.
pub(crate) struct World {
    pub(crate) clock: Arc<StillClock>,
    pub(crate) center: IdentityCenter,
    pub(crate) tenant: String,
    pub(crate) token: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) response: Response,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.response.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.text()).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().expect("an id").to_owned()
    }

    /// The sentence of an error, with its status.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.json()["detail"].as_str().expect("a detail").to_owned())
    }
}

/// The answer that most wrong requests get.
pub(crate) fn unparsable() -> (u16, String) {
    (400, "Request is unparsable, syntactically incorrect, or violates schema.".to_owned())
}

pub(crate) fn refused(status: u16, detail: &str) -> (u16, String) {
    (status, detail.to_owned())
}

impl World {
    /// Without limits on the number of requests.
    pub(crate) fn new() -> Self {
        Self::with(Settings::default().unlimited())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let clock = Arc::new(StillClock::new());
        let center =
            IdentityCenter::new(Arc::clone(&clock) as Arc<dyn Clock>, Options::at("http://127.0.0.1:8081"));
        Self::of(clock, center, settings)
    }

    /// An emulator with one more tenant.
    pub(crate) fn of(clock: Arc<StillClock>, center: IdentityCenter, settings: Settings) -> Self {
        let enabled = center.ready_tenant(settings).unwrap();
        let token = enabled.token.value.expose_secret().to_owned();
        Self { clock, center, tenant: enabled.tenant, token }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.center.settings(&self.tenant).unwrap();
        change(&mut settings);
        self.center.change_settings(&self.tenant, settings).unwrap();
    }

    /// The request that a text is, written as on the wire: the first line, headers, an empty line, the body. `{tenant}`
    /// and `{token}` stand for this tenant's.
    fn request(&self, text: &str) -> Request {
        let text = text.replace("{tenant}", &self.tenant).replace("{token}", &self.token);
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
        let mut request = Request::new(method, target).with_body(body);
        for line in lines {
            let (name, value) = line.split_once(": ").unwrap();
            request = request.with_header(name, value);
        }
        request
    }

    /// Sends a request.
    pub(crate) async fn wire(&self, text: &str) -> Outcome {
        self.center.answer(self.request(text)).await
    }

    /// The same from another address, where an answer is expected.
    pub(crate) async fn from(&self, source: &str, text: &str) -> Answer {
        let source = Some(source.parse().unwrap());
        answered(self.center.answer(Request { source, ..self.request(text) }).await, text)
    }

    /// The same, where an answer is expected.
    pub(crate) async fn http(&self, text: &str) -> Answer {
        answered(self.wire(text).await, text)
    }

    /// An authorized request below the endpoint.
    pub(crate) async fn scim(&self, method: &str, path: &str, body: &str) -> Answer {
        self.http(&authorized(method, path, body)).await
    }

    pub(crate) async fn post_user(&self, body: &str) -> Answer {
        self.scim("POST", "/Users", body).await
    }

    /// A user of this name with the address that is the name, and their id.
    pub(crate) async fn user(&self, name: &str) -> String {
        let answer = self.post_user(&person(name)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.id()
    }

    pub(crate) async fn shown(&self, id: &str) -> Value {
        let answer = self.scim("GET", &format!("/Users/{id}"), "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

fn answered(outcome: Outcome, text: &str) -> Answer {
    match outcome {
        Outcome::Answered(response) => Answer { status: response.status, response },
        Outcome::Dropped => panic!("the connection was dropped: {text}"),
    }
}

/// The text of an authorized request.
pub(crate) fn authorized(method: &str, path: &str, body: &str) -> String {
    format!("{method} /{{tenant}}/scim/v2{path}\nAuthorization: Bearer {{token}}\n\n{body}")
}

/// The least that a user needs, with an e-mail address.
pub(crate) fn person(name: &str) -> String {
    format!(
        r#"{{"userName":"{name}","name":{{"givenName":"G","familyName":"F"}},"displayName":"G F","active":true,
        "emails":[{{"value":"{name}","type":"work","primary":true}}]}}"#
    )
}
