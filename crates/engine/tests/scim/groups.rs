//! Groups, at the emulated Identity Center and at a SCIM server that lies on command.

use std::collections::BTreeMap;
use std::sync::Arc;

use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::edit::Edit;
use usher_emulator::identity_center::fault::{Fault, FaultRule};
use usher_emulator::identity_center::people::GroupInfo;
use usher_emulator::identity_center::settings::Settings as Emulated;
use usher_emulator::when::When;
use usher_engine::import::Import;
use usher_engine::report::{RunReport, RunRequest};
use usher_model::account::Choice;
use usher_model::app::Settings;
use usher_model::group::GroupSettings;
use usher_model::group::selection::{Chosen, Pattern, Selection};
use usher_model::id::{Email, GroupId};
use usher_store::group::GroupRecord;
use usher_store::{directory, group};
use usher_testkit::builders::{Directory, id_of};
use usher_testkit::identity_center::EmulatedCenter;

use crate::world::{World, did};

mod adoption;
mod approved;
mod audits;
mod explained;
mod guards;
mod lifecycle;
mod losses;
mod numbers;
mod pinned;
mod size;
mod taken_over;
mod trouble;
mod undone;

/// The id of a group that has been made anew ([`Cloud::recreate_ops`]).
pub const RECREATED: &str = "another-id";

/// The groups of everybody's choice: all.
pub fn all_groups() -> GroupSettings {
    let patterns = [Pattern::parse("*").unwrap()].into();
    let selection = Selection::Chosen(Chosen { groups: BTreeMap::new(), patterns });
    GroupSettings { selection, ..GroupSettings::default() }
}

/// Settings that suspend at once, with these of groups.
pub fn with_groups(groups: GroupSettings) -> Settings {
    Settings { groups, ..World::settings() }
}

/// A world whose app is the emulated Identity Center, and that provisions all groups.
pub struct Cloud {
    pub world: World,
    pub aws: EmulatedCenter,
}

impl Cloud {
    pub async fn new(directory: &Directory) -> Self {
        Self::with(directory, all_groups(), Emulated::default().unlimited()).await
    }

    pub async fn with(directory: &Directory, groups: GroupSettings, emulated: Emulated) -> Self {
        let mut world = World::of_template("aws").await;
        let aws = EmulatedCenter::new(&world.sim, emulated);
        world.environment.transports = Arc::new(aws.clone());
        world.configure(&with_groups(groups)).await;
        world.has(directory).await;
        world.connect(&aws.enabled.endpoint, aws.token()).await;
        aws.center.clear_log(&aws.enabled.tenant).unwrap();
        Self { world, aws }
    }

    pub fn tenant(&self) -> &str {
        &self.aws.enabled.tenant
    }

    pub fn groups(&self) -> Vec<GroupInfo> {
        self.aws.center.groups(self.tenant(), 0, usize::MAX).unwrap()
    }

    /// Who is in a group at AWS, by the first part of their names.
    pub fn members(&self, group: &str) -> Vec<String> {
        let group = self.aws.center.group(self.tenant(), group).unwrap();
        let first = |name: &str| name.split('@').next().unwrap_or_default().to_owned();
        let mut members: Vec<_> = group.members.iter().map(|member| first(&member.user_name)).collect();
        members.sort();
        members
    }

    /// The names of the groups at AWS, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.groups().into_iter().map(|group| group.display_name).collect();
        names.sort();
        names
    }

    pub fn edit(&self, edit: &Edit) {
        self.aws.center.edit(self.tenant(), edit).unwrap();
    }

    /// How many requests of an operation there were since the log was cleared.
    pub fn count(&self, operation: Operation) -> usize {
        let log = self.aws.center.requests(self.tenant(), 0, usize::MAX).unwrap();
        log.iter().filter(|logged| logged.operation == Some(operation)).count()
    }

    pub fn clear_log(&self) {
        self.aws.center.clear_log(self.tenant()).unwrap();
    }

    pub fn fails(&self, operations: &[Operation], fault: Fault, when: When) {
        let rule = FaultRule { operations: operations.to_vec(), fault, when };
        self.aws.center.add_fault(self.tenant(), rule).unwrap();
    }

    pub async fn sync(&self) -> RunReport {
        self.world.sync().await
    }

    pub async fn audit(&self) -> RunReport {
        self.world.try_run(&RunRequest { audit: true, ..RunRequest::default() }).await.unwrap()
    }

    /// A run that has nothing to do.
    pub async fn is_converged(&self) {
        let report = self.sync().await;
        assert_eq!((did_all(&report).as_str(), report.requests.writes), ("nothing", 0), "{report:#?}");
        assert_eq!(report.n_failures, 0, "{:?}", report.failures);
    }

    pub async fn record(&self, address: &str) -> Option<GroupRecord> {
        record(&self.world, address).await
    }

    /// Ops is gone from the directory, and another group has its name and address, with Eve in it.
    pub async fn recreate_ops(&self) {
        let mut anew = people()
            .group("ops@example.com", &["eve@example.com"])
            .group("all@example.com", &["eve@example.com", "ops@example.com"])
            .json();
        anew["groups"][0]["id"] = RECREATED.into();
        self.world.import(&anew, Import { replace: true, preview: false }).await;
    }

    /// An admin says that the group which has been made anew takes over the one that the app holds.
    pub async fn take_over(&self) {
        let app = self.world.app().await.id;
        let mut tx = self.world.store.begin("test").await.unwrap();
        group::set_choice(&mut tx, &app, &GroupId::new(RECREATED), Some(Choice::TakeOver)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

pub async fn record(world: &World, address: &str) -> Option<GroupRecord> {
    let app = world.app().await;
    let mut tx = world.store.read("test").await.unwrap();
    let id = GroupId::new(id_of(address));
    group::of(&mut tx, &app.id, std::slice::from_ref(&id)).await.unwrap().remove(&id)
}

pub async fn group_id(world: &World, address: &str) -> GroupId {
    let app = world.app().await;
    let mut tx = world.store.read("test").await.unwrap();
    let email = Email::parse(address).unwrap();
    directory::group_by_email(&mut tx, &app.directory, &email).await.unwrap().unwrap().id
}

/// What a run did with people and with groups, in words.
pub fn did_all(report: &RunReport) -> String {
    let people = did(report);
    let groups: Vec<_> =
        report.group_operations.iter().map(|(kind, n)| format!("{} {n}", kind.as_str())).collect();
    match (people.as_str(), groups.is_empty()) {
        (_, true) => people,
        ("nothing", false) => groups.join(", "),
        (_, false) => format!("{people}, {}", groups.join(", ")),
    }
}

/// Three people in two groups, one within the other.
pub fn team() -> Directory {
    people()
        .group("ops@example.com", &["ada@example.com", "bob@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"])
}

pub fn people() -> Directory {
    Directory::new("example.com").people(["ada@example.com", "bob@example.com", "eve@example.com"])
}

/// So many people, p1, p2, …, all in the group `big@example.com`.
pub fn big_group(n: usize) -> Directory {
    let addresses: Vec<String> = (1..=n).map(|number| format!("p{number}@example.com")).collect();
    let members: Vec<&str> = addresses.iter().map(String::as_str).collect();
    Directory::new("example.com").people(members.iter().copied()).group("big@example.com", &members)
}
