//! An import under way: how far it is, what it would change, and what it changed.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;

use super::{Tab, frame, segment};
use crate::awaited::Awaited;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, number_of, sentence};
use crate::hands::{Advance, Finished, Imported, ImportedKind, UploadId};
use crate::page::app::note_asked;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "directory/imported.html")]
pub(crate) struct ImportedPage {
    frame: Frame,
    here: String,
    file: String,
    replace: bool,
    under_way: Option<Under>,
    failed: Option<String>,
    shown: Option<Shown>,
}

struct Under {
    step: String,
    percent: Option<u64>,
}

struct Shown {
    is_preview: bool,
    is_changing: bool,
    /// What would go, and what that means; none: nothing does.
    going: Option<String>,
    kinds: Vec<(&'static str, [String; 5])>,
    warnings: Vec<String>,
    more: Option<String>,
    can_import: bool,
}

/// Whether whoever is missing goes.
#[derive(Deserialize)]
pub(crate) struct How {
    #[serde(default)]
    replace: bool,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((upload, job)): Path<(String, String)>,
    Query(How { replace }): Query<How>,
) -> Result<Response, Failure> {
    let here = format!("/directories/imports/{}/{}", segment(&upload), segment(&job));
    let kept = console.hands().upload(&UploadId(upload));
    let mut page = ImportedPage {
        frame: frame(&signed, Tab::Import, "Import"),
        here,
        file: kept.as_ref().map_or_else(|| "the file".to_owned(), |kept| kept.name.clone()),
        replace,
        under_way: None,
        failed: None,
        shown: None,
    };
    let lost = "Nobody knows of this import any more: look at the audit log whether it was made.";
    let imported = |finished| if let Finished::Imported(imported) = finished { Some(imported) } else { None };
    match Awaited::read(&console, job, lost, imported)? {
        Awaited::UnderWay(advance) => page.under_way = Some(Under::new(&advance)),
        Awaited::Failed(why) => page.failed = Some(why),
        Awaited::Finished(imported) => page.shown = Some(shown(imported, kept.is_some())),
    }
    Ok(html(&page))
}

impl Under {
    fn new(advance: &Advance) -> Self {
        let percent = advance.n_total.filter(|total| *total > 0).map(|total| advance.n_done * 100 / total);
        Self { step: sentence(&advance.step), percent }
    }
}

fn shown(imported: Imported, is_kept: bool) -> Shown {
    let Imported { is_preview, kinds, warnings, n_warnings } = imported;
    let sum = |of: fn(&ImportedKind) -> u64| kinds.iter().map(of).sum::<u64>();
    let n_changed = sum(|kind| kind.added + kind.updated + kind.deleted + kind.restored);
    let n_deleted = sum(|kind| kind.deleted);
    let untold = n_warnings.saturating_sub(warnings.len() as u64);
    Shown {
        is_preview,
        is_changing: n_changed > 0,
        going: (n_deleted > 0).then(|| going(&kinds)),
        kinds: kinds
            .iter()
            .map(|kind| {
                let counts = [kind.added, kind.updated, kind.deleted, kind.restored, kind.unchanged];
                (kind.name, counts.map(grouped))
            })
            .collect(),
        warnings: warnings.iter().map(|warning| sentence(warning)).collect(),
        more: (untold > 0).then(|| number_of(untold, "more warning", "more warnings")),
        can_import: is_preview && is_kept && n_changed > 0,
    }
}

/// What would go, in a sentence.
fn going(kinds: &[ImportedKind]) -> String {
    let gone = kinds.iter().filter(|kind| kind.deleted > 0);
    let words = |kind: &ImportedKind| number_of(kind.deleted, kind.name.trim_end_matches('s'), kind.name);
    let all: Vec<String> = gone.clone().map(words).collect();
    let timers = gone.clone().find(|kind| kind.name == "users").map(|kind| {
        if kind.deleted == 1 {
            "; their timer starts at the apps"
        } else {
            "; their timers start at the apps"
        }
    });
    format!("{} would be deleted here{}.", all.join(", "), timers.unwrap_or_default())
}

/// Imports what was looked through.
pub(crate) async fn import(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((upload, _)): Path<(String, String)>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    let upload = UploadId(upload);
    let Some(kept) = console.hands().upload(&upload) else {
        let why = "the file is not kept any more: send it once more";
        return Err(Failure::Unreadable(why.to_owned()));
    };
    let replace = fields.get("replace") == "true";
    let after = json!({"bytes": kept.n_bytes, "replace": replace});
    note_asked(&console, &signed, "directory_import", &kept.name, Some(after)).await?;
    super::import::begin(&console, upload, replace, false).await
}

/// Forgets the file.
pub(crate) async fn discard(
    State(console): State<Console>,
    Path((upload, _)): Path<(String, String)>,
    Posted(_): Posted<Fields>,
) -> Response {
    console.hands().forget(&UploadId(upload));
    Redirect::to("/directories/import").into_response()
}

#[cfg(test)]
impl ImportedPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let imported = |kind: Sample, is_preview| {
            let n = kind.count();
            let who = |n| kind.name(n, "ada@example.com");
            let of = |name| ImportedKind {
                name,
                added: n,
                updated: n,
                deleted: if kind == Sample::One { 0 } else { n },
                restored: n,
                unchanged: n,
            };
            Imported {
                is_preview,
                kinds: ["users", "groups", "members"].map(of).into(),
                warnings: (0..kind.rows(50))
                    .map(|n| format!("line {n}: {} has no family name", who(n)))
                    .collect(),
                n_warnings: n,
            }
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Directories, "Import"),
            here: "/directories/imports/1/2".into(),
            file: format!("{}.json", kind.name(0, "people")),
            replace: kind == Sample::Held,
            under_way: None,
            failed: kind.wrong("Line 3: `x` is no e-mail address."),
            shown: (kind != Sample::Wrong).then(|| shown(imported(kind, true), true)),
        };
        let under_way = |advance: &Advance| Self {
            under_way: Some(Under::new(advance)),
            shown: None,
            ..page(Sample::Other)
        };
        let reading = Advance { step: "reading: 5 entries".into(), n_done: 5, n_total: Some(10) };
        let done = |kind| Self { shown: Some(shown(imported(kind, false), false)), ..page(kind) };
        let mut samples = Sample::all(page);
        samples.extend(
            [
                under_way(&reading),
                under_way(&Advance::default()),
                Self { shown: Some(shown(imported(Sample::Other, true), false)), ..page(Sample::Other) },
                done(Sample::Other),
                done(Sample::Empty),
            ]
            .map(|page| (Sample::Other, page)),
        );
        samples
    }
}
