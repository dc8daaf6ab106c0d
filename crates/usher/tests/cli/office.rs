//! An app that is set up and on, and the server behind it.

use usher_testkit::scim::ScimServer;

use crate::desk::{CONFIG, Desk};

/// A desk whose app `wiki` is on for everybody, and the server behind it.
pub(crate) struct Office {
    pub(crate) desk: Desk,
    // The server answers for as long as its runtime is there.
    pub(crate) runtime: tokio::runtime::Runtime,
    pub(crate) server: ScimServer,
}

impl Office {
    pub(crate) fn new() -> Self {
        let desk = Desk::with_people();
        // The server shows at once what was written to it, and an audit need not wait for that.
        desk.write(CONFIG, "[runs]\nlook_again_after_ms = 1\n");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let server = runtime.block_on(ScimServer::start());
        desk.write("token", &server.token());
        desk.succeeds(&["app", "add", "wiki", "--template", "scim"]);
        let endpoint = server.endpoint();
        desk.succeeds(&["app", "authorize", "wiki", "--endpoint", &endpoint, "--token-file", "token"]);
        desk.succeeds(&["app", "access", "wiki", "--ou", "/", "on"]);
        desk.succeeds(&["app", "deprovision", "wiki", "--suspended", "7d"]);
        // So that whoever has no given name cannot be provisioned.
        desk.succeeds(&["app", "map", "wiki", "--set", "userName = user.name.givenName"]);
        desk.succeeds(&["app", "enable", "wiki"]);
        Self { desk, runtime, server }
    }

    pub(crate) fn import(&self, people: &str) {
        self.desk.write("more.json", &format!("{{\"users\": [{people}]}}"));
        self.desk.succeeds(&["import", "more.json"]);
    }
}
