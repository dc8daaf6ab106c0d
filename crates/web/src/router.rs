//! Which page is where, and behind which right.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use usher_model::admin::Right;

use crate::console::Console;
use crate::failure::Failure;
use crate::page::{
    account, admins, app, apps, audit_log, directory, home, join, openid, set_up, sign_in, sign_out,
};
use crate::{assets, crossing, headers, session};

/// The largest form.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// Every page. Those for anybody are named here; every other one is behind a right.
pub fn router(console: Console) -> Router {
    let anybody = Router::new()
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-in/openid", get(openid::begin::begin))
        .route("/sign-in/openid/callback", get(openid::callback::callback))
        .route("/set-up", get(set_up::show).post(set_up::set_up))
        .route("/join", get(join::show).post(join::join))
        .route("/assets/{version}/{name}", get(assets::send));
    let reads = Router::new()
        .route("/", get(home::show))
        .route("/apps", get(apps::show))
        .route("/account", get(account::show))
        .route("/account/sign-out-elsewhere", post(account::sign_out_elsewhere))
        .route("/account/password", post(account::change_password))
        .route(session::SIGN_OUT, post(sign_out::sign_out))
        .route("/audit-log", get(audit_log::show))
        .merge(app_reads())
        .merge(directory::routes::reads());
    let operates = Router::new()
        .route("/apps/{id}/run", post(app::overview::run_now))
        .route("/apps/{id}/audit", post(app::runs::audit))
        .route("/apps/{id}/holds/{hold}/release", get(app::hold::ask_release).post(app::hold::release))
        .route("/apps/{id}/holds/{hold}/discard", post(app::hold::discard))
        .route("/apps/{id}/failures/retry", post(app::failures::retry))
        .route("/apps/{id}/failures/choose", post(app::failures::choose))
        .route("/apps/{id}/pin", post(app::due::keep))
        .route("/apps/{id}/unpin", post(app::due::let_go))
        .route("/apps/{id}/suspend-now", post(app::due::suspend_now))
        .route("/apps/{id}/on-demand", post(app::on_demand::provision))
        .route("/apps/{id}/runs/{run}/undo/preview", post(app::undo::preview))
        .route("/apps/{id}/runs/{run}/undo", post(app::undo::undo));
    let configures = Router::new()
        .route("/admins", get(admins::show).post(admins::invite))
        .route("/admins/role", post(admins::change_role))
        .route("/admins/link", post(admins::new_link))
        .route("/admins/remove", post(admins::remove))
        .merge(app_configures())
        .merge(directory::routes::configures());
    anybody
        .merge(behind(&console, Right::Read, reads))
        .merge(behind(&console, Right::Operate, operates))
        .merge(behind(&console, Right::Configure, configures))
        .fallback(async || Failure::NotFound)
        .method_not_allowed_fallback(no_page)
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
        .layer(from_fn(crossing::refuse))
        .layer(from_fn(headers::add))
        .with_state(console)
}

/// What is answered where a form is sent to, and somebody asks for a page.
async fn no_page(uri: Uri) -> Failure {
    let mut parts = uri.path().split('/').skip(1);
    let above = match (parts.next(), parts.next()) {
        (Some(of @ ("apps" | "directories")), Some(id)) => format!("/{of}/{id}"),
        (Some(of @ ("admins" | "account")), Some(_)) => format!("/{of}"),
        _ => "/".to_owned(),
    };
    Failure::NoPage { above }
}

/// The pages of an app that everybody sees who may sign in.
fn app_reads() -> Router<Console> {
    Router::new()
        .route("/apps/{id}", get(app::overview::show))
        .route("/apps/{id}/sso", get(app::sso::show))
        .route("/apps/{id}/sso/metadata", get(app::sso::metadata))
        .route("/apps/{id}/access", get(app::access::show))
        .route("/apps/{id}/auto-provisioning", get(app::settings::show))
        .route("/apps/{id}/preview", post(app::plan::preview))
        .route("/apps/{id}/plans/{job}", get(app::plan::show))
        .route("/apps/{id}/jobs/{job}", get(app::job::show))
        .route("/apps/{id}/undo/{job}", get(app::undo::show))
        .route("/apps/{id}/due", get(app::due::show))
        .route("/apps/{id}/holds", get(app::holds::show))
        .route("/apps/{id}/holds/{hold}", get(app::hold::show))
        .route("/apps/{id}/failures", get(app::failures::show))
        .route("/apps/{id}/drift", get(app::drift::show))
        .route("/apps/{id}/runs", get(app::runs::show))
        .route("/apps/{id}/log", get(app::log::show))
        .route("/apps/{id}/log/download", get(app::log::download))
        .route("/apps/{id}/on-demand", get(app::on_demand::show))
        .route("/apps/{id}/on-demand/people", get(app::on_demand::people))
        .route("/apps/{id}/groups", get(app::groups::show))
}

/// What only super admins do to an app, as at Google.
fn app_configures() -> Router<Console> {
    Router::new()
        .route("/apps/add", get(app::add::show).post(app::add::add))
        .route("/apps/{id}/sso", post(app::sso::save))
        .route("/apps/{id}/access", post(app::access::switch))
        .route("/apps/{id}/set-up/token", get(app::token::show).post(app::token::take))
        .route("/apps/{id}/set-up/endpoint", get(app::endpoint::show).post(app::endpoint::check))
        .route("/apps/{id}/set-up/mapping", get(app::mapping::show_step).post(app::mapping::continue_with))
        .route("/apps/{id}/set-up/scope", get(app::scope::show_step).post(app::scope::continue_with))
        .route(
            "/apps/{id}/set-up/deprovisioning",
            get(app::deprovisioning::show_step).post(app::deprovisioning::finish),
        )
        .route(
            "/apps/{id}/auto-provisioning/reauthorize",
            get(app::token::show_again).post(app::token::reauthorize),
        )
        .route("/apps/{id}/auto-provisioning/mapping", get(app::mapping::show).post(app::mapping::update))
        .route("/apps/{id}/auto-provisioning/mapping/look", post(app::mapping::look_at))
        .route("/apps/{id}/auto-provisioning/domains", get(app::domains::show).post(app::domains::update))
        .route("/apps/{id}/auto-provisioning/scope", get(app::scope::show).post(app::scope::update))
        .route("/apps/{id}/auto-provisioning/scope/found", post(app::scope::found))
        .route(
            "/apps/{id}/auto-provisioning/deprovisioning",
            get(app::deprovisioning::show).post(app::deprovisioning::update),
        )
        .route(
            "/apps/{id}/auto-provisioning/delete",
            get(app::confirm::ask_unconfigure).post(app::confirm::unconfigure),
        )
        .route("/apps/{id}/remove", get(app::confirm::ask_remove).post(app::confirm::remove))
        .route("/apps/{id}/turn-on", post(app::plan::preview))
        .route("/apps/{id}/turn-off", get(app::confirm::ask_turn_off).post(app::confirm::turn_off))
        .route("/apps/{id}/plans/{job}/update", post(app::plan::update))
        .route("/apps/{id}/plans/{job}/turn-on", get(app::plan::ask_turn_on).post(app::plan::turn_on_now))
        .route("/apps/{id}/groups", post(app::groups::update))
        .route("/apps/{id}/drift", post(app::drift::update))
}

/// Puts pages behind a session whose role has a right.
fn behind(console: &Console, right: Right, pages: Router<Console>) -> Router<Console> {
    pages.route_layer(from_fn_with_state((console.clone(), right), session::guard))
}
