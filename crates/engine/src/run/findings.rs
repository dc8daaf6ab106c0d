//! What the rounds of a run come to, besides what was recorded.

use crate::audit::Audited;
use crate::groups::GroupFindings;
use crate::guard::Guarded;
use crate::plan::Planned;
use crate::record::Recorder;
use crate::releasing::Releasing;
use crate::report::Undone;

/// What the rounds of a run come to.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What planning came to.
    pub planned: Planned,
    /// What guards and order made of it.
    pub guarded: Guarded,
    /// The holds that a person releases with this run.
    pub releasing: Releasing,
    /// What an audit found, if it is one.
    pub audited: Option<Audited>,
    /// What an undo found, if it is one.
    pub undone: Option<Undone>,
    /// Whether the run is about everybody.
    pub is_whole: bool,
    /// What has changed since the plan was approved that the run goes by.
    pub differences: Vec<String>,
    /// What was found about groups.
    pub groups: GroupFindings,
    is_planned: bool,
}

impl Findings {
    /// What an undo comes to, which plans nothing beyond what it takes back.
    pub(crate) fn of_undo(undone: Undone) -> Self {
        Self { undone: Some(undone), ..Self::default() }
    }

    /// Adds what one round came to.
    pub(super) fn take(&mut self, recorder: &mut Recorder<'_>, planned: Planned, guarded: Guarded) {
        for (email, failure) in &planned.failures {
            recorder.fail(email.clone(), failure.to_string());
        }
        recorder.n_failures += planned.n_failures - planned.failures.len() as u64;
        for (_, email, failure) in guarded.blocked {
            recorder.fail(email, failure.to_string());
        }
        for (why, n_people) in planned.skipped {
            *self.planned.skipped.entry(why).or_default() += n_people;
        }
        self.planned.next_seq = guarded.next_seq.max(planned.next_seq);
        if !self.is_planned {
            // The first round is about everybody whom the run is for.
            self.guarded.listed = guarded.listed;
            self.guarded.tripped = guarded.tripped;
            self.guarded.released = guarded.released;
            self.is_planned = true;
        }
        self.guarded.held.extend(guarded.held);
    }
}
