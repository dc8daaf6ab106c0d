//! Logs, to standard error: ours at the level that was asked for, other crates' warnings.

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::{Command, OnData};
use crate::config::{Format, Level, Log};

/// What `-v` and `-q` say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Verbosity {
    pub(crate) n_verbose: u8,
    pub(crate) is_quiet: bool,
}

/// Starts logging. Called once.
pub(crate) fn start(command: &Command, log: &Log, verbosity: Verbosity) {
    let ours = level(matches!(command, Command::OnData(OnData::Serve)), log.level, verbosity);
    let theirs = ours.min(if verbosity.n_verbose > 2 { LevelFilter::DEBUG } else { LevelFilter::WARN });
    let filter = Targets::new().with_default(theirs).with_targets(
        ["usher", "usher_engine", "usher_store", "usher_protocol"].map(|target| (target, ours)),
    );
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let layer = match log.format {
        Format::Text => layer.boxed(),
        Format::Json => layer.json().boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
}

fn level(is_server: bool, configured: Option<Level>, verbosity: Verbosity) -> LevelFilter {
    if verbosity.is_quiet {
        return LevelFilter::ERROR;
    }
    let configured = configured.unwrap_or(if is_server { Level::Info } else { Level::Warn });
    let configured = match configured {
        Level::Error => LevelFilter::ERROR,
        Level::Warn => LevelFilter::WARN,
        Level::Info => LevelFilter::INFO,
        Level::Debug => LevelFilter::DEBUG,
    };
    match verbosity.n_verbose {
        0 => configured,
        1 => configured.max(LevelFilter::INFO),
        _ => configured.max(LevelFilter::DEBUG),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_what_it_does_and_a_command_only_what_is_odd() {
        let plain = Verbosity::default();
        assert_eq!(level(true, None, plain), LevelFilter::INFO);
        assert_eq!(level(false, None, plain), LevelFilter::WARN);
        assert_eq!(level(false, Some(Level::Error), plain), LevelFilter::ERROR);
        assert_eq!(level(false, None, Verbosity { n_verbose: 1, is_quiet: false }), LevelFilter::INFO);
        assert_eq!(level(true, None, Verbosity { n_verbose: 0, is_quiet: true }), LevelFilter::ERROR);
    }
}
