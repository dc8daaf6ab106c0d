//! `directory.users.list`

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::query::Query;
use super::view::Viewer;
use crate::workspace::call::{Call, Handled, Paging};
use crate::workspace::directory::{Place, User, Which, is_restorable, text};
use crate::workspace::methods::list::{self, STEP};
use crate::workspace::refusal::Refusal;

/// How many users a page holds unless it is said, and the most.
const PAGE: usize = 100;
const MAX_PAGE: usize = 500;

pub(super) async fn run(call: &Call<'_>) -> Handled {
    let domain = domain(call).await?;
    let query = call.param("query").filter(|query| !query.trim().is_empty()).map(Query::parse).transpose()?;
    let paging = call.paging(PAGE, MAX_PAGE)?;
    let viewer = Viewer::of(call).await?;
    let which = if call.is_set("showDeleted") { Which::Deleted } else { Which::Living };
    let is_wanted = |user: &User| {
        let is_of_domain = |domain: &String| user.place().key.ends_with(&format!("@{domain}"));
        domain.as_ref().is_none_or(is_of_domain)
            && query.as_ref().is_none_or(|query| query.matches(user, viewer.tree()))
            && user.deleted_at.is_none_or(|at| is_restorable(at, call.now))
    };
    let by = call.param("orderBy").unwrap_or("email");
    let lag = call.settings.search_lag_seconds.filter(|_| query.is_some() && which == Which::Living);
    let is_plain = by.eq_ignore_ascii_case("email") && !list::is_descending(call) && lag.is_none();
    let (users, next) = if is_plain {
        in_order(call, &paging, which, is_wanted).await?
    } else {
        let all = gathered(call, which, lag).await?;
        let all =
            all.into_iter().filter(|user| is_wanted(user)).map(|user| (place(&user, by), user)).collect();
        list::page(call, &paging, all, list::is_descending(call))
    };
    let views: Vec<Value> = users.iter().map(|user| viewer.view(user)).collect();
    Ok(list::body("admin#directory#users", "users", views, next))
}

/// The domain that users are wanted of; none: of all.
pub(crate) async fn domain(call: &Call<'_>) -> Result<Option<String>, Refusal> {
    match (call.param("customer"), call.param("domain")) {
        (Some(customer), None) => {
            call.check_customer(customer).await?;
            Ok(None)
        }
        (None, Some(domain)) => {
            let domain = domain.to_lowercase();
            let domains = call.directory().domains().await?;
            let is_known = domains.iter().any(|known| known.name == domain);
            let unknown = || Refusal::new(403, "forbidden", "Invalid domain.");
            is_known.then_some(Some(domain)).ok_or_else(unknown)
        }
        (Some(_), Some(_)) | (None, None) => Err(Refusal::bad_request("Bad Request")),
    }
}

/// A page in the order in which the directory has users, without looking through all of them.
async fn in_order(
    call: &Call<'_>,
    paging: &Paging,
    which: Which,
    is_wanted: impl Fn(&User) -> bool,
) -> Result<(Vec<Arc<User>>, Option<String>), Refusal> {
    let mut after = paging.token.as_ref().map(|token| token.after.clone());
    let mut users: Vec<Arc<User>> = Vec::new();
    loop {
        // One more than the page holds says whether there is another page.
        let step = if users.is_empty() { paging.most + 1 } else { STEP };
        let some = call.directory().users(which, after.as_ref(), step).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.place());
        users.extend(some.into_iter().filter(|user| is_wanted(user)));
        if users.len() > paging.most {
            break;
        }
    }
    let has_more = users.len() > paging.most;
    users.truncate(paging.most);
    let next = users.last().filter(|_| has_more).map(|last| paging.next(last.place(), call.now));
    Ok((users, next))
}

/// All users, as they were so many seconds ago.
async fn gathered(call: &Call<'_>, which: Which, lag: Option<u32>) -> Result<Vec<Arc<User>>, Refusal> {
    let before = match lag {
        Some(seconds) => {
            let then = call.now.before(Duration::from_secs(u64::from(seconds)));
            call.inner.state().history.as_of(then)
        }
        None => std::collections::BTreeMap::new(),
    };
    let mut users = Vec::new();
    let mut after = None;
    loop {
        let some = call.directory().users(which, after.as_ref(), STEP).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.place());
        users.extend(some.into_iter().filter(|user| !before.contains_key(&user.id)));
    }
    users.extend(before.into_values().flatten().filter(|user| user.deleted_at.is_none()));
    Ok(users)
}

fn place(user: &User, by: &str) -> Place {
    let name = |part: &str| {
        let name = user.fields.get("name").and_then(Value::as_object);
        name.map(|name| text(name, part).to_lowercase()).unwrap_or_default()
    };
    let key = match by {
        "familyName" => name("familyName"),
        "givenName" => name("givenName"),
        _ => return user.place(),
    };
    Place { key, id: user.id.clone() }
}
