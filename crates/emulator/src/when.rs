//! How often a fault happens.

use serde::{Deserialize, Serialize};

/// How often a fault happens, counted over the requests that it could happen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum When {
    /// To every one of them.
    Always,
    /// To the next so many, after which the rule ends.
    Next {
        /// How many.
        n: u64,
    },
    /// To every nth.
    Every {
        /// Which.
        nth: u64,
    },
    /// Once, to the nth from now, after which the rule ends.
    At {
        /// Which, from 1 on.
        nth: u64,
    },
    /// By chance that depends on the seed alone.
    Chance {
        /// In how many of a thousand.
        per_mille: u16,
        /// Where the chance comes from.
        seed: u64,
    },
}

impl When {
    pub(crate) fn is_now(self, seen: u64, fired: u64) -> bool {
        match self {
            Self::Always => true,
            Self::Next { n } => fired < n,
            Self::Every { nth } => seen.is_multiple_of(nth.max(1)),
            Self::At { nth } => seen >= nth,
            Self::Chance { per_mille, seed } => mixed(seed, seen) % 1_000 < u64::from(per_mille),
        }
    }

    pub(crate) fn is_over(self, seen: u64, fired: u64) -> bool {
        match self {
            Self::Always | Self::Every { .. } | Self::Chance { .. } => false,
            Self::Next { n } => fired >= n,
            Self::At { nth } => seen >= nth && fired > 0,
        }
    }
}

/// The nth number of a row that depends on the seed alone (`SplitMix64`).
fn mixed(seed: u64, n: u64) -> u64 {
    let mut mixed = seed.wrapping_add(n.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
