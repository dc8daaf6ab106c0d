//! The groups that a search finds for whoever chooses some: by a piece of address or name, without those that are chosen
//! already.

use std::collections::BTreeSet;

use usher_model::directory::Group;
use usher_model::id::GroupId;
use usher_store::app::App;
use usher_store::directory::{self, Mark};
use usher_store::{StoreError, Tx};

/// How many groups are shown.
const SHOWN: usize = 20;
/// How many pages are looked through for them: enough for as many groups as any directory has.
const MOST_PAGES: usize = 20;

/// The first of them, in the order of their addresses.
pub(super) async fn found_groups(
    tx: &mut Tx,
    app: &App,
    text: &str,
    chosen: &BTreeSet<GroupId>,
) -> Result<Vec<Group>, StoreError> {
    let most = SHOWN + chosen.len();
    let (mut found, mut after): (Vec<Group>, Option<Mark>) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let page = directory::groups_sought(tx, &app.directory, text, after.as_ref(), most).await?;
        found.extend(page.page.into_iter().filter(|group| !chosen.contains(&group.id)));
        after = page.next;
        if found.len() >= SHOWN || after.is_none() {
            break;
        }
    }
    found.truncate(SHOWN);
    Ok(found)
}
