//! `directory.members.list`

use serde_json::Value;

use super::{ROLES, reach, view};
use crate::workspace::call::{Call, Handled};
use crate::workspace::directory::{Membership, Place};
use crate::workspace::methods::list;
use crate::workspace::refusal::Refusal;

/// How many members a page holds unless it is said, and at most.
const PAGE: usize = 200;

pub(super) async fn run(call: &Call<'_>) -> Handled {
    let group = call.group(call.key("groupKey")).await?;
    let roles = roles(call)?;
    let is_wanted = |membership: &Membership| roles.is_empty() || roles.contains(&membership.member.role);
    let paging = call.paging(PAGE, PAGE)?;
    let place = |membership: &Membership| Place { key: String::new(), id: membership.member.id.clone() };
    let (members, next) = if call.is_set("includeDerivedMembership") {
        let all = reach::all(call, &group.id).await?;
        let all = all.into_iter().filter(is_wanted).map(|one| (place(&one), one)).collect();
        list::page(call, &paging, all, false)
    } else {
        let mut after = paging.token.as_ref().map(|token| token.after.id.clone());
        let mut members: Vec<Membership> = Vec::new();
        while members.len() <= paging.most {
            let some = call.directory().members(&group.id, after.as_deref(), paging.most + 1).await?;
            let Some(last) = some.last() else { break };
            after = Some(last.member.id.clone());
            members.extend(some.into_iter().filter(is_wanted));
        }
        let has_more = members.len() > paging.most;
        members.truncate(paging.most);
        let next = members.last().filter(|_| has_more).map(|last| paging.next(place(last), call.now));
        (members, next)
    };
    let views: Vec<Value> = members.iter().map(|membership| view(membership, false)).collect();
    Ok(list::body("admin#directory#members", "members", views, next))
}

fn roles(call: &Call<'_>) -> Result<Vec<String>, Refusal> {
    let asked = call.param("roles").unwrap_or_default();
    let roles: Vec<String> =
        asked.split(',').map(|role| role.trim().to_uppercase()).filter(|role| !role.is_empty()).collect();
    let is_known = |role: &String| ROLES.contains(&role.as_str());
    if roles.iter().all(is_known) { Ok(roles) } else { Err(Refusal::invalid("roles")) }
}
