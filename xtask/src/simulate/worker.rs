//! The processes that play, one a core, and what they say.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;

/// Where files cost nothing, on Linux: every change of the directory is read from one.
const IN_MEMORY: &str = "/dev/shm";

/// Builds what plays, and says where it is.
pub(super) fn build() -> anyhow::Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(crate::workspace_root());
    cargo.args(["build", "--profile", "simulate", "--package", "usher-testkit", "--features", "mutants"]);
    cargo.args(["--bin", "simulate", "--message-format", "json-render-diagnostics"]);
    let output = cargo.stderr(Stdio::inherit()).output().context("failed to start cargo")?;
    if !output.status.success() {
        bail!("the simulation does not build");
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    let built = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = built.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back();
    program.context("cargo does not say where it put the simulation")
}

/// What a process says.
pub(super) enum Said {
    Counts(Value),
    Broken(Value),
}

/// The processes under way. They end with this.
pub(super) struct Workers {
    children: Vec<Child>,
    lines: Receiver<anyhow::Result<Said>>,
}

impl Workers {
    /// Starts one process for each thing that is asked.
    pub(super) fn start(program: &Path, asked: impl Iterator<Item = Value>) -> anyhow::Result<Self> {
        let (sender, lines) = mpsc::channel();
        let mut children = Vec::new();
        for asked in asked {
            let mut command = Command::new(program);
            command.arg(asked.to_string()).stdout(Stdio::piped());
            if Path::new(IN_MEMORY).is_dir() {
                command.env("TMPDIR", IN_MEMORY);
            }
            let mut child = command.spawn().context("failed to start the simulation")?;
            let stdout = child.stdout.take().context("the simulation has no output")?;
            children.push(child);
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines() {
                    let said = line.context("the simulation cannot be heard").and_then(|line| read(&line));
                    if sender.send(said).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self { children, lines })
    }

    /// The next thing that one of them says; none once all have ended, or the time is up.
    pub(super) fn next(&mut self, until: Option<Instant>) -> Option<anyhow::Result<Said>> {
        let Some(until) = until else { return self.lines.recv().ok().or_else(|| self.ended()) };
        let left = until.saturating_duration_since(super::now()).max(Duration::from_millis(1));
        match self.lines.recv_timeout(left) {
            Ok(said) => Some(said),
            Err(RecvTimeoutError::Timeout) => self.broke_down(),
            Err(RecvTimeoutError::Disconnected) => self.ended(),
        }
    }

    /// An error for one that ended badly while the others went on.
    fn broke_down(&mut self) -> Option<anyhow::Result<Said>> {
        let statuses = self.children.iter_mut().filter_map(|child| child.try_wait().ok().flatten());
        let failed = statuses.into_iter().find(|status| !status.success())?;
        Some(Err(anyhow::anyhow!("the simulation ended badly: {failed}")))
    }

    /// An error for one that did not end well.
    fn ended(&mut self) -> Option<anyhow::Result<Said>> {
        let ended = self.children.drain(..).map(|mut child| child.wait());
        let statuses: Vec<_> = ended.collect();
        let failed = statuses
            .into_iter()
            .find(|status| !status.as_ref().is_ok_and(std::process::ExitStatus::success))?;
        Some(Err(anyhow::anyhow!("the simulation ended badly: {failed:?}")))
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for child in &mut self.children {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn read(line: &str) -> anyhow::Result<Said> {
    let mut said: Value =
        serde_json::from_str(line).with_context(|| format!("the simulation said {line}"))?;
    match (said["counts"].take(), said["broken"].take()) {
        (Value::Null, Value::Null) => bail!("the simulation said {line}"),
        (Value::Null, broken) => Ok(Said::Broken(broken)),
        (counts, _) => Ok(Said::Counts(counts)),
    }
}
