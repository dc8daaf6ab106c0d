//! What is in force, and where each of it comes from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::Serialize;

use super::Config;
use crate::output::{Answer, table};

/// Where a value comes from. A later one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Layer {
    Default,
    File,
    Environment,
    CommandLine,
}

/// What environment and command line say instead of the file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    pub(crate) data_dir: Option<(PathBuf, Layer)>,
    pub(crate) database_url: Option<(SecretString, Layer)>,
}

/// Every key with its value and its origin.
#[derive(Debug, Serialize)]
pub(crate) struct InForce {
    /// The configuration file, if there is one.
    file: Option<PathBuf>,
    settings: BTreeMap<&'static str, Setting>,
}

#[derive(Debug, Serialize)]
struct Setting {
    value: serde_json::Value,
    from: Layer,
}

/// What a valid configuration comes to. `file` is read once more, for which keys it has.
pub(crate) fn in_force(config: &Config, file: Option<&Path>, overrides: &Overrides) -> InForce {
    let written: toml::Table = file
        .and_then(|path| std::fs::read_to_string(path).ok())
        .and_then(|text| text.parse().ok())
        .unwrap_or_default();
    let from = |key: &str, overridden: Option<Layer>| {
        overridden.unwrap_or(if is_written(&written, key) { Layer::File } else { Layer::Default })
    };
    let path = |path: &Path| path.display().to_string();
    let data_dir = overrides.data_dir.as_ref().map(|(_, layer)| *layer);
    let database_url = overrides.database_url.as_ref().map(|(_, layer)| *layer);
    let database = config.database_url.as_ref().map(|_| "set, not shown");
    let values: [(&'static str, serde_json::Value, Option<Layer>); 19] = [
        ("data_dir", path(&config.data_dir).into(), data_dir),
        ("database_url", database.into(), database_url),
        ("database_url_file", config.database_url_file.as_deref().map(path).into(), None),
        ("key_file", config.key_file.as_deref().map(path).into(), None),
        ("listen", config.listen.to_string().into(), None),
        ("public_url", config.public_url.clone().into(), None),
        ("allow_private_endpoints", config.allow_private_endpoints.into(), None),
        ("runs.request_timeout_ms", config.runs.request_timeout_ms.into(), None),
        ("runs.look_again_after_ms", config.runs.look_again_after_ms.into(), None),
        ("runs.full_every_minutes", config.runs.full_every_minutes.into(), None),
        ("openid.issuer", config.openid.issuer.clone().into(), None),
        ("openid.client_id", config.openid.client_id.clone().into(), None),
        ("openid.client_secret_file", config.openid.client_secret_file.as_deref().map(path).into(), None),
        ("workspace.listen", config.workspace.listen.map(|listen| listen.to_string()).into(), None),
        ("workspace.key_file", config.workspace.key_file.as_deref().map(path).into(), None),
        ("workspace.read_only", config.workspace.read_only.into(), None),
        ("workspace.state_file", config.workspace.state_file.as_deref().map(path).into(), None),
        ("log.level", config.log.level.map(|level| level.to_string()).into(), None),
        ("log.format", config.log.format.to_string().into(), None),
    ];
    let settings = values.into_iter().map(|(key, value, overridden)| {
        let from = match key {
            // Read from the file that another key names.
            "database_url" if overridden.is_none() && config.database_url_file.is_some() => Layer::File,
            _ => from(key, overridden),
        };
        (key, Setting { value, from })
    });
    InForce { file: file.map(Path::to_owned), settings: settings.collect() }
}

fn is_written(table: &toml::Table, key: &str) -> bool {
    match key.split_once('.') {
        Some((section, key)) => table.get(section).and_then(|section| section.get(key)).is_some(),
        None => table.contains_key(key),
    }
}

impl Answer for InForce {
    fn text(&self) -> String {
        let file = match &self.file {
            Some(path) => format!("The configuration file {} is valid.\n\n", path.display()),
            None => "There is no configuration file; name one with --config, or do without.\n\n".to_owned(),
        };
        let rows = self.settings.iter().map(|(key, Setting { value, from })| {
            let value = match value.as_str() {
                Some(text) => text.to_owned(),
                None if value.is_null() => "(not set)".to_owned(),
                None => value.to_string(),
            };
            let from = match from {
                Layer::Default => "default",
                Layer::File => "file",
                Layer::Environment => "environment",
                Layer::CommandLine => "command line",
            };
            [(*key).to_owned(), value, from.to_owned()]
        });
        file + &table(&["KEY", "VALUE", "FROM"], rows)
    }
}
