//! *Domains*: the primary one, the others, and the names that stand for them.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::Value as Json;
use usher_store::directory::{self, DomainRecord};

use super::{Bar, Edited, Tab, edit, editable, frame, read, with_query};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::DirectoryEdit;
use crate::posted::Posted;
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "directory/domains.html")]
pub(crate) struct DomainsPage {
    frame: Frame,
    bar: Bar,
    domains: Vec<Line>,
    typed: String,
    wrong: Option<String>,
}

struct Line {
    name: String,
    is_primary: bool,
    aliases: Vec<String>,
    remove: String,
}

/// A domain to be added.
#[derive(Deserialize)]
pub(crate) struct Added {
    domain: String,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, String::new(), None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    typed: String,
    wrong: Option<String>,
) -> Result<DomainsPage, Failure> {
    let (mut tx, found, bar) = read(console.store(), signed, id, Tab::Domains).await?;
    let mut records = directory::domain_records(&mut tx, &found.id).await?;
    records.sort_by_key(|record| !record.domain.is_primary);
    let domains = records.into_iter().map(|record| Line::new(&bar, record)).collect();
    Ok(DomainsPage { frame: frame(signed, Tab::Domains, "Domains"), bar, domains, typed, wrong })
}

impl Line {
    fn new(bar: &Bar, record: DomainRecord) -> Self {
        let aliases = record.resource.get("domainAliases").and_then(Json::as_array).into_iter().flatten();
        let name = |alias: &Json| alias.get("domainAliasName").and_then(Json::as_str).map(str::to_owned);
        Self {
            aliases: aliases.filter_map(name).collect(),
            remove: with_query(&bar.at("domain/remove"), &[("of", &record.domain.name)]),
            is_primary: record.domain.is_primary,
            name: record.domain.name,
        }
    }
}

/// Adds one.
pub(crate) async fn add(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Added { domain }): Posted<Added>,
) -> Result<Response, Failure> {
    let (tx, _, bar) = read(console.store(), &signed, &id, Tab::Domains).await?;
    drop(tx);
    editable(&bar)?;
    match edit(&console, &signed, &DirectoryEdit::AddDomain(domain.clone())).await? {
        Edited::Done(_) => Ok(Redirect::to(&bar.at("domains")).into_response()),
        Edited::Refused(why) => Ok(html(&page(&console, &signed, &id, domain, Some(why)).await?)),
    }
}

#[cfg(test)]
impl DomainsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let line = |kind: Sample, n: usize| Line {
            name: kind.domain(&format!("{n}.example.com")),
            is_primary: n == 0,
            aliases: vec![kind.domain("example.org"); n.min(3)],
            remove: "/directories/019d/domain/remove?of=x".into(),
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Directories, "Domains"),
            bar: Bar::sample(kind, Tab::Domains),
            domains: (0..kind.rows(500)).map(|n| line(kind, n)).collect(),
            typed: if kind == Sample::Wrong { "example com".into() } else { String::new() },
            wrong: kind.wrong("That is no name of a domain."),
        };
        let mut samples = Sample::all_but(&[Sample::Held], page);
        samples.push((
            Sample::Other,
            Self { bar: Bar::mirror(Sample::Other, Tab::Domains), ..page(Sample::Other) },
        ));
        samples
    }
}
