//! *Who loses what, when*: the timers by date, with their reasons; *Keep*, which pins, and *Do it now*, which does not wait for
//! the delay; and who is pinned.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use usher_model::account::Pin;
use usher_model::guard::{Class, Tripped};
use usher_model::id::UserId;
use usher_model::reason::Reason;
use usher_model::time::Timestamp;
use usher_store::account::{self, DueAccount, PinnedAccount};
use usher_store::hold;

use super::change::{Committed, commit};
use super::{Bar, Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, grouped, html, instant, number_of};
use crate::hands::Edit;
use crate::posted::Posted;
use crate::session::Signed;

/// How many timers are shown, and how many pins.
const SHOWN: usize = 1_000;
/// The longest reason of a pin.
const MAX_WHY_CHARS: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "app/due.html")]
pub(crate) struct DuePage {
    frame: Frame,
    bar: Bar,
    days: Vec<Day>,
    more: Option<String>,
    /// How many wait for a hold to be decided; none: nobody.
    held: Option<String>,
    pinned: Vec<Pinned>,
    wrong: Option<String>,
}

struct Day {
    date: String,
    n: String,
    people: Vec<Line>,
}

struct Line {
    id: String,
    /// The id of its field.
    field: String,
    who: String,
    at: String,
    why: String,
    /// They lose the account by being suspended, which need not wait.
    is_suspension: bool,
}

struct Pinned {
    id: String,
    who: String,
    by: String,
    since: String,
    why: String,
}

#[derive(Deserialize)]
pub(crate) struct Kept {
    user: String,
    why: String,
}

#[derive(Deserialize)]
pub(crate) struct LetGo {
    user: String,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    wrong: Option<String>,
) -> Result<DuePage, Failure> {
    let (mut tx, app) = read(console.store(), id).await?;
    let due = account::due_list(&mut tx, &app.id, SHOWN).await?;
    let pinned = account::pinned_list(&mut tx, &app.id, None, SHOWN).await?;
    let holds = hold::open(&mut tx, &app.id).await?;
    let removals = holds.iter().filter(|hold| is_removal(&hold.tripped));
    let n_held: u64 = removals.map(|hold| hold.n_operations).sum();
    let more = (due.len() == SHOWN).then(|| format!("The next {}.", grouped(SHOWN as u64)));
    Ok(DuePage {
        frame: frame(signed, "Who loses what, when"),
        bar: Bar::new(&app, Tab::Due),
        days: days(due),
        more,
        held: (n_held > 0).then(|| number_of(n_held, "person", "people")),
        pinned: pinned.into_iter().map(pin).collect(),
        wrong,
    })
}

/// Whether somebody is decided upon anew because they lose something; others are for other reasons.
pub(crate) fn is_loss(reason: &Reason) -> bool {
    matches!(reason, Reason::Leaving { .. } | Reason::DeletedLater { .. })
}

/// Whether those whom a guard stopped were about to lose something.
fn is_removal(tripped: &Tripped) -> bool {
    match tripped {
        Tripped::TooMany { class, .. } => *class == Class::Removals,
        Tripped::DirectoryShrank(_) | Tripped::GroupEmptied { .. } | Tripped::Discarded => true,
        Tripped::TooManyMembers { .. }
        | Tripped::TooManyMemberships { .. }
        | Tripped::TooManyGroups { .. } => false,
    }
}

/// Those who lose something, by day. Others are decided upon anew for other reasons.
fn days(due: Vec<DueAccount>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for (n, (user, email, at, reason)) in due.into_iter().enumerate() {
        let Some(reason) = reason.filter(is_loss) else { continue };
        let line = Line {
            who: email.map_or_else(|| user.to_string(), |email| email.to_string()),
            id: user.to_string(),
            field: format!("why-{n}"),
            at: instant(at),
            why: reason.to_string(),
            is_suspension: matches!(reason, Reason::Leaving { .. }),
        };
        let date = at.date();
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.people.push(line),
            None => days.push(Day { date, n: String::new(), people: vec![line] }),
        }
    }
    for day in &mut days {
        day.n = number_of(day.people.len() as u64, "person", "people");
    }
    days
}

fn pin((user, email, pin): PinnedAccount) -> Pinned {
    Pinned {
        who: email.map_or_else(|| user.to_string(), |email| email.to_string()),
        id: user.to_string(),
        by: pin.by,
        since: instant(pin.since),
        why: pin.why,
    }
}

/// Pins somebody's account.
pub(crate) async fn keep(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(Kept { user, why }): Posted<Kept>,
) -> Result<Response, Failure> {
    let why = why.trim().to_owned();
    if why.is_empty() || why.chars().count() > MAX_WHY_CHARS || why.chars().any(char::is_control) {
        let wrong = format!("Say why, in {MAX_WHY_CHARS} characters at most.");
        return Ok(html(&page(&console, &signed, &id, Some(wrong)).await?));
    }
    let since: Timestamp = console.now();
    let pin = Pin { by: signed.email.to_string(), why, since, until: None, undone: None };
    set(&console, &signed, &id, user, Some(pin)).await
}

/// Lets somebody go again.
pub(crate) async fn let_go(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(LetGo { user }): Posted<LetGo>,
) -> Result<Response, Failure> {
    set(&console, &signed, &id, user, None).await
}

async fn set(
    console: &Console,
    signed: &Signed,
    id: &str,
    user: String,
    pin: Option<Pin>,
) -> Result<Response, Failure> {
    made(console, signed, id, &Edit::Pin { user: UserId::new(user), pin }).await
}

/// Does not wait for somebody's due date.
pub(crate) async fn suspend_now(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(LetGo { user }): Posted<LetGo>,
) -> Result<Response, Failure> {
    made(&console, &signed, &id, &Edit::SuspendNow { user: UserId::new(user) }).await
}

async fn made(console: &Console, signed: &Signed, id: &str, edit: &Edit) -> Result<Response, Failure> {
    let (_, app) = read(console.store(), id).await?;
    match commit(console, signed, &app.id, None, edit).await? {
        Committed::Done => Ok(Redirect::to(&format!("/apps/{id}/due")).into_response()),
        Committed::Stale => Err(Failure::Stale),
        Committed::Refused(why) => Ok(html(&page(console, signed, id, Some(why)).await?)),
    }
}

#[cfg(test)]
impl DuePage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let line = |kind: Sample, n: usize| Line {
            id: n.to_string(),
            field: format!("why-{n}"),
            who: kind.name(n, "ada@example.com"),
            at: "2026-12-01 09:00 UTC".into(),
            why: "leaving: suspended since 2026-11-30 00:00 UTC".into(),
            is_suspension: n.is_multiple_of(2),
        };
        let day = |kind: Sample| {
            let people: Vec<_> = (0..kind.rows(SHOWN)).map(|n| line(kind, n)).collect();
            Day { date: "2026-12-01".into(), n: number_of(people.len() as u64, "person", "people"), people }
        };
        let pinned = |kind: Sample, n: usize| Pinned {
            id: n.to_string(),
            who: kind.name(n, "ada@example.com"),
            by: kind.address("bo@example.com"),
            since: "2026-11-30 02:50 UTC".into(),
            why: kind.name(n, "break glass"),
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Apps, "Who loses what, when"),
            bar: Bar::sample(kind, Tab::Due),
            more: kind.has_more().then(|| format!("The next {}.", grouped(SHOWN as u64))),
            held: (kind == Sample::Held).then(|| "25 people".to_owned()),
            days: if kind == Sample::Empty { Vec::new() } else { vec![day(kind)] },
            pinned: (0..kind.rows(100)).map(|n| pinned(kind, n)).collect(),
            wrong: kind.wrong("Say why, in 200 characters at most."),
        };
        let auditor = Frame::sample(Sample::Other, Place::Apps, "Who loses what, when").of_auditor();
        let mut samples = Sample::all(page);
        samples.push((Sample::Other, Self { frame: auditor, ..page(Sample::Other) }));
        samples
    }
}

#[cfg(test)]
mod tests {
    use usher_model::cause::{Due, Trigger};
    use usher_model::id::Email;

    use super::*;

    #[test]
    fn those_who_lose_something_are_told_by_day_and_nobody_else_is() {
        let at = |hours: u64| Timestamp::from_micros(0) + std::time::Duration::from_hours(hours);
        let leaving = |hours| Reason::Leaving {
            due: Due { trigger: Trigger::Suspended, since: at(0), at: at(hours) },
            app_off: None,
        };
        let account =
            |id: &str, hours, reason| (UserId::new(id), Email::parse("a@b.c").ok(), at(hours), Some(reason));
        let due = vec![
            account("1", 1, leaving(1)),
            account("2", 2, Reason::Converged),
            account("3", 3, leaving(3)),
            account("4", 30, leaving(30)),
        ];
        let days = days(due);
        let told: Vec<_> =
            days.iter().map(|day| (day.date.as_str(), day.people.len(), day.n.as_str())).collect();
        assert_eq!(told, [("1970-01-01", 2, "2 people"), ("1970-01-02", 1, "1 person")]);
    }
}
