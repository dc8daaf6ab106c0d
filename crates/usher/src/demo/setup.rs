//! How the demo's app is configured: once in code, for the history, and once as commands, for whoever does it by hand.
//! Both come from the same tables.

use std::sync::Arc;

use anyhow::Context as _;
use secrecy::SecretString;
use usher_engine::authorize::{Authorization, authorize};
use usher_engine::clock::{Clock, new_id};
use usher_engine::environment::Environment;
use usher_model::access::Switch;
use usher_model::app::Settings;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::OrgUnitPath;
use usher_model::group::GroupSettings;
use usher_model::group::selection::{Chosen, Selection};
use usher_model::id::{AppId, DirectoryId, Email};
use usher_model::mapping::Mapping;
use usher_model::template::Template;
use usher_store::app::{self, NewApp};
use usher_store::{Store, Tx, access, directory};

use super::company::PRIMARY_DOMAIN;
use super::group::{BILLING, INCIDENTS, SITE_RELIABILITY};
use crate::failure::Failure;

/// What the app is called.
pub(crate) const APP: &str = "aws";

/// For which units it is on and off; the rest inherits.
const UNITS: &[(&str, Switch)] = &[
    ("/", Switch::On),
    ("/Manufacturing", Switch::Off),
    ("/Manufacturing/Test Benches", Switch::On),
    ("/Finance", Switch::Off),
    ("/Contractors", Switch::Off),
    ("/Contractors/Onsite", Switch::On),
    ("/Partners", Switch::Off),
];

/// The groups that it gets. The incident response has Site Reliability in it, and that has whoever is on call.
const GROUPS: &[&str] = &[BILLING, "cloud-platform", "data", SITE_RELIABILITY, INCIDENTS];

/// What is mapped besides the template's own mapping.
const MAPPED: &[&str] = &[
    "title = user.organizations[0].title",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department = user.organizations[0].department",
];

const APP_OFF: &str = "7d";
const SUSPENDED: &str = "1d";
const DELETED: &str = "24h";
const HARD_DELETE: &str = "21d";

/// Where the app is, and the secret that opens it.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) endpoint: String,
    pub(crate) token: SecretString,
}

/// Makes the app, configures it as the commands of [`commands`] do, and turns it on.
pub(super) async fn set_up(
    store: &Store,
    clock: &Arc<dyn Clock>,
    environment: &Environment,
    door: &Door,
) -> Result<AppId, Failure> {
    let id = AppId::new(new_id(clock.as_ref()));
    let mut tx = store.begin("usher::demo_add").await?;
    let directory =
        directory::embedded(&mut tx, &DirectoryId::new(new_id(clock.as_ref())), clock.now()).await?.id;
    let template = "aws".to_owned();
    let new = NewApp { id: id.clone(), name: APP.to_owned(), template, directory, created_at: clock.now() };
    app::insert(&mut tx, &new).await?;
    app::set_mapping(&mut tx, &id, &mapping()?).await?;
    switch_units_and_groups(&mut tx, &id, &new.directory).await?;
    let groups = choose_groups(&mut tx, &new.directory).await?;
    app::configure(&mut tx, &id, &Settings { groups, ..settings()? }).await?;
    tx.commit().await?;

    let Door { endpoint, token } = door.clone();
    let authorization =
        Authorization { app: APP, endpoint: &endpoint, token, token_created_at: None, is_new_tenant: false };
    authorize(store, clock, environment, authorization).await?;

    let mut tx = store.begin("usher::demo_enable").await?;
    app::enable(&mut tx, &id, clock.now()).await?;
    tx.commit().await?;
    Ok(id)
}

async fn switch_units_and_groups(tx: &mut Tx, app: &AppId, of: &DirectoryId) -> Result<(), Failure> {
    for (path, switch) in UNITS {
        access::set_unit(tx, app, &OrgUnitPath::parse(path)?, Some(*switch)).await?;
    }
    let group = directory::group_by_email(tx, of, &Email::parse(&billing())?).await?;
    let group = group.context("the sample organisation has no group for the bill")?;
    Ok(access::add_group(tx, app, &group).await?)
}

/// Chooses the groups that the app gets, one by one.
async fn choose_groups(tx: &mut Tx, of: &DirectoryId) -> Result<GroupSettings, Failure> {
    let mut chosen = Chosen::default();
    for name in GROUPS {
        let group = directory::group_by_email(tx, of, &Email::parse(&address(name))?).await?;
        let group = group.with_context(|| format!("the sample organisation has no group {name}"))?;
        chosen.groups.insert(group.id, group.email);
    }
    Ok(GroupSettings { selection: Selection::Chosen(chosen), ..GroupSettings::default() })
}

fn billing() -> String {
    address(BILLING)
}

fn address(group: &str) -> String {
    format!("{group}@{PRIMARY_DOMAIN}")
}

fn settings() -> Result<Settings, Failure> {
    let delay = |text| Delay::parse(text).map(Some);
    let deprovisioning =
        Deprovisioning { app_off: delay(APP_OFF)?, suspended: delay(SUSPENDED)?, deleted: delay(DELETED)? };
    Ok(Settings { deprovisioning, hard_delete: delay(HARD_DELETE)?, ..Settings::default() })
}

/// The template's mapping with the additions, as it is stored.
fn mapping() -> Result<Vec<String>, Failure> {
    let template = Template::by_key("aws").context("the catalogue has no template for AWS")?;
    let mut mapping = template.default_mapping();
    for line in MAPPED {
        mapping.edit(line)?;
    }
    mapping.compile(template)?;
    Ok(lines(&mapping))
}

fn lines(mapping: &Mapping) -> Vec<String> {
    mapping.iter().map(ToString::to_string).collect()
}

/// The same by hand: the commands, in their order.
pub(super) fn commands(endpoint: &str, token_file: &str) -> Vec<String> {
    let mut commands = vec![
        format!("usher app add {APP} --template aws"),
        format!("usher app authorize {APP} --endpoint {endpoint} --token-file {token_file}"),
    ];
    for (path, switch) in UNITS {
        let is = if *switch == Switch::On { "on" } else { "off" };
        commands.push(format!("usher app access {APP} --ou '{path}' {is}"));
    }
    commands.push(format!("usher app access {APP} --group {} on", billing()));
    let groups: Vec<_> = GROUPS.iter().map(|name| address(name)).collect();
    commands.push(format!("usher app groups {APP} --select {}", groups.join(",")));
    let mapped: Vec<_> = MAPPED.iter().map(|line| format!("--set '{line}'")).collect();
    commands.push(format!("usher app map {APP} {}", mapped.join(" ")));
    commands.push(format!(
        "usher app deprovision {APP} --app-off {APP_OFF} --suspended {SUSPENDED} --deleted {DELETED} --hard-delete \
         {HARD_DELETE}"
    ));
    for verb in ["app enable", "plan", "sync"] {
        commands.push(format!("usher {verb} {APP}"));
    }
    commands
}
