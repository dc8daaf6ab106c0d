//! What an admin does: configuration, authorization, switches, words about single people.

#![expect(clippy::wildcard_enum_match_arm, reason = "what is no admin's is done elsewhere")]

use std::num::NonZeroU16;
use std::sync::Arc;

use usher_engine::authorize::{Authorization, authorize};
use usher_model::access::Switch;
use usher_model::account::Choice;
use usher_model::app::Settings;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::OrgUnitPath;
use usher_model::entitlement::ArchivedPolicy;
use usher_model::id::GroupId;
use usher_model::lifecycle::DriftPolicy;
use usher_model::scope::Depth;
use usher_model::template::Template;
use usher_store::app::NewApp;
use usher_store::{access, app, directory};

use super::{NAME, World, beginning};
use crate::sim::actor::Actor;
use crate::sim::app::way::Ways;
use crate::sim::directory::SECOND_DOMAIN;
use crate::sim::directory::groups::group_id;
use crate::sim::op::part::{Drifts, Listing};
use crate::sim::op::{Op, UNITS};
use crate::sim::reference::Config;

mod groups;

/// Who authorizes: nobody's run.
const ADMIN: u8 = u8::MAX;
/// What is mapped beside the template's own mapping.
const TITLE: &str = "title = user.organizations[0].title";

impl World<'_> {
    /// An app that is on for everybody, and a directory that has been listed.
    pub(super) async fn set_up(&mut self) {
        let mut tx = self.store.begin("sim::set_up").await.expect("the store can be written");
        let of =
            directory::embedded(&mut tx, &self.directory_id, beginning()).await.expect("a directory is made");
        let new = NewApp {
            id: self.id.clone(),
            name: NAME.to_owned(),
            template: "aws".to_owned(),
            directory: of.id.clone(),
            created_at: beginning(),
        };
        app::insert(&mut tx, &new).await.expect("an app is made");
        access::set_unit(&mut tx, &self.id, &OrgUnitPath::root(), Some(Switch::On))
            .await
            .expect("it is on for all");
        tx.commit().await.expect("it is stored");
        self.directory_id = of.id;
        self.list(Listing::Whole).await;
        self.settle().await;
        self.map(true).await;
        self.authorize().await;
        self.switch(true).await;
    }

    /// An admin does something.
    pub(super) async fn configure(&mut self, op: &Op) {
        if !self.ledger().mind.config.is_configured {
            if *op == Op::Configure {
                self.configure_anew().await;
            }
            return;
        }
        match *op {
            Op::Unit { unit, switch } => self.unit(unit, switch).await,
            Op::Group { g, on } => self.group(g, on).await,
            Op::Scope { g, nested } => self.scope(g, nested).await,
            Op::Delays { days } => self.setting(|config| config.delays = days).await,
            Op::HardDelete { days } => self.setting(|config| config.hard_delete = days).await,
            Op::Archived { suspends } => self.setting(|config| config.archived_suspends = suspends).await,
            Op::Drifts { policy } => self.setting(|config| config.drifts = policy).await,
            Op::Leavers { adopted } => self.setting(|config| config.adopts_leavers = adopted).await,
            Op::SecondDomain { provisioned } => {
                self.setting(|config| config.second_domain = provisioned).await;
            }
            Op::Map { title } => self.map(title).await,
            Op::Enable => self.switch(true).await,
            Op::Disable => self.switch(false).await,
            Op::Unconfigure => self.unconfigure().await,
            Op::RevokeToken => self.app.revoke_token(),
            Op::RenewToken => {
                self.app.renew_token();
                self.authorize().await;
            }
            Op::Pin { p, days } => self.pin(p, days).await,
            Op::Unpin { p } => self.unpin(p).await,
            Op::SwitchOn { p } => self.choose(p, Choice::SwitchOn).await,
            Op::TakeOver { p } => self.choose(p, Choice::TakeOver).await,
            Op::BringForward { n } => self.bring_forward(n).await,
            Op::Discard => self.discard().await,
            _ => self.configure_groups(op).await,
        }
    }

    async fn unit(&mut self, unit: u8, switch: Option<bool>) {
        let path = OrgUnitPath::parse(UNITS[usize::from(unit)]).expect("invariant: a path");
        let to = switch.map(|on| if on { Switch::On } else { Switch::Off });
        let mut tx = self.store.begin("sim::unit").await.expect("the store can be written");
        access::set_unit(&mut tx, &self.id, &path, to).await.expect("a unit is switched");
        tx.commit().await.expect("it is stored");
        self.reconfigured(|config| {
            match switch {
                Some(on) => config.units.insert(unit, on),
                None => config.units.remove(&unit),
            };
        });
    }

    async fn group(&mut self, g: u8, on: bool) {
        let (now, ever) = (self.directory.group_at(g), self.directory.groups_at(g));
        let mut tx = self.store.begin("sim::group").await.expect("the store can be written");
        let group = GroupId::new(group_id(now));
        if on {
            let found = directory::group_by_id(&mut tx, &self.directory_id, &group)
                .await
                .expect("groups can be read");
            let Some(found) = found else { return tx.rollback().await.expect("nothing was written") };
            access::add_group(&mut tx, &self.id, &found).await.expect("a group is added");
        } else {
            for was in &ever {
                let group = GroupId::new(group_id(*was));
                access::remove_group(&mut tx, &self.id, &group).await.expect("a group is removed");
            }
        }
        tx.commit().await.expect("it is stored");
        self.reconfigured(|config| {
            if on {
                config.groups.insert(now);
            } else {
                config.groups.retain(|group| !ever.contains(group));
            }
        });
    }

    async fn scope(&mut self, g: u8, nested: Option<bool>) {
        let (now, ever) = (self.directory.group_at(g), self.directory.groups_at(g));
        let mut tx = self.store.begin("sim::scope").await.expect("the store can be written");
        let group = GroupId::new(group_id(now));
        if let Some(nested) = nested {
            let depth = if nested { Depth::Nested } else { Depth::Direct };
            let found = directory::group_by_id(&mut tx, &self.directory_id, &group)
                .await
                .expect("groups can be read");
            let Some(found) = found else { return tx.rollback().await.expect("nothing was written") };
            access::add_scope(&mut tx, &self.id, &found, depth).await.expect("a group is chosen");
        } else {
            for was in &ever {
                let group = GroupId::new(group_id(*was));
                access::remove_scope(&mut tx, &self.id, &group).await.expect("a group is taken out");
            }
        }
        tx.commit().await.expect("it is stored");
        self.reconfigured(|config| match nested {
            Some(nested) => drop(config.scope.insert(now, nested)),
            None => config.scope.retain(|group, _| !ever.contains(group)),
        });
        self.ledger().mind.accepted_members.retain(|group, _| !ever.contains(group));
    }

    pub(super) async fn setting(&mut self, change: impl FnOnce(&mut Config)) {
        self.reconfigured(change);
        self.settle().await;
    }

    /// Stores the settings as the reference has them.
    async fn settle(&self) {
        let settings = settings(&self.ledger().mind.config);
        let mut tx = self.store.begin("sim::settings").await.expect("the store can be written");
        app::configure(&mut tx, &self.id, &settings).await.expect("settings are stored");
        tx.commit().await.expect("it is stored");
    }

    async fn map(&mut self, title: bool) {
        let mut all: Vec<String> = Template::by_key("aws").expect("it is known").default_mapping().into();
        all.extend(title.then(|| TITLE.to_owned()));
        let mut tx = self.store.begin("sim::map").await.expect("the store can be written");
        app::set_mapping(&mut tx, &self.id, &all).await.expect("a mapping is stored");
        tx.commit().await.expect("it is stored");
        self.reconfigured(|config| config.maps_title = title);
    }

    async fn authorize(&mut self) {
        let environment = self.environment(ADMIN);
        let environment = usher_engine::environment::Environment {
            transports: Arc::new(Ways { app: Arc::clone(&self.app), actor: ADMIN }),
            ..environment
        };
        let (store, token, endpoint) = (self.store.clone(), self.app.token(), self.app.endpoint.clone());
        let clock: Arc<dyn usher_engine::clock::Clock> = Arc::new(self.clock.clone());
        let asking = async move {
            let authorization = Authorization {
                app: NAME,
                endpoint: &endpoint,
                token,
                token_created_at: Some(clock.now()),
                is_new_tenant: false,
            };
            authorize(&store, &clock, &environment, authorization).await.is_ok()
        };
        if self.drive(Actor::new(asking)).await {
            self.reconfigured(|_| ());
        }
    }

    async fn switch(&mut self, is_on: bool) {
        let now = self.now();
        let is_enabled = {
            let mut tx = self.store.read("sim::switch").await.expect("the store can be read");
            let found = app::by_name(&mut tx, NAME).await.expect("apps can be read").expect("it is there");
            // Activation is refused without an authorization.
            if is_on && (found.endpoint.is_none() || found.settings.is_none()) {
                return;
            }
            found.is_enabled
        };
        if is_enabled == is_on {
            return;
        }
        let mut tx = self.store.begin("sim::switch").await.expect("the store can be written");
        if is_on {
            app::enable(&mut tx, &self.id, now).await.expect("it is turned on");
        } else {
            app::disable(&mut tx, &self.id, now).await.expect("it is turned off");
        }
        tx.commit().await.expect("it is stored");
        let mut ledger = self.ledger();
        ledger.mind.switch(is_on, now);
        if !is_on {
            ledger.close_all();
        }
    }

    async fn unconfigure(&mut self) {
        let now = self.now();
        let mut tx = self.store.begin("sim::unconfigure").await.expect("the store can be written");
        app::unconfigure(&mut tx, &self.id, now).await.expect("it is unconfigured");
        tx.commit().await.expect("it is stored");
        let mut ledger = self.ledger();
        let mut touched = std::mem::take(&mut ledger.unrecorded);
        touched.extend(std::mem::take(&mut ledger.seen));
        touched.extend(ledger.views.values().flat_map(|view| view.touched.iter().cloned()));
        let mind = &mut ledger.mind;
        for user in touched {
            mind.blurred.insert(user, "what a run had just written was dropped with the records");
        }
        mind.switch(false, now);
        mind.config.is_configured = false;
        for user in std::mem::take(&mut mind.unknown).into_keys() {
            mind.blurred.insert(user, "what was on record of a lost write was dropped");
        }
        mind.causes.clear();
        mind.brought_forward.clear();
        mind.pins.clear();
        mind.undone.clear();
        mind.accepted = None;
        mind.groups.unconfigure();
        ledger.groups.forget();
        ledger.holder = None;
        // What is found again, as it would have been made, may pass for made.
        let owners: Vec<String> = ledger.accounts.values().filter_map(|entry| entry.owner.clone()).collect();
        for owner in owners {
            *ledger.mind.hands.entry(owner).or_default() += 1;
        }
        for entry in ledger.accounts.values_mut() {
            entry.off_by_hand = entry.off_by_hand.or(entry.suspended_on);
            (entry.owner, entry.suspended_on) = (None, None);
        }
        drop(ledger);
        self.reconfigured(|_| ());
        let mut ledger = self.ledger();
        ledger.mind.unconfigured = ledger.mind.version;
    }

    async fn configure_anew(&mut self) {
        self.ledger().mind.config.is_configured = true;
        self.settle().await;
        let title = self.ledger().mind.config.maps_title;
        self.map(title).await;
        self.authorize().await;
    }

    fn reconfigured(&self, change: impl FnOnce(&mut Config)) {
        let mut ledger = self.ledger();
        change(&mut ledger.mind.config);
        ledger.mind.reconfigured();
        ledger.close_all();
    }
}

fn delay(days: u16) -> Delay {
    NonZeroU16::new(days).map_or(Delay::Within24Hours, Delay::Days)
}

/// The settings that a reference's configuration means.
fn settings(config: &Config) -> Settings {
    let [app_off, suspended, deleted] = config.delays.map(|days| days.map(delay));
    Settings {
        deprovisioning: Deprovisioning { app_off, suspended, deleted },
        hard_delete: config.hard_delete.map(delay),
        archived: if config.archived_suspends {
            ArchivedPolicy::TreatAsSuspended
        } else {
            ArchivedPolicy::Leave
        },
        drift: match config.drifts {
            Drifts::Repair => DriftPolicy::Repair,
            Drifts::Report => DriftPolicy::Report,
            Drifts::Ignore => DriftPolicy::Ignore,
        },
        adopt_leavers: config.adopts_leavers,
        groups: groups::settings(&config.groups_at_app),
        domains: config.second_domain.then(|| SECOND_DOMAIN.to_owned()).into_iter().collect(),
        ..Settings::default()
    }
}
