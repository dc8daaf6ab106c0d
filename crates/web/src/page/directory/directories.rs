//! *Directories*: where people come from, and how another one is set up.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use usher_store::directory::{self, DirectoryKind};

use super::freshness;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::session::Signed;

/// How many domains are shown of each.
const DOMAINS: usize = 5;

/// The page.
#[derive(Template)]
#[template(path = "directory/directories.html")]
pub(crate) struct DirectoriesPage {
    frame: Frame,
    directories: Vec<Card>,
}

struct Card {
    id: String,
    name: String,
    is_embedded: bool,
    freshness: Option<String>,
    domains: Vec<String>,
    more_domains: bool,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, Failure> {
    let mut tx = console.store().read("web::directories").await?;
    let mut directories = Vec::new();
    for found in directory::list(&mut tx).await? {
        let is_embedded = found.kind == DirectoryKind::Embedded;
        let mut domains = directory::domains(&mut tx, &found.id).await?;
        domains.sort_by_key(|domain| !domain.is_primary);
        directories.push(Card {
            freshness: if is_embedded { None } else { Some(freshness(&mut tx, &found).await?) },
            more_domains: domains.len() > DOMAINS,
            domains: domains.into_iter().take(DOMAINS).map(|domain| domain.name).collect(),
            id: found.id.to_string(),
            name: found.name,
            is_embedded,
        });
    }
    let frame = Frame::new(&signed, Place::Directories, "Directories");
    Ok(html(&DirectoriesPage { frame, directories }))
}

#[cfg(test)]
impl DirectoriesPage {
    pub(crate) fn samples() -> Vec<Self> {
        use super::super::tests::{LONG, RTL};

        let card = |n: usize| Card {
            id: format!("019d-{n}"),
            name: if n.is_multiple_of(2) { format!("{RTL} {n}") } else { format!("{LONG} {n}") },
            is_embedded: n == 0,
            freshness: (n > 0).then(|| format!("listed; it cannot be read: {LONG}")),
            domains: vec![LONG.into(); n.min(DOMAINS)],
            more_domains: n > DOMAINS,
        };
        let page = |n: usize| Self {
            frame: Frame::sample(Place::Directories, "Directories"),
            directories: (0..n).map(card).collect(),
        };
        vec![page(0), page(1), page(50)]
    }
}
