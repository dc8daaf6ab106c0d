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
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let card = |kind: Sample, n: usize| Card {
            id: format!("019d-{n}"),
            name: kind.name(n, &format!("directory-{n}")),
            is_embedded: n == 0,
            freshness: kind
                .wrong("listed 2026-11-30 08:00 UTC; it cannot be read since 2026-11-30 09:00 UTC: 403")
                .or_else(|| (n > 0).then(|| "listed 2026-11-30 09:00 UTC".to_owned())),
            domains: vec![kind.domain("example.com"); if n > 0 { DOMAINS } else { 1 }],
            more_domains: n > 0,
        };
        let page = |kind: Sample, n: usize| Self {
            frame: Frame::sample(kind, Place::Directories, "Directories"),
            directories: (0..n).map(|n| card(kind, n)).collect(),
        };
        let mut samples =
            Sample::all_but(&[Sample::Thousands, Sample::Held], |kind| page(kind, kind.rows(0)));
        samples.push((Sample::Other, page(Sample::Other, 50)));
        samples
    }
}
