//! Seeded chance (`SplitMix64`): equal seeds give equal numbers, in equal order of asking.

/// A row of numbers that depends on the seed alone.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    state: u64,
}

impl Chance {
    pub(super) fn seeded(seed: u64) -> Self {
        // Neighbouring seeds are no neighbours any more.
        let mut chance = Self { state: seed ^ 0x5851_F42D_4C95_7F2D };
        chance.state = chance.number();
        chance
    }

    pub(super) fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn fill(&mut self, into: &mut [u8]) {
        for chunk in into.chunks_mut(8) {
            let bytes = self.number().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }

    /// A number below `n`, which is not 0.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.number() % n
    }

    pub(super) fn small(&mut self, n: u8) -> u8 {
        u8::try_from(self.below(u64::from(n))).expect("invariant: it is below an u8")
    }

    /// True in so many of a thousand cases.
    pub(super) fn per_mille(&mut self, n: u64) -> bool {
        self.below(1_000) < n
    }

    pub(super) fn coin(&mut self) -> bool {
        self.number() & 1 == 1
    }

    pub(super) fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).expect("invariant: an index")].clone()
    }
}
