//! Seeded chance: the same draws on every machine and with every release of the generator.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

/// An odd number with well mixed bits, so that neighbouring indexes have unlike draws.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// What a draw is for, so that person 7 and group 7 do not share theirs.
#[derive(Clone, Copy)]
pub(super) enum Subject {
    /// Apart from the rest of a person, since an address needs nothing else.
    Name,
    Post,
    Group,
}

/// The draws of one subject. The algorithm is named: it must not change under us.
pub(super) struct Chance(Xoshiro256PlusPlus);

impl Chance {
    pub(super) fn of(seed: u64, subject: Subject, index: u64) -> Self {
        let salt = match subject {
            Subject::Name => 0,
            Subject::Post => 1 << 62,
            Subject::Group => 1 << 63,
        };
        Self(Xoshiro256PlusPlus::seed_from_u64(seed.rotate_left(32) ^ salt ^ index.wrapping_mul(SPREAD)))
    }

    /// A number below `limit`, which is at least one. Always 64 bits wide, so that a `usize` of another
    /// machine draws the same.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0.random_range(0..limit)
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let at = self.below(from.len() as u64);
        &from[usize::try_from(at).expect("invariant: an index below a length fits")]
    }
}
