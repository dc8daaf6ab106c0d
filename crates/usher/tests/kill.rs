//! `kill -9` at any request of a first sync: the next run ends with no duplicate and nobody missing.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use usher_testkit::builders::Directory;
use usher_testkit::scim::ScimServer;

const PEOPLE: usize = 600;
/// At how many different requests the process is killed.
const KILLS: usize = 51;

/// A data directory with everything set up, to be copied for each kill.
struct Setup {
    files: tempfile::TempDir,
    server: ScimServer,
}

fn usher(files: &Path, data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
    command.arg("--config").arg(files.join("usher.toml")).arg("--data-dir").arg(data).args(args);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn succeeds(mut command: Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

impl Setup {
    async fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let server = ScimServer::start().await;
        let config = "[runs]\nrequest_timeout_ms = 500\nlook_again_after_ms = 50\n";
        std::fs::write(files.path().join("usher.toml"), config).unwrap();
        std::fs::write(files.path().join("token"), server.token()).unwrap();
        let addresses: Vec<_> = (0..PEOPLE).map(|n| format!("p{n}@example.com")).collect();
        let directory = Directory::new("example.com").people(addresses.iter().map(String::as_str));
        std::fs::write(files.path().join("directory.json"), directory.json().to_string()).unwrap();
        let setup = Self { files, server };
        let (import, token) = (setup.path("directory.json"), setup.path("token"));
        let endpoint = setup.server.endpoint();
        for args in [
            &["import", &import][..],
            &["app", "add", "wiki", "--template", "scim"],
            &["app", "authorize", "wiki", "--endpoint", &endpoint, "--token-file", &token],
            &["app", "access", "wiki", "--ou", "/", "on"],
            &["app", "deprovision", "wiki", "--deleted", "24h"],
            &["app", "enable", "wiki"],
        ] {
            // Blocking here would keep the server, which runs on this thread, from answering.
            let command = usher(setup.files.path(), &setup.data("ready"), args);
            tokio::task::spawn_blocking(move || succeeds(command)).await.unwrap();
        }
        setup
    }

    fn path(&self, name: &str) -> String {
        self.files.path().join(name).to_str().unwrap().to_owned()
    }

    fn data(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// A fresh copy of what is ready, for a kill of its own.
    fn copy(&self, name: &str) -> PathBuf {
        let copy = self.data(name);
        std::fs::create_dir(&copy).unwrap();
        for entry in std::fs::read_dir(self.data("ready")).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
        }
        copy
    }

    fn empty_the_app(&self) {
        for user in self.server.users() {
            self.server.remove(user["id"].as_str().unwrap());
        }
        self.server.clear_log();
    }

    /// Begins a sync and kills it when the app has got so many requests of it, if it gets so many.
    async fn sync_killed_at(&self, data: &Path, n: u64, before: u64) {
        let mut child: Child = usher(self.files.path(), data, &["sync", "wiki", "--json"]).spawn().unwrap();
        self.server.asked(before + n).await;
        child.kill().unwrap();
        tokio::task::spawn_blocking(move || child.wait().unwrap()).await.unwrap();
    }

    async fn sync(&self, data: &Path) -> Value {
        let command = usher(self.files.path(), data, &["sync", "wiki", "--json"]);
        let said = tokio::task::spawn_blocking(move || succeeds(command)).await.unwrap();
        serde_json::from_str(said.lines().last().unwrap()).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e2e_killed_at_any_request_the_next_run_ends_with_no_duplicate_and_nobody_missing() {
    // Most of it is waiting until no request of the killed process can be in flight, so three go side by side.
    tokio::join!(kills(0), kills(1), kills(2));
}

/// Every third kill, from this one on.
async fn kills(first: usize) {
    let setup = Setup::new().await;
    for kill in (first..KILLS).step_by(3) {
        let spread = u64::try_from(kill * (PEOPLE - 10) / KILLS).unwrap();
        let n = 1 + u64::try_from(first).unwrap() + spread;
        setup.empty_the_app();
        let before = setup.server.n_asked();
        let data = setup.copy(&format!("kill-{kill}"));
        setup.sync_killed_at(&data, n, before).await;
        let report = setup.sync(&data).await;

        let users = setup.server.users();
        let names: BTreeSet<_> =
            users.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect();
        assert_eq!((users.len(), names.len()), (PEOPLE, PEOPLE), "killed at request {n}: {report}");
        assert_eq!(report["failures"], 0, "killed at request {n}: {report}");
        // That the run after that writes nothing is asked of every tenth: it takes as long as all the rest.
        if kill % 10 == 0 {
            assert_eq!(setup.sync(&data).await["requests"]["writes"], 0, "killed at request {n}");
        }
        std::fs::remove_dir_all(&data).unwrap();
    }
}
