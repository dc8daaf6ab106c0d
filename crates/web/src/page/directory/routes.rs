//! Which page of a directory is where, and behind which right: everybody who signs in reads; super admins edit, as at Google.

use axum::Router;
use axum::routing::{get, post};

use super::{
    check, confirm, directories, domains, google, group, group_form, groups, import, imported, schema_form,
    schemas, take_away, unit_form, units, user, user_form, users,
};
use crate::console::Console;

/// What everybody sees who may sign in.
pub(crate) fn reads() -> Router<Console> {
    Router::new()
        .route("/directories", get(directories::show))
        .route("/directory/{page}", get(super::usual))
        .route("/directories/{id}/users", get(users::show))
        .route("/directories/{id}/users/{user}", get(user::show))
        .route("/directories/{id}/groups", get(groups::show))
        .route("/directories/{id}/groups/{group}", get(group::show))
        .route("/directories/{id}/units", get(units::show))
        .route("/directories/{id}/domains", get(domains::show))
        .route("/directories/{id}/schemas", get(schemas::show))
}

/// What super admins do.
pub(crate) fn configures() -> Router<Console> {
    Router::new()
        .route("/directories/{id}/new-user", get(user_form::show_new).post(user_form::create))
        .route("/directories/{id}/users/{user}/edit", get(user_form::show).post(user_form::update))
        .route("/directories/{id}/users/{user}/alias", post(user::alias))
        .route(
            "/directories/{id}/users/{user}/change/{what}",
            get(confirm::ask_user).post(confirm::change_user),
        )
        .route("/directories/{id}/new-group", get(group_form::show_new).post(group_form::create))
        .route("/directories/{id}/groups/{group}/edit", get(group_form::show).post(group_form::update))
        .route("/directories/{id}/groups/{group}/members", post(group::add_member))
        .route(
            "/directories/{id}/groups/{group}/remove",
            get(confirm::ask_member).post(confirm::remove_member),
        )
        .route(
            "/directories/{id}/groups/{group}/delete",
            get(take_away::ask_group).post(take_away::delete_group),
        )
        .route("/directories/{id}/new-unit", get(unit_form::show_new).post(unit_form::create))
        .route("/directories/{id}/unit", get(unit_form::show).post(unit_form::update))
        .route("/directories/{id}/unit/delete", get(take_away::ask_unit).post(take_away::delete_unit))
        .route("/directories/{id}/domains", post(domains::add))
        .route("/directories/{id}/domain/remove", get(take_away::ask_domain).post(take_away::remove_domain))
        .route("/directories/{id}/new-schema", get(schema_form::show_new).post(schema_form::create))
        .route("/directories/{id}/schema", get(schema_form::show).post(schema_form::update))
        .route("/directories/{id}/schema/delete", get(take_away::ask_schema).post(take_away::delete_schema))
        .route("/directories/import", get(import::show).post(import::receive))
        .route("/directories/{id}/import", get(import::show_of))
        .route("/directories/imports/{upload}/{job}", get(imported::show))
        .route("/directories/imports/{upload}/{job}/import", post(imported::import))
        .route("/directories/imports/{upload}/{job}/discard", post(imported::discard))
        .route("/directories/add-google", get(google::show_new).post(google::add))
        .route("/directories/{id}/google", get(google::show).post(google::authorize))
        .route("/directories/{id}/google/check", post(google::check))
        .route("/directories/checks/{job}", get(check::show))
}
