//! A directory of its own for one test, and `usher` called in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A working directory without any data in it.
pub(crate) struct Desk {
    files: tempfile::TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A configuration of this name at the desk is every command's.
pub(crate) const CONFIG: &str = "desk.toml";

impl Desk {
    pub(crate) fn new() -> Self {
        Self { files: tempfile::tempdir().expect("a temporary directory") }
    }

    /// A desk with a small directory imported.
    pub(crate) fn with_people() -> Self {
        let desk = Self::new();
        desk.write("people.json", PEOPLE);
        desk.succeeds(&["import", "people.json"]);
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file in the temporary directory");
    }

    /// The command, not yet started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
        command.args(args).current_dir(self.files.path()).stdin(Stdio::null());
        for name in ["USHER_CONFIG", "USHER_DATA_DIR", "USHER_DATABASE_URL"] {
            command.env_remove(name);
        }
        if self.path(CONFIG).exists() {
            command.env("USHER_CONFIG", CONFIG);
        }
        command
    }

    pub(crate) fn usher(&self, args: &[&str]) -> Ended {
        run(self.command(args))
    }

    /// Standard output of a command that must succeed.
    pub(crate) fn succeeds(&self, args: &[&str]) -> String {
        let ended = self.usher(args);
        assert_eq!(ended.code, 0, "{args:?}: {}", ended.err);
        ended.out
    }

    /// The object that a command prints with `--json`.
    pub(crate) fn json(&self, args: &[&str]) -> Value {
        let out = self.succeeds(&[args, &["--json"]].concat());
        assert_eq!(out.lines().count(), 1, "one line of JSON: {out}");
        serde_json::from_str(&out).expect("the line is JSON")
    }

    /// What a command that must fail with this code says: one line, which names `usher`, and nothing on standard output.
    pub(crate) fn fails(&self, code: i32, args: &[&str]) -> String {
        let ended = self.usher(args);
        assert_eq!(ended.code, code, "{args:?}: {}", ended.err);
        assert_eq!(ended.out, "", "{args:?}");
        assert_eq!(ended.err.lines().count(), 1, "{args:?}: {}", ended.err);
        let said =
            ended.err.trim_end().strip_prefix("usher: ").expect("the line begins with the program's name");
        said.to_owned()
    }
}

pub(crate) fn run(mut command: Command) -> Ended {
    let output = command.output().expect("the binary starts");
    Ended {
        code: output.status.code().expect("the process was not killed"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// Whether a file or directory is there.
pub(crate) fn exists(path: &Path) -> bool {
    path.try_exists().expect("the temporary directory can be looked at")
}

const PEOPLE: &str = r#"{
  "domains": [{"domainName": "example.com", "isPrimary": true}, {"domainName": "example.org"}],
  "organizationUnits": [{"name": "Sales", "orgUnitPath": "/Sales", "parentOrgUnitPath": "/"}],
  "users": [
    {"id": "1", "primaryEmail": "ada@example.com", "name": {"givenName": "Ada", "familyName": "Byron"}, "orgUnitPath": "/"},
    {"id": "2", "primaryEmail": "bo@example.com", "name": {"givenName": "Bo", "familyName": "Li"}, "orgUnitPath": "/Sales"},
    {"id": "3", "primaryEmail": "cy@example.org", "name": {"givenName": "Cy", "familyName": "Os"}, "orgUnitPath": "/"}
  ],
  "groups": [
    {"id": "g1", "email": "team@example.com", "name": "Team"},
    {"id": "g2", "email": "leads@example.com", "name": "Leads"}
  ],
  "members": {"team@example.com": [{"id": "1", "email": "ada@example.com", "type": "USER", "role": "MEMBER"}]}
}"#;
