//! One hold: what tripped, who is concerned, *Release* and *Discard*.

use std::collections::BTreeSet;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::json;
use usher_model::guard::Tripped;
use usher_model::hold::HoldState;
use usher_model::id::{Email, HoldId, UserId};
use usher_model::operation::Kind;
use usher_model::reason::Reason;
use usher_store::app;
use usher_store::hold::{self, HeldOperation, Hold};

use super::confirm::ConfirmPage;
use super::holds::title;
use super::overview::Nothing;
use super::plan::{Row, kind_words};
use super::{Bar, Tab, by, find, frame, note_asked, read, runs};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, instant, number_of, sentence};
use crate::hands::Job;
use crate::notebook::{Deed, note};
use crate::posted::Posted;
use crate::session::Signed;

/// How many people a page has.
const SHOWN: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "app/hold.html")]
pub(crate) struct HoldPage {
    frame: Frame,
    bar: Bar,
    id: String,
    state: &'static str,
    why: String,
    n: String,
    since: String,
    decided: Option<String>,
    is_open: bool,
    is_of_groups: bool,
    people: Vec<Row>,
    is_later_page: bool,
    more: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Asked {
    user: Option<String>,
    kind: Option<String>,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, hold)): Path<(String, String)>,
    Query(Asked { user, kind }): Query<Asked>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let found = hold::by_id(&mut tx, &HoldId::new(hold)).await?;
    let found = found.filter(|hold| hold.app == app.id).ok_or(Failure::NotFound)?;
    let after = user.zip(kind.as_deref().and_then(Kind::from_name)).map(|(user, kind)| HeldOperation {
        user: UserId::new(user),
        email: Email::parse("a@b").expect("invariant: it is an address"),
        kind,
        reason: Reason::Unlisted,
    });
    let is_later_page = after.is_some();
    let mut people = hold::operations(&mut tx, &found.id, after.as_ref(), SHOWN + 1).await?;
    let bar = Bar::new(&app, Tab::Holds);
    let more = (people.len() > SHOWN).then(|| {
        people.truncate(SHOWN);
        let last = people.last().map(|last| [("user", last.user.as_str()), ("kind", last.kind.as_str())]);
        let query = serde_urlencoded::to_string(last.unwrap_or_default()).unwrap_or_default();
        format!("{}?{query}", bar.at(&format!("holds/{}", found.id)))
    });
    let people = people.iter().map(person).collect();
    Ok(html(&HoldPage { is_later_page, more, ..page(&signed, bar, &found, people) }))
}

fn person(held: &HeldOperation) -> Row {
    let (what, tone) = kind_words(held.kind);
    let (who, why) = (held.email.to_string(), held.reason.to_string());
    let user = held.user.to_string();
    Row { user, who, what, tone, why, state: None, written: Vec::new() }
}

fn page(signed: &Signed, bar: Bar, hold: &Hold, people: Vec<Row>) -> HoldPage {
    let decided = hold.decided_by.as_ref().zip(hold.decided_at);
    HoldPage {
        frame: frame(signed, title(&hold.tripped)),
        bar,
        id: hold.id.to_string(),
        state: match hold.state {
            HoldState::Open => "Waits for your decision",
            HoldState::Released => "Released",
            HoldState::Discarded => "Discarded",
            HoldState::Closed => "Closed: its cause went away",
        },
        why: sentence(&hold.tripped.to_string()),
        n: number_of(hold.n_operations, "operation", "operations"),
        since: instant(hold.opened_at),
        decided: decided.map(|(who, at)| format!("Decided by {who} at {}", instant(at))),
        is_open: hold.state == HoldState::Open,
        is_of_groups: hold.tripped.is_of_groups(),
        people,
        is_later_page: false,
        more: None,
    }
}

/// Asks whether to let it through.
pub(crate) async fn ask_release(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, hold)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let found = hold::by_id(&mut tx, &HoldId::new(hold)).await?;
    let found = found.filter(|hold| hold.app == app.id).ok_or(Failure::NotFound)?;
    let bar = Bar::new(&app, Tab::Holds);
    let here = bar.at(&format!("holds/{}", found.id));
    if found.state != HoldState::Open {
        return Ok(Redirect::to(&here).into_response());
    }
    let first = hold::operations(&mut tx, &found.id, None, SHOWN).await?;
    let kinds: BTreeSet<Kind> = first.iter().map(|held| held.kind).collect();
    Ok(html(&ConfirmPage {
        frame: frame(&signed, question(&found, &kinds)),
        action: format!("{here}/release"),
        cancel: here,
        button: "Release",
        is_bad: true,
        text: vec![sentence(&found.tripped.to_string()), released(found.tripped.is_of_groups()).to_owned()],
        consequences: Vec::new(),
        hidden: Vec::new(),
        bar,
        wrong: None,
    }))
}

/// What releasing a hold comes to, as a question.
fn question(hold: &Hold, kinds: &BTreeSet<Kind>) -> String {
    let n = hold.n_operations;
    let of = |one, many| number_of(n, one, many);
    match &hold.tripped {
        Tripped::TooManyMembers { .. } => {
            format!("Take {} out of the group?", of("member", "members"))
        }
        Tripped::TooManyMemberships { .. } => format!("End {}?", of("membership", "memberships")),
        Tripped::TooManyGroups { .. } => format!("Delete {}?", of("group", "groups")),
        Tripped::TooMany { .. }
        | Tripped::DirectoryShrank(_)
        | Tripped::GroupEmptied { .. }
        | Tripped::Discarded => match kinds.first() {
            Some(kind) if kinds.len() == 1 => {
                format!("{} {}?", kind_words(*kind).0, of("person", "people"))
            }
            _ => format!("Carry out {}?", of("operation", "operations")),
        },
    }
}

/// What releasing means.
fn released(is_of_groups: bool) -> &'static str {
    if is_of_groups {
        "These groups are checked once more, and whatever must still go is done now."
    } else {
        "These people are checked once more, and whoever must still go is done now."
    }
}

/// Lets it through: a run does what of it is still wanted.
pub(crate) async fn release(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, hold)): Path<(String, String)>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let found = hold::by_id(&mut tx, &HoldId::new(hold)).await?;
    let found = found.filter(|hold| hold.app == app.id).ok_or(Failure::NotFound)?;
    drop(tx);
    if found.state != HoldState::Open {
        return Ok(Redirect::to(&format!("/apps/{id}/holds/{}", found.id)).into_response());
    }
    let after = json!({"hold": found.id, "why": found.tripped.to_string(), "operations": found.n_operations});
    note_asked(&console, &signed, "hold_release", &app.name, Some(after)).await?;
    let job = Job::Release { app: app.id, holds: vec![found.id], by: signed.email.to_string() };
    runs::begin(&console, &id, job).await
}

/// Refuses it: nothing is done, and the same wish is held again.
pub(crate) async fn discard(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path((id, hold)): Path<(String, String)>,
    Posted(Nothing {}): Posted<Nothing>,
) -> Result<Response, Failure> {
    let mut tx = console.store().begin("web::discard").await?;
    let app = find(&mut tx, &id).await?;
    let found = hold::by_id(&mut tx, &HoldId::new(hold)).await?;
    let found = found.filter(|hold| hold.app == app.id).ok_or(Failure::NotFound)?;
    let holds = [found.id.clone()];
    let now = console.now();
    let n = hold::decide(&mut tx, &app.id, &holds, HoldState::Discarded, signed.email.as_str(), now).await?;
    if n > 0 {
        let after =
            json!({"hold": found.id, "why": found.tripped.to_string(), "operations": found.n_operations});
        let deed = Deed { kind: "hold_discard", subject: &app.name, before: None, after: Some(after) };
        note(&mut tx, &console, by(&signed), deed).await?;
        app::wake(&mut tx, &app.id, now).await?;
    }
    tx.commit().await?;
    Ok(Redirect::to(&format!("/apps/{id}/holds/{}", found.id)).into_response())
}

#[cfg(test)]
impl HoldPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let row = |kind: Sample, n: usize| Row {
            user: n.to_string(),
            who: kind.name(n, "ada@example.com"),
            what: "Suspend",
            tone: "warn",
            why: "suspended since 2026-11-30 00:00 UTC, due 2026-12-01 00:00 UTC".into(),
            state: None,
            written: Vec::new(),
        };
        let page = |kind: Sample| {
            let is_open = kind != Sample::Empty;
            Self {
                frame: Frame::sample(kind, Place::Apps, "Many removals"),
                bar: Bar::sample(kind, Tab::Holds),
                id: "h".into(),
                state: if is_open { "Waits for your decision" } else { "Discarded" },
                why: "11 accounts would be suspended or deleted, none was in the last 24 hours.".into(),
                n: number_of(kind.count(), "operation", "operations"),
                since: "2026-11-30 02:50 UTC".into(),
                decided: (!is_open).then(|| "Decided by ada@example.com at 2026-11-30 02:50 UTC".to_owned()),
                is_open,
                is_of_groups: false,
                people: (0..kind.rows(SHOWN)).map(|n| row(kind, n)).collect(),
                is_later_page: kind.has_more(),
                more: kind.has_more().then(|| "/apps/019a/holds/h?user=1&kind=suspend".to_owned()),
            }
        };
        let mut samples = Sample::all_but(&[Sample::Wrong], page);
        samples.push((Sample::Other, Self { is_of_groups: true, people: Vec::new(), ..page(Sample::Other) }));
        samples
    }
}

#[cfg(test)]
mod tests {
    use usher_model::guard::Class;
    use usher_model::id::{AppId, GroupId};
    use usher_model::time::Timestamp;

    use super::*;

    #[test]
    fn what_is_released_is_asked_in_the_words_of_what_is_held() {
        let many = Tripped::TooMany { class: Class::Removals, wanted: 25, done: 0, limit: 10, of: 40 };
        let group = GroupId::new("g");
        let members = Tripped::TooManyMembers {
            group,
            email: None,
            wanted: 1,
            done: 0,
            limit: 0,
            of: 1,
            is_discarded: false,
        };
        let asked = |tripped: Tripped, n_operations, kinds: &[Kind]| {
            let hold = Hold {
                id: HoldId::new("h"),
                app: AppId::new("a"),
                key: tripped.key(),
                tripped,
                state: HoldState::Open,
                opened_at: Timestamp::from_micros(0),
                decided_at: None,
                decided_by: None,
                n_operations,
            };
            question(&hold, &kinds.iter().copied().collect())
        };
        assert_eq!(asked(many.clone(), 25, &[Kind::Suspend]), "Suspend 25 people?");
        assert_eq!(asked(many, 1_000, &[Kind::Suspend, Kind::Delete]), "Carry out 1,000 operations?");
        assert_eq!(asked(members, 1, &[]), "Take 1 member out of the group?");
    }
}
