//! An emulator on a port, with one tenant that is provisioned into, under a clock that stands still.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use secrecy::ExposeSecret as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use usher_emulator::clock::Clock;
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::identity_center::{IdentityCenter, Options};
use usher_emulator::server::Listening;
use usher_model::time::Timestamp;

/// 2026-01-02T03:04:05Z, for ever; chance is a row of numbers.
#[derive(Debug, Default)]
struct StillClock {
    drawn: AtomicU64,
}

#[async_trait]
impl Clock for StillClock {
    fn now(&self) -> Timestamp {
        Timestamp::parse("2026-01-02T03:04:05Z").unwrap()
    }

    async fn sleep_until(&self, _: Timestamp) {}

    fn entropy(&self, into: &mut [u8]) {
        for byte in into {
            let drawn = self.drawn.fetch_add(1, Ordering::Relaxed);
            *byte = drawn.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes()[0];
        }
    }
}

/// A running emulator.
pub struct Server {
    pub endpoint: String,
    pub token: String,
    stop: CancellationToken,
    served: JoinSet<std::io::Result<()>>,
}

impl Server {
    pub async fn start() -> Self {
        let listening = Listening::on(0).await.unwrap();
        let options = Options::at(listening.base_url());
        let center = IdentityCenter::new(Arc::new(StillClock::default()), options);
        let enabled = center.ready_tenant(Settings::default().unlimited()).unwrap();
        let answer = move |request| {
            let center = center.clone();
            async move { center.answer(request).await }
        };
        let stop = CancellationToken::new();
        let mut served = JoinSet::new();
        served.spawn(listening.serve(answer, stop.clone()));
        let token = enabled.token.value.expose_secret().to_owned();
        Self { endpoint: enabled.endpoint, token, stop, served }
    }

    pub async fn stop(mut self) {
        self.stop.cancel();
        self.served.join_next().await.unwrap().unwrap().unwrap();
    }
}
