//! An emulator under a clock that stands still, and requests written as text.

use std::future::Future;
use std::sync::Arc;

use serde_json::{Value, json};
use usher_emulator::clock::Clock;
use usher_emulator::exchange::{Outcome, Request, Response};
use usher_emulator::workspace::settings::Settings;
use usher_emulator::workspace::{Options, Workspace};

use crate::documents;
use crate::still_clock::StillClock;

/// Where the emulator is.
pub(crate) const BASE: &str = "http://127.0.0.1:8082";
/// Who administers.
pub(crate) const ADMIN: &str = "admin@example.com";
/// A key, so that no test has to make one.
pub(crate) const KEY: &str = include_str!("key.pem");

/// Every scope that a test needs.
pub(crate) const SCOPES: [&str; 10] = [
    "https://www.googleapis.com/auth/admin.directory.user",
    "https://www.googleapis.com/auth/admin.directory.user.security",
    "https://www.googleapis.com/auth/admin.directory.group",
    "https://www.googleapis.com/auth/admin.directory.orgunit",
    "https://www.googleapis.com/auth/admin.directory.domain",
    "https://www.googleapis.com/auth/admin.directory.userschema",
    "https://www.googleapis.com/auth/admin.directory.customer",
    "https://www.googleapis.com/auth/admin.reports.audit.readonly",
    "https://www.googleapis.com/auth/admin.directory.rolemanagement",
    "https://www.googleapis.com/auth/admin.directory.device.chromeos",
];

/// Runs to its end what waits for nothing but the clock.
pub(crate) fn run<T>(what: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(what)
}

/// An organisation with an administrator.
pub(crate) struct World {
    pub(crate) clock: Arc<StillClock>,
    pub(crate) workspace: Workspace,
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
        if self.response.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(self.text()).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body of an answer that says yes.
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text());
        self.json()
    }

    /// Status, reason and sentence of an error.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let error = &self.json()["error"];
        assert_eq!(error["code"], self.status);
        assert_eq!(error["errors"][0]["message"], error["message"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (self.status, text(&error["errors"][0]["reason"]), text(&error["message"]))
    }

    /// The texts of one attribute of a list.
    pub(crate) fn column(&self, list: &str, attribute: &str) -> Vec<String> {
        let body = self.ok();
        let items = body[list].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item[attribute].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// What an error is.
pub(crate) fn refused(status: u16, reason: &str, message: &str) -> (u16, String, String) {
    (status, reason.to_owned(), message.to_owned())
}

impl World {
    /// Without limits on the number of requests.
    pub(crate) fn new() -> Self {
        Self::with(Settings::default().unlimited())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let clock = Arc::new(StillClock::new());
        let options = Options { settings, ..Options::at(BASE) };
        let workspace = Workspace::new(Arc::clone(&clock) as Arc<dyn Clock>, options);
        Self::of(clock, workspace)
    }

    /// An emulator with its administrator.
    pub(crate) fn of(clock: Arc<StillClock>, workspace: Workspace) -> Self {
        let admin = json!({ "users": [{
            "primaryEmail": ADMIN, "isAdmin": true, "name": { "givenName": "Ann", "familyName": "Admin" },
        }] });
        run(workspace.seed(admin.to_string().as_bytes())).unwrap();
        let token = run(workspace.access_token(ADMIN, &SCOPES)).unwrap();
        Self { clock, workspace, token }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.workspace.settings();
        change(&mut settings);
        self.workspace.change_settings(settings).unwrap();
    }

    pub(crate) fn seed(&self, seed: &Value) {
        run(self.workspace.seed(seed.to_string().as_bytes())).unwrap();
    }

    /// What becomes of a request of the administrator; `/` alone stands for the Directory API's path.
    pub(crate) fn outcome(&self, line: &str, body: &Value) -> Outcome {
        let (http, target) = line.split_once(' ').unwrap();
        let target = target
            .strip_prefix('~')
            .map_or_else(|| target.to_owned(), |rest| format!("/admin/directory/v1{rest}"));
        let mut request = Request::new(http, &target);
        request = request.with_header("Authorization", &format!("Bearer {}", self.token));
        if !body.is_null() {
            request = request.with_header("Content-Type", "application/json").with_body(body.to_string());
        }
        run(self.workspace.answer(request))
    }

    /// Sends a request of the administrator and holds request and answer against the documents, where the answer is yes.
    pub(crate) fn send(&self, line: &str, body: &Value) -> Answer {
        let Outcome::Answered(response) = self.outcome(line, body) else { panic!("{line} is not answered") };
        let answer = Answer { status: response.status, response };
        if answer.status < 300 && !line.contains("fields=") {
            judge(line, body, &answer);
        }
        answer
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.send(&format!("GET {target}"), &Value::Null)
    }

    pub(crate) fn post(&self, target: &str, body: &Value) -> Answer {
        self.send(&format!("POST {target}"), body)
    }

    pub(crate) fn put(&self, target: &str, body: &Value) -> Answer {
        self.send(&format!("PUT {target}"), body)
    }

    pub(crate) fn patch(&self, target: &str, body: &Value) -> Answer {
        self.send(&format!("PATCH {target}"), body)
    }

    pub(crate) fn delete(&self, target: &str) -> Answer {
        self.send(&format!("DELETE {target}"), &Value::Null)
    }

    /// Sends a request as it is.
    pub(crate) fn raw(&self, request: Request) -> Answer {
        let Outcome::Answered(response) = run(self.workspace.answer(request)) else { panic!("no answer") };
        Answer { status: response.status, response }
    }

    /// Makes a user and gives the id.
    pub(crate) fn user(&self, name: &str) -> String {
        let body = json!({
            "primaryEmail": format!("{name}@example.com"),
            "name": { "givenName": name, "familyName": "Test" },
            "password": "correct horse",
        });
        self.post("~/users", &body).ok()["id"].as_str().unwrap().to_owned()
    }

    /// Makes a group and gives the id.
    pub(crate) fn group(&self, name: &str) -> String {
        let body = json!({ "email": format!("{name}@example.com") });
        self.post("~/groups", &body).ok()["id"].as_str().unwrap().to_owned()
    }

    /// Names of events, newest first.
    pub(crate) fn events(&self) -> Vec<String> {
        let body = self.get("/admin/reports/v1/activity/users/all/applications/admin").ok();
        let items = body["items"].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["events"][0]["name"].as_str().unwrap().to_owned()).collect()
    }
}

fn judge(line: &str, body: &Value, answer: &Answer) {
    let (http, target) = line.split_once(' ').unwrap();
    let target = target.replacen('~', "/admin/directory/v1", 1);
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    if !path.starts_with("/admin/") {
        return;
    }
    let (name, method, document) =
        documents::method(http, path).unwrap_or_else(|| panic!("no method: {line}"));
    let mut flaws = documents::flaws_of_query(&method, &document, query);
    if !body.is_null() {
        flaws.extend(documents::flaws_of_request(&method, &document, body));
    }
    flaws.extend(documents::flaws_of_answer(&method, &document, &answer.json()));
    assert!(flaws.is_empty(), "{name}: {flaws:#?}");
}
