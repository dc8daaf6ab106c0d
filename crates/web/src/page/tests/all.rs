//! Every sample of every page, by the name of its template.

use std::fmt;

use askama::Template;

use crate::failure::FailurePage;
use crate::page::{account, admins, app, apps, audit_log, directory, home, join, set_up, sign_in};
use crate::sample::{Sample, Samples};

/// A sample as a browser gets it.
pub(super) struct Rendered {
    pub(super) page: &'static str,
    pub(super) kind: Sample,
    pub(super) text: String,
}

impl fmt::Display for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:?})", self.page, self.kind)
    }
}

fn rendered<T: Template>(page: &'static str, samples: Samples<T>) -> Vec<Rendered> {
    let render = |(kind, sample): (Sample, T)| Rendered { page, kind, text: sample.render().unwrap() };
    samples.into_iter().map(render).collect()
}

/// What is a page by itself.
pub(super) fn pages() -> Vec<Rendered> {
    let mut all = rendered("home", home::HomePage::samples());
    all.extend(rendered("apps", apps::AppsPage::samples()));
    all.extend(app_pages());
    all.extend(directory_pages());
    all.extend(rendered("admins", admins::AdminsPage::samples()));
    all.extend(rendered("audit_log", audit_log::AuditLogPage::samples()));
    all.extend(rendered("account", account::AccountPage::samples()));
    all.extend(rendered("join", join::JoinPage::samples()));
    all.extend(rendered("no_invitation", join::NoInvitationPage::samples()));
    all.extend(rendered("set_up", set_up::SetUpPage::samples()));
    all.extend(rendered("no_link", set_up::NoLinkPage::samples()));
    all.extend(rendered("sign_in", sign_in::SignInPage::samples()));
    all.extend(rendered("failure", FailurePage::samples()));
    all
}

fn app_pages() -> Vec<Rendered> {
    let mut all = rendered("app/add", app::add::AddPage::samples());
    all.extend(rendered("app/overview", app::overview::OverviewPage::samples()));
    all.extend(rendered("app/sso", app::sso::SsoPage::samples()));
    all.extend(rendered("app/access", app::access::AccessPage::samples()));
    all.extend(rendered("app/token", app::token::TokenPage::samples()));
    all.extend(rendered("app/endpoint", app::endpoint::EndpointPage::samples()));
    all.extend(rendered("app/mapping", app::mapping::MappingPage::samples()));
    all.extend(rendered("app/scope", app::scope::ScopePage::samples()));
    all.extend(rendered("app/deprovisioning", app::deprovisioning::DeprovisioningPage::samples()));
    all.extend(rendered("app/domains", app::domains::DomainsPage::samples()));
    all.extend(rendered("app/settings", app::settings::SettingsPage::samples()));
    all.extend(rendered("app/plan", app::plan::PlanPage::samples()));
    all.extend(rendered("app/confirm", app::confirm::ConfirmPage::samples()));
    all.extend(rendered("app/job", app::job::JobPage::samples()));
    all.extend(rendered("app/holds", app::holds::HoldsPage::samples()));
    all.extend(rendered("app/hold", app::hold::HoldPage::samples()));
    all.extend(rendered("app/runs", app::runs::RunsPage::samples()));
    all.extend(rendered("app/undo", app::undo::UndoPage::samples()));
    all.extend(rendered("app/log", app::log::LogPage::samples()));
    all.extend(rendered("app/failures", app::failures::FailuresPage::samples()));
    all.extend(rendered("app/drift", app::drift::DriftPage::samples()));
    all.extend(rendered("app/due", app::due::DuePage::samples()));
    all.extend(rendered("app/on_demand", app::on_demand::OnDemandPage::samples()));
    all.extend(rendered("app/groups", app::groups::GroupsPage::samples()));
    all
}

fn directory_pages() -> Vec<Rendered> {
    let mut all = rendered("directory/directories", directory::directories::DirectoriesPage::samples());
    all.extend(rendered("directory/users", directory::users::UsersPage::samples()));
    all.extend(rendered("directory/user", directory::user::UserPage::samples()));
    all.extend(rendered("directory/user_form", directory::user_form::UserFormPage::samples()));
    all.extend(rendered("directory/confirm", directory::confirm::ConfirmPage::samples()));
    all.extend(rendered("directory/groups", directory::groups::GroupsPage::samples()));
    all.extend(rendered("directory/group", directory::group::GroupPage::samples()));
    all.extend(rendered("directory/group_form", directory::group_form::GroupFormPage::samples()));
    all.extend(rendered("directory/units", directory::units::UnitsPage::samples()));
    all.extend(rendered("directory/unit_form", directory::unit_form::UnitFormPage::samples()));
    all.extend(rendered("directory/domains", directory::domains::DomainsPage::samples()));
    all.extend(rendered("directory/schemas", directory::schemas::SchemasPage::samples()));
    all.extend(rendered("directory/schema_form", directory::schema_form::SchemaFormPage::samples()));
    all.extend(rendered("directory/import", directory::import::ImportPage::samples()));
    all.extend(rendered("directory/imported", directory::imported::ImportedPage::samples()));
    all.extend(rendered("directory/google", directory::google::GooglePage::samples()));
    all.extend(rendered("directory/check", directory::check::CheckPage::samples()));
    all
}

/// What is put into a page while somebody types.
pub(super) fn parts() -> Vec<Rendered> {
    let mut parts = rendered("app/mapped", app::mapping::MappedPart::samples());
    parts.extend(rendered("app/found", app::scope::FoundPart::samples()));
    parts.extend(rendered("app/people", app::on_demand::PeoplePart::samples()));
    parts
}
