//! The programs that the steps call, installed where they are missing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::python::usable_python;
use super::step::Step;

/// Known to build with the workspace's Rust.
const NEXTEST: &str = "cargo-nextest@0.9.143";

/// Debian's browser.
pub(super) const CHROMIUM: &str = "/usr/bin/chromium";

/// Where Debian keeps `PostgreSQL`'s server programs, one directory for each version.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

/// Installs what `steps` need and this machine lacks, saying so first.
pub(super) fn install_missing(steps: &[Step]) -> anyhow::Result<()> {
    install_components(steps)?;
    if steps.contains(&Step::Nextest) {
        install_packages(missing_for_tests)?;
        install_nextest()?;
    }
    if steps.contains(&Step::E2e) {
        install_packages(missing_for_journeys)?;
    }
    Ok(())
}

/// The directory of `PostgreSQL`'s server programs, Debian's newest first; `None` if there is none.
pub(super) fn postgres_programs() -> Option<PathBuf> {
    newest_of_debian().or_else(|| {
        let output = Command::new("pg_config").arg("--bindir").output().ok()?;
        let directory = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
        directory.join("initdb").exists().then_some(directory)
    })
}

fn newest_of_debian() -> Option<PathBuf> {
    let versions = Path::new(POSTGRES_VERSIONS).read_dir().ok()?.filter_map(Result::ok);
    let version = |path: &Path| path.file_name()?.to_str()?.parse::<u32>().ok();
    let found = versions.filter(|entry| entry.path().join("bin/initdb").exists());
    let newest = found.filter_map(|entry| Some((version(&entry.path())?, entry.path()))).max()?;
    Some(newest.1.join("bin"))
}

/// Whether this process may do everything.
pub(super) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Whether `program` with `args` runs and says that all is well. What it prints is not shown.
pub(super) fn succeeds(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs `command` with its output shown; an error unless it succeeds.
pub(super) fn must_succeed(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("failed to start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

fn install_components(steps: &[Step]) -> anyhow::Result<()> {
    let mut missing = Vec::new();
    if steps.contains(&Step::Fmt) && !succeeds("cargo", &["fmt", "--version"]) {
        missing.push("rustfmt");
    }
    if steps.contains(&Step::Clippy) && !succeeds("cargo", &["clippy", "--version"]) {
        missing.push("clippy");
    }
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing with rustup: {}", missing.join(", "));
    must_succeed(Command::new("rustup").args(["component", "add"]).args(&missing))
        .with_context(|| format!("{} cannot be had; install it for this Rust", missing.join(" and ")))
}

/// Installs Debian packages until `missing` names none.
fn install_packages(missing_packages: fn() -> Vec<&'static str>) -> anyhow::Result<()> {
    let missing = missing_packages();
    if missing.is_empty() {
        return Ok(());
    }
    println!("installing with apt-get: {}", missing.join(", "));
    let wanted = format!("this needs the Debian packages {}", missing.join(", "));
    if !succeeds("apt-get", &["--version"]) {
        bail!("{wanted}; there is no apt-get here, so install what corresponds to them");
    }
    if !is_root() && !succeeds("sudo", &["--version"]) {
        bail!("{wanted}; as root: apt-get install {}", missing.join(" "));
    }
    apt_get(&["update"]).context(wanted.clone())?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], missing.as_slice()].concat())
        .context(wanted)?;
    let still_missing = missing_packages();
    if !still_missing.is_empty() {
        bail!("installed, but of no use to us: {}", still_missing.join(", "));
    }
    Ok(())
}

/// Installs a Python that can make environments, if there is none.
pub(super) fn install_python() -> anyhow::Result<()> {
    install_packages(missing_for_python)
}

fn missing_for_tests() -> Vec<&'static str> {
    let mut missing = missing_for_python();
    if postgres_programs().is_none() {
        missing.push("postgresql");
    }
    missing
}

fn missing_for_journeys() -> Vec<&'static str> {
    let mut missing = missing_for_python();
    if !succeeds(CHROMIUM, &["--version"]) {
        missing.push("chromium");
    }
    missing
}

fn missing_for_python() -> Vec<&'static str> {
    if usable_python().is_some() { Vec::new() } else { vec!["python3", "python3-venv"] }
}

fn apt_get(args: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new(if is_root() { "env" } else { "sudo" });
    if !is_root() {
        command.arg("env");
    }
    must_succeed(command.arg("DEBIAN_FRONTEND=noninteractive").arg("apt-get").args(args))
}

fn install_nextest() -> anyhow::Result<()> {
    if succeeds("cargo", &["nextest", "--version"]) {
        return Ok(());
    }
    println!("installing with cargo: {NEXTEST}");
    // Into a directory of its own, which cargo removes: its build has nothing in common with ours.
    let mut install = Command::new("cargo");
    install.args(["install", "--locked", NEXTEST]).env_remove("CARGO_TARGET_DIR");
    must_succeed(&mut install).with_context(|| format!("the tests need {NEXTEST}"))
}
