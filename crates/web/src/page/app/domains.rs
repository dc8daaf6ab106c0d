//! Provisioned domains: the primary one always, others where an admin says so.

use std::collections::BTreeSet;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use usher_store::app::App;
use usher_store::directory::{self, Domain};

use super::change::{Committed, STALE, commit};
use super::done::Done;
use super::plan::begin;
use super::{Bar, Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::Edit;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "app/domains.html")]
pub(crate) struct DomainsPage {
    frame: Frame,
    bar: Bar,
    version: i64,
    /// None: the directory has none.
    primary: Option<String>,
    others: Vec<DomainChoice>,
    wrong: Option<String>,
}

struct DomainChoice {
    name: String,
    is_chosen: bool,
    /// It was chosen, and is none of the directory's any more.
    is_unknown: bool,
}

/// Shows what is set, to be edited.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (app, known) = known(&console, &id).await?;
    let chosen = app.settings.clone().unwrap_or_default().domains;
    Ok(html(&page(&signed, &app, &known, &chosen, None)))
}

async fn known(console: &Console, id: &str) -> Result<(App, Vec<Domain>), Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let known = directory::domains(&mut tx, &app.directory).await?;
    Ok((app, known))
}

fn page(
    signed: &Signed,
    app: &App,
    known: &[Domain],
    chosen: &BTreeSet<String>,
    wrong: Option<String>,
) -> DomainsPage {
    DomainsPage {
        frame: frame(signed, "Provisioned domains"),
        bar: Bar::new(app, Tab::Other),
        version: app.config_version,
        primary: known.iter().find(|domain| domain.is_primary).map(|domain| domain.name.clone()),
        others: choices(known, chosen),
        wrong,
    }
}

/// The domains besides the primary one, by name, those among them that are chosen and not known any more.
fn choices(known: &[Domain], chosen: &BTreeSet<String>) -> Vec<DomainChoice> {
    let others = known.iter().filter(|domain| !domain.is_primary).map(|domain| domain.name.clone());
    let others: BTreeSet<String> = others.collect();
    let choice = |name: &String| DomainChoice {
        name: name.clone(),
        is_chosen: chosen.contains(name),
        is_unknown: !others.contains(name),
    };
    others.union(chosen).map(choice).collect()
}

/// Takes an edit, or shows what it would cause.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let chosen: BTreeSet<String> = fields.all("domain").map(str::to_lowercase).collect();
    let edit = Edit::Domains(chosen.clone());
    if fields.get("do") == "preview" {
        return begin(&console, &id, Some(edit)).await;
    }
    let (app, _) = known(&console, &id).await?;
    let wrong = match commit(&console, &signed, &app.id, Some(fields.version()?), &edit).await? {
        Committed::Done => {
            return Ok(Done::Saved.at(&format!("/apps/{id}/auto-provisioning")));
        }
        Committed::Stale => {
            let (app, known) = known(&console, &id).await?;
            let set = app.settings.clone().unwrap_or_default().domains;
            return Ok(html(&page(&signed, &app, &known, &set, Some(STALE.to_owned()))));
        }
        Committed::Refused(why) => why,
    };
    let (app, known) = known(&console, &id).await?;
    Ok(html(&page(&signed, &app, &known, &chosen, Some(wrong))))
}

#[cfg(test)]
impl DomainsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let domain = |kind: Sample, n: usize| DomainChoice {
            name: kind.domain(&format!("{n}.example.org")),
            is_chosen: n.is_multiple_of(2),
            is_unknown: n.is_multiple_of(4),
        };
        Sample::all(|kind| Self {
            frame: Frame::sample(kind, Place::Apps, "Provisioned domains"),
            bar: Bar::sample(kind, Tab::Other),
            version: 7,
            primary: (kind != Sample::Empty).then(|| kind.domain("example.com")),
            others: (0..kind.rows(500)).map(|n| domain(kind, n)).collect(),
            wrong: kind.wrong(STALE),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_domain_but_the_primary_one_can_be_chosen_and_one_that_is_gone_can_be_taken_out() {
        let domain = |name: &str, is_primary| Domain { name: name.to_owned(), is_primary };
        let known = [domain("example.com", true), domain("example.org", false), domain("example.net", false)];
        let chosen = ["example.org", "gone.example"].map(str::to_owned).into();
        let shown: Vec<_> = choices(&known, &chosen)
            .into_iter()
            .map(|choice| (choice.name, choice.is_chosen, choice.is_unknown))
            .collect();
        let line = |name: &str, is_chosen, is_unknown| (name.to_owned(), is_chosen, is_unknown);
        assert_eq!(
            shown,
            [
                line("example.net", false, false),
                line("example.org", true, false),
                line("gone.example", true, true)
            ]
        );
    }
}
