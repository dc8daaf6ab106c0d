//! What is around every page: its title, where in the console it is, and how it was come to.

use url::form_urlencoded;

use crate::identity_center::console::visit::LINES;
use crate::identity_center::console::words::number;

/// A place of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Before an instance is chosen.
    Outside,
    Dashboard,
    Users,
    Groups,
    Settings,
    Requests,
    Faults,
}

/// A page that leads here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Crumb {
    pub(super) text: &'static str,
    pub(super) address: String,
}

/// What is around a page.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) title: String,
    pub(super) place: Place,
    /// Whose pages these are; none: nobody's yet.
    pub(super) tenant: Option<String>,
    pub(super) crumbs: Vec<Crumb>,
}

impl Frame {
    /// Of a page before an instance is chosen.
    pub(super) fn outside(title: impl Into<String>) -> Self {
        Self { title: title.into(), place: Place::Outside, tenant: None, crumbs: Vec::new() }
    }

    /// Of a page of an instance.
    pub(super) fn of(tenant: &str, place: Place, title: impl Into<String>) -> Self {
        let crumbs = vec![Crumb { text: "IAM Identity Center", address: at(tenant, "") }];
        Self { title: title.into(), place, tenant: Some(tenant.to_owned()), crumbs }
    }

    /// The same below another page of the instance.
    pub(super) fn below(mut self, text: &'static str, path: &str) -> Self {
        let address = self.at(path);
        self.crumbs.push(Crumb { text, address });
        self
    }

    /// The address of a page of this instance; nothing: its dashboard.
    pub(super) fn at(&self, path: &str) -> String {
        at(self.tenant.as_deref().unwrap_or_default(), path)
    }

    pub(super) fn is_at(&self, place: Place) -> bool {
        self.place == place
    }
}

/// The address of a page of an instance; nothing: its dashboard.
pub(super) fn at(tenant: &str, path: &str) -> String {
    let slash = if path.is_empty() { "" } else { "/" };
    format!("/console/instances/{tenant}{slash}{path}")
}

/// Where in a list a page is, and the ways to the pages beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pages {
    /// "51–100 of 250".
    pub(super) shown: String,
    pub(super) earlier: Option<String>,
    pub(super) later: Option<String>,
}

impl Pages {
    /// Page `page` of a list of `total` that is at `address`, where `text` was looked for.
    pub(super) fn of(address: &str, text: &str, page: usize, total: usize) -> Self {
        let first = (page - 1).saturating_mul(LINES);
        let last = first.saturating_add(LINES).min(total);
        let shown = if first >= total {
            format!("0 of {}", number(total))
        } else {
            format!("{}–{} of {}", number(first + 1), number(last), number(total))
        };
        let to = |page: usize| {
            let page = page.to_string();
            let mut query = form_urlencoded::Serializer::new(String::new());
            if !text.is_empty() {
                query.append_pair("q", text);
            }
            query.append_pair("page", &page);
            format!("{address}?{}", query.finish())
        };
        Self { shown, earlier: (page > 1).then(|| to(page - 1)), later: (last < total).then(|| to(page + 1)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_a_list_lead_to_each_other() {
        let pages = Pages::of("/users", "a b", 2, 120);
        assert_eq!(pages.shown, "51–100 of 120");
        assert_eq!(pages.earlier.as_deref(), Some("/users?q=a+b&page=1"));
        assert_eq!(pages.later.as_deref(), Some("/users?q=a+b&page=3"));
        let last = Pages::of("/users", "", 3, 120);
        assert_eq!((last.shown.as_str(), last.later), ("101–120 of 120", None));
        assert_eq!(Pages::of("/users", "", 1, 0).shown, "0 of 0");
        assert_eq!(Pages::of("/users", "", usize::MAX, 120).shown, "0 of 120");
    }
}
