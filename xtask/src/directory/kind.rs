//! What is awkward about a person, decided by their index alone.

use jiff::SignedDuration;
use serde::Serialize;

/// The kinds repeat after this many people; all awkward ones are among the first fifty.
pub(super) const PERIOD: u64 = 200;

/// Everybody is exactly one of these, so that counts of kinds add up to the number of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Ordinary,
    Suspended,
    Archived,
    ArchivedSuspended,
    /// Deleted three days ago: still restorable.
    DeletedRecently,
    /// Deleted twenty-five days ago: past the twenty days in which Google can restore.
    DeletedLongAgo,
    SecondaryDomain,
    Guest,
    /// The key `familyName` is absent.
    NoFamilyName,
    /// The key `familyName` holds an empty string.
    EmptyFamilyName,
    SixtyCharacters,
    ThreeHundredCharacters,
    Emoji,
    ControlCharacters,
    ZeroWidth,
    CombiningMarks,
    RightToLeft,
    Apostrophe,
    PlusSign,
    /// Has the full name of the person just before.
    Namesake,
    /// Holds an address that was an alias of the deleted person just before.
    FormerAlias,
}

impl Kind {
    pub(super) fn of(index: u64) -> Self {
        match index % PERIOD {
            10 | 24 | 38 | 47 => Self::Suspended,
            11 | 40 => Self::Archived,
            12 => Self::ArchivedSuspended,
            13 => Self::DeletedLongAgo,
            14 | 41 => Self::DeletedRecently,
            15 => Self::FormerAlias,
            16 | 42 | 44 => Self::SecondaryDomain,
            17 | 43 => Self::Guest,
            18 => Self::NoFamilyName,
            19 => Self::EmptyFamilyName,
            20 => Self::SixtyCharacters,
            21 => Self::ThreeHundredCharacters,
            22 => Self::Emoji,
            23 => Self::ControlCharacters,
            25 => Self::ZeroWidth,
            26 => Self::CombiningMarks,
            27 => Self::RightToLeft,
            28 => Self::Apostrophe,
            29 => Self::PlusSign,
            31 => Self::Namesake,
            _ => Self::Ordinary,
        }
    }

    pub(super) fn is_deleted(self) -> bool {
        self.deleted_for().is_some()
    }

    /// How long ago somebody of this kind was deleted.
    pub(super) fn deleted_for(self) -> Option<SignedDuration> {
        if self == Self::DeletedRecently {
            return Some(days(3));
        }
        (self == Self::DeletedLongAgo).then(|| days(25))
    }

    pub(super) fn is_archived(self) -> bool {
        matches!(self, Self::Archived | Self::ArchivedSuspended)
    }

    pub(super) fn is_suspended(self) -> bool {
        matches!(self, Self::Suspended | Self::ArchivedSuspended)
    }

    /// Neither suspended nor archived nor deleted.
    pub(super) fn is_active(self) -> bool {
        !self.is_suspended() && !self.is_archived() && !self.is_deleted()
    }
}

/// How long ago the suspended person at `index` was suspended: one within each delay that an app may choose,
/// and one past them all.
pub(super) fn suspended_for(index: u64) -> SignedDuration {
    match index % PERIOD {
        10 => SignedDuration::from_hours(2),
        24 => SignedDuration::from_hours(30),
        38 => days(8),
        _ => days(45),
    }
}

pub(super) fn days(n: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * n)
}
