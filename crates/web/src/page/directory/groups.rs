//! *Groups*: those of a directory by address, found by a piece of address or name.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use usher_store::directory;

use super::{Bar, Tab, frame, mark, read, with_query};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html};
use crate::session::Signed;

/// How many groups a page has.
const PAGE: usize = 50;
/// How far the members of each are counted.
const COUNTED: usize = 1_001;

/// The page.
#[derive(Template)]
#[template(path = "directory/groups.html")]
pub(crate) struct GroupsPage {
    frame: Frame,
    bar: Bar,
    q: String,
    groups: Vec<Line>,
    first: Option<String>,
    next: Option<String>,
}

struct Line {
    href: String,
    name: String,
    email: String,
    members: String,
}

/// What is looked for.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    after: Option<String>,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (mut tx, found, bar) = read(console.store(), &signed, &id, Tab::Groups).await?;
    let after = mark(asked.after.as_deref());
    let groups = directory::groups_sought(&mut tx, &found.id, &asked.q, after.as_ref(), PAGE).await?;
    let ids: Vec<_> = groups.page.iter().map(|group| group.id.clone()).collect();
    let counts = directory::count_members_up_to(&mut tx, &found.id, &ids, COUNTED).await?;
    let here = bar.at("groups");
    let filters = [("q", asked.q.as_str())];
    let next = groups.next.and_then(|mark| serde_json::to_string(&mark).ok());
    let lines = groups.page.iter().map(|group| Line {
        href: bar.group(group.id.as_str()),
        members: counted(counts.get(&group.id).copied().unwrap_or_default(), COUNTED),
        name: group.name.clone(),
        email: group.email.to_string(),
    });
    Ok(html(&GroupsPage {
        frame: frame(&signed, Tab::Groups, "Groups"),
        groups: lines.collect(),
        first: after.map(|_| with_query(&here, &filters)),
        next: next.map(|after| with_query(&here, &[filters[0], ("after", after.as_str())])),
        q: asked.q,
        bar,
    }))
}

/// A number that was counted so far and no further.
pub(crate) fn counted(n: u64, up_to: usize) -> String {
    if n >= up_to as u64 { format!("more than {}", grouped(up_to as u64 - 1)) } else { grouped(n) }
}

#[cfg(test)]
impl GroupsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let line = |kind: Sample, n: usize| Line {
            href: format!("/directories/019d/groups/{n}"),
            name: kind.name(n, "Cloud"),
            email: kind.address("cloud@example.com"),
            members: counted(kind.count(), COUNTED),
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Groups, "Groups"),
            bar: Bar::sample(kind, Tab::Groups),
            q: kind.name(0, ""),
            groups: (0..kind.rows(PAGE)).map(|n| line(kind, n)).collect(),
            first: kind.has_more().then(|| "/directories/019d/groups".to_owned()),
            next: kind.has_more().then(|| "/directories/019d/groups?after=x".to_owned()),
        };
        let sought = || Self { q: "x".into(), ..page(Sample::Empty) };
        let mut samples = Sample::all_but(&[Sample::Wrong, Sample::Held], page);
        samples.extend([
            (Sample::Other, sought()),
            (Sample::Other, Self { next: Some("/directories/019d/groups?after=x".into()), ..sought() }),
            (Sample::Other, Self { bar: Bar::mirror(Sample::Other, Tab::Groups), ..page(Sample::Other) }),
        ]);
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn what_was_counted_no_further_says_so() {
        assert_eq!(
            [counted(0, 1_001), counted(1_000, 1_001), counted(1_001, 1_001)],
            ["0", "1,000", "more than 1,000"]
        );
    }
}
