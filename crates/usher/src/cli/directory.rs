//! `usher directory …`.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{ArgGroup, Args, Subcommand};

use super::app::name;

#[derive(Debug, Subcommand)]
pub(crate) enum Directory {
    /// Add a Google Workspace; signed in to and checked first
    Add(Add),
    /// Give a Google Workspace another way to sign in; signed in to and checked first
    Authorize(Authorize),
    /// List directories with what is in them
    List,
    /// Say scope by scope and call by call what works, and what to click where it does not
    Check(Check),
}

#[derive(Args, Debug)]
#[command(after_help = "\
One of three ways to sign in, with read-only scopes:
  --key-file           a service account to which the Admin console has delegated the scopes; it acts
                       as the administrator
  --role-key-file      a service account that has an administrator's role of its own (with --customer)
  --keyless            a service account without a key: IAM Credentials signs for whoever this machine
                       or workload is; it acts as the administrator

Nothing is stored unless users can be listed with it. `usher directory check NAME` says later what works. Workload
identity federation is found as every Google client finds it: GOOGLE_APPLICATION_CREDENTIALS names its file.

Examples:
  usher directory add google --google --admin ada@example.com --key-file key.json
  usher directory add google --google --customer C03az79cb --role-key-file key.json
  usher directory add google --google --admin ada@example.com --keyless usher@project.iam.gserviceaccount.com")]
pub(crate) struct Add {
    /// What to call it: lower case letters, digits and hyphens, 63 at most
    #[arg(value_parser = directory_name)]
    pub(crate) name: String,
    /// A Google Workspace, read through the Admin SDK
    #[arg(long, required = true)]
    pub(crate) google: bool,
    #[command(flatten)]
    pub(crate) how: How,
}

#[derive(Args, Debug)]
#[command(after_help = "\
What the directory held stays as it is, and so do the apps on it. Without --customer or --api-root, the ones
that it has stay.

Example:
  usher directory authorize google --admin ada@example.com --key-file new-key.json")]
pub(crate) struct Authorize {
    /// The directory's name
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) how: How,
}

/// How a Google Workspace is signed in to.
#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("credential").required(true).args(["key_file", "role_key_file", "keyless"])
)]
pub(crate) struct How {
    /// The administrator whom the service account acts as
    #[arg(
        long,
        value_name = "EMAIL",
        conflicts_with = "role_key_file",
        required_unless_present = "role_key_file"
    )]
    pub(crate) admin: Option<String>,
    /// Key file of a service account with delegated scopes
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    /// Key file of a service account with an administrator's role
    #[arg(long, value_name = "FILE")]
    pub(crate) role_key_file: Option<PathBuf>,
    /// Service account for which IAM Credentials signs
    #[arg(long, value_name = "SERVICE_ACCOUNT")]
    pub(crate) keyless: Option<String>,
    /// Google's id of the customer [default: the administrator's own]
    #[arg(long, value_name = "ID")]
    pub(crate) customer: Option<String>,
    /// Where the APIs are, for an emulator or a private endpoint [default: Google]
    #[arg(long, value_name = "URL")]
    pub(crate) api_root: Option<String>,
}

#[derive(Args, Debug)]
#[command(after_help = "\
Exit codes: 0 everything works; 1 something does not.

Example:
  usher directory check google")]
pub(crate) struct Check {
    /// The directory's name
    pub(crate) name: String,
}

/// What the environment says of the machine or the workload, for a directory without a key.
#[derive(Args, Clone, Debug)]
pub(crate) struct Surroundings {
    /// Workload identity federation's configuration, for --keyless
    #[arg(
        long,
        global = true,
        hide = true,
        value_name = "FILE",
        env = "GOOGLE_APPLICATION_CREDENTIALS",
        hide_env_values = true,
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    pub(crate) application_credentials: Option<PathBuf>,
    /// Where the metadata server is, if it is not where it always is
    #[arg(long, global = true, hide = true, value_name = "HOST", env = "GCE_METADATA_HOST")]
    pub(crate) metadata_host: Option<String>,
}

fn directory_name(text: &str) -> Result<String, String> {
    name("a directory", text)
}
