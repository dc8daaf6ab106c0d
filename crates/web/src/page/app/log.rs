//! The *provisioning log*: by event, person, run and time, with what was before and after, and what was asked of the app; and
//! *Download list*.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use usher_model::id::{Email, RunId, UserId};
use usher_model::operation::Operation;
use usher_model::time::Timestamp;
use usher_store::app::App;
use usher_store::event::{self, Event, EventKind, Search};
use usher_store::{Tx, directory};

use super::plan::kind_words;
use super::{Bar, Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, event_name, html, instant, sentence};
use crate::session::Signed;

/// How many lines a page has.
const SHOWN: usize = 100;
/// How many lines a download has at most, and how many are read at once.
const DOWNLOADED: usize = 100_000;
const PAGE: usize = 5_000;
const DAY: Duration = Duration::from_hours(24);

/// The page.
#[derive(Template)]
#[template(path = "app/log.html")]
pub(crate) struct LogPage {
    frame: Frame,
    bar: Bar,
    kinds: Vec<KindChoice>,
    person: String,
    run: String,
    from: String,
    to: String,
    is_filtered: bool,
    wrong: Option<String>,
    lines: Vec<Line>,
    is_later_page: bool,
    newest: String,
    older: Option<String>,
    download: String,
}

struct KindChoice {
    value: &'static str,
    words: &'static str,
    is_chosen: bool,
}

struct Line {
    at: String,
    what: &'static str,
    tone: &'static str,
    who: String,
    user: String,
    person_href: String,
    why: String,
    is_released: bool,
    changes: Vec<ChangeLine>,
    request: Option<String>,
    said: Option<String>,
    run: String,
    run_href: String,
}

struct ChangeLine {
    path: String,
    before: String,
    after: String,
}

/// What is asked for, as the address has it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Asked {
    kind: String,
    person: String,
    /// Whose lines, where a link leads there: an address may have been another's, or may be nobody's any more.
    #[serde(skip_serializing_if = "String::is_empty")]
    user: String,
    run: String,
    from: String,
    to: String,
    /// The last line of the page above: instant, run, place, kind.
    #[serde(skip_serializing_if = "String::is_empty")]
    before: String,
}

impl Asked {
    fn is_filtered(&self) -> bool {
        [&self.kind, &self.person, &self.user, &self.run, &self.from, &self.to]
            .into_iter()
            .any(|text| !text.is_empty())
    }

    /// The same from a line on.
    fn before(&self, before: String) -> Self {
        Self { before, ..self.clone() }
    }

    fn address(&self, page: &str) -> String {
        let query = serde_urlencoded::to_string(self).unwrap_or_default();
        format!("{page}?{query}")
    }
}

/// The last line of a page.
fn place(event: &Event) -> String {
    format!("{} {} {} {}", event.at.as_micros(), event.run, event.seq, event.kind.as_str())
}

fn place_from(text: &str) -> Option<(Timestamp, RunId, i64, EventKind)> {
    let mut parts = text.split(' ');
    let at = Timestamp::from_micros(parts.next()?.parse().ok()?);
    let run = RunId::new(parts.next()?);
    Some((at, run, parts.next()?.parse().ok()?, EventKind::from_name(parts.next()?)?))
}

/// What is looked for, or what is wrong with what was asked.
async fn search(tx: &mut Tx, app: &App, asked: &Asked) -> Result<Result<Search, String>, Failure> {
    let day = |text: &str| match text {
        "" => Ok(None),
        text => Timestamp::parse(&format!("{text}T00:00:00Z"))
            .map(Some)
            .map_err(|_| format!("{text} is not a day: write it like 2026-11-30.")),
    };
    let (since, until) = match (day(&asked.from), day(&asked.to)) {
        (Ok(since), Ok(until)) => (since, until.map(|until| until + DAY)),
        (Err(wrong), _) | (_, Err(wrong)) => return Ok(Err(wrong)),
    };
    let person = asked.person.trim();
    let user = match Email::parse(person) {
        _ if !asked.user.is_empty() => Some(UserId::new(&*asked.user)),
        _ if person.is_empty() => None,
        Ok(email) => match directory::user_by_email(tx, &app.directory, &email).await? {
            Some(user) => Some(user.id),
            None => return Ok(Err(format!("Nobody in the directory has the address {email}."))),
        },
        Err(_) => Some(UserId::new(person)),
    };
    let run = Some(asked.run.trim()).filter(|run| !run.is_empty()).map(RunId::new);
    Ok(Ok(Search { kind: EventKind::from_name(&asked.kind), user, run, since, until }))
}

/// Shows a page of it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let bar = Bar::new(&app, Tab::Log);
    let here = bar.at("log");
    let before = place_from(&asked.before);
    let (mut events, wrong) = match search(&mut tx, &app, &asked).await? {
        Ok(search) => {
            let before = before.as_ref().map(|(at, run, seq, kind)| (*at, run, *seq, *kind));
            (event::search(&mut tx, &app.id, &search, before, SHOWN + 1).await?, None)
        }
        Err(wrong) => (Vec::new(), Some(wrong)),
    };
    let older = (events.len() > SHOWN).then(|| {
        events.truncate(SHOWN);
        let last = events.last().map(place).unwrap_or_default();
        asked.before(last).address(&here)
    });
    let newest = asked.before(String::new());
    Ok(html(&LogPage {
        frame: frame(&signed, "Provisioning log"),
        kinds: kinds(&asked.kind),
        is_filtered: asked.is_filtered(),
        wrong,
        lines: events.iter().map(|event| line(event, &bar)).collect(),
        is_later_page: before.is_some(),
        download: newest.address(&bar.at("log/download")),
        newest: newest.address(&here),
        older,
        person: asked.person,
        run: asked.run,
        from: asked.from,
        to: asked.to,
        bar,
    }))
}

fn kinds(chosen: &str) -> Vec<KindChoice> {
    let choice = |kind: EventKind| KindChoice {
        value: kind.as_str(),
        words: event_name(kind),
        is_chosen: kind.as_str() == chosen,
    };
    EventKind::ALL.map(choice).into()
}

fn line(event: &Event, bar: &Bar) -> Line {
    let (what, tone) = match event.kind.operation() {
        Some(kind) => kind_words(kind),
        None => ("Failure", "bad"),
    };
    let log = bar.at("log");
    let who = event.email.as_ref().map_or_else(|| event.user.to_string(), Email::to_string);
    let person = Asked { person: who.clone(), user: event.user.to_string(), ..Asked::default() };
    let run = Asked { run: event.run.to_string(), ..Asked::default() };
    Line {
        at: instant(event.at),
        what,
        tone,
        who,
        user: event.user.to_string(),
        person_href: person.address(&log),
        why: event.reason.to_string(),
        is_released: event.is_released,
        changes: changes(event),
        request: event.wrote.as_ref().map(|wrote| request(&wrote.operation)),
        said: event.detail.as_deref().map(sentence),
        run: event.run.to_string(),
        run_href: run.address(&log),
    }
}

/// What was asked of the app, without what is secret: a request's body holds attributes alone.
fn request(operation: &Operation) -> String {
    match operation {
        Operation::Create { .. } => "POST Users".to_owned(),
        Operation::Adopt { account, .. } => format!("PATCH Users/{}", account.remote_id),
        Operation::Update { remote_id, .. }
        | Operation::Suspend { remote_id }
        | Operation::Unsuspend { remote_id, .. } => format!("PATCH Users/{remote_id}"),
        Operation::Delete { remote_id } => format!("DELETE Users/{remote_id}"),
    }
}

fn changes(event: &Event) -> Vec<ChangeLine> {
    let Some(wrote) = &event.wrote else { return Vec::new() };
    let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let nothing = || "–".to_owned();
    let active = |before: &str, after: &str| ChangeLine {
        path: "active".to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    let of = |changes: &usher_model::attribute::changes::Changes| -> Vec<ChangeLine> {
        let line = |change: &usher_model::attribute::changes::Change| ChangeLine {
            path: change.path.to_string(),
            before: wrote.before.get(&change.path).map_or_else(nothing, text),
            after: change.to.as_ref().map_or_else(nothing, text),
        };
        changes.iter().map(line).collect()
    };
    match &wrote.operation {
        Operation::Create { attributes, .. } => attributes
            .iter()
            .map(|(path, value)| ChangeLine { path: path.to_string(), before: nothing(), after: text(value) })
            .collect(),
        Operation::Adopt { changes, .. } | Operation::Update { changes, .. } => of(changes),
        Operation::Unsuspend { changes, .. } => {
            [active("false", "true")].into_iter().chain(of(changes)).collect()
        }
        Operation::Suspend { .. } => vec![active("true", "false")],
        Operation::Delete { .. } => Vec::new(),
    }
}

/// Sends what is asked for as CSV.
pub(crate) async fn download(
    State(console): State<Console>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let search = search(&mut tx, &app, &asked).await?.map_err(Failure::Unreadable)?;
    let mut text = csv(&["When", "Event", "Person", "User id", "Why", "Before", "After", "Answer", "Run"]);
    let (mut before, mut n) = (None::<Event>, 0);
    let bar = Bar::new(&app, Tab::Log);
    while n < DOWNLOADED {
        let after = before.as_ref().map(|event| (event.at, &event.run, event.seq, event.kind));
        let page = event::search(&mut tx, &app.id, &search, after, PAGE).await?;
        for event in &page {
            let Line { who, why, changes, said, user, run, .. } = line(event, &bar);
            let side = |of: fn(&ChangeLine) -> &str| -> String {
                changes
                    .iter()
                    .map(|change| format!("{}: {}", change.path, of(change)))
                    .collect::<Vec<_>>()
                    .join("; ")
            };
            let (was, is) = (side(|change| &change.before), side(|change| &change.after));
            let at = event.at.to_string();
            text += &csv(&[
                &at,
                event_name(event.kind),
                &who,
                &user,
                &why,
                &was,
                &is,
                &said.unwrap_or_default(),
                &run,
            ]);
        }
        n += page.len();
        if page.len() < PAGE {
            break;
        }
        before = page.into_iter().next_back();
    }
    let file = format!("attachment; filename=\"provisioning-log-{}.csv\"", app.name);
    let headers = [(CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (CONTENT_DISPOSITION, file)];
    Ok((headers, text).into_response())
}

/// A line of CSV (RFC 4180). What a spreadsheet would take for a formula begins with an apostrophe.
fn csv(cells: &[&str]) -> String {
    let cell = |text: &&str| {
        let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    };
    format!("{}\r\n", cells.iter().map(cell).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
impl LogPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use usher_model::attribute::Attributes;
        use usher_model::id::RemoteId;
        use usher_model::reason::Reason;
        use usher_store::event::Wrote;

        use crate::sample::Sample;

        let event = |kind, operation: Option<Operation>| Event {
            run: RunId::new("019a"),
            seq: 1,
            kind,
            at: Timestamp::from_micros(1_700_000_000_000_000),
            user: UserId::new("1"),
            email: Email::parse("ada@example.com").ok(),
            reason: Reason::Joined,
            detail: Some("the app answered 409: Conflict".into()),
            classes: Vec::new(),
            is_released: true,
            wrote: operation.map(|operation| Wrote::new(operation, &Attributes::new())),
        };
        let suspend = Operation::Suspend { remote_id: RemoteId::new("r") };
        let named = |kind: Sample, n: usize, bar: &Bar| {
            let name = kind.name(n, "Ada Byron");
            let renamed = ChangeLine { path: "displayName".into(), before: name.clone(), after: name };
            let line = line(&event(EventKind::Suspend, Some(suspend.clone())), bar);
            let changes = line.changes.into_iter().chain([renamed]).collect();
            Line { who: kind.address("ada@example.com"), changes, ..line }
        };
        let page = |kind: Sample| {
            let bar = Bar::sample(kind, Tab::Log);
            let n = if kind == Sample::Wrong { 0 } else { kind.rows(SHOWN) };
            Self {
                frame: Frame::sample(kind, Place::Apps, "Provisioning log"),
                kinds: kinds("create"),
                person: kind.address(""),
                run: String::new(),
                from: "2026-11-01".into(),
                to: String::new(),
                is_filtered: kind != Sample::Empty,
                wrong: kind.wrong("Nobody in the directory has the address x@example.com."),
                is_later_page: kind.has_more(),
                older: kind.has_more().then(|| "/apps/019a/log?before=1".to_owned()),
                lines: (0..n).map(|n| named(kind, n, &bar)).collect(),
                newest: "/apps/019a/log".into(),
                download: "/apps/019a/log/download".into(),
                bar,
            }
        };
        let failure = |page: Self| {
            let lines = vec![line(&event(EventKind::Failure, None), &page.bar)];
            (Sample::Other, Self { lines, ..page })
        };
        let mut samples = Sample::all(page);
        samples.push(failure(page(Sample::Other)));
        samples.push((Sample::Other, Self { is_filtered: true, ..page(Sample::Empty) }));
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_of_the_download_is_no_formula_and_keeps_its_quotes() {
        assert_eq!(csv(&["a", "=1+1", "say \"no\""]), "\"a\",\"'=1+1\",\"say \"\"no\"\"\"\r\n");
    }

    #[test]
    fn a_place_in_the_log_is_read_as_it_is_written() {
        let (at, run, seq, kind) = place_from("12 019a-7 3 create").unwrap();
        assert_eq!((at.as_micros(), run.as_str(), seq, kind), (12, "019a-7", 3, EventKind::Create));
        for text in ["", "12", "x y 1 create", "12 r 1 nothing"] {
            assert!(place_from(text).is_none(), "{text}");
        }
    }
}
