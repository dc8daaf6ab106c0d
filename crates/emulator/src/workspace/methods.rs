//! What each method does: a file for each resource, a handler for each method.

use super::call::{Call, Handled};
use super::refusal::Refusal;

mod activities;
mod aliases;
mod customers;
mod domains;
mod groups;
mod list;
mod members;
mod org_units;
pub(crate) mod schemas;
pub(crate) mod users;
mod watch;

/// Does what a method does.
pub(crate) async fn run(call: &mut Call<'_>) -> Handled {
    let id = call.endpoint.id.as_str();
    let (resource, method) = id.rsplit_once('.').unwrap_or((id, ""));
    match resource {
        "directory.users" => users::run(call, method).await,
        "directory.users.aliases" | "directory.groups.aliases" => aliases::run(call, resource, method).await,
        "directory.users.photos" => photo(call).await,
        "directory.groups" => groups::run(call, method).await,
        "directory.members" => members::run(call, method).await,
        "directory.orgunits" => org_units::run(call, method).await,
        "directory.domains" => domains::run(call, method).await,
        "directory.domainAliases" => domains::run_aliases(call, method).await,
        "directory.schemas" => schemas::run(call, method).await,
        "directory.customers" => customers::run(call, method).await,
        "reports.activities" => activities::run(call, method).await,
        "directory.channels" | "reports.channels" => watch::stop(call),
        _ => missing(call),
    }
}

/// A method that Google has and the emulator has not.
pub(crate) fn missing(call: &Call<'_>) -> Handled {
    Err(Refusal::not_implemented(&call.endpoint.id))
}

/// Nobody has a photo.
async fn photo(call: &Call<'_>) -> Handled {
    if call.endpoint.http != "GET" {
        return missing(call);
    }
    call.user(call.key("userKey")).await?;
    Err(Refusal::not_found("photo"))
}
