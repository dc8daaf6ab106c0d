//! Every sample of every page, rendered and read as a browser would.

use askama::Template;
use scraper::{Html, Selector};

use super::{account, admins, app, apps, audit_log, directory, home, join, set_up, sign_in};
use crate::failure::FailurePage;

/// A name that is longer than anybody would think it could be.
pub(crate) const LONG: &str = "a-name-that-is-longer-than-anybody-would-think-it-could-be-in-a-console@a-domain-that-is-no-shorter.example.com";
/// A name that is read from right to left.
pub(crate) const RTL: &str = "علياء حسن";

fn rendered<T: Template>(name: &'static str, samples: Vec<T>) -> Vec<(&'static str, String)> {
    assert!(!samples.is_empty(), "{name} has no sample");
    samples.into_iter().map(|page| (name, page.render().unwrap())).collect()
}

fn all() -> Vec<(&'static str, String)> {
    let mut all = rendered("home", home::HomePage::samples());
    all.extend(rendered("apps", apps::AppsPage::samples()));
    all.extend(rendered("app/add", app::add::AddPage::samples()));
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
    all.extend(directory_pages());
    all.extend(rendered("admins", admins::AdminsPage::samples()));
    all.extend(rendered("audit_log", audit_log::AuditLogPage::samples()));
    all.extend(rendered("account", account::AccountPage::samples()));
    all.extend(rendered("join", join::JoinPage::samples()));
    all.extend(rendered("no_invitation", vec![join::NoInvitationPage]));
    all.extend(rendered("set_up", set_up::SetUpPage::samples()));
    all.extend(rendered("no_link", set_up::NoLinkPage::samples()));
    all.extend(rendered("sign_in", sign_in::SignInPage::samples()));
    all.extend(rendered("failure", FailurePage::samples()));
    all
}

fn directory_pages() -> Vec<(&'static str, String)> {
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

/// What is a part of a page, put into one.
fn parts() -> Vec<(&'static str, String)> {
    let mut parts = rendered("app/mapped", app::mapping::MappedPart::samples());
    parts.extend(rendered("app/found", app::scope::FoundPart::samples()));
    parts
}

fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

#[test]
fn every_sample_is_a_page_with_one_heading_of_its_own() {
    for (name, text) in all() {
        let page = Html::parse_document(&text);
        assert!(page.errors.is_empty(), "{name}: {:?}", page.errors);
        for one in ["h1", "main", "head > title", "html[lang]"] {
            assert_eq!(page.select(&select(one)).count(), 1, "{name}: {one}");
        }
    }
}

#[test]
fn ids_are_unique_and_every_field_has_a_label() {
    for (name, text) in all() {
        let page = Html::parse_document(&text);
        let mut ids: Vec<&str> =
            page.select(&select("[id]")).filter_map(|element| element.attr("id")).collect();
        let n_ids = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n_ids, "{name}");
        let labelled: Vec<&str> =
            page.select(&select("label")).filter_map(|label| label.attr("for")).collect();
        for field in page.select(&select("input:not([type=hidden]), select, textarea")) {
            let id = field.attr("id").unwrap_or_default();
            assert!(labelled.contains(&id), "{name}: nothing says what {:?} is", field.html());
        }
    }
}

#[test]
fn parts_of_pages_are_well_formed_and_have_no_heading_of_a_page() {
    for (name, text) in parts() {
        let part = Html::parse_fragment(&text);
        assert_eq!(part.select(&select("h1, main, script, style")).count(), 0, "{name}");
        let roots = part.root_element().children().filter(|child| child.value().is_element()).count();
        assert_eq!(roots, 1, "{name}: {text}");
    }
}

#[test]
fn every_table_says_what_it_is_and_every_column_has_a_heading() {
    for (name, text) in all() {
        let page = Html::parse_document(&text);
        for table in page.select(&select("table")) {
            let region = table.parent().and_then(scraper::ElementRef::wrap);
            let is_named = region.is_some_and(|region| region.attr("aria-label").is_some());
            assert!(
                table.select(&select("caption")).next().is_some() || is_named,
                "{name}: {}",
                table.html()
            );
            // Of this table, and not of one in a cell of it.
            let part = |of: scraper::ElementRef<'_>, name: &str| {
                let mut parts = of.children().filter_map(scraper::ElementRef::wrap);
                let found = parts.find(|part| part.value().name() == name)?;
                let row = found.children().find_map(scraper::ElementRef::wrap)?;
                Some(row.children().filter(|cell| cell.value().is_element()).count())
            };
            let (Some(columns), Some(cells)) = (part(table, "thead"), part(table, "tbody")) else { continue };
            assert_eq!(columns, cells, "{name}: {}", table.html());
        }
    }
}

#[test]
fn no_two_regions_of_a_page_have_the_same_name() {
    for (of, text) in all() {
        let page = Html::parse_document(&text);
        let named = |region: scraper::ElementRef<'_>| {
            let by = region.attr("aria-labelledby").map(|id| select(&format!("[id='{id}']")));
            let heading =
                by.and_then(|by| page.select(&by).next().map(|heading| heading.text().collect::<String>()));
            heading.or_else(|| region.attr("aria-label").map(str::to_owned))
        };
        let mut regions: Vec<String> = page
            .select(&select("section[aria-labelledby], section[aria-label], [role=region]"))
            .filter_map(named)
            .map(|region| region.trim().to_owned())
            .collect();
        let n_regions = regions.len();
        regions.sort_unstable();
        regions.dedup();
        // An app's name may be that of another in a sample; of one page, no two regions are.
        assert!(regions.len() == n_regions || of == "home", "{of}: {regions:?}");
    }
}

#[test]
fn no_page_has_a_script_or_a_style_in_it_nor_asks_another_host() {
    for (name, text) in all() {
        let page = Html::parse_document(&text);
        assert_eq!(page.select(&select("style, script:not([src]), [style]")).count(), 0, "{name}");
        for element in page.select(&select("*")) {
            let inline = element.value().attrs().find(|(attribute, _)| attribute.starts_with("on"));
            assert_eq!(inline, None, "{name}");
        }
        for element in page.select(&select("[href], [src], [action]")) {
            let address = ["href", "src", "action"].iter().find_map(|it| element.attr(it)).unwrap();
            assert!(address.starts_with('/') || address.starts_with('#'), "{name}: {address}");
        }
    }
}

#[test]
fn every_form_that_changes_something_behind_a_session_carries_its_token() {
    for (name, text) in all() {
        let page = Html::parse_document(&text);
        for form in page.select(&select("form[method=post]")) {
            let is_open = ["/sign-in", "/set-up", "/join"].contains(&form.attr("action").unwrap());
            let has_token = form.select(&select("input[name=token]")).next().is_some();
            assert!(is_open || has_token, "{name}: {}", form.html());
        }
    }
}
