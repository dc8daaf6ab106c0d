//! Quotas: so many of something in a window of the clock.

use std::collections::BTreeMap;

use usher_model::time::Timestamp;

use super::refusal::Refusal;
use super::settings::Settings;

const SECOND_MICROS: i64 = 1_000_000;
/// The most users and projects whose queries are counted at a time.
const MAX_USERS: usize = 10_000;

/// What was used up in the window that is under way.
#[derive(Debug, Default)]
struct Window {
    number: i64,
    used: u32,
}

impl Window {
    /// Takes one, if there is one left.
    fn take(&mut self, most: Option<u32>, seconds: i64, now: Timestamp) -> bool {
        let Some(most) = most else { return true };
        let number = now.as_micros().div_euclid(seconds * SECOND_MICROS);
        if self.number != number {
            (self.number, self.used) = (number, 0);
        }
        self.used += u32::from(self.used < u32::MAX);
        self.used <= most
    }
}

/// What is used up.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    /// By user and project.
    queries: BTreeMap<(String, String), Window>,
    created: Window,
    org_units: Window,
}

impl Quotas {
    /// Takes a request's share, or refuses it.
    pub(crate) fn take(
        &mut self,
        method: &str,
        user: &str,
        project: &str,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if self.queries.len() >= MAX_USERS {
            // Whoever is forgotten begins a minute anew.
            self.queries.clear();
        }
        let queries = self.queries.entry((user.to_owned(), project.to_owned())).or_default();
        if !queries.take(settings.queries_per_minute, 60, now) {
            return Err(user_rate());
        }
        let is_there = match method {
            "directory.users.insert" => self.created.take(settings.users_created_per_second, 1, now),
            "directory.orgunits.insert" | "directory.orgunits.update" | "directory.orgunits.patch" => {
                self.org_units.take(settings.org_unit_edits_per_second, 1, now)
            }
            _ => true,
        };
        if is_there { Ok(()) } else { Err(quota()) }
    }
}

/// 403: one user asks too much.
pub(crate) fn user_rate() -> Refusal {
    let message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service \
                   'admin.googleapis.com'";
    Refusal::new(403, "userRateLimitExceeded", message)
}

/// 429: the account asks too much.
pub(crate) fn rate() -> Refusal {
    Refusal::new(429, "rateLimitExceeded", "Rate Limit Exceeded")
}

/// 403: too many of one operation.
pub(crate) fn quota() -> Refusal {
    Refusal::new(403, "quotaExceeded", "Quota exceeded for the current request")
}
