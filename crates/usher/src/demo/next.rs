//! Where to go from the demo: commands that can be typed as they stand.

use std::path::PathBuf;

use super::setup::{APP, commands};

/// What the commands need to know.
#[derive(Clone, Debug)]
pub(crate) struct Next {
    /// The data directory, where it is not the usual one.
    pub(crate) data_dir: Option<PathBuf>,
    /// Where the emulated app is.
    pub(crate) endpoint: String,
    /// What the emulated app's own address is.
    pub(crate) base_url: String,
    /// Its port, where it is not the usual one.
    pub(crate) port: Option<u16>,
    /// What is kept of the emulated app.
    pub(crate) state: PathBuf,
    /// Whether the demo goes on until it is stopped.
    pub(crate) serves: bool,
}

/// Whom it is worth asking about, and for what.
const TELLING: &[(&str, &str)] = &[
    ("samira.benali@example.com", "moved to a unit without AWS: a timer runs"),
    ("bogdan.ilic@example.com", "switched off at AWS by somebody else"),
    ("suharti@example.com", "has no family name, and AWS insists on one"),
    ("stefan.keller@example.com", "AWS has an account of that name from another tool"),
    ("aws-billing@example.com", "a group: who is in it there, and what is next"),
];

impl Next {
    /// What to do after the table.
    pub(super) fn text(&self) -> String {
        let explain =
            TELLING.iter().map(|(who, what)| (format!("explain {APP} {who}"), (*what).to_owned())).collect();
        let look: Vec<(String, String)> =
            [explain, vec![pair("status", "the app, what failed, what is due")]].concat();
        let change = vec![
            pair(&format!("plan {APP}"), "what a run would do now, and why"),
            pair(&format!("sync {APP}"), "do it"),
            pair(
                &format!("choose {APP} bogdan.ilic@example.com switch-on"),
                "decide about him, then plan again",
            ),
        ];
        if self.serves {
            let until = "Usher now keeps the accounts in step and serves its console, until Ctrl-C. Meanwhile, in another terminal:";
            let after = format!("After Ctrl-C, `{}` starts the emulated AWS again; then:", self.emulate());
            return format!("{until}\n\n{}\n{after}\n\n{}", self.listed(&look), self.listed(&change));
        }
        let start = format!("`{}` starts the emulated AWS again. Then:", self.emulate());
        let serve = vec![pair("serve", "keep the accounts in step, until Ctrl-C")];
        format!("{start}\n\n{}", self.listed(&[look, change, serve].concat()))
    }

    /// How to set everything up by hand, for a demo in which nothing is.
    pub(crate) fn by_hand(&self, token_file: &str) -> String {
        if self.serves {
            return format!(
                "The emulated AWS runs at {} until Ctrl-C. Its SCIM endpoint is {}, and its access token is in {token_file}: the \
                 console asks for both. Nothing is set up yet.\n",
                self.base_url, self.endpoint
            );
        }
        let commands = commands(&self.endpoint, token_file);
        let lines: Vec<_> =
            commands.iter().map(|line| format!("  {}\n", self.with_directory(line))).collect();
        let lines = lines.concat();
        format!(
            "The emulated AWS runs at {} until Ctrl-C. In another terminal:\n\n{lines}\n\
             After Ctrl-C, `{}` starts it again.\n",
            self.base_url,
            self.emulate()
        )
    }

    fn emulate(&self) -> String {
        let port = self.port.map(|port| format!(" --port {port}")).unwrap_or_default();
        format!("usher emulate identity-center{port} --state {}", self.state.display())
    }

    fn listed(&self, commands: &[(String, String)]) -> String {
        let lines: Vec<_> = commands
            .iter()
            .map(|(command, what)| (self.with_directory(&format!("usher {command}")), what))
            .collect();
        let width = lines.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
        let lines: Vec<_> =
            lines.iter().map(|(command, what)| format!("  {command:width$}   {what}\n")).collect();
        lines.concat()
    }

    /// The command, for this data directory.
    fn with_directory(&self, command: &str) -> String {
        match &self.data_dir {
            Some(path) => format!("{command} --data-dir {}", path.display()),
            None => command.to_owned(),
        }
    }
}

fn pair(command: &str, what: &str) -> (String, String) {
    (command.to_owned(), what.to_owned())
}
