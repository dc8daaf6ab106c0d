//! The steps of a test run and the commands that they are.

use std::ffi::OsString;
use std::process::Command;

use clap::ValueEnum;

/// One thing that has to pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Step {
    Fmt,
    Arrows,
    Clippy,
    Doc,
    Nextest,
    Doctest,
    E2e,
}

impl Step {
    /// In the order they run: what takes no time first; then those that only check (clippy and rustdoc share
    /// what they learn of the dependencies), then those that build (nextest and doc tests share all of it), and last the
    /// browser, for which the binary is built.
    pub(super) const ALL: &[Self] =
        &[Self::Fmt, Self::Arrows, Self::Clippy, Self::Doc, Self::Nextest, Self::Doctest, Self::E2e];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Fmt => "fmt",
            Self::Arrows => "arrows",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Nextest => "nextest",
            Self::Doctest => "doctest",
            Self::E2e => "e2e",
        }
    }

    pub(super) fn purpose(self) -> &'static str {
        match self {
            Self::Fmt => "the code is formatted",
            Self::Arrows => "no crate knows what it must not",
            Self::Clippy => "no lint complains",
            Self::Doc => "the documentation builds without a warning",
            Self::Nextest => "the tests pass",
            Self::Doctest => "the examples in the documentation pass",
            Self::E2e => "somebody with a browser gets through",
        }
    }

    /// The command of this step; `None` for those that are run from this process. Warnings are denied through
    /// arguments, never `RUSTFLAGS`: those would compile every dependency anew.
    pub(super) fn command(self, nextest_args: &[OsString]) -> Option<Command> {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(crate::workspace_root());
        match self {
            Self::Fmt => cargo.args(["fmt", "--all", "--check"]),
            Self::Arrows | Self::E2e => return None,
            Self::Clippy => cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
            Self::Doc => {
                cargo.args(["doc", "--workspace", "--no-deps"]);
                cargo.env("RUSTDOCFLAGS", "-D warnings")
            }
            Self::Nextest => {
                cargo.args(["nextest", "run"]);
                if !selects_packages(nextest_args) {
                    cargo.arg("--workspace");
                }
                cargo.args(nextest_args)
            }
            Self::Doctest => cargo.args(["test", "--workspace", "--doc", "--quiet"]),
        };
        Some(cargo)
    }
}

fn selects_packages(args: &[OsString]) -> bool {
    args.iter().any(|arg| {
        let arg = arg.to_string_lossy();
        arg == "--package"
            || arg.starts_with("--package=")
            || (arg.starts_with("-p") && !arg.starts_with("--"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(step: Step, nextest_args: &[&str]) -> Vec<String> {
        let nextest_args: Vec<OsString> = nextest_args.iter().map(Into::into).collect();
        let command = step.command(&nextest_args).expect("a step with a command");
        command.get_args().map(|arg| arg.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn the_whole_workspace_is_tested_unless_packages_are_named() {
        assert_eq!(arguments(Step::Nextest, &[]), ["nextest", "run", "--workspace"]);
        assert_eq!(arguments(Step::Nextest, &["guard"]), ["nextest", "run", "--workspace", "guard"]);
        assert_eq!(arguments(Step::Nextest, &["-p", "usher-model"]), ["nextest", "run", "-p", "usher-model"]);
        assert_eq!(arguments(Step::Nextest, &["--package=xtask"]), ["nextest", "run", "--package=xtask"]);
    }

    #[test]
    fn arguments_for_nextest_reach_no_other_step() {
        assert!(!arguments(Step::Doctest, &["guard"]).contains(&"guard".to_owned()));
    }

    #[test]
    fn every_step_is_run_and_its_name_is_the_one_that_only_takes() {
        assert_eq!(Step::ALL, Step::value_variants());
        for step in Step::ALL {
            assert_eq!(Step::from_str(step.name(), false), Ok(*step));
        }
    }
}
