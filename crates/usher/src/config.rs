//! The configuration: one TOML file, overridden by the environment and the command line.
//!
//! Everything works without a file. Keys that nobody knows are errors, because a misspelt one would be silently without
//! effect. What apps do is not here: that is in the database, and set with `usher app`.
//!
//! # Invariants
//!
//! 1. No error and no [`in_force()`] line holds a database URL: there may be a password in it.
//! 2. What [`Config::load`] returns is valid as a whole.

use std::fmt;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};

mod in_force;
mod invalid;

pub(crate) use in_force::{Layer, Overrides, in_force};
pub(crate) use invalid::ConfigError;

/// The configuration of Usher. Every key is optional.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Directory for the database, its key and its lock. A relative path is relative to where Usher is started.
    pub(crate) data_dir: PathBuf,
    /// PostgreSQL instead of a file in the data directory: `postgres://user@host:5432/database`. Needs `key_file`.
    #[serde(deserialize_with = "secret")]
    #[schemars(with = "Option<String>")]
    pub(crate) database_url: Option<SecretString>,
    /// File that holds the database URL, for one with a password in it. Instead of `database_url`.
    pub(crate) database_url_file: Option<PathBuf>,
    /// File with the key that secrets in the database are sealed with. Default: `key` in the data directory, made with
    /// a new database.
    pub(crate) key_file: Option<PathBuf>,
    /// Address and port that `usher serve` listens on.
    #[schemars(with = "String")]
    pub(crate) listen: SocketAddr,
    /// Where the public reaches `listen`: `https://usher.example.com`. The console's links begin with it, and Google's messages
    /// of changes go there; without it, Usher asks Google's log every half minute and is sent nothing.
    pub(crate) public_url: Option<String>,
    /// Whether apps, and the OpenID provider, may be at private addresses (`10/8`, `172.16/12`, `192.168/16`, `100.64/10`, `fc00::/7`).
    pub(crate) allow_private_endpoints: bool,
    /// How runs go.
    pub(crate) runs: Runs,
    /// Sign-in to the console at an OpenID provider, beside the password.
    pub(crate) openid: OpenId,
    /// The embedded directory, served as a Google Workspace.
    pub(crate) workspace: Workspace,
    /// What is logged.
    pub(crate) log: Log,
}

/// How runs go.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Runs {
    /// Milliseconds that one request to an app may take.
    #[schemars(range(min = 100, max = 600_000))]
    pub(crate) request_timeout_ms: u64,
    /// Milliseconds that an app may take to show what was written: so long between two looks for an account whose creation
    /// was never answered, and so long an audit does not judge an account after a write.
    #[schemars(range(min = 1, max = 600_000))]
    pub(crate) look_again_after_ms: u64,
    /// Minutes between the end of one full run and the next.
    #[schemars(range(min = 1, max = 1_440))]
    pub(crate) full_every_minutes: u64,
}

/// Sign-in to the console with OpenID Connect, beside the password: for admins and those who are invited, by the address that
/// the provider has verified. Off unless `client_id` is set. At the provider, the redirect URI is the address of the console
/// (`public_url`, else `http://` and `listen`) with `/sign-in/openid/callback` behind it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OpenId {
    /// The provider, as it calls itself. `http` is taken for this machine alone.
    pub(crate) issuer: String,
    /// The client's id, as the provider gave it.
    pub(crate) client_id: Option<String>,
    /// File with the client's secret, as the provider gave it. Needed with `client_id`.
    pub(crate) client_secret_file: Option<PathBuf>,
}

/// The embedded directory, served by `usher serve` as a Google Workspace: Google's clients read and edit it with the
/// Directory API. Off unless `listen` is set.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Workspace {
    /// Address and port that it listens on: `127.0.0.1:8082`. No other address than 127.0.0.1 is taken.
    #[schemars(with = "Option<String>")]
    pub(crate) listen: Option<SocketAddr>,
    /// Where the key of its service account is written when there is none, in the form of Google's key files. Whoever has
    /// the key reads and edits the directory. Once the file is moved away and the server started anew, there is a new
    /// key, and the old one is good for nothing. Where this is not set, no key is written, and one that is out stays good.
    pub(crate) key_file: Option<PathBuf>,
    /// Whether the service account only reads, with any key that is out.
    pub(crate) read_only: bool,
    /// Where service accounts and the audit log are kept. Default: `workspace.jsonl` in the data directory. With PostgreSQL
    /// it has to be said, and each server has a file of its own.
    pub(crate) state_file: Option<PathBuf>,
}

/// What is logged, to standard error.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    /// How much. Default: `info` for `usher serve`, `warn` for every other command.
    pub(crate) level: Option<Level>,
    /// For people or for machines.
    pub(crate) format: Format,
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    /// What failed.
    Error,
    /// And what is odd.
    Warn,
    /// And what is done.
    Info,
    /// And how; with e-mail addresses.
    Debug,
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./usher-data"),
            database_url: None,
            database_url_file: None,
            key_file: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public_url: None,
            allow_private_endpoints: false,
            runs: Runs::default(),
            openid: OpenId::default(),
            workspace: Workspace::default(),
            log: Log::default(),
        }
    }
}

impl Default for OpenId {
    fn default() -> Self {
        Self { issuer: usher_web::openid::GOOGLE.to_owned(), client_id: None, client_secret_file: None }
    }
}

impl Default for Runs {
    fn default() -> Self {
        Self { request_timeout_ms: 30_000, look_again_after_ms: 5_000, full_every_minutes: 15 }
    }
}

impl Runs {
    pub(crate) fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    pub(crate) fn look_again_after(&self) -> Duration {
        Duration::from_millis(self.look_again_after_ms)
    }

    pub(crate) fn full_every(&self) -> Duration {
        Duration::from_mins(self.full_every_minutes)
    }
}

impl Config {
    /// Reads the file, if one is given, lays the overrides over it, and checks what comes out.
    pub(crate) fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        let mut config = match file {
            Some(path) => read(path)?,
            None => Self::default(),
        };
        if let Some((data_dir, _)) = &overrides.data_dir {
            config.data_dir.clone_from(data_dir);
        }
        if let Some((url, _)) = &overrides.database_url {
            config.database_url = Some(url.clone());
            config.database_url_file = None;
        }
        if let Some(path) = config.database_url_file.clone() {
            if config.database_url.is_some() {
                return Err(ConfigError::TwoDatabases);
            }
            config.database_url = Some(url_in(&path)?);
        }
        config.validate()?;
        Ok(config)
    }

    /// Checks what no type can say.
    fn validate(&self) -> Result<(), ConfigError> {
        let within = |key, value, least, most| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(ConfigError::Range { key, value, least, most })
            }
        };
        within("runs.request_timeout_ms", self.runs.request_timeout_ms, 100, 600_000)?;
        within("runs.look_again_after_ms", self.runs.look_again_after_ms, 1, 600_000)?;
        within("runs.full_every_minutes", self.runs.full_every_minutes, 1, 1_440)?;
        if self.data_dir.as_os_str().is_empty() {
            return Err(ConfigError::NoDataDirectory);
        }
        if self.public_url.as_deref().is_some_and(|url| !is_public(url)) {
            return Err(ConfigError::NotPublic);
        }
        self.validate_openid()?;
        self.validate_workspace()?;
        let Some(url) = &self.database_url else { return Ok(()) };
        let url = url.expose_secret();
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(ConfigError::NotPostgres);
        }
        if self.key_file.is_none() {
            return Err(ConfigError::NoKeyFile);
        }
        Ok(())
    }

    fn validate_openid(&self) -> Result<(), ConfigError> {
        let OpenId { issuer, client_id, client_secret_file } = &self.openid;
        if !is_public(issuer) {
            return Err(ConfigError::NoIssuer);
        }
        let is_default = *issuer == OpenId::default().issuer;
        match (client_id, client_secret_file) {
            (Some(id), Some(_)) if !id.trim().is_empty() => Ok(()),
            (Some(_), Some(_)) => Err(ConfigError::OpenIdIsOff { key: "openid.client_secret_file" }),
            (Some(_), None) => Err(ConfigError::NoClientSecret),
            (None, Some(_)) => Err(ConfigError::OpenIdIsOff { key: "openid.client_secret_file" }),
            (None, None) if is_default => Ok(()),
            (None, None) => Err(ConfigError::OpenIdIsOff { key: "openid.issuer" }),
        }
    }

    fn validate_workspace(&self) -> Result<(), ConfigError> {
        let Workspace { listen, key_file, read_only, state_file } = &self.workspace;
        let Some(listen) = listen else {
            let said = [
                ("workspace.key_file", key_file.is_some()),
                ("workspace.read_only", *read_only),
                ("workspace.state_file", state_file.is_some()),
            ];
            let said = said.into_iter().find(|(_, is_said)| *is_said);
            return said.map_or(Ok(()), |(key, _)| Err(ConfigError::WorkspaceIsOff { key }));
        };
        if listen.ip() != Ipv4Addr::LOCALHOST {
            return Err(ConfigError::WorkspaceElsewhere { listen: *listen });
        }
        if self.database_url.is_some() && state_file.is_none() {
            return Err(ConfigError::NoWorkspaceState);
        }
        Ok(())
    }

    /// Where the service accounts of the served Workspace are kept.
    pub(crate) fn workspace_state(&self) -> PathBuf {
        self.workspace.state_file.clone().unwrap_or_else(|| self.data_dir.join("workspace.jsonl"))
    }
}

/// Whether it could be called from elsewhere: `https`, or `http` to this machine, where an emulator is.
fn is_public(url: &str) -> bool {
    let Ok(url) = url::Url::parse(url) else { return false };
    let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let is_near =
        url.host_str().is_some_and(|host| host == "127.0.0.1" || host == "[::1]" || host == "localhost");
    is_plain && url.fragment().is_none() && (url.scheme() == "https" || url.scheme() == "http" && is_near)
}

fn read(path: &Path) -> Result<Config, ConfigError> {
    let text = fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        what: "configuration file",
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|error| ConfigError::wrong(path, &text, &error))
}

fn url_in(path: &Path) -> Result<SecretString, ConfigError> {
    let text = fs::read_to_string(path).map(SecretString::from).map_err(|source| {
        ConfigError::Unreadable { what: "database URL file", path: path.to_owned(), source }
    })?;
    Ok(SecretString::from(text.expose_secret().trim()))
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(SecretString::from))
}

#[cfg(test)]
mod tests;
