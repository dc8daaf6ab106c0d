//! What a run would do with the groups of an app.

use std::collections::{BTreeMap, BTreeSet};

use usher_model::guard::Tripped;
use usher_model::id::{RunId, UserId};
use usher_store::group::plan as rows;
use usher_store::{Store, StoreError};

use super::guard::{self, GroupGuarding};
use super::pass::GroupPass;
use super::read::listed_at;
use super::{GroupFindings, plan};
use crate::clock::Clock;
use crate::guard::Guarded;
use crate::releasing::Releasing;
use crate::setting::Setting;

/// Plans for all groups and leaves nothing behind but rows that nobody carries out.
pub(crate) async fn preview(
    store: &Store,
    clock: &dyn Clock,
    setting: &Setting,
    run: &RunId,
    user: Option<&UserId>,
    insist: bool,
    guarded: &Guarded,
) -> Result<GroupFindings, StoreError> {
    let mut findings = GroupFindings::default();
    if !setting.settings.groups.selection.is_on() {
        return Ok(findings);
    }
    let mut tx = store.begin("engine::groups::preview").await?;
    rows::start(&mut tx, &setting.app.id, run).await?;
    tx.commit().await?;
    let pass = GroupPass {
        groups: None,
        user,
        run,
        lease: None,
        insist,
        foresees: true,
        listed_at: listed_at(store, setting).await?,
        first_seq: 0,
        now: clock.now(),
    };
    let shrunk: Option<Tripped> = crate::guard::shrunk(setting, guarded.listed);
    let guarding = GroupGuarding {
        releasing: &Releasing::default(),
        released: &BTreeSet::new(),
        let_go: &BTreeMap::new(),
        shrunk: shrunk.as_ref(),
        n_shrunk: 0,
        is_shrink_released: false,
        is_whole: user.is_none(),
    };
    findings.planned = plan::pass(store, setting, &pass).await?;
    findings.held = guard::guard(store, setting, clock, &pass, &guarding).await?.held;
    Ok(findings)
}
