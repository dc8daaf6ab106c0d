//! What a listing remembers of the cursors (or page tokens) before: enough to notice that they lead in a circle.

/// One cursor of the past, by which every circle is found in the end (Brent's
/// algorithm): it moves on to the current cursor at pages 1, 2, 4, 8, …, so it
/// comes to stand in the circle and is met again there.
#[derive(Clone, Debug, Default)]
pub struct SeenCursors {
    mark: String,
    steps: u64,
    next_mark_at: u64,
}

impl SeenCursors {
    /// Whether the cursor leads on, as far as can be told yet. The empty
    /// cursor, that of the first page, is the first mark.
    pub fn is_new(&mut self, cursor: &str) -> bool {
        if cursor == self.mark {
            return false;
        }
        self.steps += 1;
        if self.steps >= self.next_mark_at {
            cursor.clone_into(&mut self.mark);
            self.next_mark_at = self.steps.saturating_mul(2);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_circle_of_cursors_is_found(tail in 0_u32..50, length in 1_u32..50) {
            let mut seen = SeenCursors::default();
            let cursors = (0..tail).map(|n| format!("t{n}"))
                .chain((0..).map(|n: u32| format!("c{}", n % length)));
            let found = cursors.take(500).any(|cursor| !seen.is_new(&cursor));
            prop_assert!(found);
        }

        #[test]
        fn different_cursors_are_all_new(n in 1_u32..500) {
            let mut seen = SeenCursors::default();
            let all_new = (0..n).all(|n| seen.is_new(&n.to_string()));
            prop_assert!(all_new);
        }
    }
}
