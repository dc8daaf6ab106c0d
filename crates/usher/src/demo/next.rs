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

/// Where somebody who sets everything up by hand puts the access token.
const TOKEN_FILE: &str = "token.txt";

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
            [explain, vec![pair("status", "the app, what failed, what is held, what is due")]].concat();
        let change = vec![
            pair(&format!("plan {APP}"), "what a run would do now, and why"),
            pair(&format!("sync {APP}"), "do it"),
            pair(
                &format!("choose {APP} bogdan.ilic@example.com switch-on"),
                "decide about him, then plan again",
            ),
        ];
        if self.serves {
            let until = format!(
                "Usher now keeps the accounts in step and serves its console, until Ctrl-C. AWS's own pages are at {}, for a \
                 browser. Meanwhile, in another terminal:",
                self.base_url
            );
            let after = format!("After Ctrl-C, `{}` starts the emulated AWS again; then:", self.emulate());
            return format!("{until}\n\n{}\n{after}\n\n{}", self.listed(&look), self.listed(&change));
        }
        let start = format!(
            "`{}` starts the emulated AWS again, with its pages at {}. Then:",
            self.emulate(),
            self.base_url
        );
        let serve = vec![pair("serve", "keep the accounts in step, until Ctrl-C")];
        format!("{start}\n\n{}", self.listed(&[look, change, serve].concat()))
    }

    /// How to set everything up by hand, for a demo in which nothing is: first at AWS, then here.
    pub(crate) fn by_hand(&self) -> String {
        let there = self.there();
        if self.serves {
            return format!(
                "{there}\x20 4. Automatic provisioning: Enable, Show token. Copy the SCIM endpoint and the token: the console asks for\n\
                 \x20    both under Apps, Web and mobile apps. Its address, and the link to sign in with, are told next.\n"
            );
        }
        let commands = commands(&self.endpoint, TOKEN_FILE);
        let lines: Vec<_> =
            commands.iter().map(|line| format!("  {}\n", self.with_directory(line))).collect();
        let lines = lines.concat();
        format!(
            "{there}\x20 4. Automatic provisioning: Enable, Show token. Copy the token into a file, {TOKEN_FILE}, and Close.\n\n\
             Then, in another terminal:\n\n{lines}\n\
             After Ctrl-C, `{}` starts it again.\n",
            self.emulate()
        )
    }

    /// The steps at AWS, up to the endpoint and the token.
    fn there(&self) -> String {
        format!(
            "Nothing is set up, neither at AWS nor here. The emulated AWS runs at {} until Ctrl-C.\n\n\
             With a browser, there:\n\n\
             \x20 1. Services, All Services, IAM Identity Center.\n\
             \x20 2. Recommended setup steps: Choose your identity source. Then Actions, Change identity source, External\n\
             \x20    identity provider, Next.\n\
             \x20 3. Choose the file with your identity provider's metadata, Next, enter ACCEPT, Change identity source. {}\n",
            self.base_url,
            self.metadata()
        )
    }

    /// Where the identity provider's metadata is found.
    fn metadata(&self) -> &'static str {
        if self.serves {
            "The\n\
             \x20    file is in the console, once the app is added there: the app, Set up SSO, Download metadata. The page has a\n\
             \x20    sample as well."
        } else {
            "The\n\
             \x20    file is in the console of `usher serve`, once the app is added: the app, Set up SSO, Download metadata. The\n\
             \x20    page has a sample as well."
        }
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
