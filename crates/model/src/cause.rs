//! Why and since when somebody is losing an account, and when it is due.
//!
//! A cause is stored; the due date is derived from it each time, so edited
//! delays act at once. Unselecting a trigger keeps its cause.

use std::fmt;
use std::num::NonZeroU16;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::mutant::{self, Mutant};
use crate::time::Timestamp;

const DAY: Duration = Duration::from_hours(24);

/// Why somebody loses an account (the seed's three time frames).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The app was turned off for the user: access, scope or domain lost, or became a guest.
    AppOff,
    /// The user was suspended in the directory.
    Suspended,
    /// The user was deleted from the directory.
    Deleted,
}

impl Trigger {
    /// All of them, in the order of the seed's page.
    pub const ALL: [Self; 3] = [Self::AppOff, Self::Suspended, Self::Deleted];
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AppOff => "app turned off",
            Self::Suspended => "suspended",
            Self::Deleted => "deleted",
        })
    }
}

/// How long a deprovisioning action waits after its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delay {
    /// *Within 24 hours*: due at its cause, so done by the next run.
    Within24Hours,
    /// So many times 24 hours after its cause.
    Days(NonZeroU16),
}

/// A text that is no delay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a delay: write 24h, 1d, 7d, 30d, or another number of days such as 14d (3650d at most)"
)]
pub struct NotADelay(String);

/// The longest delay that can be set.
const DELAY_MAX_DAYS: u16 = 3650;

impl Delay {
    /// Reads `24h` or `Nd`.
    pub fn parse(text: &str) -> Result<Self, NotADelay> {
        if text == "24h" {
            return Ok(Self::Within24Hours);
        }
        text.strip_suffix('d')
            .filter(|days| days.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|days| days.parse::<NonZeroU16>().ok())
            .filter(|days| days.get() <= DELAY_MAX_DAYS)
            .map(Self::Days)
            .ok_or_else(|| NotADelay(text.chars().take(40).collect()))
    }

    /// The time between cause and due date.
    pub fn span(self) -> Duration {
        match self {
            Self::Within24Hours => Duration::ZERO,
            Self::Days(days) => DAY * u32::from(days.get()),
        }
    }
}

impl fmt::Display for Delay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within24Hours => f.write_str("24h"),
            Self::Days(days) => write!(f, "{days}d"),
        }
    }
}

/// Which triggers are selected, each with its delay. At least one is, in a configuration that is complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deprovisioning {
    /// When the app is turned off for the user.
    pub app_off: Option<Delay>,
    /// When the user is suspended in the directory.
    pub suspended: Option<Delay>,
    /// When the user is deleted from the directory.
    pub deleted: Option<Delay>,
}

impl Deprovisioning {
    /// The delay of a trigger; none if it is not selected.
    pub fn delay(&self, trigger: Trigger) -> Option<Delay> {
        match trigger {
            Trigger::AppOff => self.app_off,
            Trigger::Suspended => self.suspended,
            Trigger::Deleted => self.deleted,
        }
    }

    /// Whether at least one trigger is selected.
    pub fn selects_any(&self) -> bool {
        Trigger::ALL.iter().any(|trigger| self.delay(*trigger).is_some())
    }
}

/// Since when each trigger has held for one person. Empty while they are entitled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Causes {
    /// Since when the app has been off for them.
    pub app_off: Option<Timestamp>,
    /// Since when they have been suspended.
    pub suspended: Option<Timestamp>,
    /// Since when they have been deleted.
    pub deleted: Option<Timestamp>,
}

/// The selected cause that comes due first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// Its trigger.
    pub trigger: Trigger,
    /// When it began.
    pub since: Timestamp,
    /// When it is due.
    pub at: Timestamp,
}

impl Due {
    /// The same, due at once where an admin said so after its cause began. What is said before that is of another cause.
    #[must_use]
    pub fn brought_forward(self, said: Option<Timestamp>) -> Self {
        match said {
            Some(said) if self.since <= said || mutant::lives(Mutant::BroughtForwardForever) => {
                Self { at: self.at.min(said), ..self }
            }
            _ => self,
        }
    }
}

impl Causes {
    /// The instant that a trigger's cause began.
    pub fn since(&self, trigger: Trigger) -> Option<Timestamp> {
        match trigger {
            Trigger::AppOff => self.app_off,
            Trigger::Suspended => self.suspended,
            Trigger::Deleted => self.deleted,
        }
    }

    /// Whether nothing is being lost.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The earliest due date among the causes whose trigger is selected.
    pub fn due(&self, deprovisioning: &Deprovisioning) -> Option<Due> {
        Trigger::ALL
            .into_iter()
            .filter_map(|trigger| {
                let since = self.since(trigger)?;
                let delay = deprovisioning.delay(trigger)?;
                Some(Due { trigger, since, at: since + delay.span() })
            })
            .min_by_key(|due| due.at)
    }

    /// The triggers that hold.
    pub fn triggers(&self) -> Vec<Trigger> {
        Trigger::ALL.into_iter().filter(|trigger| self.since(*trigger).is_some()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u64) -> Timestamp {
        Timestamp::from_micros(0) + DAY * u32::try_from(day).unwrap()
    }

    fn days(n: u16) -> Option<Delay> {
        NonZeroU16::new(n).map(Delay::Days)
    }

    #[test]
    fn a_delay_is_written_as_it_is_read() {
        for text in ["24h", "1d", "7d", "30d", "14d"] {
            assert_eq!(Delay::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "0d", "d", "-1d", "+1d", "1h", "9999d", "never"] {
            assert!(Delay::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn within_24_hours_is_due_at_its_cause() {
        let causes = Causes { suspended: Some(at(3)), ..Causes::default() };
        let selected = Deprovisioning { suspended: Some(Delay::Within24Hours), ..Deprovisioning::default() };
        assert_eq!(causes.due(&selected).unwrap().at, at(3));
    }

    #[test]
    fn of_the_selected_triggers_the_earliest_due_date_wins() {
        let causes = Causes { app_off: Some(at(0)), suspended: Some(at(5)), deleted: None };
        let selected = Deprovisioning { app_off: days(30), suspended: days(7), deleted: days(1) };
        assert_eq!(
            causes.due(&selected).unwrap(),
            Due { trigger: Trigger::Suspended, since: at(5), at: at(12) }
        );
    }

    #[test]
    fn a_trigger_that_is_not_selected_never_comes_due() {
        let causes = Causes { app_off: Some(at(0)), ..Causes::default() };
        let selected = Deprovisioning { suspended: days(1), deleted: days(1), app_off: None };
        assert_eq!(causes.due(&selected), None);
    }
}
