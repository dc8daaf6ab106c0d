//! Deprovisioning time frames: the last step of *Configure autoprovisioning*, and *Edit → Update* later.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use usher_model::cause::{Delay, Deprovisioning, Trigger};
use usher_store::app::App;

use super::change::{Committed, STALE, commit};
use super::done::Done;
use super::plan::begin;
use super::{Bar, Tab, frame, read, template};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::hands::Edit;
use crate::posted::{Fields, Posted};
use crate::session::Signed;

/// The four delays of Google's page.
const DELAYS: [(&str, &str); 4] =
    [("24h", "within 24 hours"), ("1d", "after one day"), ("7d", "after 7 days"), ("30d", "after 30 days")];

/// The page.
#[derive(Template)]
#[template(path = "app/deprovisioning.html")]
pub(crate) struct DeprovisioningPage {
    frame: Frame,
    bar: Bar,
    is_set_up: bool,
    step: u8,
    version: i64,
    triggers: Vec<TriggerChoice>,
    may_delete: bool,
    hard_delete: Vec<DelayChoice>,
    wrong: Option<String>,
}

struct TriggerChoice {
    name: &'static str,
    words: &'static str,
    is_selected: bool,
    delays: Vec<DelayChoice>,
}

struct DelayChoice {
    value: String,
    words: String,
    is_chosen: bool,
}

/// Asks, in the set-up.
pub(crate) async fn show_step(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, true).await?))
}

/// Shows what is set, to be edited.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, &id, false).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    id: &str,
    is_set_up: bool,
) -> Result<DeprovisioningPage, Failure> {
    let (_, app) = read(console.store(), id).await?;
    let settings = app.settings.clone().unwrap_or_default();
    of(signed, &app, is_set_up, settings.deprovisioning, settings.hard_delete)
}

fn of(
    signed: &Signed,
    app: &App,
    is_set_up: bool,
    chosen: Deprovisioning,
    hard_delete: Option<Delay>,
) -> Result<DeprovisioningPage, Failure> {
    let title = if is_set_up { "Configure autoprovisioning" } else { "Deprovisioning" };
    Ok(DeprovisioningPage {
        frame: frame(signed, title),
        bar: Bar::new(app, Tab::Other),
        is_set_up,
        step: 5,
        version: app.config_version,
        triggers: Trigger::ALL.map(|trigger| choice(trigger, chosen.delay(trigger))).into(),
        may_delete: template(app)?.hard_delete,
        hard_delete: hard_delete_choices(hard_delete),
        wrong: None,
    })
}

/// The name of a trigger's field, and the seed's words for it.
pub(super) fn words(trigger: Trigger) -> (&'static str, &'static str) {
    match trigger {
        Trigger::AppOff => ("app_off", "When an app is turned off for the user, suspend their account"),
        Trigger::Suspended => {
            ("suspended", "When a user is suspended in the directory, suspend their account")
        }
        Trigger::Deleted => ("deleted", "When a user is deleted from the directory, suspend their account"),
    }
}

fn choice(trigger: Trigger, delay: Option<Delay>) -> TriggerChoice {
    let (name, words) = words(trigger);
    TriggerChoice { name, words, is_selected: delay.is_some(), delays: delays(delay) }
}

/// The delays to choose from; one that was set in another way stays among them.
fn delays(chosen: Option<Delay>) -> Vec<DelayChoice> {
    let chosen = chosen.map(|delay| delay.to_string());
    let mut delays: Vec<DelayChoice> = DELAYS
        .into_iter()
        .map(|(value, words)| DelayChoice {
            is_chosen: chosen.as_deref() == Some(value),
            value: value.to_owned(),
            words: words.to_owned(),
        })
        .collect();
    if let Some(other) = chosen.filter(|chosen| DELAYS.iter().all(|(value, _)| value != chosen)) {
        let words = format!("after {} days", other.trim_end_matches('d'));
        delays.push(DelayChoice { value: other, words, is_chosen: true });
    }
    delays
}

fn hard_delete_choices(chosen: Option<Delay>) -> Vec<DelayChoice> {
    let never = DelayChoice { value: "never".into(), words: "never".into(), is_chosen: chosen.is_none() };
    [never].into_iter().chain(delays(chosen)).collect()
}

/// Takes the choice of the set-up's last step.
pub(crate) async fn finish(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    take(&console, &signed, &id, true, &fields).await
}

/// Takes an edit, or shows what it would cause.
pub(crate) async fn update(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Result<Response, Failure> {
    take(&console, &signed, &id, false, &fields).await
}

async fn take(
    console: &Console,
    signed: &Signed,
    id: &str,
    is_set_up: bool,
    fields: &Fields,
) -> Result<Response, Failure> {
    let (_, app) = read(console.store(), id).await?;
    let delay = |text: &str| Delay::parse(text).map_err(|error| Failure::Unreadable(error.to_string()));
    let selected = |trigger| {
        let (name, _) = words(trigger);
        let after = fields.get(&format!("{name}-after"));
        fields.has(name).then(|| delay(after)).transpose()
    };
    let triggers = Deprovisioning {
        app_off: selected(Trigger::AppOff)?,
        suspended: selected(Trigger::Suspended)?,
        deleted: selected(Trigger::Deleted)?,
    };
    let hard_delete = match fields.get("hard_delete") {
        "" | "never" => None,
        after => Some(delay(after)?),
    };
    let again = |wrong: String| {
        let page = of(signed, &app, is_set_up, triggers, hard_delete)?;
        Ok(html(&DeprovisioningPage { wrong: Some(wrong), ..page }))
    };
    if !triggers.selects_any() {
        return again("Select at least one of these options.".to_owned());
    }
    let edit = Edit::Deprovisioning { triggers, hard_delete };
    if fields.get("do") == "preview" {
        return begin(console, id, Some(edit)).await;
    }
    match commit(console, signed, &app.id, Some(fields.version()?), &edit).await? {
        Committed::Done => {
            if is_set_up {
                return Ok(Redirect::to(&format!("/apps/{id}")).into_response());
            }
            Ok(Done::Saved.at(&format!("/apps/{id}/auto-provisioning")))
        }
        Committed::Stale => {
            let page = page(console, signed, id, is_set_up).await?;
            Ok(html(&DeprovisioningPage { wrong: Some(STALE.to_owned()), ..page }))
        }
        Committed::Refused(why) => again(why),
    }
}

#[cfg(test)]
impl DeprovisioningPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let page = |kind: Sample| {
            let is_chosen = ![Sample::Empty, Sample::Wrong].contains(&kind);
            let days = if kind == Sample::Long { "14d" } else { "7d" };
            let delay = Delay::parse(days).ok().filter(|_| is_chosen);
            Self {
                frame: Frame::sample(kind, Place::Apps, "Deprovisioning"),
                bar: Bar::sample(kind, Tab::Other),
                is_set_up: kind == Sample::Empty,
                step: 5,
                version: 7,
                triggers: Trigger::ALL.map(|trigger| choice(trigger, delay)).into(),
                may_delete: delay.is_some(),
                hard_delete: hard_delete_choices(delay),
                wrong: kind.wrong("Select at least one of these options."),
            }
        };
        let mut samples = Sample::all_but(&[Sample::Thousands], page);
        samples.push((Sample::Other, Self { is_set_up: true, ..page(Sample::Wrong) }));
        samples.push((Sample::Other, Self { wrong: Some(STALE.to_owned()), ..page(Sample::Other) }));
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_delays_are_there_and_another_one_that_was_set_stays() {
        let values = |delay: &str| {
            let delays = delays(Delay::parse(delay).ok());
            delays.iter().map(|delay| (delay.value.clone(), delay.is_chosen)).collect::<Vec<_>>()
        };
        let of = |chosen: &str| DELAYS.map(|(value, _)| (value.to_owned(), value == chosen)).to_vec();
        assert_eq!(values("7d"), of("7d"));
        assert_eq!(values("14d"), [of(""), vec![("14d".to_owned(), true)]].concat());
    }
}
