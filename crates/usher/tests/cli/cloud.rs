//! An app of the template for Amazon Web Services that is set up and on, and the emulated Identity Center behind it.

use std::fmt::Write as _;
use std::sync::Arc;

use secrecy::ExposeSecret as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use usher_emulator::identity_center::admin::Enabled;
use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::settings::Settings;
use usher_emulator::identity_center::{IdentityCenter, Options};
use usher_emulator::server::Listening;
use usher_model::time::Timestamp;
use usher_testkit::clock::SimClock;

use crate::desk::{CONFIG, Desk, Ended};

/// A desk whose app `aws` is on for everybody, and the Identity Center behind it.
pub(crate) struct Cloud {
    pub(crate) desk: Desk,
    pub(crate) center: IdentityCenter,
    tenant: String,
    // The emulator answers for as long as its task and its runtime are there.
    answering: JoinSet<std::io::Result<()>>,
    runtime: tokio::runtime::Runtime,
}

/// A group of the directory: its id, the first part of its address, its name, and who is in it.
pub(crate) type GroupOf<'a> = (&'a str, &'a str, &'a str, &'a [&'a str]);

impl Cloud {
    /// With so many people, p1@example.com, p2@example.com, …, and these groups.
    pub(crate) fn of(n_people: usize, groups: &[GroupOf<'_>]) -> Self {
        let desk = Desk::new();
        // The emulator shows at once what was written to it, and an audit need not wait for that.
        desk.write(CONFIG, "[runs]\nlook_again_after_ms = 1\n");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let mut answering = JoinSet::new();
        let (center, Enabled { tenant, endpoint, token }) = runtime.block_on(async {
            let listening = Listening::on(0).await.expect("a free port");
            let clock = SimClock::at(Timestamp::parse("2026-11-23T09:00:00Z").expect("an instant"));
            let options = Options::at(listening.base_url());
            let center = IdentityCenter::new(Arc::new(clock.auto_advancing()), options);
            let enabled = center.ready_tenant(Settings::default().unlimited()).expect("a tenant");
            let shared = center.clone();
            let answer = move |request| {
                let center = shared.clone();
                async move { center.answer(request).await }
            };
            answering.spawn(listening.serve(answer, CancellationToken::new()));
            (center, enabled)
        });
        desk.write("token", token.value.expose_secret());
        let cloud = Self { desk, center, tenant, answering, runtime };
        let people: Vec<String> = (1..=n_people).map(person).collect();
        let domains = r#""domains": [{"domainName": "example.com", "isPrimary": true}]"#;
        cloud.import(&format!("{domains}, \"users\": [{}], {}", people.join(", "), groups_as_json(groups)));
        let desk = &cloud.desk;
        desk.succeeds(&["app", "add", "aws", "--template", "aws"]);
        desk.succeeds(&["app", "authorize", "aws", "--endpoint", &endpoint, "--token-file", "token"]);
        desk.succeeds(&["app", "access", "aws", "--ou", "/", "on"]);
        desk.succeeds(&["app", "deprovision", "aws", "--suspended", "24h", "--deleted", "24h"]);
        desk.succeeds(&["app", "enable", "aws"]);
        cloud
    }

    /// Three people and two groups: p1 and p2 are in Ops, and Ops and p3 are in All.
    pub(crate) fn team() -> Self {
        Self::of(3, &[("g1", "ops", "Ops", &["p1", "p2"]), ("g2", "all", "All", &["p3", "ops"])])
    }

    /// The same, where the app gets both groups and has them.
    pub(crate) fn synced() -> Self {
        let cloud = Self::team();
        cloud.desk.succeeds(&["app", "groups", "aws", "--select", "*"]);
        cloud.desk.succeeds(&["sync", "aws"]);
        cloud
    }

    fn import(&self, inner: &str) {
        self.desk.write("directory.json", &format!("{{{inner}}}"));
        self.desk.succeeds(&["import", "directory.json"]);
    }

    /// Groups become so, or come in addition.
    pub(crate) fn have(&self, groups: &[GroupOf<'_>]) {
        self.import(&groups_as_json(groups));
    }

    /// Another hand at AWS.
    pub(crate) fn edit(&self, edit: &Edit) {
        self.center.edit(&self.tenant, edit).expect("the edit makes sense");
    }

    /// The names of the groups at AWS, sorted.
    pub(crate) fn groups(&self) -> Vec<String> {
        let groups = self.center.groups(&self.tenant, 0, usize::MAX).expect("the tenant is there");
        let mut names: Vec<_> = groups.into_iter().map(|group| group.display_name).collect();
        names.sort();
        names
    }

    /// Who is in a group at AWS, by the first part of their addresses.
    pub(crate) fn members(&self, group: &str) -> Vec<String> {
        let group = self.center.group(&self.tenant, group).expect("the group is there");
        let first = |name: &str| name.split('@').next().unwrap_or_default().to_owned();
        let mut members: Vec<_> = group.members.iter().map(|member| first(&member.user_name)).collect();
        members.sort();
        members
    }

    pub(crate) fn usher(&self, args: &[&str]) -> Ended {
        self.desk.usher(args)
    }

    /// Ends the emulator without waiting for what it does.
    pub(crate) fn end(mut self) {
        self.answering.abort_all();
        self.runtime.shutdown_background();
    }
}

fn person(n: usize) -> String {
    format!(
        r#"{{"id": "{n}", "primaryEmail": "p{n}@example.com", "name": {{"givenName": "P", "familyName": "{n}"}}}}"#
    )
}

fn groups_as_json(groups: &[GroupOf<'_>]) -> String {
    let (mut entries, mut members) = (Vec::new(), Vec::new());
    for (id, local, name, in_it) in groups {
        entries.push(format!(r#"{{"id": "{id}", "email": "{local}@example.com", "name": "{name}"}}"#));
        let mut of_it = String::new();
        for who in *in_it {
            let comma = if of_it.is_empty() { "" } else { ", " };
            write!(of_it, r#"{comma}"{who}@example.com""#).expect("a string takes all that is written");
        }
        members.push(format!(r#""{local}@example.com": [{of_it}]"#));
    }
    format!("\"groups\": [{}], \"members\": {{{}}}", entries.join(", "), members.join(", "))
}
