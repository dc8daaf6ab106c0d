//! The browser journeys: the binary is built, and `pytest` drives Chromium through it.
//!
//! They find what was prepared in variables of their environment: `USHER_TEST_BINARY`, `USHER_TEST_CHROMIUM`, and
//! `USHER_TEST_ARTEFACTS`, a directory below `target` for pictures of what failed.

use std::path::Path;
use std::process::Command;

use super::tools::{CHROMIUM, must_succeed};

/// Where they are, from the root of the workspace.
const JOURNEYS: &str = "e2e";

/// Runs all of them with the Python environment `venv`.
pub(super) fn run(venv: &Path, target: &Path) -> anyhow::Result<()> {
    let root = crate::workspace_root();
    // As the tests were built, whose integration tests need the binary too: any other choice of packages is another
    // choice of features, and compiles nearly everything anew.
    let mut build = Command::new("cargo");
    must_succeed(build.current_dir(&root).args(["test", "--workspace", "--no-run", "--quiet"]))?;
    let mut pytest = Command::new(venv.join("bin/python"));
    pytest.current_dir(root.join(JOURNEYS)).args(["-m", "pytest", "--quiet", "--durations=5"]);
    // Nothing is written into the source tree.
    pytest.env("PYTHONDONTWRITEBYTECODE", "1");
    pytest.env("USHER_TEST_BINARY", target.join("debug/usher"));
    pytest.env("USHER_TEST_CHROMIUM", CHROMIUM);
    pytest.env("USHER_TEST_ARTEFACTS", target.join("e2e"));
    must_succeed(&mut pytest)
}
