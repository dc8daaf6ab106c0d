//! A group that was there before Usher: it becomes one of Usher's, if it still is what was seen of it.

use usher_model::attribute::changes::Changes;
use usher_model::attribute::fold::fold;
use usher_model::group::adoption::RemoteGroup;
use usher_model::id::RemoteId;
use usher_store::group::plan::GroupRow;

use super::{Job, Refused, closed};
use crate::groups::done::RowEnd;
use crate::groups::learn;
use crate::groups::read::{self, ById};
use crate::groups::wire::Seen;

impl Job<'_> {
    /// Adopts a group that a listing showed, if a read shows that it still is what it was.
    pub(super) async fn adopt_listed(&mut self, row: GroupRow, listed: &RemoteGroup, changes: &Changes) {
        let seen = match read::by_id(self.work, self.ways, &listed.remote_id).await {
            Ok(ById::There(seen, _)) => seen,
            Ok(ById::Gone) => return self.decide_anew(row, None).await,
            Err(error) => {
                self.is_over = true;
                return self.not_written(row, &error.before_write());
            }
        };
        let is_same_name = seen.display_name().map(fold) == Some(fold(&listed.display_name));
        if !is_same_name || seen.external_id() != listed.external_id.as_deref() {
            return self.decide_anew(row, Some(&seen)).await;
        }
        self.adopt(row, &listed.remote_id, changes).await;
        // Its members were read when it was found; who has read them longer ago reads them again.
        if self.record.read_at.is_none() {
            self.record.is_unread = true;
            self.again = true;
            self.is_over = true;
        }
    }

    /// The group is not what the listing showed: nothing is sent, and the next round goes by what it is now.
    async fn decide_anew(&mut self, row: GroupRow, seen: Option<&Seen>) {
        self.is_over = true;
        match read::shown_now(self.work, seen).await {
            Ok(()) => {
                self.again = true;
                self.ended(row, RowEnd::Dropped, Vec::new());
            }
            Err(error) => self.not_written(row, &closed(&error).into()),
        }
    }

    pub(super) async fn adopt(&mut self, row: GroupRow, remote_id: &RemoteId, changes: &Changes) {
        let written = if changes.is_empty() {
            match read::by_id(self.work, self.ways, remote_id).await {
                Ok(ById::There(seen, _)) => Ok(*seen),
                Ok(ById::Gone) => Err(Refused::Gone),
                Err(error) => Err(error.before_write().into()),
            }
        } else {
            self.write_attributes(remote_id, changes).await
        };
        match written {
            Ok(seen) => {
                // What the app holds beyond what is wanted stays somebody's own: a group has nothing else that we write.
                let sent = learn::with(seen.attributes.clone(), changes);
                learn::is_ours(&mut self.record, &seen, sent);
                if self.record.read_at.is_none() {
                    (self.record.is_unread, self.again) = (true, true);
                }
                self.ended(row, RowEnd::Done, Vec::new());
            }
            Err(refused) => {
                self.is_over = true;
                self.refused(row, &refused);
            }
        }
    }
}
