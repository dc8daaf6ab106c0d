//! Whose turn it is at each app, within one process.
//!
//! A run that begins takes its app away from the one before it, which then writes nothing more. That is right where the
//! other one is lost; whoever asks for a run by hand waits for the one that is under way instead.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;
use usher_model::id::AppId;

/// A turn at one app; it ends when this is dropped.
#[derive(Debug)]
pub struct Turn {
    _held: OwnedMutexGuard<()>,
}

/// The turns at all apps.
#[derive(Clone, Debug, Default)]
pub struct Turns(Arc<Mutex<BTreeMap<AppId, Arc<tokio::sync::Mutex<()>>>>>);

impl Turns {
    /// Waits for the turn at an app.
    pub async fn take(&self, app: &AppId) -> Turn {
        Turn { _held: self.of(app).lock_owned().await }
    }

    /// The turn at an app, unless somebody has it.
    pub fn try_take(&self, app: &AppId) -> Option<Turn> {
        self.of(app).try_lock_owned().ok().map(|held| Turn { _held: held })
    }

    fn of(&self, app: &AppId) -> Arc<tokio::sync::Mutex<()>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(app.clone()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_two_at_one_app_the_second_waits_and_other_apps_do_not() {
        let (turns, one, two) = (Turns::default(), AppId::new("one"), AppId::new("two"));
        let first = turns.take(&one).await;
        assert!(turns.try_take(&one).is_none());
        assert!(turns.try_take(&two).is_some());
        drop(first);
        assert!(turns.try_take(&one).is_some());
    }
}
