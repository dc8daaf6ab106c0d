//! What can be wrong with a configuration, in sentences.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What is wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("cannot read the {what} {}", path.display())]
    Unreadable {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{}, line {line}: {problem} (`usher config schema` describes the file)", path.display())]
    Wrong { path: PathBuf, line: usize, problem: String },
    #[error("{key} is {value}: it must be between {least} and {most}")]
    Range { key: &'static str, value: u64, least: u64, most: u64 },
    #[error(
        "the data directory has no name: give one with --data-dir, or leave the key out for ./usher-data"
    )]
    NoDataDirectory,
    #[error("both database_url and database_url_file are set: leave one of them out")]
    TwoDatabases,
    #[error(
        "the database URL is not one of PostgreSQL: it looks like postgres://user@host:5432/database; leave it out for a \
         file in the data directory"
    )]
    NotPostgres,
    #[error(
        "PostgreSQL needs a key file, because several servers share the database: set key_file in the configuration file"
    )]
    NoKeyFile,
    #[error(
        "public_url is no address that Google could send to: it looks like https://usher.example.com; leave it out where \
         there is none"
    )]
    NotPublic,
    #[error(
        "openid.issuer is no address of a provider: it looks like https://id.example.com, without a query (http is taken for \
         this machine alone); leave it out for Google"
    )]
    NoIssuer,
    #[error(
        "{key} is set, and nobody can sign in there: set openid.client_id as well, which the provider gives you when you \
         register the console"
    )]
    OpenIdIsOff { key: &'static str },
    #[error(
        "openid.client_id is set without a secret: put the secret that the provider gave you into a file, and name it with \
         openid.client_secret_file"
    )]
    NoClientSecret,
    #[error(
        "{key} is set, and the workspace is not served: set workspace.listen as well, for example \"127.0.0.1:8082\""
    )]
    WorkspaceIsOff { key: &'static str },
    #[error("workspace.listen is {listen}: the workspace is served on 127.0.0.1 alone")]
    WorkspaceElsewhere { listen: SocketAddr },
    #[error(
        "with PostgreSQL there is no data directory for the service accounts of the served workspace: set \
         workspace.state_file in the configuration file"
    )]
    NoWorkspaceState,
}

impl ConfigError {
    /// What the parser says, without the line itself, which may be the one with a password in it.
    pub(super) fn wrong(path: &Path, text: &str, error: &toml::de::Error) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(start).filter(|byte| *byte == b'\n').count() + 1;
        let problem = error.message().replace('\n', " ");
        Self::Wrong { path: path.to_owned(), line, problem }
    }
}
