//! `directory.groups.list`

use std::sync::Arc;

use serde_json::Value;

use crate::workspace::call::{Call, Handled, Paging};
use crate::workspace::directory::{Group, Holder, text};
use crate::workspace::methods::list::{self, STEP};
use crate::workspace::methods::users::query::{Clause, Operator, clauses, compare};
use crate::workspace::refusal::Refusal;

/// How many groups a page holds unless it is said, and at most.
const PAGE: usize = 200;

pub(super) async fn run(call: &Call<'_>) -> Handled {
    let user = call.param("userKey").map(str::to_owned);
    let domain = domain(call).await?;
    let query = call.param("query").filter(|query| !query.trim().is_empty());
    let query = query.map(clauses).transpose()?.unwrap_or_default();
    if let Some(wrong) = query.iter().find(|clause| !is_known(clause)) {
        return Err(Refusal::invalid(&format!("query {}", wrong.field.as_deref().unwrap_or_default())));
    }
    let member = query.iter().find(|clause| clause.field.as_deref() == Some("memberKey"));
    let member = user.or_else(|| member.map(|clause| clause.value.clone()));
    let paging = call.paging(PAGE, PAGE)?;
    let is_wanted = |group: &Group| {
        domain.as_ref().is_none_or(|domain| group.email().ends_with(&format!("@{domain}")))
            && query.iter().all(|clause| holds(clause, group))
    };
    let (groups, next) = match member {
        Some(member) => of_member(call, &paging, &member, is_wanted).await?,
        None if list::is_descending(call) => {
            let all = all(call).await?;
            let all = all
                .into_iter()
                .filter(|group| is_wanted(group))
                .map(|group| (group.place(), group))
                .collect();
            list::page(call, &paging, all, true)
        }
        None => in_order(call, &paging, is_wanted).await?,
    };
    let domains = call.directory().domains().await?;
    let mut views: Vec<Value> = Vec::with_capacity(groups.len());
    for group in groups {
        views.push(super::view(call, &group, &domains).await?);
    }
    Ok(list::body("admin#directory#groups", "groups", views, next))
}

async fn domain(call: &Call<'_>) -> Result<Option<String>, Refusal> {
    let is_of_user = call.param("userKey").is_some();
    match (call.param("customer"), call.param("domain")) {
        (Some(_), _) if is_of_user => Err(Refusal::bad_request("Bad Request")),
        (None, None) if is_of_user => Ok(None),
        _ => crate::workspace::methods::users::list::domain(call).await,
    }
}

fn is_known(clause: &Clause) -> bool {
    let is_field = |field: &str| matches!(field, "name" | "email" | "memberKey");
    clause.field.as_deref().is_some_and(is_field)
        && matches!(clause.operator, Operator::Is | Operator::Contains | Operator::Begins)
}

fn holds(clause: &Clause, group: &Group) -> bool {
    match clause.field.as_deref() {
        Some("name") => compare(clause, text(&group.fields, "name")),
        Some("email") => {
            std::iter::once(group.email()).chain(group.aliases()).any(|email| compare(clause, email))
        }
        _ => true,
    }
}

/// The groups that somebody is a direct member of. Whoever is of elsewhere is known by the address alone.
async fn of_member(
    call: &Call<'_>,
    paging: &Paging,
    key: &str,
    is_wanted: impl Fn(&Group) -> bool,
) -> Result<(Vec<Arc<Group>>, Option<String>), Refusal> {
    let id = match call.holder(key).await? {
        Some(Holder::User(id) | Holder::Group(id)) => id,
        None if !key.contains('@') => key.to_owned(),
        None if call.is_ours(key).await? => return Err(Refusal::not_found("userKey")),
        None => crate::workspace::wire::external_id(key),
    };
    let mut groups = Vec::new();
    for id in call.directory().groups_of(&id).await? {
        groups.extend(call.directory().group(&id).await?);
    }
    let groups =
        groups.into_iter().filter(|group| is_wanted(group)).map(|group| (group.place(), group)).collect();
    Ok(list::page(call, paging, groups, list::is_descending(call)))
}

async fn all(call: &Call<'_>) -> Result<Vec<Arc<Group>>, Refusal> {
    let mut groups: Vec<Arc<Group>> = Vec::new();
    loop {
        let after = groups.last().map(|last| last.place());
        let some = call.directory().groups(after.as_ref(), STEP).await?;
        if some.is_empty() {
            return Ok(groups);
        }
        groups.extend(some);
    }
}

async fn in_order(
    call: &Call<'_>,
    paging: &Paging,
    is_wanted: impl Fn(&Group) -> bool,
) -> Result<(Vec<Arc<Group>>, Option<String>), Refusal> {
    let mut after = paging.token.as_ref().map(|token| token.after.clone());
    let mut groups: Vec<Arc<Group>> = Vec::new();
    while groups.len() <= paging.most {
        let some = call.directory().groups(after.as_ref(), paging.most + 1).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.place());
        groups.extend(some.into_iter().filter(|group| is_wanted(group)));
    }
    let has_more = groups.len() > paging.most;
    groups.truncate(paging.most);
    let next = groups.last().filter(|_| has_more).map(|last| paging.next(last.place(), call.now));
    Ok((groups, next))
}
