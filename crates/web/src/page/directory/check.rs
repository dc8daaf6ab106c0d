//! What of a Google Workspace can be read: scope by scope, call by call, and what an administrator clicks to mend the rest.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;

use super::{Tab, frame, segment};
use crate::awaited::Awaited;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, sentence};
use crate::hands::{Checked, CheckedLine, Finished};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "directory/check.html")]
pub(crate) struct CheckPage {
    frame: Frame,
    here: String,
    under_way: Option<String>,
    failed: Option<String>,
    checked: Option<Shown>,
}

struct Shown {
    name: String,
    home: Option<String>,
    who: String,
    works: bool,
    refused: Option<String>,
    sign_in: Option<String>,
    delegation: Option<String>,
    tables: Vec<(&'static str, Vec<Line>)>,
    warnings: Vec<String>,
}

struct Line {
    name: String,
    words: &'static str,
    tone: &'static str,
    why: String,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(job): Path<String>,
) -> Result<Response, Failure> {
    let mut page = CheckPage {
        frame: frame(&signed, Tab::Google, "Check of a Google Workspace"),
        here: format!("/directories/checks/{}", segment(&job)),
        under_way: None,
        failed: None,
        checked: None,
    };
    let lost = "Nobody knows of this check any more: check once more.";
    let checked = |finished| if let Finished::Checked(checked) = finished { Some(checked) } else { None };
    match Awaited::read(&console, job, lost, checked)? {
        Awaited::UnderWay(advance) => page.under_way = Some(sentence(&advance.step)),
        Awaited::Failed(why) => page.failed = Some(why),
        Awaited::Finished(checked) => page.checked = Some(shown(checked)),
    }
    Ok(html(&page))
}

fn shown(checked: Checked) -> Shown {
    let Checked {
        directory,
        name,
        account,
        admin,
        works,
        refused,
        sign_in,
        delegation,
        scopes,
        calls,
        warnings,
    } = checked;
    let lines = |lines: Vec<CheckedLine>| lines.into_iter().map(Line::new).collect::<Vec<_>>();
    Shown {
        home: directory.map(|id| format!("/directories/{id}/users")),
        who: match admin {
            Some(admin) => format!("{account} acts as {admin}."),
            None => format!("{account} acts for itself."),
        },
        refused: refused.map(|why| sentence(&why)),
        sign_in: sign_in.map(|why| sentence(&why)),
        delegation: delegation.map(|how| sentence(&how)),
        tables: vec![("Scopes", lines(scopes)), ("Calls", lines(calls))],
        warnings: warnings.iter().map(|warning| sentence(warning)).collect(),
        works,
        name,
    }
}

impl Line {
    fn new(line: CheckedLine) -> Self {
        let (words, tone) = match line.works {
            Some(true) => ("Works", "good"),
            Some(false) => ("Fails", "bad"),
            None => ("Not tried", "calm"),
        };
        Self { name: line.name, words, tone, why: line.why.unwrap_or_default() }
    }
}

#[cfg(test)]
impl CheckPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::{LONG, Sample};
        use usher_model::id::DirectoryId;

        let line = |kind: Sample, n: usize| CheckedLine {
            name: format!("admin.directory.user.readonly.{n}"),
            works: if kind == Sample::Wrong { Some(false) } else { [Some(true), None][n % 2] },
            why: (kind == Sample::Wrong).then(|| "Add the scope in Google’s Admin console.".to_owned()),
        };
        let checked = |kind: Sample| {
            let works = kind != Sample::Wrong;
            let hint =
                if kind == Sample::Long { LONG } else { "the client id is 1234, and no scope is added" };
            Checked {
                directory: works.then(|| DirectoryId::new("019d")),
                name: kind.name(0, "google"),
                account: format!("usher@{}", if kind == Sample::Long { LONG } else { "project.example" }),
                admin: (kind != Sample::Empty).then(|| "admin@example.com".to_owned()),
                works,
                refused: kind.wrong("it is not added"),
                sign_in: kind.wrong("the key file is none"),
                delegation: (kind == Sample::Wrong || kind == Sample::Long).then(|| hint.to_owned()),
                scopes: (0..kind.rows(0)).map(|n| line(kind, n)).collect(),
                calls: (0..kind.rows(0)).map(|n| line(kind, n)).collect(),
                warnings: vec![hint.to_owned(); kind.rows(0)],
            }
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Directories, "Check of a Google Workspace"),
            here: "/directories/checks/1".into(),
            under_way: None,
            failed: None,
            checked: Some(shown(checked(kind))),
        };
        let other = || Self { checked: None, ..page(Sample::Other) };
        let mut samples = Sample::all_but(&[Sample::Thousands, Sample::Held], page);
        samples.extend([
            (Sample::Other, Self { under_way: Some("Asking Google.".into()), ..other() }),
            (Sample::Wrong, Self { failed: Some("The key file is none.".into()), ..other() }),
        ]);
        samples
    }
}
