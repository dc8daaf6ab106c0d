//! What every command is given: the configuration, the clock, the way to print; and how it gets at the rest.

use std::path::PathBuf;
use std::sync::Arc;

use clap::ArgMatches;
use clap::parser::ValueSource;
use usher_engine::clock::Clock;
use usher_engine::endpoint::Reachable;
use usher_engine::environment::Environment;
use usher_model::time::Timestamp;
use usher_store::{Entropy, KeySource, Location, Migrations, Opening, Purpose, Store};

use crate::cli::Globals;
use crate::cli::directory::Surroundings;
use crate::config::{Config, Layer, Overrides};
use crate::failure::Failure;
use crate::google::FromHere;
use crate::log::Verbosity;
use crate::output::Output;
use crate::system::{self, SystemClock};

/// What every command is given.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) config: Config,
    /// The configuration file, if one is named.
    pub(crate) file: Option<PathBuf>,
    pub(crate) overrides: Overrides,
    pub(crate) output: Output,
    pub(crate) verbosity: Verbosity,
    /// What the environment says of the machine or the workload.
    surroundings: Surroundings,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Context {
    /// Reads the configuration. `matches` knows which values come from the environment.
    pub(crate) fn new(globals: Globals, matches: &ArgMatches) -> Result<Self, Failure> {
        let Globals { config: file, data_dir, database_url, json, verbose, quiet, surroundings } = globals;
        let layer = |id| match matches.value_source(id) {
            Some(ValueSource::EnvVariable) => Layer::Environment,
            _ => Layer::CommandLine,
        };
        let overrides = Overrides {
            data_dir: data_dir.map(|path| (path, layer("data_dir"))),
            database_url: database_url.map(|url| (url, layer("database_url"))),
        };
        let config = Config::load(file.as_deref(), &overrides)?;
        let output = Output { is_json: json, is_quiet: quiet };
        let verbosity = Verbosity { n_verbose: verbose, is_quiet: quiet };
        Ok(Self { config, file, overrides, output, verbosity, surroundings, clock: Arc::new(SystemClock) })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Opens the database. With a data directory, no other process can write to it until this one ends, if it may write
    /// itself.
    pub(crate) async fn store(&self, purpose: Purpose) -> Result<Store, Failure> {
        let location = match &self.config.database_url {
            Some(url) => Location::Postgres(url.clone()),
            None => Location::Sqlite(self.config.data_dir.clone()),
        };
        let keys = match &self.config.key_file {
            Some(path) => KeySource::File(path.clone()),
            None => KeySource::DataDirectory,
        };
        let entropy: Arc<dyn Entropy> = Arc::new(system::fill);
        let opening = Opening { location, keys, entropy, migrations: Migrations::Apply };
        Ok(Store::open_for(opening, purpose).await?)
    }

    /// Where the data is, for messages.
    pub(crate) fn place(&self) -> String {
        match self.config.database_url {
            Some(_) => "the database".to_owned(),
            None => self.config.data_dir.display().to_string(),
        }
    }

    /// Which addresses are called.
    pub(crate) fn reachable(&self) -> Reachable {
        Reachable { private: self.config.allow_private_endpoints }
    }

    /// The way to Google Workspaces.
    pub(crate) fn way_to_google(&self) -> FromHere {
        FromHere {
            reachable: self.reachable(),
            timeout: self.config.runs.request_timeout(),
            surroundings: self.surroundings.clone(),
        }
    }

    /// How runs reach apps and directories.
    pub(crate) fn environment(&self) -> Result<Environment, Failure> {
        let reachable = self.reachable();
        let runs = &self.config.runs;
        let over_http = Environment::over_http(
            runs.request_timeout(),
            runs.look_again_after(),
            runs.full_every(),
            reachable,
        )?;
        Ok(Environment { workspaces: Arc::new(self.way_to_google()), ..over_http })
    }
}
