//! Compares the provisioning log with what was carried out.

use std::collections::BTreeMap;
use std::time::Duration;

use usher_store::event::{self, EventKind};

use super::World;
use crate::sim::mind::Kind;

/// The time over which the log is counted.
const COUNTED: Duration = Duration::from_hours(24 * 30);

impl World<'_> {
    /// One event for each effect, none twice.
    pub(super) async fn compare_events(&mut self) {
        let mut tx = self.store.read("sim::events").await.expect("the store can be read");
        let (mut before, mut told): (_, BTreeMap<(String, Kind), u64>) = (None, BTreeMap::new());
        let since = self.now().before(COUNTED);
        let mut recent: BTreeMap<EventKind, u64> = BTreeMap::new();
        loop {
            let page =
                event::page(&mut tx, &self.id, before.as_ref(), 500).await.expect("the log can be read");
            for event in &page {
                *recent.entry(event.kind).or_default() += u64::from(event.at >= since);
                if let Some(kind) = kind(event.kind) {
                    *told.entry((event.user.as_str().to_owned(), kind)).or_default() += 1;
                }
            }
            let Some(last) = page.last().cloned() else { break };
            before = Some(last);
        }
        let counts = event::counts(&mut tx, &self.id, since).await.expect("the log can be counted");
        drop(tx);
        let mut ledger = self.ledger();
        recent.retain(|_, n| *n > 0);
        if counts != recent {
            ledger.breaks(format!("of 30 days the log has {recent:?}, and counts {counts:?}"));
        }
        if ledger.is_stale {
            return;
        }
        let mind = &ledger.mind;
        let keys: Vec<_> = told.keys().chain(mind.effects.keys()).cloned().collect();
        let count =
            |of: &BTreeMap<(String, Kind), u64>, key: &(String, Kind)| of.get(key).copied().unwrap_or(0);
        let is_wrong = |key: &(String, Kind)| {
            let (user, kind) = key;
            let (said, done) = (count(&told, key), count(&mind.effects, key));
            let hands = mind.hands.get(user).copied().unwrap_or(0);
            let of = |of: &BTreeMap<_, _>, kind| count(of, &(user.clone(), kind));
            let fits = match kind {
                // An account may be adopted as it is, without a write, and its first write is an update then.
                Kind::Adopt | Kind::Update => {
                    let written = of(&mind.effects, Kind::Adopt) + of(&mind.effects, Kind::Update);
                    let (adopted, updated) = (of(&told, Kind::Adopt), of(&told, Kind::Update));
                    updated <= written + hands && written <= updated + adopted + hands
                }
                // Whether another hand deletes it makes no difference, unless nobody knows who did.
                Kind::Delete => {
                    let lost = mind.lost_deletes.get(user).copied().unwrap_or(0);
                    done <= said && said <= done + lost
                }
                Kind::Suspend => {
                    let off_already = mind.off_already.get(user).copied().unwrap_or(0);
                    done <= said + hands && said <= done + hands + off_already
                }
                Kind::Create | Kind::Unsuspend => said.abs_diff(done) <= hands,
            };
            !fits && !mind.blurred.contains_key(user)
        };
        if let Some(key) = keys.into_iter().find(|key| is_wrong(key)) {
            let (said, done) = (count(&told, &key), count(&mind.effects, &key));
            ledger.breaks(format!("rule 6: {key:?} happened {done} times, and the log tells of {said}"));
        }
    }
}

fn kind(kind: EventKind) -> Option<Kind> {
    match kind {
        EventKind::Create => Some(Kind::Create),
        EventKind::Adopt => Some(Kind::Adopt),
        EventKind::Update => Some(Kind::Update),
        EventKind::Suspend => Some(Kind::Suspend),
        EventKind::Unsuspend => Some(Kind::Unsuspend),
        EventKind::HardDelete => Some(Kind::Delete),
        EventKind::Failure => None,
    }
}
