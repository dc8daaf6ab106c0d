//! Every sample of every page, rendered and read as a browser would.

use std::fmt;

use askama::Template;
use scraper::{Html, Selector};

use super::source::{choose, configure, confirm};
use super::*;
use crate::identity_center::console::sample::{Sample, Samples};

mod kinds;

/// A sample as a browser gets it.
struct Rendered {
    page: &'static str,
    kind: Sample,
    text: String,
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

fn all() -> Vec<Rendered> {
    let mut all = rendered("home", home::HomePage::samples());
    all.extend(rendered("services", services::ServicesPage::samples()));
    all.extend(rendered("search", search::SearchPage::samples()));
    all.extend(rendered("instances", instances::InstancesPage::samples()));
    all.extend(rendered("dashboard", dashboard::DashboardPage::samples()));
    all.extend(rendered("settings", settings::SettingsPage::samples()));
    all.extend(rendered("choose", choose::ChoosePage::samples()));
    all.extend(rendered("configure", configure::ConfigurePage::samples()));
    all.extend(rendered("confirm", confirm::ConfirmPage::samples()));
    all.extend(rendered("provisioning", provisioning::ProvisioningPage::samples()));
    all.extend(rendered("users", users::UsersPage::samples()));
    all.extend(rendered("user", user::UserPage::samples()));
    all.extend(rendered("groups", groups::GroupsPage::samples()));
    all.extend(rendered("group", group::GroupPage::samples()));
    all.extend(rendered("requests", requests::RequestsPage::samples()));
    all.extend(rendered("request", request::RequestPage::samples()));
    all.extend(rendered("faults", faults::FaultsPage::samples()));
    all.extend(rendered("failure", failure::FailurePage::samples()));
    all
}

fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

#[test]
fn every_sample_is_a_page_with_one_heading_that_says_whose_it_is() {
    for sample in all() {
        let page = Html::parse_document(&sample.text);
        assert!(page.errors.is_empty(), "{sample}: {:?}", page.errors);
        for one in ["h1", "main", "title", "html[lang]", "[role=note]"] {
            assert_eq!(page.select(&select(one)).count(), 1, "{sample}: {one}");
        }
        let note: String = page.select(&select("[role=note]")).flat_map(|note| note.text()).collect();
        assert!(note.contains("emulator") && note.contains("not AWS"), "{sample}: {note}");
    }
}

#[test]
fn ids_are_unique_and_what_is_named_by_one_is_there() {
    for sample in all() {
        let page = Html::parse_document(&sample.text);
        let mut ids: Vec<&str> = page.select(&select("[id]")).filter_map(|it| it.attr("id")).collect();
        let n_ids = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n_ids, "{sample}");
        for attribute in
            ["for", "aria-labelledby", "aria-describedby", "popovertarget", "data-copies", "data-reveals"]
        {
            for element in page.select(&select(&format!("[{attribute}]"))) {
                let named = element.attr(attribute).unwrap();
                assert!(ids.contains(&named), "{sample}: {attribute}={named}");
            }
        }
    }
}

#[test]
fn every_field_has_a_label_every_table_a_caption_and_every_button_a_name() {
    for sample in all() {
        let page = Html::parse_document(&sample.text);
        let labelled: Vec<&str> =
            page.select(&select("label")).filter_map(|label| label.attr("for")).collect();
        for field in page.select(&select("input:not([type=hidden]), select, textarea")) {
            let id = field.attr("id").unwrap_or_default();
            assert!(labelled.contains(&id), "{sample}: nothing says what {:?} is", field.html());
        }
        for table in page.select(&select("table")) {
            assert_eq!(table.select(&select("caption")).count(), 1, "{sample}");
        }
        for button in page.select(&select("button")) {
            let text: String = button.text().collect();
            assert!(!text.trim().is_empty() || button.attr("aria-label").is_some(), "{sample}");
        }
    }
}

#[test]
fn no_page_has_a_script_or_a_style_in_it_nor_asks_another_host() {
    for sample in all() {
        let page = Html::parse_document(&sample.text);
        assert_eq!(page.select(&select("style, script:not([src]), [style]")).count(), 0, "{sample}");
        for element in page.select(&select("*")) {
            let inline = element.value().attrs().find(|(attribute, _)| attribute.starts_with("on"));
            assert_eq!(inline, None, "{sample}");
        }
        for element in page.select(&select("[href], [src], [action]")) {
            let address = ["href", "src", "action"].iter().find_map(|it| element.attr(it)).unwrap();
            let is_ours = address.starts_with('/') && !address.starts_with("//");
            assert!(is_ours || address.starts_with('#'), "{sample}: {address}");
        }
    }
}

#[test]
fn every_address_of_a_page_is_one_that_is_answered() {
    for sample in all() {
        let page = Html::parse_document(&sample.text);
        for element in page.select(&select("a[href], form[action], link[href], script[src]")) {
            let address = ["href", "action", "src"].iter().find_map(|it| element.attr(it)).unwrap();
            let path = address.split(['?', '#']).next().unwrap();
            let method = if element.attr("method") == Some("post") { "POST" } else { "GET" };
            let mut routes = ROUTES.into_iter().flatten();
            let is_route = routes.any(|route| {
                route.method == method && crate::identity_center::pattern::ids(route.path, path).is_some()
            });
            assert!(is_route || path == "/admin" || path.is_empty(), "{sample}: {method} {address}");
        }
    }
}
