//! What a listing remembers of the pages before: enough to notice that they
//! come again, and no more than two pages of ids.

use std::collections::BTreeSet;

use crate::scim::resource::ResourceId;

/// The ids of the first and of the previous page.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenIds {
    first: Option<BTreeSet<ResourceId>>,
    previous: BTreeSet<ResourceId>,
}

impl SeenIds {
    /// Turns to a page. Says of each of its ids, in order, whether it is new:
    /// on neither of the remembered pages, nor twice on this one.
    pub(super) fn turn(&mut self, ids: &[ResourceId]) -> Vec<bool> {
        let mut page = BTreeSet::new();
        let new = ids
            .iter()
            .map(|id| {
                let known =
                    self.previous.contains(id) || self.first.as_ref().is_some_and(|first| first.contains(id));
                page.insert(id.clone()) && !known
            })
            .collect();
        // An empty page is no place to come back to.
        if !page.is_empty() {
            if self.first.is_none() {
                self.first = Some(page.clone());
            }
            self.previous = page;
        }
        new
    }
}
