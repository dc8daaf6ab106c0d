//! `usher emulate …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Emulate {
    /// Serve IAM Identity Center's SCIM endpoint, with its limits and errors
    IdentityCenter(IdentityCenter),
    /// Serve Google Workspace's Directory API, its audit log and its token endpoint
    Workspace(Workspace),
}

#[derive(Args, Debug)]
#[command(after_help = "\
It listens on 127.0.0.1 alone. What AWS's console does, and what makes things go wrong, is an HTTP API
below /admin: tenants, identity source, automatic provisioning, tokens, users and groups, settings,
faults, requests. GET /admin lists it.

Without --state everything is gone at the end. With it, tenants, tokens (as hashes), users and groups
are there again the next time; faults, requests and used-up limits are not.

Examples:
  usher emulate identity-center --ready --token-file token.txt
  usher emulate identity-center --port 0 --unlimited --ready --token-file token.txt --json
  usher emulate identity-center --state aws.jsonl --ready --token-file token.txt")]
pub(crate) struct IdentityCenter {
    /// The port; 0: any that is free
    #[arg(long, value_name = "N", default_value_t = super::EMULATED_PORT)]
    pub(crate) port: u16,
    /// Keep the state in this file, and begin with what is in it
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Have a tenant that is ready to be provisioned into; with --state, the one that is there
    #[arg(long, requires = "token_file")]
    pub(crate) ready: bool,
    /// Where an access token of that tenant is written, unless one is there already; nothing is overwritten
    #[arg(long, value_name = "FILE", requires = "ready")]
    pub(crate) token_file: Option<PathBuf>,
    /// New tenants refuse no request for coming too fast
    #[arg(long)]
    pub(crate) unlimited: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "\
It listens on 127.0.0.1 alone. The APIs are where Google has them: /admin/directory/v1,
/admin/reports/v1, /token, /batch, /$discovery/rest. What Google's consoles do, and what makes
things go wrong, is an HTTP API below /emulator: service accounts, keys, delegated scopes, seeds,
faults, settings, requests. GET /emulator lists it.

With --ready an organisation that has nobody in it is given a small one, and a service account
is given the read-only scopes. Without --state everything is gone at the end.

Examples:
  usher emulate workspace --ready --key-file key.json
  usher emulate workspace --port 0 --unlimited --ready --key-file key.json --json
  usher emulate workspace --state google.jsonl --import company.json --ready --key-file key.json")]
pub(crate) struct Workspace {
    /// The port; 0: any that is free
    #[arg(long, value_name = "N", default_value_t = super::EMULATED_WORKSPACE_PORT)]
    pub(crate) port: u16,
    /// Keep the state in this file, and begin with what is in it
    #[arg(long, value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,
    /// Take in these files first, in the Directory API's JSON: domains, schemas, organizationUnits, users, groups, members
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) import: Vec<PathBuf>,
    /// Have an administrator, and a service account that may read everything in that administrator's name
    #[arg(long, requires = "key_file")]
    pub(crate) ready: bool,
    /// Where a key of that service account is written, unless one is there already; nothing is overwritten
    #[arg(long, value_name = "FILE", requires = "ready")]
    pub(crate) key_file: Option<PathBuf>,
    /// Refuse no request for coming too fast; with --state, from then on
    #[arg(long)]
    pub(crate) unlimited: bool,
}
