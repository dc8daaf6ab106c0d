//! An emulated IAM Identity Center in a process of its own, which ends with this value.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use serde::Deserialize;

use super::worker::Binaries;

/// A tenant that takes requests as fast as they come.
pub(super) struct Emulator {
    process: Child,
    endpoint: String,
}

/// What it prints once it listens.
#[derive(Deserialize)]
struct Started {
    endpoint: String,
}

impl Emulator {
    /// Starts it; its access token is written to `token`.
    pub(super) fn start(binaries: &Binaries, token: &Path) -> anyhow::Result<Self> {
        if token.exists() {
            std::fs::remove_file(token).with_context(|| format!("failed to remove {}", token.display()))?;
        }
        let mut process = Command::new(&binaries.usher)
            .args(["emulate", "identity-center", "--port", "0", "--unlimited", "--ready", "--json"])
            .arg("--token-file")
            .arg(token)
            .stdout(Stdio::piped())
            .spawn()
            .context("failed to start the emulator")?;
        let stdout = process.stdout.take().context("the emulator has no output")?;
        let mut emulator = Self { process, endpoint: String::new() };
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line).context("failed to read what the emulator says")?;
        let Started { endpoint } =
            serde_json::from_str(&line).context("the emulator does not say where it listens")?;
        emulator.endpoint = endpoint;
        Ok(emulator)
    }

    /// Its SCIM endpoint.
    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // It holds nothing that would have to be written.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
