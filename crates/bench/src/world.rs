//! The store that is measured, and the machine's own clock.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use async_trait::async_trait;
use secrecy::SecretString;
use usher_engine::clock::Clock;
use usher_engine::endpoint::{Endpoint, Reachable};
use usher_engine::environment::{Environment, NoWorkspaces, Transports};
use usher_engine::transport::Transport;
use usher_model::template::Limits;
use usher_model::time::Timestamp;
use usher_store::{KeySource, Location, Migrations, Opening, Store};

/// The one app.
pub(crate) const APP: &str = "bench";

/// Time and chance of this machine.
#[derive(Debug)]
pub(crate) struct MachineClock;

#[async_trait]
impl Clock for MachineClock {
    #[expect(clippy::disallowed_methods, reason = "what is measured is the machine's own time")]
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
    }

    #[expect(clippy::disallowed_methods, reason = "what is measured is the machine's own time")]
    async fn sleep_until(&self, at: Timestamp) {
        // The runtime's timers wait for a millisecond's end, even for what is over.
        let left = at.since(self.now());
        if !left.is_zero() {
            tokio::time::sleep(left).await;
        }
    }

    fn entropy(&self, into: &mut [u8]) {
        fill(into);
    }
}

fn fill(into: &mut [u8]) {
    getrandom::fill(into).expect("invariant: every system that this runs on has a source of chance");
}

/// Opens the store in a data directory, which is made if it is missing.
pub(crate) async fn store(data_dir: &Path) -> anyhow::Result<Store> {
    let opening = Opening {
        location: Location::Sqlite(data_dir.to_owned()),
        keys: KeySource::DataDirectory,
        entropy: Arc::new(fill),
        migrations: Migrations::Apply,
    };
    Store::open(opening).await.with_context(|| format!("failed to open the store in {}", data_dir.display()))
}

/// Runs that reach no app: a plan asks none.
pub(crate) fn environment() -> Environment {
    Environment {
        request_timeout: Duration::from_secs(30),
        look_again_after: Duration::from_secs(5),
        cycle: Duration::from_mins(15),
        limits: None,
        reachable: Reachable { private: false },
        transports: Arc::new(Nowhere),
        workspaces: Arc::new(NoWorkspaces),
    }
}

/// So many requests are in flight: as many as AWS's template allows.
pub(crate) const CONCURRENCY: u16 = 10;

/// Runs over HTTP, as fast as the app takes them.
pub(crate) fn environment_over_http() -> anyhow::Result<Environment> {
    let Environment { request_timeout, look_again_after, cycle, reachable, .. } = environment();
    let over_http = Environment::over_http(request_timeout, look_again_after, cycle, reachable)?;
    let limits = Limits { writes_per_second: None, reads_per_second: None, concurrency: CONCURRENCY };
    Ok(Environment { limits: Some(limits), ..over_http })
}

/// No way to any app.
#[derive(Debug)]
struct Nowhere;

impl Transports for Nowhere {
    fn open(&self, _endpoint: Endpoint, _token: SecretString) -> Arc<dyn Transport> {
        unreachable!("invariant: the app has no token, so no plan reaches for it")
    }
}
