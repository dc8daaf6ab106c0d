//! Google's own client for Python, from `PyPI`, with the discovery document that it brings, doing every read and every edit
//! that is emulated: `tests-python/workspace.py`.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use usher_emulator::clock::Clock;
use usher_emulator::server::Listening;
use usher_emulator::workspace::settings::Settings;
use usher_emulator::workspace::{Options, Workspace};
use usher_model::time::Timestamp;

use crate::still_clock::StillClock;

/// The Python environment that holds `google-api-python-client`.
const VENV: &str = "USHER_TEST_VENV";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests-python/workspace.py");

/// The machine's time, by which the client signs; chance is a row of numbers.
#[derive(Debug)]
struct WallClock(StillClock);

#[async_trait]
impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "the client signs by the machine's clock")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Timestamp::default() + since
    }

    async fn sleep_until(&self, _: Timestamp) {}

    fn entropy(&self, into: &mut [u8]) {
        self.0.entropy(into);
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "where the environment is, is told through the environment")]
async fn e2e_google_s_client_for_python_reads_and_edits_everything() {
    let venv = std::env::var(VENV).expect("USHER_TEST_VENV: run `cargo xtask test`");
    let listening = Listening::on(0).await.unwrap();
    let base = listening.base_url();
    let options = Options { settings: Settings::default().unlimited(), ..Options::at(base.as_str()) };
    let workspace = Workspace::new(Arc::new(WallClock(StillClock::new())), options);
    let answering = workspace.clone();
    let answer = move |request| {
        let workspace = answering.clone();
        async move { workspace.answer(request).await }
    };
    let stop = CancellationToken::new();
    let mut served = JoinSet::new();
    served.spawn(listening.serve(answer, stop.clone()));
    let scratch = tempfile::tempdir().unwrap();
    let python = Path::new(&venv).join("bin/python");
    let mut command = Command::new(python);
    command.env("GCE_METADATA_HOST", base.trim_start_matches("http://"));
    command.arg(SCRIPT).arg(&base).arg(scratch.path()).kill_on_drop(true);
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "done\n");
    let called = workspace.counters();
    let succeeded = |name: &str| called.methods.get(name).is_some_and(|count| count.succeeded > 0);
    let left_out: Vec<String> = crate::tour::emulated().filter(|name| !succeeded(name)).collect();
    assert!(left_out.is_empty(), "the client was not seen to do {left_out:?}");
    stop.cancel();
    served.join_next().await.unwrap().unwrap().unwrap();
}
