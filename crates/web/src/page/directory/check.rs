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
    pub(crate) fn samples() -> Vec<Self> {
        use super::super::tests::{LONG, RTL};
        use usher_model::id::DirectoryId;

        let page = || Self {
            frame: Frame::sample(Place::Directories, "Check of a Google Workspace"),
            here: "/directories/checks/1".into(),
            under_way: None,
            failed: None,
            checked: None,
        };
        let line = |n: usize| CheckedLine {
            name: format!("admin.directory.user.readonly.{n}"),
            works: [Some(true), Some(false), None].get(n % 3).copied().flatten(),
            why: (!n.is_multiple_of(3)).then(|| LONG.to_owned()),
        };
        let checked = |n: usize, works: bool, refused: Option<&str>| Checked {
            directory: refused.is_none().then(|| DirectoryId::new("019d")),
            name: RTL.into(),
            account: LONG.into(),
            admin: works.then(|| LONG.into()),
            works,
            refused: refused.map(str::to_owned),
            sign_in: refused.map(str::to_owned),
            delegation: (!works).then(|| LONG.into()),
            scopes: (0..n).map(line).collect(),
            calls: (0..n).map(line).collect(),
            warnings: if works { Vec::new() } else { vec![LONG.into()] },
        };
        vec![
            Self { under_way: Some("Asking Google.".into()), ..page() },
            Self { failed: Some("The key file is none.".into()), ..page() },
            Self { checked: Some(shown(checked(8, true, None))), ..page() },
            Self { checked: Some(shown(checked(30, false, None))), ..page() },
            Self { checked: Some(shown(checked(0, false, Some("it is not added")))), ..page() },
        ]
    }
}
