//! Who is in a group by way of other groups, and `directory.members.hasMember`.

use serde_json::json;

use super::{Met, named};
use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::directory::{MemberKind, Membership};
use crate::workspace::methods::list::STEP;
use crate::workspace::refusal::Refusal;

/// Every direct member of a group.
async fn direct(call: &Call<'_>, group: &str) -> Result<Vec<Membership>, Refusal> {
    let mut members: Vec<Membership> = Vec::new();
    loop {
        let after = members.last().map(|last| last.member.id.clone());
        let some = call.directory().members(group, after.as_deref(), STEP).await?;
        if some.is_empty() {
            return Ok(members);
        }
        members.extend(some);
    }
}

/// Every member of a group, direct or not, each once.
pub(super) async fn all(call: &Call<'_>, group: &str) -> Result<Vec<Membership>, Refusal> {
    let (mut found, mut met, mut ahead) = (Vec::new(), Met::new(), vec![group.to_owned()]);
    while let Some(group) = ahead.pop() {
        for membership in direct(call, &group).await? {
            let member = &membership.member;
            if !met.insert(member.id.clone()) {
                continue;
            }
            if member.kind == MemberKind::Group {
                ahead.push(member.id.clone());
            }
            found.push(membership);
        }
    }
    Ok(found)
}

/// Whether one group has another in it, directly or not.
pub(super) async fn reaches(call: &Call<'_>, from: &str, to: &str) -> Result<bool, Refusal> {
    Ok(above(call, to).await?.contains(from))
}

/// The groups that somebody is in, directly or not.
async fn above(call: &Call<'_>, member: &str) -> Result<Met, Refusal> {
    let (mut met, mut ahead) = (Met::new(), vec![member.to_owned()]);
    while let Some(member) = ahead.pop() {
        for group in call.directory().groups_of(&member).await? {
            if met.insert(group.clone()) {
                ahead.push(group);
            }
        }
    }
    Ok(met)
}

pub(super) async fn has_member(call: &Call<'_>) -> Handled {
    let group = call.group(call.key("groupKey")).await?;
    let found = named(call, call.key("memberKey")).await?;
    let (id, kind) = match found {
        None => return Err(Refusal::not_found("memberKey")),
        Some((_, MemberKind::External)) => return Err(Refusal::invalid("memberKey")),
        Some(found) => found,
    };
    let mut is_member = above(call, &id).await?.contains(&group.id);
    if !is_member && kind == MemberKind::User {
        // Whoever is a user is in every group that all users are in.
        let customer = call.directory().customer().await?.id.clone();
        is_member = above(call, &customer).await?.contains(&group.id);
    }
    Ok(Reply::Body(json!({ "isMember": is_member })))
}
