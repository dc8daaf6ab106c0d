//! The settings page of auto-provisioning: status, authorization, scope, mapping, deprovisioning, and the end of all that.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use usher_model::cause::{Delay, Trigger};
use usher_model::scope::Depth;
use usher_model::template::Template as Catalogue;
use usher_model::time::Timestamp;
use usher_store::app::App;
use usher_store::{access, directory};

use super::deprovisioning::words;
use super::done::Told;
use super::{Bar, Tab, frame, read, template};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "app/settings.html")]
pub(crate) struct SettingsPage {
    frame: Frame,
    bar: Bar,
    is_on: bool,
    /// Why it cannot be turned on.
    note: Option<String>,
    endpoint: Option<String>,
    token: String,
    token_warning: Option<String>,
    scope: Vec<(String, &'static str)>,
    domains: String,
    mapping: Vec<(String, String)>,
    deprovisioning: Vec<String>,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
    Query(told): Query<Told>,
) -> Result<Response, Failure> {
    let (mut tx, app) = read(console.store(), &id).await?;
    let bar = Bar { done: told.sentence(), ..Bar::new(&app, Tab::Settings) };
    if !bar.is_configured {
        return Ok(Redirect::to(&bar.at("")).into_response());
    }
    let template = template(&app)?;
    let mapping = template.mapping(&app.mapping).map_err(Failure::internal)?;
    let access = access::access_list(&mut tx, &app.id).await?;
    let in_the_way = app.readiness(template, &mapping, &access).in_the_way();
    let note = in_the_way.first().filter(|_| !app.is_enabled);
    let scope = access::scope(&mut tx, &app.id).await?.into_iter().map(|scoped| {
        let depth = match scoped.depth {
            Depth::Direct => "direct members",
            Depth::Nested => "direct and nested members",
        };
        (scoped.email.to_string(), depth)
    });
    let settings = app.settings.clone().unwrap_or_default();
    let domains = directory::domains(&mut tx, &app.directory).await?;
    let primary = domains.into_iter().filter(|domain| domain.is_primary).map(|domain| domain.name);
    let domains: Vec<String> = primary.chain(settings.domains.iter().cloned()).collect();
    Ok(html(&SettingsPage {
        frame: frame(&signed, "Auto-provisioning"),
        is_on: app.is_enabled,
        note: note.map(|note| crate::hands::in_the_way(note, template.name)),
        token: token(&app, console.now()),
        token_warning: token_warning(&app, console.now()),
        endpoint: app.endpoint.clone(),
        scope: scope.collect(),
        domains: if domains.is_empty() { "none known".to_owned() } else { domains.join(", ") },
        mapping: mapping.iter().map(|it| (it.attribute.to_string(), it.source.to_string())).collect(),
        deprovisioning: lines(&settings),
        bar,
    }))
}

fn token(app: &App, now: Timestamp) -> String {
    let told = match (app.has_token, app.token_set_at, app.token_created_at) {
        (false, ..) => return "none".to_owned(),
        (true, Some(set_at), Some(created_at)) => {
            format!("given on {}, generated on {}", set_at.date(), created_at.date())
        }
        (true, Some(set_at), None) => format!("given on {}", set_at.date()),
        (true, None, _) => "given".to_owned(),
    };
    let ends_at = Catalogue::by_key(&app.template).and_then(|it| it.tokens.expires_at(app.token_created_at));
    told + &end_of_token(ends_at, now)
}

/// When a token ends; nothing where the app names no life of its tokens, or nobody knows the age of this one.
fn end_of_token(ends_at: Option<Timestamp>, now: Timestamp) -> String {
    match ends_at {
        Some(at) if at <= now => format!(", expired on {}", at.date()),
        Some(at) => format!(", expires on {}", at.date()),
        None => String::new(),
    }
}

/// That the token ends, once that is near.
pub(crate) fn token_warning(app: &App, now: Timestamp) -> Option<String> {
    let ends_at = Catalogue::by_key(&app.template)?.tokens.expires_at(app.token_created_at);
    let at =
        ends_at.filter(|at| app.has_token && at.since(now) <= usher_model::template::token::WARNED_BEFORE)?;
    Some(if at <= now {
        format!("The access token expired on {}: generate a new one at the app, and reauthorize.", at.date())
    } else {
        format!(
            "The access token expires on {}: generate a second one at the app before then, and reauthorize.",
            at.date()
        )
    })
}

fn lines(settings: &usher_model::app::Settings) -> Vec<String> {
    let when = |delay: Option<Delay>| match delay {
        None => "never".to_owned(),
        Some(Delay::Within24Hours) => "within 24 hours".to_owned(),
        Some(Delay::Days(days)) if days.get() == 1 => "after one day".to_owned(),
        Some(Delay::Days(days)) => format!("after {days} days"),
    };
    let line = |trigger| {
        let (_, words) = words(trigger);
        format!("{words}: {}", when(settings.deprovisioning.delay(trigger)))
    };
    let mut lines: Vec<String> = Trigger::ALL.into_iter().map(line).collect();
    if settings.hard_delete.is_some() {
        lines.push(format!("Delete accounts that Usher suspended: {}", when(settings.hard_delete)));
    }
    lines
}

#[cfg(test)]
impl SettingsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::{LONG, Sample};

        let page = |kind: Sample| {
            let is_on = kind != Sample::Empty;
            let constant = if kind == Sample::Long { LONG } else { "Engineer" };
            Self {
                frame: Frame::sample(kind, Place::Apps, "Auto-provisioning"),
                bar: Bar::sample(kind, Tab::Settings),
                is_on,
                note: (!is_on).then(|| "Amazon Web Services isn’t turned on for any users.".to_owned()),
                endpoint: is_on.then(|| kind.url("https://scim.example.com/019a/scim/v2")),
                token: if is_on { "given on 2026-11-30" } else { "none" }.into(),
                token_warning: kind
                    .wrong("The access token expired on 2026-11-29: generate a new one at the app."),
                scope: (0..kind.rows(500))
                    .map(|n| (kind.address(&format!("g{n}@example.com")), "direct members"))
                    .collect(),
                domains: kind.domain("example.com"),
                mapping: vec![
                    ("userName".into(), "user.primaryEmail".into()),
                    ("title".into(), format!("'{constant}'")),
                ],
                deprovisioning: lines(&usher_model::app::Settings::default()),
            }
        };
        let auditor = Frame::sample(Sample::Other, Place::Apps, "Auto-provisioning").of_auditor();
        let mut samples = Sample::all(page);
        samples.push((Sample::Other, Self { frame: auditor, ..page(Sample::Other) }));
        let bar = Bar { done: Some("Saved."), ..Bar::sample(Sample::Other, Tab::Settings) };
        samples.push((Sample::Other, Self { bar, ..page(Sample::Other) }));
        samples
    }
}

#[cfg(test)]
mod tests {
    use usher_model::app::Settings;
    use usher_model::cause::Deprovisioning;

    use super::*;

    #[test]
    fn the_end_of_a_token_is_told_as_far_as_it_is_known() {
        let [before, end] =
            ["2026-11-30T00:00:00Z", "2027-11-30T00:00:00Z"].map(|at| Timestamp::parse(at).unwrap());
        assert_eq!(end_of_token(Some(end), before), ", expires on 2027-11-30");
        assert_eq!(end_of_token(Some(end), end), ", expired on 2027-11-30");
        assert_eq!(end_of_token(None, end), "");
    }

    #[test]
    fn each_trigger_and_its_delay_are_in_the_seeds_words() {
        let delay = |text: &str| Delay::parse(text).ok();
        let of = |app_off: &str, suspended: &str, deleted: &str| {
            let [app_off, suspended, deleted] = [app_off, suspended, deleted].map(delay);
            let deprovisioning = Deprovisioning { app_off, suspended, deleted };
            lines(&Settings { deprovisioning, hard_delete: None, ..Settings::default() })
        };
        assert_eq!(
            of("24h", "1d", "7d"),
            [
                "When an app is turned off for the user, suspend their account: within 24 hours",
                "When a user is suspended in the directory, suspend their account: after one day",
                "When a user is deleted from the directory, suspend their account: after 7 days",
            ]
        );
        assert!(of("30d", "never", "never")[0].ends_with("suspend their account: after 30 days"));
    }
}
