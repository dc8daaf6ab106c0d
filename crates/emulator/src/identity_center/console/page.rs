//! The pages, each with its template and its samples.

use crate::identity_center::console::assets;
use crate::identity_center::console::visit::Route;

mod dashboard;
pub(super) mod failure;
mod faults;
mod group;
mod groups;
mod home;
mod instances;
mod provisioning;
mod request;
mod requests;
mod search;
mod services;
mod settings;
mod source;
mod user;
mod users;

/// Every page, and everything that the forms on them do.
pub(super) const ROUTES: [&[Route]; 18] = [
    home::ROUTES,
    services::ROUTES,
    search::ROUTES,
    instances::ROUTES,
    dashboard::ROUTES,
    settings::ROUTES,
    source::choose::ROUTES,
    source::configure::ROUTES,
    source::confirm::ROUTES,
    provisioning::ROUTES,
    users::ROUTES,
    user::ROUTES,
    groups::ROUTES,
    group::ROUTES,
    requests::ROUTES,
    request::ROUTES,
    faults::ROUTES,
    assets::ROUTES,
];

#[cfg(test)]
mod tests;
