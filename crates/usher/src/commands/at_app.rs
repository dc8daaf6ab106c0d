//! How many groups an app has, as far as is known.

use serde::Serialize;
use usher_store::group::GroupCounts;

use crate::output::{grouped, number_of};

/// What the app has, as scripts rely on it. One group may count several times.
#[derive(Debug, Serialize)]
pub(crate) struct AtApp {
    known: u64,
    gone: u64,
    unsure: u64,
    failing: u64,
    members: u64,
}

impl AtApp {
    pub(crate) fn new(counts: GroupCounts) -> Self {
        let GroupCounts { known, gone, unsure, failing, members } = counts;
        Self { known, gone, unsure, failing, members }
    }

    /// Whether there is anything to tell.
    pub(crate) fn is_empty(&self) -> bool {
        let Self { known, gone, unsure, failing, members } = self;
        known + gone + unsure + failing + members == 0
    }

    /// How many groups fail.
    pub(crate) fn n_failing(&self) -> u64 {
        self.failing
    }

    /// What there is, as it stands under a heading of its own.
    pub(crate) fn text(&self) -> String {
        self.counted(&number_of(self.known, "group", "groups"))
    }

    /// The same under the heading *groups*, which need not be said again.
    pub(crate) fn under_groups(&self) -> String {
        self.counted(&grouped(self.known))
    }

    fn counted(&self, known: &str) -> String {
        let members = number_of(self.members, "membership", "memberships");
        let mut words = vec![format!("{known} with {members}")];
        let rest =
            [(self.gone, "gone at the app"), (self.unsure, "to be read first"), (self.failing, "failing")];
        let some = rest.into_iter().filter(|(n, _)| *n > 0);
        words.extend(some.map(|(n, what)| format!("{} {what}", grouped(n))));
        words.join(", ")
    }
}
