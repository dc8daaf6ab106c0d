//! `usher app …`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use usher_model::cause::Delay;
use usher_model::time::Timestamp;

#[derive(Debug, Subcommand)]
pub(crate) enum App {
    /// Make an app from a template
    Add(Add),
    /// List apps
    List,
    /// Show one app's configuration
    Show(Name),
    /// Give the app's endpoint and access token; checked at the app
    Authorize(Authorize),
    /// Turn the app on or off for an organizational unit or a group
    Access(Access),
    /// Narrow provisioning to the members of groups
    Scope(Scope),
    /// Choose which groups the app gets, and what becomes of them
    Groups(Groups),
    /// Choose the domains whose people are provisioned
    Domains(Domains),
    /// Choose where the attributes of accounts come from
    Map(Map),
    /// Choose when accounts of people who left are suspended or deleted
    Deprovision(Deprovision),
    /// Choose what happens to changes that somebody else made at the app
    Drift(Drift),
    /// Turn provisioning on
    Enable(Name),
    /// Turn provisioning off; nobody's account is touched
    Disable(Name),
    /// Delete the configuration, records and timers; accounts, groups, access and log stay
    Unconfigure(Removal),
    /// Remove the app and everything Usher knows of it; accounts and groups at the app stay
    Remove(Removal),
}

#[derive(Args, Debug)]
pub(crate) struct Name {
    /// The app's name
    pub(crate) name: String,
}

#[derive(Args, Debug)]
pub(crate) struct Removal {
    /// The app's name
    pub(crate) name: String,
    /// Do not ask, even on a terminal
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Templates: aws (Amazon Web Services, IAM Identity Center), scim (any SCIM 2.0 app).

Example:
  usher app add aws --template aws")]
pub(crate) struct Add {
    /// What to call it: lower case letters, digits and hyphens, 63 at most
    #[arg(value_parser = app_name)]
    pub(crate) name: String,
    /// What it is made from
    #[arg(long, value_parser = ["aws", "scim"])]
    pub(crate) template: String,
    /// Where its people come from [default: the embedded directory]
    #[arg(long, value_name = "NAME")]
    pub(crate) directory: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The token is read from a file, so that it never shows in a list of processes. White space around
it is dropped. Endpoint and token are stored after the app has accepted them.

With accounts on record the endpoint is fixed: another one may be another tenant, with other
people's accounts. --new-tenant says that it is, and forgets what is known of the accounts of
the old one.

Tokens of Amazon Web Services live for a year, and the app does not say when theirs ends. Usher
counts from now, or from --token-created, and says from 90 days before the end on what to do.

Examples:
  usher app authorize aws --endpoint https://scim.example.com/scim/v2 --token-file token.txt
  usher app authorize aws --endpoint https://scim.example.com/scim/v2 --token-file - < token.txt
  usher app authorize aws --token-file token.txt --token-created 2026-01-31")]
pub(crate) struct Authorize {
    /// The app's name
    pub(crate) name: String,
    /// Base URL of its SCIM API [default: the one it was authorized with]
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// File with the access token; - reads standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: PathBuf,
    /// When the app generated the token: a day (UTC), or an instant [default: now; a token given before keeps its age]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub(crate) token_created: Option<Timestamp>,
    /// The endpoint is another tenant: forget the accounts of the old one
    #[arg(long)]
    pub(crate) new_tenant: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A unit without a switch of its own inherits that of the unit above; the root is off unless
turned on. A group that is on wins over a unit that is off. A group has no off of its own: `off`
takes it back.

Examples:
  usher app access aws --ou / on
  usher app access aws --ou /Contractors off
  usher app access aws --ou /Contractors inherit
  usher app access aws --group cloud-team@example.com on")]
pub(crate) struct Access {
    /// The app's name
    pub(crate) name: String,
    /// Path of an organizational unit, such as /Sales/East
    #[arg(long, value_name = "PATH", required_unless_present = "group", conflicts_with = "group")]
    pub(crate) ou: Option<String>,
    /// Address of a group
    #[arg(long, value_name = "EMAIL")]
    pub(crate) group: Option<String>,
    /// What it is to be; inherit is for units alone
    #[arg(value_enum)]
    pub(crate) switch: Switch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    On,
    Off,
    Inherit,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Without groups, everyone for whom the app is on is provisioned. With groups, only their members
are, nested ones included unless --direct. Without options the scope is shown.

Examples:
  usher app scope aws --add cloud-team@example.com
  usher app scope aws --add leads@example.com --direct
  usher app scope aws --remove cloud-team@example.com --everyone")]
pub(crate) struct Scope {
    /// The app's name
    pub(crate) name: String,
    /// Add a group
    #[arg(long, value_name = "GROUP")]
    pub(crate) add: Vec<String>,
    /// Take a group out
    #[arg(long, value_name = "GROUP")]
    pub(crate) remove: Vec<String>,
    /// The groups that are added count with their own members alone
    #[arg(long, requires = "add")]
    pub(crate) direct: bool,
    /// Everyone with access is in scope: no groups
    #[arg(long, conflicts_with = "add")]
    pub(crate) everyone: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A group goes in with everybody below it who has an account; groups in it are flattened. The app's
group is called as the directory's is, and known again by its id. Groups at the app that are not
Usher's, and members that Usher did not add, are left alone unless you say otherwise.

What is not named stays as it is. Without options the choice is shown, how many groups it selects
now, and how many the app has.

Examples:
  usher app groups aws --select 'aws-*@example.com'
  usher app groups aws --select ops@example.com,leads@example.com --select 'team-*'
  usher app groups aws --scope                  the groups that `usher app scope` has
  usher app groups aws --suspended leave --foreign remove --deselected 7d
  usher app groups aws --off                    those that were provisioned stay as they are")]
pub(crate) struct Groups {
    /// The app's name
    pub(crate) name: String,
    /// The app gets no groups
    #[arg(long, conflicts_with_all = ["scope", "select"])]
    pub(crate) off: bool,
    /// The app gets the groups of the provisioning scope
    #[arg(long, conflicts_with = "select")]
    pub(crate) scope: bool,
    /// The app gets these groups and no others: a group's address, or a pattern of addresses in which * stands for any
    /// characters; several are separated by commas, or the option is repeated
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// What becomes of the memberships of accounts that are off
    #[arg(long, value_enum, value_name = "stay|leave", hide_possible_values = true)]
    pub(crate) suspended: Option<SuspendedChoice>,
    /// What becomes of members that Usher did not add
    #[arg(long, value_enum, value_name = "keep|remove", hide_possible_values = true)]
    pub(crate) foreign: Option<ForeignChoice>,
    /// Delete groups at the app that have been outside the selection for so long: 24h, 1d, 7d, 30d, Nd or never
    #[arg(long, value_name = "DELAY", value_parser = choice)]
    pub(crate) deselected: Option<Choice>,
}

/// What becomes of the memberships of accounts that are off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SuspendedChoice {
    /// They stay
    Stay,
    /// They leave, and come back with the account
    Leave,
}

/// What becomes of members that Usher did not add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ForeignChoice {
    /// They stay
    Keep,
    /// They are taken out
    Remove,
}

#[derive(Args, Debug)]
#[command(after_help = "\
The directory's primary domain is always provisioned; others are where they are added. Without
options the domains are shown.

Example:
  usher app domains aws --add example.org")]
pub(crate) struct Domains {
    /// The app's name
    pub(crate) name: String,
    /// Add a domain of the directory
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) add: Vec<String>,
    /// Take a domain out
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) remove: Vec<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
A source is an attribute of the directory's user, a constant in quotes, or a CEL expression; `-`
leaves an attribute unmapped. Without options the mapping is shown.

Examples:
  usher app map aws --set 'title = user.organizations[0].title'
  usher app map aws --set 'userType = \"Contractor\"' --set 'nickName = -'
  usher app map aws --set 'displayName = user.name.familyName.upperAscii()'
  usher app map aws --reset                     back to the template's own mapping")]
pub(crate) struct Map {
    /// The app's name
    pub(crate) name: String,
    /// Set one attribute's source; after --reset, if both are given
    #[arg(long, value_name = "ATTRIBUTE = SOURCE")]
    pub(crate) set: Vec<String>,
    /// Return to the template's mapping
    #[arg(long)]
    pub(crate) reset: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Each trigger is selected with a delay, or not at all (never); at least one has to be before the
app can be enabled. 24h means within 24 hours: with the next run, usually in minutes; nobody keeps
the account for a day. Nd means N days after the cause began. Of several the earliest counts. Without
options the choice is shown.

Examples:
  usher app deprovision aws --app-off 7d --suspended 1d --deleted 24h
  usher app deprovision aws --suspended never
  usher app deprovision aws --hard-delete 30d   delete what was suspended for 30 days")]
pub(crate) struct Deprovision {
    /// The app's name
    pub(crate) name: String,
    /// Suspend when the app was turned off for somebody: 24h, 1d, 7d, 30d, Nd or never
    #[arg(long, value_name = "DELAY", value_parser = choice)]
    pub(crate) app_off: Option<Choice>,
    /// Suspend when somebody is suspended in the directory: 24h, 1d, 7d, 30d, Nd or never
    #[arg(long, value_name = "DELAY", value_parser = choice)]
    pub(crate) suspended: Option<Choice>,
    /// Suspend when somebody is deleted from the directory: 24h, 1d, 7d, 30d, Nd or never
    #[arg(long, value_name = "DELAY", value_parser = choice)]
    pub(crate) deleted: Option<Choice>,
    /// Delete accounts that have been suspended for so long: 24h, 1d, 7d, 30d, Nd or never
    #[arg(long, value_name = "DELAY", value_parser = choice)]
    pub(crate) hard_delete: Option<Choice>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Audits find such changes (`usher audit`). Whatever is chosen, an account that somebody switched off
stays off until a person decides, and one that should be off is switched off again.

Example:
  usher app drift aws report")]
pub(crate) struct Drift {
    /// The app's name
    pub(crate) name: String,
    /// What happens to them
    #[arg(value_enum)]
    pub(crate) policy: DriftChoice,
}

/// What happens to changes that somebody else made at the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DriftChoice {
    /// Written over
    Repair,
    /// Reported, and left alone
    Report,
    /// Left alone
    Ignore,
}

/// A delay, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Not selected.
    Never,
    /// Selected.
    After(Delay),
}

impl Choice {
    /// As settings hold it.
    pub(crate) fn delay(self) -> Option<Delay> {
        match self {
            Self::Never => None,
            Self::After(delay) => Some(delay),
        }
    }
}

fn choice(text: &str) -> Result<Choice, String> {
    if text == "never" {
        return Ok(Choice::Never);
    }
    Delay::parse(text).map(Choice::After).map_err(|error| format!("{error}; or never"))
}

/// A day, from its beginning in UTC, or an instant.
pub(super) fn date(text: &str) -> Result<Timestamp, String> {
    let day = Timestamp::parse(&format!("{text}T00:00:00Z"));
    day.or_else(|_| Timestamp::parse(text)).map_err(|_| {
        format!(
            "`{text}` is not a date: write it as in 2026-01-31, or as an instant as in 2026-01-31T09:30:00Z"
        )
    })
}

/// The longest name of an app.
const NAME_MAX_CHARS: usize = 63;

/// A name for an app, or what is wrong with it.
pub(crate) fn app_name(text: &str) -> Result<String, String> {
    name("an app", text)
}

/// A name that an admin gives to something (`whose`: *an app*), which has to fit into a host name.
pub(super) fn name(whose: &str, text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let is_name =
        !text.is_empty() && text.len() <= NAME_MAX_CHARS && text.bytes().all(plain) && !text.starts_with('-');
    if is_name {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{whose}'s name is lower case letters, digits and hyphens, begins with a letter or a digit, and has at most 63 \
         of them"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apps_name_fits_into_a_host_name() {
        for name in ["aws", "a", "0-1", &"a".repeat(63)] {
            assert_eq!(app_name(name).as_deref(), Ok(name));
        }
        for name in ["", "-a", "AWS", "a_b", "a.b", "ä", &"a".repeat(64)] {
            assert!(app_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_date_is_a_day_or_an_instant() {
        assert_eq!(date("2026-01-31").unwrap().to_string(), "2026-01-31T00:00:00Z");
        assert_eq!(date("2026-01-31T09:30:00+01:00").unwrap().to_string(), "2026-01-31T08:30:00Z");
        for wrong in ["", "31.1.2026", "2026-02-30", "yesterday"] {
            assert!(date(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_delay_may_be_never() {
        assert_eq!(choice("never"), Ok(Choice::Never));
        assert_eq!(choice("24h"), Ok(Choice::After(Delay::Within24Hours)));
        assert!(choice("soon").is_err());
    }
}
