//! *Holds*: what guards stopped, and wait for a person with.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::Response;
use usher_model::guard::{Class, Tripped};
use usher_store::hold::{self, Hold};

use super::{Bar, Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, instant, number_of, sentence};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "app/holds.html")]
pub(crate) struct HoldsPage {
    frame: Frame,
    bar: Bar,
    holds: Vec<Line>,
}

struct Line {
    id: String,
    title: &'static str,
    why: String,
    n: String,
    since: String,
}

/// Shows them.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let holds = hold::open(&mut tx, &app.id).await?;
    let holds = holds.iter().map(line).collect();
    Ok(html(&HoldsPage { frame: frame(&signed, "Holds"), bar: Bar::new(&app, Tab::Holds), holds }))
}

fn line(hold: &Hold) -> Line {
    Line {
        title: title(&hold.tripped),
        why: sentence(&hold.tripped.to_string()),
        n: number_of(hold.n_operations, "operation", "operations"),
        since: instant(hold.opened_at),
        id: hold.id.to_string(),
    }
}

/// What tripped, in a few words.
pub(super) fn title(tripped: &Tripped) -> &'static str {
    match tripped {
        Tripped::TooMany { class: Class::Removals, .. } => "Many removals",
        Tripped::TooMany { class: Class::Recreations, .. } => "Many recreations",
        Tripped::TooMany { class: Class::Renames, .. } => "Many renames",
        Tripped::TooMany { class: Class::Clearings, .. } => "Many attributes cleared",
        Tripped::TooManyMembers { .. } => "Many members leave a group",
        Tripped::TooManyMemberships { .. } => "Many memberships end",
        Tripped::TooManyGroups { .. } => "Many groups deleted",
        Tripped::DirectoryShrank(_) => "The directory shrank",
        Tripped::GroupEmptied { .. } => "A group was emptied",
        Tripped::Discarded => "Discarded before",
    }
}

#[cfg(test)]
impl HoldsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let hold = |kind: Sample, n: usize| Line {
            id: n.to_string(),
            title: "A group was emptied",
            why: format!(
                "The group {} had 12 members and has none now; nobody is removed for that without somebody’s word.",
                if kind == Sample::Long { kind.address("") } else { "aws@example.com".to_owned() }
            ),
            n: number_of(kind.count(), "operation", "operations"),
            since: "2026-11-30 02:50 UTC".into(),
        };
        Sample::all_but(&[Sample::Wrong], |kind| Self {
            frame: Frame::sample(kind, Place::Apps, "Holds"),
            bar: Bar::sample(kind, Tab::Holds),
            holds: (0..kind.rows(100)).map(|n| hold(kind, n)).collect(),
        })
    }
}
