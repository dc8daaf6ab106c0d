//! Sees that what was written to a group's members is so: an app that answers 204 has shown nothing.

use usher_model::group::operation::{GroupKind, Leaver};
use usher_model::group::reason::GroupFailure;
use usher_model::id::RemoteId;
use usher_model::lifecycle::DriftPolicy;
use usher_model::mutant::{self, Mutant};
use usher_model::template::MembersRead;
use usher_store::group::GroupRecordState;
use usher_store::group::member::{self, Unseen};

use super::Job;
use crate::calls::CallError;
use crate::groups::done::{RowDone, RowEnd};
use crate::groups::learn;
use crate::groups::read::{self, Expected, Members};

/// How many members of a page the app reads at once; fewer changes than a group has pages are asked for one by one.
const MEMBERS_A_PAGE: u64 = 100;

impl Job<'_> {
    /// Sees that what was written to the group's members is so. What is not counts as not done.
    pub(super) async fn verify(&mut self) {
        if mutant::lives(Mutant::MembersBelieved) {
            return;
        }
        let is_of_members = |done: &&RowDone| !done.members.is_empty();
        if !self.done.iter().any(|done| is_of_members(&done)) || self.record.state != GroupRecordState::Known
        {
            return;
        }
        let Some(remote_id) = self.record.remote_id.clone() else { return };
        let (read, expected) = self.seen_in_time(&remote_id, &self.expected()).await;
        match read {
            Ok(Members::Read(over)) => {
                // Others whom it does not show any more: whoever was thrown out with a refusal is put back at once.
                self.again |= over.missing > self.expected().absent.len() as u64;
                self.believe(&expected);
            }
            Ok(Members::NotShown) => self.trust(),
            Ok(Members::Gone) => {
                learn::gone(&mut self.record);
                self.again = true;
            }
            Err(error) => self.not_seen(error),
        }
    }

    /// The app said yes, and could not be read: a look tells who is in it, before it is written to again.
    fn not_seen(&mut self, error: CallError) {
        for done in self.done.iter_mut().filter(|done| !done.members.is_empty()) {
            done.members.clear();
            done.n_members = 0;
            done.end = RowEnd::Unknown(error.to_string());
        }
        self.is_unknown(&error.into());
    }

    /// Reads whether what is expected is so, and what of it is not. An app may show a group as it was, or none, for a while.
    pub(super) async fn seen_in_time(
        &self,
        remote_id: &RemoteId,
        expected: &Expected,
    ) -> (Result<Members, CallError>, Expected) {
        let mut open = expected.clone();
        let mut read = self.read_back(remote_id, &mut open).await;
        let is_otherwise = match read {
            Ok(Members::Read(_)) => !is_met(&open),
            Ok(Members::Gone) => true,
            Ok(Members::NotShown) | Err(_) => false,
        };
        if is_otherwise {
            self.wait_until_shown().await;
            open = expected.clone();
            read = self.read_back(remote_id, &mut open).await;
        }
        (read, open)
    }

    /// Waits as long as an app may take to show what was written.
    pub(super) async fn wait_until_shown(&self) {
        let at = self.work.clock.now() + self.work.setting.policy.look_again_after;
        self.work.clock.sleep_until(at).await;
    }

    fn expected(&self) -> Expected {
        let mut expected = Expected::default();
        for done in &self.done {
            let members = done.members.iter().map(|member| member.account.clone());
            match done.row.operation.kind() {
                GroupKind::MembersRemove => expected.absent.extend(members),
                GroupKind::GroupCreate | GroupKind::MembersAdd => expected.present.extend(members),
                GroupKind::GroupAdopt | GroupKind::GroupUpdate | GroupKind::GroupDelete => {}
            }
        }
        expected
    }

    /// Reads the group whole, or, where that takes fewer requests, asks about each member by itself.
    pub(super) async fn read_back(
        &self,
        remote_id: &RemoteId,
        expected: &mut Expected,
    ) -> Result<Members, CallError> {
        let group = &self.record.group;
        if self.work.client.template.quirks.members == MembersRead::ByFilter {
            let count = async {
                let mut tx = self.work.store.read("engine::groups::read_back").await?;
                member::count(&mut tx, self.work.app(), group).await
            };
            let n_pages = count.await.map_err(read::unsure)? / MEMBERS_A_PAGE;
            if (expected.len() as u64) < n_pages {
                read::probe(self.work, remote_id, expected).await?;
                return Ok(Members::Read(member::ReadOver::default()));
            }
        }
        // What somebody else took out stays known as that, where the policy does not repair it.
        let unseen = match self.work.setting.policy.drift {
            DriftPolicy::Repair => Unseen::Forgotten,
            DriftPolicy::Report | DriftPolicy::Ignore => Unseen::Missing,
        };
        read::members(self.work, self.ways, (group, remote_id), expected, unseen).await
    }

    /// A read has shown the group: what it does not show was not done.
    fn believe(&mut self, expected: &Expected) {
        let now = self.work.clock.now();
        for done in &mut self.done {
            let kind = done.row.operation.kind();
            let mut undone: Vec<Leaver> = Vec::new();
            match kind {
                GroupKind::GroupCreate | GroupKind::MembersAdd => {
                    undone.extend(done.members.extract_if(.., |it| expected.present.contains(&it.account)));
                }
                GroupKind::MembersRemove => {
                    undone.extend(done.members.extract_if(.., |it| expected.still.contains(&it.account)));
                }
                GroupKind::GroupAdopt | GroupKind::GroupUpdate | GroupKind::GroupDelete => {}
            }
            let undone: Vec<_> = undone.into_iter().map(|member| member.account).collect();
            let n_undone = undone.len();
            done.n_members = done.members.len() as u64;
            if n_undone == 0 {
                continue;
            }
            // Some apps take members only one request at a time after the group is there.
            self.again = true;
            if kind == GroupKind::GroupCreate || done.end != RowEnd::Done {
                continue;
            }
            let is_added = kind == GroupKind::MembersAdd;
            self.refused_members.extend(undone.into_iter().map(|account| (account, is_added)));
            let what = if kind == GroupKind::MembersRemove { "the removal" } else { "the addition" };
            let message =
                format!("the app said yes to {what} of members, and {n_undone} of them are as they were");
            let failure = GroupFailure::Members { message };
            self.record = learn::failed(self.record.clone(), kind, failure.clone(), now);
            done.end = RowEnd::Failed(failure);
        }
    }

    /// The app never says who is in a group. What it said yes to is believed, but for the members of a create: there are
    /// apps that throw those away.
    fn trust(&mut self) {
        for done in &mut self.done {
            if done.row.operation.kind() == GroupKind::GroupCreate && !done.members.is_empty() {
                done.members.clear();
                done.n_members = 0;
                self.again = true;
            }
        }
    }
}

fn is_met(expected: &Expected) -> bool {
    expected.present.is_empty() && expected.still.is_empty()
}
