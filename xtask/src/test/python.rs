//! The Python environments: of the tests that run against what others wrote, and of the browser journeys.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use super::tools::{must_succeed, succeeds};

/// Packages that go into an environment of their own.
pub(super) struct Packages {
    /// Which, from the root of the workspace; every one pinned.
    requirements: &'static str,
    /// Where they are put, below `target`.
    directory: &'static str,
}

/// The SCIM server and client, and Google's client, that tests run against.
pub(super) const TESTS: Packages =
    Packages { requirements: "tests-python/requirements.txt", directory: "venv" };

/// What drives the browser.
pub(super) const JOURNEYS: Packages =
    Packages { requirements: "e2e/requirements.txt", directory: "venv-e2e" };

/// A copy of the requirements that the environment was made from. Written last, so that an environment whose
/// making was interrupted is made anew.
const MADE_FROM: &str = "made-from-requirements.txt";

/// A Python that can make environments; `None` if there is none.
pub(super) fn usable_python() -> Option<&'static str> {
    // Debian's own as well: another one that comes first on the path may lack the modules.
    let able = |python: &&str| succeeds(python, &["-c", "import ensurepip, venv"]);
    ["python3", "/usr/bin/python3"].into_iter().find(able)
}

/// The environment under `target`, made now unless it has been made from the same requirements before.
pub(super) fn environment(packages: &Packages, target: &Path) -> anyhow::Result<PathBuf> {
    let from = packages.requirements;
    let requirements = crate::workspace_root().join(from);
    let wanted = fs::read(&requirements).with_context(|| format!("failed to read {from}"))?;
    let venv = target.join(packages.directory);
    let python = venv.join("bin/python");
    let is_made = fs::read(venv.join(MADE_FROM)).is_ok_and(|made_from| made_from == wanted);
    if is_made && succeeds(&python.to_string_lossy(), &["--version"]) {
        return Ok(venv);
    }
    println!("installing into {}: the Python packages of {from}", venv.display());
    make(&venv, &python, &requirements).context("the Python packages of the tests cannot be had")?;
    fs::write(venv.join(MADE_FROM), wanted).context("failed to finish the Python environment")?;
    Ok(venv)
}

fn make(venv: &Path, python: &Path, requirements: &Path) -> anyhow::Result<()> {
    let system = usable_python().context("no python3 with the module venv (Debian: python3-venv)")?;
    must_succeed(Command::new(system).args(["-m", "venv", "--clear"]).arg(venv))?;
    let pip = || {
        let mut pip = Command::new(python);
        pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]);
        pip
    };
    // Nothing but what is pinned; the check says so if a pin is missing.
    must_succeed(pip().args(["install", "--no-deps", "--requirement"]).arg(requirements))?;
    must_succeed(pip().arg("check"))
}
