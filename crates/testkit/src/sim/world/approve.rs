//! Plans that are made at one time, approved, and carried out at another.

use std::sync::Arc;

use usher_engine::approval::{self, Approval};
use usher_engine::preview::preview;
use usher_engine::report::RunRequest;
use usher_store::app;

use super::{NAME, World};
use crate::sim::actor::Actor;

/// Who asks: nobody's run.
const ADMIN: u8 = u8::MAX;

impl World<'_> {
    /// A plan is made, and kept as one that somebody approved.
    pub(super) async fn approve(&mut self) {
        let (store, environment) = (self.store.clone(), self.environment(ADMIN));
        let clock: Arc<dyn usher_engine::clock::Clock> = Arc::new(self.clock.clone());
        let asked = RunRequest::default();
        let asking = async move { preview(&store, &clock, &environment, NAME, &asked).await };
        let Ok(report) = self.drive(Actor::new(asking)).await else { return };
        let mut text = Vec::new();
        let made_at = self.now().to_string();
        let written = approval::write(&self.store, (&report.app, &report.run), &made_at, &mut text).await;
        written.expect("a plan can be written");
        // One that is carried out just now goes by its own file.
        self.n_plans += 1;
        let file = self.file.with_file_name(format!("plan-{}.ndjson", self.n_plans));
        std::fs::write(&file, &text).expect("there is room for a file");
        let mut tx = self.store.read("sim::approve").await.expect("the store can be read");
        let app = app::by_name(&mut tx, NAME).await.expect("apps can be read").expect("it is there");
        drop(tx);
        self.approved = Some(Approval::open(&file, &app).expect("what was just written can be read"));
        let text = String::from_utf8_lossy(&text).into_owned();
        self.ledger().approve(&text);
    }
}
