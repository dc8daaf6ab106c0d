//! `usher emulate …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum Emulate {
    /// Serve IAM Identity Center's SCIM endpoint, with its limits and errors
    IdentityCenter(IdentityCenter),
}

#[derive(Args, Debug)]
#[command(after_help = "\
It listens on 127.0.0.1 alone. The console is an HTTP API below /admin: make a tenant, change its
identity source, enable automatic provisioning, generate tokens, look at users, groups and
requests, let things go wrong. GET /admin says how.

Examples:
  usher emulate identity-center --ready --token-file token.txt
  usher emulate identity-center --port 0 --unlimited --ready --token-file token.txt --json
  usher emulate identity-center --state aws.jsonl        everything is there again the next time")]
pub(crate) struct IdentityCenter {
    /// The port; 0: any that is free
    #[arg(long, value_name = "N", default_value_t = 8081)]
    pub(crate) port: u16,
    /// Have a tenant that is ready to be provisioned into
    #[arg(long, requires = "token_file")]
    pub(crate) ready: bool,
    /// Where the access token of that tenant is written; it is shown nowhere else
    #[arg(long, value_name = "FILE", requires = "ready")]
    pub(crate) token_file: Option<PathBuf>,
    /// New tenants refuse no request for coming too fast
    #[arg(long)]
    pub(crate) unlimited: bool,
}
