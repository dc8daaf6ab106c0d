//! *Admins*: who may sign in, and with which role; a super admin invites them, changes their role, and lets them go.

use std::time::Duration;

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::json;
use usher_model::admin::Role;
use usher_model::id::AdminId;
use usher_store::admin::{self, Admin, link};
use usher_store::{StoreError, Tx};

use super::set_up::address;
use crate::clock::new_id;
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, instant};
use crate::notebook::{By, Deed, note};
use crate::openid::name_of;
use crate::posted::Posted;
use crate::secret;
use crate::session::Signed;

/// How long an invitation works.
const WORKS_FOR: Duration = Duration::from_hours(7 * 24);
/// The most that are shown: nobody lets a thousand people configure their accounts.
const SHOWN: usize = 1_000;

/// The page.
#[derive(Template)]
#[template(path = "admins.html")]
pub(crate) struct AdminsPage {
    frame: Frame,
    admins: Vec<Shown>,
    roles: Vec<RoleChoice>,
    /// A link that was just made, and for whom: it is shown this once.
    link: Option<(String, String)>,
    wrong: Option<String>,
}

struct Shown {
    id: String,
    email: String,
    role: String,
    roles: Vec<RoleChoice>,
    signed_in: Option<String>,
    is_invited: bool,
    /// What they sign in with.
    with: String,
    is_this: bool,
}

struct RoleChoice {
    value: &'static str,
    words: String,
    is_chosen: bool,
}

#[derive(Deserialize)]
pub(crate) struct Invited {
    email: String,
    role: String,
}

#[derive(Deserialize)]
pub(crate) struct Changed {
    admin: String,
    role: String,
}

#[derive(Deserialize)]
pub(crate) struct Meant {
    admin: String,
}

/// Shows it.
pub(crate) async fn show(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
) -> Result<Response, Failure> {
    Ok(html(&page(&console, &signed, None, None).await?))
}

async fn page(
    console: &Console,
    signed: &Signed,
    link: Option<(String, String)>,
    wrong: Option<String>,
) -> Result<AdminsPage, Failure> {
    let mut tx = console.store().read("web::admins").await?;
    let all = admin::list(&mut tx, None, SHOWN).await?;
    let admins = all.into_iter().map(|admin| Shown {
        is_this: admin.id == signed.admin,
        id: admin.id.to_string(),
        email: admin.email.to_string(),
        role: admin.role.to_string(),
        roles: choices(Some(admin.role)),
        signed_in: admin.signed_in_at.map(instant),
        is_invited: !admin.has_joined(),
        with: with(&admin),
    });
    let frame = Frame::new(signed, Place::Admins, "Admins");
    Ok(AdminsPage { frame, admins: admins.collect(), roles: choices(None), link, wrong })
}

/// What somebody signs in with; empty: nothing yet.
fn with(admin: &Admin) -> String {
    let provider = admin.openid.as_ref().map(|identity| name_of(&identity.issuer));
    let ways = admin.has_password.then(|| "password".to_owned()).into_iter().chain(provider);
    ways.collect::<Vec<_>>().join(", ")
}

fn choices(chosen: Option<Role>) -> Vec<RoleChoice> {
    let choice = |role: Role| RoleChoice {
        value: role.as_str(),
        words: role.to_string(),
        is_chosen: chosen == Some(role),
    };
    Role::ALL.into_iter().map(choice).collect()
}

/// Invites somebody: the link is shown to whoever invites, who gives it to them.
pub(crate) async fn invite(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Posted(Invited { email, role }): Posted<Invited>,
) -> Result<Response, Failure> {
    let role = role_of(&role)?;
    let email = match address(&email) {
        Ok(email) => email,
        Err(wrong) => return Ok(html(&page(&console, &signed, None, Some(wrong)).await?)),
    };
    let id = AdminId::new(new_id(console.clock()));
    let mut tx = console.store().begin("web::invite").await?;
    if admin::by_email(&mut tx, &email).await?.is_some() {
        tx.rollback().await?;
        let wrong = format!("{email} may sign in already: change their role below.");
        return Ok(html(&page(&console, &signed, None, Some(wrong)).await?));
    }
    admin::insert(&mut tx, &id, &email, role, console.now()).await?;
    let link = make_link(&mut tx, &console, &id).await?;
    let after = Some(json!({"role": role}));
    let deed = Deed { kind: "admin_invite", subject: email.as_str(), before: None, after };
    note(&mut tx, &console, by(&signed), deed).await?;
    tx.commit().await?;
    Ok(html(&page(&console, &signed, Some((email.to_string(), link)), None).await?))
}

/// Makes somebody a new link: for an invitation that was lost, or a password.
pub(crate) async fn new_link(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Posted(Meant { admin }): Posted<Meant>,
) -> Result<Response, Failure> {
    let mut tx = console.store().begin("web::new_link").await?;
    let admin = meant(&mut tx, admin).await?;
    let link = make_link(&mut tx, &console, &admin.id).await?;
    let deed = Deed { kind: "admin_link", subject: admin.email.as_str(), before: None, after: None };
    note(&mut tx, &console, by(&signed), deed).await?;
    tx.commit().await?;
    Ok(html(&page(&console, &signed, Some((admin.email.to_string(), link)), None).await?))
}

/// Gives somebody another role.
pub(crate) async fn change_role(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Posted(Changed { admin, role }): Posted<Changed>,
) -> Result<Response, Failure> {
    let role = role_of(&role)?;
    let mut tx = console.store().begin("web::change_role").await?;
    let admin = meant(&mut tx, admin).await?;
    if !admin::set_role(&mut tx, &admin.id, role).await? {
        tx.rollback().await?;
        return Ok(html(&page(&console, &signed, None, Some(last_one(&admin))).await?));
    }
    let (before, after) = (Some(json!({"role": admin.role})), Some(json!({"role": role})));
    let deed = Deed { kind: "admin_role", subject: admin.email.as_str(), before, after };
    note(&mut tx, &console, by(&signed), deed).await?;
    tx.commit().await?;
    Ok(Redirect::to("/admins").into_response())
}

/// Lets somebody sign in no more; their sessions end with that.
pub(crate) async fn remove(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Posted(Meant { admin }): Posted<Meant>,
) -> Result<Response, Failure> {
    let mut tx = console.store().begin("web::remove_admin").await?;
    let admin = meant(&mut tx, admin).await?;
    if !admin::remove(&mut tx, &admin.id).await? {
        tx.rollback().await?;
        return Ok(html(&page(&console, &signed, None, Some(last_one(&admin))).await?));
    }
    let before = Some(json!({"role": admin.role}));
    let deed = Deed { kind: "admin_remove", subject: admin.email.as_str(), before, after: None };
    note(&mut tx, &console, by(&signed), deed).await?;
    tx.commit().await?;
    Ok(Redirect::to("/admins").into_response())
}

async fn make_link(tx: &mut Tx, console: &Console, admin: &AdminId) -> Result<String, StoreError> {
    let secret = secret::generate(console.clock());
    link::make(tx, &secret::digest(&secret), Some(admin), console.now() + WORKS_FOR).await?;
    Ok(format!("{}/join?link={}", console.address(), secret.expose_secret()))
}

async fn meant(tx: &mut Tx, id: String) -> Result<Admin, Failure> {
    admin::by_id(tx, &AdminId::new(id)).await?.ok_or(Failure::Stale)
}

fn role_of(name: &str) -> Result<Role, Failure> {
    Role::from_name(name).ok_or_else(|| Failure::Unreadable(format!("there is no role {name:?}")))
}

fn last_one(admin: &Admin) -> String {
    format!("{} is the only super admin: make somebody else one first.", admin.email)
}

fn by(signed: &Signed) -> By<'_> {
    By { who: signed.email.as_str(), address: &signed.address }
}

#[cfg(test)]
impl AdminsPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let shown = |kind: Sample, n: usize| Shown {
            id: format!("id-{n}"),
            email: kind.address(&format!("somebody-{n}@example.com")),
            role: Role::Operator.to_string(),
            roles: choices(Some(Role::Operator)),
            signed_in: (n > 0).then(|| "2026-11-30 02:50 UTC".to_owned()),
            is_invited: n == 0,
            with: if n > 0 { "password, id.example.com".to_owned() } else { String::new() },
            is_this: n == 1,
        };
        let page = |kind: Sample| Self {
            frame: Frame::sample(kind, Place::Admins, "Admins"),
            admins: (0..kind.rows(500)).map(|n| shown(kind, n)).collect(),
            roles: choices(None),
            link: None,
            wrong: kind.wrong("ada@example.com is the only super admin: make somebody else one first."),
        };
        let link = |kind: Sample| {
            let link = (kind.address("bob@example.com"), "http://127.0.0.1:8080/join?link=x".to_owned());
            (kind, Self { link: Some(link), ..page(kind) })
        };
        let mut samples = Sample::all_but(&[Sample::Empty, Sample::Held], page);
        samples.extend([Sample::Other, Sample::Long, Sample::RightToLeft].map(link));
        samples
    }
}
