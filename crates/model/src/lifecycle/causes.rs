//! Which causes hold now: kept while they hold, dropped when they do not.

use crate::cause::Causes;
use crate::entitlement::Standing;
use crate::mutant::{self, Mutant};
use crate::time::Timestamp;

/// The same triggers, all of them since `now`.
pub(super) fn from(causes: Causes, now: Timestamp) -> Causes {
    Causes {
        app_off: causes.app_off.map(|_| now),
        suspended: causes.suspended.map(|_| now),
        deleted: causes.deleted.map(|_| now),
    }
}

/// The causes after one more look at where the person stands.
///
/// A cause that is new takes the directory's own instant where it has one, else `now`. One that
/// was known keeps its instant, so that a directory that forgets its times restarts no timer.
/// Archiving starts nothing and stops nothing, and neither does being unlisted.
pub(super) fn now(standing: &Standing, known: &Causes, now: Timestamp) -> Causes {
    match standing {
        Standing::Entitled if mutant::lives(Mutant::TimerKeptOnReturn) => *known,
        Standing::Entitled => Causes::default(),
        Standing::Lost(losses) => Causes {
            app_off: losses.app_off.as_ref().map(|_| known.app_off.unwrap_or(now)),
            suspended: losses.suspended.map(|since| known.suspended.or(since.0).unwrap_or(now)),
            deleted: losses.deleted.map(|since| known.deleted.or(since.0).unwrap_or(now)),
        },
        Standing::Archived | Standing::Unlisted => *known,
    }
}
