//! What people have to know of an app's access tokens: how long one lives, where a new one comes from, and why a
//! known one may be turned away.
//!
//! No app says over SCIM when a token ends. So its beginning is kept on record, and its end is told in time
//! ([`Tokens::warning`]).
//!
//! Not here: the token itself, and who keeps it (`usher-store`).

use std::time::Duration;

use crate::time::Timestamp;

/// So long before a token ends, its end is told.
pub const WARNED_BEFORE: Duration = Duration::from_hours(90 * 24);

const DAY: Duration = Duration::from_hours(24);

/// An app's access tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// How long one lives; none where the app says nothing of it.
    pub lives: Option<Duration>,
    /// Where an admin gets one, as it follows *generate a new token in*.
    pub generated_in: &'static str,
    /// Why the app may know a token and turn it away (403): the likely causes, as they follow a colon.
    pub turned_away: &'static str,
}

impl Tokens {
    /// When a token of this age ends; none where the app names no life, or nobody knows the age.
    pub fn expires_at(&self, created_at: Option<Timestamp>) -> Option<Timestamp> {
        Some(created_at? + self.lives?)
    }

    /// What an admin has to be told of the end of this app's token, and what to do; none while it is far away.
    pub fn warning(&self, app: &str, created_at: Option<Timestamp>, now: Timestamp) -> Option<String> {
        let at = self.expires_at(created_at)?;
        let place = self.generated_in;
        if at <= now {
            return Some(format!(
                "the access token of {app} expired on {}: generate a new token in {place}, give it with `usher app \
                 authorize {app} --token-file FILE`, then delete the expired one",
                at.date()
            ));
        }
        let left = at.since(now);
        (left <= WARNED_BEFORE).then(|| {
            format!(
                "the access token of {app} expires on {}, {}: generate a second token in {place}, give it with `usher \
                 app authorize {app} --token-file FILE`, then delete the first one",
                at.date(),
                in_days(left)
            )
        })
    }

    /// What to do about a token that the app refuses (401).
    pub fn replace(&self, app: &str) -> String {
        format!(
            "generate a new token in {} and give it with `usher app authorize {app} --token-file FILE`",
            self.generated_in
        )
    }
}

fn in_days(left: Duration) -> String {
    match left.as_secs() / DAY.as_secs() {
        0 => "within a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}

#[cfg(test)]
mod tests;
