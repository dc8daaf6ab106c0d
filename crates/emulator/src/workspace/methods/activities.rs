//! The audit log of the application `admin`: `reports.activities`.

use usher_model::time::Timestamp;

use self::filter::Filter;
use super::list;
use crate::workspace::call::{Call, Handled};
use crate::workspace::directory::Place;
use crate::workspace::feed::Activity;
use crate::workspace::refusal::Refusal;

mod filter;

/// How many activities a page holds unless it is said, and at most.
const PAGE: usize = 1_000;

/// Does what a method does.
pub(super) async fn run(call: &mut Call<'_>, method: &str) -> Handled {
    match method {
        "list" => listed(call).await,
        "watch" => {
            let actor = actor(call).await?;
            super::watch::activities(call, actor)
        }
        _ => super::missing(call),
    }
}

/// Whose activities are wanted; none: everybody's.
async fn actor(call: &Call<'_>) -> Result<Option<String>, Refusal> {
    if call.key("applicationName") != "admin" {
        return Err(Refusal::not_implemented(&format!("audit log of {}", call.key("applicationName"))));
    }
    if let Some(customer) = call.param("customerId") {
        call.check_customer(customer).await?;
    }
    match call.key("userKey") {
        "all" => Ok(None),
        // Somebody who is deleted is named by the id.
        key if key.contains('@') => Ok(Some(call.user(key).await?.id.clone())),
        key => Ok(Some(key.to_owned())),
    }
}

async fn listed(call: &Call<'_>) -> Handled {
    let actor = actor(call).await?;
    let (from, until) = (instant(call, "startTime")?, instant(call, "endTime")?);
    if let (Some(from), Some(until)) = (from, until)
        && from > until
    {
        return Err(Refusal::invalid_message("Start time must be before end time."));
    }
    let event = call.param("eventName");
    let filters = call.param("filters").filter(|text| !text.is_empty()).map(filter::parse).transpose()?;
    let filters = filters.unwrap_or_default();
    let paging = call.paging(PAGE, PAGE)?;
    let is_wanted = |activity: &Activity| {
        from.is_none_or(|from| activity.at >= from)
            && until.is_none_or(|until| activity.at <= until)
            && event.is_none_or(|event| activity.name == event)
            && actor.as_ref().is_none_or(|actor| *actor == activity.actor_id)
            && call.param("actorIpAddress").is_none_or(|ip| activity.ip_address.as_deref() == Some(ip))
            && filters.iter().all(|filter: &Filter| filter.holds(activity))
    };
    let customer = call.directory().customer().await?;
    let domains = call.directory().domains().await?;
    let domain = domains.iter().find(|domain| domain.is_primary).map_or("", |domain| domain.name.as_str());
    let before = paging.token.as_ref().and_then(|token| token.after.id.parse().ok()).unwrap_or(u64::MAX);
    let state = call.inner.state();
    let mut seen =
        state.feed.seen(call.now).filter(|(number, activity)| *number < before && is_wanted(activity));
    let (mut views, mut last) = (Vec::new(), 0);
    for (number, activity) in seen.by_ref().take(paging.most) {
        views.push(activity.view(&customer.id, domain));
        last = number;
    }
    let after = Place { key: String::new(), id: last.to_string() };
    let next = seen.next().is_some().then(|| paging.next(after, call.now));
    Ok(list::body("admin#reports#activities", "items", views, next))
}

fn instant(call: &Call<'_>, name: &str) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = call.param(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = || Refusal::invalid_parameter(name, format!("Invalid value '{text}'. It is not RFC 3339."));
    Ok(Some(Timestamp::parse(text).map_err(|_| wrong())?))
}
