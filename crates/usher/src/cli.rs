//! The command line: names, arguments and help. What the commands do is in [`crate::commands`].

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{StringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use usher_model::time::Timestamp;

pub(crate) mod app;
pub(crate) mod directory;
pub(crate) mod emulate;

/// Keeps the accounts of apps in step with a company's directory.
///
/// Usher shows people in, and shows them out: whoever joins gets an account at the app, whoever changes is updated,
/// whoever leaves is suspended when their time is up. Nothing happens without a reason, and `usher plan` says
/// beforehand what would happen and why.
#[derive(Debug, Parser)]
#[command(name = "usher", version, propagate_version = true, arg_required_else_help = true, after_help = FIRST_STEPS)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const FIRST_STEPS: &str = "\
First steps:
  usher demo                                    see it all with a made-up company and an emulated AWS
  usher import people.json                      read a directory, as Google exports it
  usher app add aws --template aws              make an app
  usher app authorize aws --endpoint URL --token-file token.txt
  usher app access aws --ou / on                say for whom it is on
  usher app deprovision aws --suspended 7d --deleted 24h
  usher app enable aws                          turn provisioning on
  usher plan aws                                see what would happen, and why
  usher sync aws                                do it

Exit codes: 0 done; 1 something failed; 2 `plan`: changes are pending; 3 operations are held; 64
wrong usage.";

/// What every command takes.
#[derive(Args, Debug)]
pub(crate) struct Globals {
    /// Configuration file (TOML); `usher config schema` describes it
    #[arg(long, global = true, value_name = "FILE", env = "USHER_CONFIG", help_heading = "Global options")]
    pub(crate) config: Option<PathBuf>,
    /// Directory for database and key [default: ./usher-data]
    #[arg(long, global = true, value_name = "DIR", env = "USHER_DATA_DIR", help_heading = "Global options")]
    pub(crate) data_dir: Option<PathBuf>,
    /// PostgreSQL instead of a file in the data directory; a password is safer in the configuration's
    /// `database_url_file`
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "USHER_DATABASE_URL",
        hide_env_values = true,
        value_parser = StringValueParser::new().map(SecretString::from),
        help_heading = "Global options"
    )]
    pub(crate) database_url: Option<SecretString>,
    /// Print the result as one line of JSON
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
    /// Log more, to standard error
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub(crate) verbose: u8,
    /// Print failures alone to standard error
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub(crate) quiet: bool,
    #[command(flatten)]
    pub(crate) surroundings: directory::Surroundings,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    OnData(OnData),
    /// See Usher at work: a made-up company, an emulated AWS, and what happened there in thirty days
    Demo(Demo),
    /// Check the configuration, or describe it
    #[command(subcommand)]
    Config(Config),
    /// Play the other side of provisioning, for anyone's tests
    #[command(subcommand)]
    Emulate(emulate::Emulate),
    /// Print a script of completions for a shell
    Completions(Completions),
}

/// The commands that work on the data directory or the database.
#[derive(Debug, Subcommand)]
pub(crate) enum OnData {
    /// Read people, groups and more from files into the embedded directory
    Import(Import),
    /// Make, configure and switch apps
    #[command(subcommand)]
    App(app::App),
    /// See, add and check directories
    #[command(subcommand)]
    Directory(directory::Directory),
    /// Show what a run would do now and why; changes nothing
    Plan(Plan),
    /// Run now: bring an app's accounts in step with the directory
    Sync(Sync),
    /// Read a whole app, compare it with what is on record, and do about it what the policy says
    Audit(Audit),
    /// Decide about somebody's account, or a group, where Usher may not decide by itself
    Choose(Choose),
    /// Say that Usher must not touch somebody's account, or a group, or show what it must not touch
    Pin(Pin),
    /// Let Usher provision somebody, or a group, again that was pinned, or put back by an undo
    Unpin(Unpin),
    /// Take back what a run did: switch those on again whom it suspended, and put back whom it took out of groups
    Undo(Undo),
    /// Say why somebody has, lacks, or will lose their account at an app; or a group
    Explain(Explain),
    /// Show every app: state, last run, failures, what is due
    Status,
    /// Run the schedule until stopped, and answer /healthz and /readyz
    #[command(after_help = SERVING)]
    Serve,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Files are JSON with any of the keys users, groups, members ({group address: [member, …]}),
organizationUnits, domains and schemas, each as Google's Directory API has it; or CSV with the
columns of Google's bulk upload. People are matched by id, or by address where there is no id.
Keys that are absent stay as they are; null clears. Passwords are discarded.

Examples:
  usher import people.json groups.json
  usher import users.csv --preview
  usher import everything.json --replace        whoever is not in the file becomes deleted")]
pub(crate) struct Import {
    /// Files to read, JSON or CSV
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Whoever is in none of the files becomes deleted
    #[arg(long)]
    pub(crate) replace: bool,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub(crate) preview: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 nothing to do; 2 changes are pending; 3 some of them would be held for a person; 1
nothing to do, but people cannot be provisioned; or it could not be planned.

Examples:
  usher plan aws
  usher plan aws --all | less
  usher plan aws --out plan.ndjson              to be looked at, and carried out as it is with
                                                `usher sync aws --plan plan.ndjson`
  usher plan aws --json")]
pub(crate) struct Plan {
    /// The app's name
    pub(crate) name: String,
    /// Print every operation, not the first 50 alone
    #[arg(long)]
    pub(crate) all: bool,
    /// Write what a run would do to a file, an operation a line, for `usher sync --plan`
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Operations that a guard holds are not carried out: look at them with `usher plan`, then let them
through with --release.

Exit codes: 0 done; 3 operations are held (whatever else happened); 1 something failed, or failed
before and waits to be tried again, and nothing is held.

Examples:
  usher sync aws
  usher sync aws --user ada@example.com         this person alone, whatever failed before
  usher sync aws --release                      with everything that is held and still wanted
  usher sync aws --plan plan.ndjson             exactly what `usher plan aws --out plan.ndjson` said, or
                                                nothing, and what has changed since")]
pub(crate) struct Sync {
    /// The app's name
    pub(crate) name: String,
    /// One person alone
    #[arg(long, value_name = "EMAIL")]
    pub(crate) user: Option<String>,
    /// Let the operations of every hold through that are still wanted
    #[arg(long)]
    pub(crate) release: bool,
    /// Do what this file of `usher plan --out` says, or nothing if anything has changed since
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "release"])]
    pub(crate) plan: Option<PathBuf>,
    /// Print every operation and failure, not the first 50 alone
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
An audit is a run that reads every account of the app first, and finds what somebody else did
there: changed, switched off or on, deleted. `usher app drift` says what happens to changes. An
account that somebody switched off stays off until you decide (`usher choose`), one that should be
off is switched off again, one that was deleted is made anew; guards hold what is too much.
Groups that the app gets are read with their members: what was renamed, deleted or taken out is
told and repaired, too. Accounts and groups that nobody here has on record are told and left alone.
A server audits every app daily.

Exit codes: those of `usher sync`.

Example:
  usher audit aws")]
pub(crate) struct Audit {
    /// The app's name
    pub(crate) name: String,
    /// Print every operation, failure and change, not the first 50 alone
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The next run does it. While a server works on the data directory, this is refused like every command
that writes: stop it first.

Examples:
  usher choose aws ada@example.com switch-on    somebody switched her account off at the app
  usher choose aws bob@example.com take-over    his address has an account with a foreign externalId
  usher choose aws ops@example.com take-over    the group's name is taken by one with a foreign externalId
  usher choose aws eve@example.com suspend-now  she is losing her account, and is not to have it until then
  usher choose aws bob@example.com nothing      take the choice back")]
pub(crate) struct Choose {
    /// The app's name
    pub(crate) name: String,
    /// The person's address, or one of their aliases; or a group's
    pub(crate) email: String,
    /// What to do
    #[arg(value_enum)]
    pub(crate) choice: Chosen,
}

/// What may be chosen for one person, or for one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Chosen {
    /// Switch the account on again that somebody switched off at the app
    SwitchOn,
    /// Take over the account that has the person's address, or the group that has the group's name, and a foreign
    /// `externalId`
    TakeOver,
    /// Leave that account or group alone, and ask again with growing pauses
    Wait,
    /// Suspend the account of somebody who is losing it without waiting for the delay
    SuspendNow,
    /// Take the choice back
    Nothing,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Nothing happens to the account of somebody who is pinned, on no path: no run, audit, released hold
or approved plan touches it, and none is made for them. A pin stays until it ends or is taken back
with `usher unpin`, also when the person leaves. Of a group that is pinned, neither the name nor a
member changes; of somebody who is pinned, no membership does. One that `usher undo` has set ends by itself once
the person is entitled to the account by the directory.

Examples:
  usher pin aws                                 who and what is pinned, by whom, why and until when
  usher pin aws root@example.com --why \"break-glass account\"
  usher pin aws admins@example.com --why \"kept by hand\"
  usher pin aws ada@example.com --why \"on parental leave\" --until 2027-03-01")]
pub(crate) struct Pin {
    /// The app's name
    pub(crate) name: String,
    /// The person's address, or one of their aliases; or a group's
    #[arg(requires = "why")]
    pub(crate) email: Option<String>,
    /// Why: whoever asks for the reason of what is not done will read it
    #[arg(long, value_name = "TEXT", requires = "email", value_parser = why)]
    pub(crate) why: Option<String>,
    /// When it ends by itself: a day (UTC), or an instant [default: never]
    #[arg(long, value_name = "DATE", requires = "email", value_parser = app::date)]
    pub(crate) until: Option<Timestamp>,
    /// Who says so [default: whoever is signed in to this machine]
    #[arg(long, value_name = "NAME", env = "USER", hide_env = true)]
    pub(crate) by: Option<String>,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Whoever an undo put back into groups is let go as well: the next run takes them out again where the\ndirectory does not have them.\n\nExample:\n  usher unpin aws ada@example.com"
)]
pub(crate) struct Unpin {
    /// The app's name
    pub(crate) name: String,
    /// The person's or group's address, or the id, as `usher pin` lists them
    #[arg(value_name = "WHO")]
    pub(crate) who: String,
}

#[derive(Args, Debug)]
#[command(after_help = "\
An account is switched on again where it is as that run left it: no later run, nobody at the app and
no pin says otherwise, and a read just before shows it off. Whoever is left alone is told, with why.
Those who are on again are pinned, so that the next run does not suspend them again: until you
`usher unpin` them, or until they are entitled to the account by the directory. Whoever that run took
out of a group is put back, where nobody has decided otherwise since, and stays in it: until you
`usher unpin` them, or until the directory has them in it as well; `usher pin` lists them. What the run
deleted is told as lost; nothing makes it again. Undoing a run again finishes an undo that broke off.

`usher sync` says how its run is called, `usher status` which one was the last, `usher explain`
which one suspended somebody.

Exit codes: 0 done; 1 something failed.

Examples:
  usher undo 019a6e5c-7d3e-7c41-b3a8-3f0d6a1c9b52 --preview
  usher undo 019a6e5c-7d3e-7c41-b3a8-3f0d6a1c9b52")]
pub(crate) struct Undo {
    /// The run, of whichever app
    pub(crate) run: String,
    /// Say what would be taken back, by what is on record, and do nothing
    #[arg(long)]
    pub(crate) preview: bool,
    /// Who says so [default: whoever is signed in to this machine]
    #[arg(long, value_name = "NAME", env = "USER", hide_env = true)]
    pub(crate) by: Option<String>,
    /// Print everybody, not the first 50 alone
    #[arg(long)]
    pub(crate) all: bool,
}

/// The longest word of an admin's, in characters.
const SAID_MAX_CHARS: usize = 500;

fn why(text: &str) -> Result<String, String> {
    said("a reason", text)
}

pub(crate) fn by(text: &str) -> Result<String, String> {
    said("a name", text)
}

/// What an admin says of something (`what`: *a reason*), which is shown in one line.
fn said(what: &str, text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("{what} has to say something"));
    }
    if text.chars().any(char::is_control) || text.chars().count() > SAID_MAX_CHARS {
        return Err(format!("{what} is one line of {SAID_MAX_CHARS} characters at most"));
    }
    Ok(text.to_owned())
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  usher explain aws ada@example.com\n  usher explain aws ops@example.com             a group: its state, who is in it, what is next"
)]
pub(crate) struct Explain {
    /// The app's name
    pub(crate) name: String,
    /// The person's address, or one of their aliases; or a group's, also of one that the directory no longer has
    pub(crate) email: String,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A company of 250 people who do not exist is imported into a data directory of its own, an IAM
Identity Center is emulated on this machine, and thirty days of joiners, leavers, marriages and
mistakes go by in seconds. Then a table says who has an account, who has not, and why, and the
schedule runs until Ctrl-C. Nothing leaves this machine.

Examples:
  usher demo
  usher demo --fresh                            only the company and the emulated AWS; wire them yourself
  usher demo --no-serve --json                  end after one line of JSON")]
pub(crate) struct Demo {
    /// Wire nothing: import the company, run the emulated AWS, and serve the console to set everything up in; with
    /// --no-serve, say the commands for that
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Serve no console: end after the table, or with --fresh leave the data directory to other commands
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// Port of the emulated AWS on 127.0.0.1; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = EMULATED_PORT)]
    pub(crate) port: u16,
    /// Address of the console, instead of the configuration's `listen`
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
}

/// The port of the emulated IAM Identity Center unless another is asked for.
pub(crate) const EMULATED_PORT: u16 = 8081;

/// The port of the emulated Google Workspace unless another is asked for.
pub(crate) const EMULATED_WORKSPACE_PORT: u16 = 8082;

const SERVING: &str = "\
Runs are started when the directory changes, when something is due, and fully every 15 minutes
(`[runs] full_every_minutes`). GET /healthz says that the process is alive, GET /readyz that its
database answers and its schedule runs; both on 127.0.0.1:8080 unless `listen` says otherwise.
With `[workspace] listen` it also serves the embedded directory to Google's clients, on 127.0.0.1 alone;
`[workspace] key_file` is where the key that they sign in with is written. `usher config schema` says more.
The first SIGINT or SIGTERM ends it after the requests under way, the second at once.

One server at a time works on a data directory. Meanwhile `status`, `explain`, `app list`,
`app show` and `directory list` read it; commands that write refuse until it is stopped. Several servers on one PostgreSQL database are safe, but do the work twice; choosing
an active one comes later.";

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// Say what is in force and where it comes from
    Check,
    /// Print the JSON Schema of the configuration file
    Schema,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  usher completions bash > ~/.local/share/bash-completion/completions/usher"
)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
