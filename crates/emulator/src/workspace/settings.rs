//! How the emulated Workspace behaves where Google's documentation leaves it open, and its limits.

use serde::{Deserialize, Serialize};

/// The behaviour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Requests of one user (or service account) through one project in a minute; none: unlimited. Default 2,400.
    pub queries_per_minute: Option<u32>,
    /// Users made in a second; none: unlimited. Default 10.
    pub users_created_per_second: Option<u32>,
    /// Organizational units made or changed in a second; none: unlimited. Default 1.
    pub org_unit_edits_per_second: Option<u32>,
    /// What `query=` shows of users is so many seconds old; none: it is up to date (default). Google: mostly within an
    /// hour, at most 36.
    pub search_lag_seconds: Option<u32>,
    /// An activity is shown so many seconds after it happened. Default 0.
    pub feed_lag_seconds: u32,
    /// For so many seconds after a user is made, changes are refused with 412 "User creation is not complete". Default 0.
    pub user_creation_seconds: u32,
    /// Names of attributes and parameters that the discovery document does not have. Default refuse, with 400.
    pub refuses_unknown_names: bool,
    /// How far an assertion's `iat` may be ahead of the clock, in seconds. Unknown; default 300.
    pub clock_skew_seconds: u32,
    /// Whether push channels may be opened. If not, every address is one that is not verified. Default: they may.
    pub takes_channels: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            queries_per_minute: Some(2_400),
            users_created_per_second: Some(10),
            org_unit_edits_per_second: Some(1),
            search_lag_seconds: None,
            feed_lag_seconds: 0,
            user_creation_seconds: 0,
            refuses_unknown_names: true,
            clock_skew_seconds: 300,
            takes_channels: true,
        }
    }
}

impl Settings {
    /// The same without any limit on the number of requests.
    #[must_use]
    pub fn unlimited(self) -> Self {
        Self {
            queries_per_minute: None,
            users_created_per_second: None,
            org_unit_edits_per_second: None,
            ..self
        }
    }
}
