//! A SCIM app that others wrote, `scim2-server` of `PyPI`, as a child process.
//!
//! It is unmodified but for its socket: the kernel chooses the port, and more than five connections may wait to be
//! accepted. It keeps everything in memory, by tenant, and closes each connection after its answer.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::http::Client;

/// The Python environment that holds `scim2-server`.
const VENV: &str = "USHER_TEST_VENV";

/// The bearer token of every tenant.
const TOKEN: &str = "scim2-server-token";

/// Starts the server's own command on a socket that says where it listens.
const LAUNCH: &str = r#"
from scim2_server.testserver import cli
class Server(cli.ThreadingWSGIServer):
    request_queue_size = 128
    def server_activate(self):
        super().server_activate()
        print(f"listening on {self.server_port}", flush=True)
cli.ThreadingWSGIServer = Server
cli.main()
"#;

/// How many users one page of [`Scim2Server::users`] asks for.
const PAGE: usize = 1_000;

/// A running server. Dropping it kills the process.
#[derive(Debug)]
pub struct Scim2Server {
    child: Child,
    port: u16,
    /// Kept open: a process whose standard output is closed may die of writing to it.
    _stdout: BufReader<ChildStdout>,
}

impl Scim2Server {
    /// Starts the server of the environment that `USHER_TEST_VENV` names and returns when it listens.
    pub fn start() -> Self {
        Self::start_in(&venv(std::env::var_os(VENV)))
    }

    fn start_in(venv: &Path) -> Self {
        let mut log = tempfile::tempfile().expect("a temporary file for the log of scim2-server");
        let python = venv.join("bin/python");
        let mut child = Command::new(&python)
            .args(["-c", LAUNCH, "--port", "0", "--dynamic-tenants", "--bearer-token", TOKEN])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.try_clone().expect("a second handle of a temporary file"))
            .spawn()
            .unwrap_or_else(|error| panic!("failed to start {}: {error}", python.display()));
        let mut stdout = BufReader::new(child.stdout.take().expect("invariant: standard output is piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("standard output of scim2-server is text");
        let port = line.trim().strip_prefix("listening on ").and_then(|port| port.parse().ok());
        let Some(port) = port else {
            // It is gone or about to be; what was started here ends here.
            let _ = child.kill();
            let _ = child.wait();
            panic!("scim2-server did not start: {}", text(&mut log));
        };
        Self { child, port, _stdout: stdout }
    }

    /// The base URL of a tenant, which begins empty at its first request.
    pub fn endpoint(&self, tenant: &str) -> String {
        format!("http://127.0.0.1:{}/{tenant}/v2", self.port)
    }

    /// The bearer token that every tenant takes.
    pub fn token(&self) -> &'static str {
        TOKEN
    }

    /// A client with the token, for a test's own look at a tenant.
    pub fn client(&self, tenant: &str) -> Client {
        Client::new(&self.endpoint(tenant), Some(TOKEN))
    }

    /// Every user of a tenant, in the order of the server's ids, which are random.
    pub async fn users(&self, tenant: &str) -> Vec<Value> {
        self.all(tenant, "Users").await
    }

    /// Every group of a tenant, in the order of the server's ids, which are random.
    pub async fn groups(&self, tenant: &str) -> Vec<Value> {
        self.all(tenant, "Groups").await
    }

    async fn all(&self, tenant: &str, kind: &str) -> Vec<Value> {
        let client = self.client(tenant);
        let mut all = Vec::new();
        loop {
            let target = format!("/{kind}?startIndex={}&count={PAGE}", all.len() + 1);
            let answer = client.get(&target).await.expect("scim2-server answers a list request");
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
            let mut page = answer.json();
            let total = page["totalResults"].as_u64().expect("a list has totalResults");
            let given = page["Resources"].as_array_mut().map(std::mem::take).unwrap_or_default();
            let is_last = given.is_empty();
            all.extend(given);
            if is_last || all.len() as u64 >= total {
                assert_eq!(all.len() as u64, total, "scim2-server gave all that it counted");
                return all;
            }
        }
    }
}

impl Drop for Scim2Server {
    fn drop(&mut self) {
        // A process that is gone already needs no killing; either way it is waited for, so that none is left over.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn venv(named: Option<OsString>) -> PathBuf {
    named.map(PathBuf::from).expect("set USHER_TEST_VENV, or run `cargo xtask test`, which makes one")
}

fn text(log: &mut File) -> String {
    let mut text = String::new();
    let read = log.rewind().and_then(|()| log.read_to_string(&mut text));
    if read.is_err() {
        text.push_str("(its log cannot be read)");
    }
    text
}

#[cfg(test)]
mod tests;
