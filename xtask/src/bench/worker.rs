//! The processes that measure: built once, run one at a time, each answering with one line of JSON.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use serde::de::DeserializeOwned;

/// The programs, built for release.
pub(super) struct Binaries {
    pub(super) usher: PathBuf,
    bench: PathBuf,
}

/// Builds the programs.
pub(super) fn build() -> anyhow::Result<Binaries> {
    eprintln!("building usher and usher-bench for release");
    let built = Command::new("cargo")
        .args(["build", "--release", "--package", "usher", "--package", "usher-bench"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(crate::workspace_root())
        .stderr(Stdio::inherit())
        .output()
        .context("failed to start cargo")?;
    if !built.status.success() {
        bail!("usher and usher-bench do not build");
    }
    let mut found = (None, None);
    for message in cargo_metadata::Message::parse_stream(built.stdout.as_slice()).filter_map(Result::ok) {
        if let cargo_metadata::Message::CompilerArtifact(artifact) = message {
            match artifact.target.name.as_str() {
                "usher" => found.0 = artifact.executable.map(PathBuf::from).or(found.0),
                "usher-bench" => found.1 = artifact.executable.map(PathBuf::from).or(found.1),
                _ => {}
            }
        }
    }
    let (Some(usher), Some(bench)) = found else { bail!("cargo does not say where it put the programs") };
    Ok(Binaries { usher, bench })
}

impl Binaries {
    /// Runs a measurement, and reads what it says.
    pub(super) fn measure<T: DeserializeOwned>(&self, args: &[&str]) -> anyhow::Result<T> {
        let ended = Command::new(&self.bench).args(args).stderr(Stdio::inherit()).output();
        let ended = ended.context("failed to start usher-bench")?;
        if !ended.status.success() {
            bail!("`usher-bench {}` failed", args.join(" "));
        }
        serde_json::from_slice(&ended.stdout).context("usher-bench does not say what it measured")
    }

    /// Makes data.
    pub(super) fn make(&self, args: &[&str]) -> anyhow::Result<()> {
        self.measure::<serde_json::Value>(args).map(drop)
    }
}
