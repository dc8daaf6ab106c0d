//! The console's hands over a store in memory and a SCIM server: what a click comes to, where a command does the same.

use std::sync::Arc;

use clap::{CommandFactory as _, FromArgMatches as _};
use secrecy::SecretString;
use usher_model::access::Switch;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::OrgUnitPath;
use usher_model::id::{Email, GroupId, HoldId, UserId};
use usher_model::operation::Kind;
use usher_model::scope::Depth;
use usher_store::{Key, KeySource, Location, Migrations, Opening, access, directory};
use usher_testkit::scim::ScimServer;
use usher_web::hands::{AccessOf, Finished, Imported, Planned, Ran, ScopeGroup};

mod people;

use super::*;
use crate::cli::Cli;

const PEOPLE: &str = r#"{
  "domains": [{"domainName": "example.com", "isPrimary": true}],
  "organizationUnits": [{"name": "Sales", "orgUnitPath": "/Sales", "parentOrgUnitPath": "/"}],
  "users": [
    {"id": "1", "primaryEmail": "ada@example.com", "name": {"givenName": "Ada", "familyName": "Byron"}, "orgUnitPath": "/"},
    {"id": "2", "primaryEmail": "bo@example.com", "name": {"givenName": "Bo", "familyName": "Li"}, "orgUnitPath": "/Sales"}
  ],
  "groups": [{"id": "g1", "email": "team@example.com", "name": "Team"}],
  "members": {"team@example.com": [{"id": "1", "email": "ada@example.com", "type": "USER", "role": "MEMBER"}]}
}"#;

/// Hands, what they work on, and the app's server.
struct Office {
    store: Store,
    hands: FromConsole,
    server: ScimServer,
    data: tempfile::TempDir,
}

impl Office {
    async fn new() -> Self {
        // Whoever else runs in this process may have installed it already.
        rustls::crypto::aws_lc_rs::default_provider().install_default().ok();
        let opening = Opening {
            location: Location::Memory,
            keys: KeySource::Given(vec![Key::new([7; 32])]),
            entropy: Arc::new(crate::system::fill),
            migrations: Migrations::Apply,
        };
        let store = Store::open(opening).await.unwrap();
        let data = tempfile::tempdir().unwrap();
        let at = data.path().to_str().unwrap();
        let matches =
            Cli::command().try_get_matches_from(["usher", "serve", "--quiet", "--data-dir", at]).unwrap();
        let cli = Cli::from_arg_matches(&matches).unwrap();
        let context = Context::new(cli.globals, &matches).unwrap();
        let hands = FromConsole::new(&context, &store, &Turns::default(), &TaskTracker::new());
        let office = Self { store, hands, server: ScimServer::start().await, data };
        let imported = office.job(office.import(PEOPLE, false).await).await;
        assert!(matches!(imported, Finished::Imported(Imported { is_preview: false, .. })));
        office
    }

    /// One whose app `wiki` is authorized.
    async fn with_app() -> Self {
        let office = Self::new().await;
        let mut tx = office.store.begin("tests::add").await.unwrap();
        let new = NewApp { name: "wiki", template: "scim", directory: None };
        office.hands.add(&mut tx, new).await.unwrap();
        tx.commit().await.unwrap();
        let endpoint = office.server.endpoint();
        office.authorize(&endpoint, &office.server.token()).await.unwrap();
        office
    }

    /// One whose app is on for everybody.
    async fn on() -> Self {
        let office = Self::with_app().await;
        let everybody = AccessOf::Unit(OrgUnitPath::root(), Some(Switch::On));
        office.edits(Edit::Access(everybody)).await.unwrap();
        let triggers = Deprovisioning { suspended: Delay::parse("24h").ok(), ..Deprovisioning::default() };
        office.edits(Edit::Deprovisioning { triggers, hard_delete: None }).await.unwrap();
        office.edits(Edit::TurnOn).await.unwrap();
        office
    }

    /// An import of a file that was taken in.
    async fn import(&self, text: &str, preview: bool) -> Job {
        let mut incoming = self.hands.receive("people.json").await.unwrap();
        incoming.write(text.as_bytes()).await.unwrap();
        Job::Import { files: vec![incoming.finish().await.unwrap()], replace: false, preview }
    }

    async fn app(&self) -> App {
        let mut tx = self.store.read("tests::app").await.unwrap();
        app::by_name(&mut tx, "wiki").await.unwrap().unwrap()
    }

    async fn authorize(&self, endpoint: &str, token: &str) -> Result<(), NotAuthorized> {
        let app = self.app().await;
        let token = SecretString::from(token);
        self.hands.authorize(Authorization { app: &app, endpoint, token, is_new_tenant: false }).await
    }

    /// Makes an edit and commits it, or says why not, in which case nothing of it stands.
    async fn edits(&self, edit: Edit) -> Result<(), String> {
        let mut tx = self.store.begin("tests::edit").await.unwrap();
        let app = app::by_name(&mut tx, "wiki").await.unwrap().unwrap();
        match self.hands.edit(&mut tx, &app, &edit).await {
            Ok(()) => {
                tx.commit().await.unwrap();
                Ok(())
            }
            Err(why) => {
                tx.rollback().await.unwrap();
                Err(why.to_string())
            }
        }
    }

    /// A job's end.
    async fn ended(&self, job: Job) -> JobState {
        let id = self.hands.begin(job).await.unwrap();
        loop {
            match self.hands.job(&id).unwrap() {
                JobState::UnderWay(_) => tokio::task::yield_now().await,
                over @ (JobState::Finished(_) | JobState::Failed(_)) => return over,
            }
        }
    }

    async fn job(&self, job: Job) -> Finished {
        match self.ended(job).await {
            JobState::Finished(finished) => *finished,
            other @ (JobState::UnderWay(_) | JobState::Failed(_)) => panic!("{other:?}"),
        }
    }

    async fn plan(&self, edit: Option<Edit>) -> Planned {
        let app = self.app().await.id;
        let Finished::Planned(planned) = self.job(Job::Preview { app, edit }).await else {
            panic!("no plan")
        };
        planned
    }

    async fn runs(&self, job: Job) -> Ran {
        let Finished::Ran(ran) = self.job(job).await else { panic!("no run") };
        ran
    }

    async fn provisions(&self, who: &str) -> Ran {
        let (app, user) = (self.app().await.id, Email::parse(who).unwrap());
        self.runs(Job::OnDemand { app, user }).await
    }
}

#[tokio::test]
async fn endpoint_and_token_are_taken_once_the_app_has_accepted_them_and_each_refusal_is_of_its_own_kind() {
    let office = Office::new().await;
    let mut tx = office.store.begin("tests::add").await.unwrap();
    office.hands.add(&mut tx, NewApp { name: "wiki", template: "scim", directory: None }).await.unwrap();
    let twice = office.hands.add(&mut tx, NewApp { name: "wiki", template: "scim", directory: None }).await;
    assert!(twice.unwrap_err().to_string().contains("already"));
    let bad = office.hands.add(&mut tx, NewApp { name: "Wiki!", template: "scim", directory: None }).await;
    bad.unwrap_err();
    tx.commit().await.unwrap();
    let (endpoint, token) = (office.server.endpoint(), office.server.token());
    let wrong = office.authorize(&endpoint, "wrong").await;
    assert!(matches!(wrong, Err(NotAuthorized::Token(why)) if why.contains("401")));
    for elsewhere in
        [format!("{endpoint}/nowhere"), "ftp://example.com".to_owned(), "http://127.0.0.1:1/".to_owned()]
    {
        let wrong = office.authorize(&elsewhere, &token).await;
        assert!(matches!(wrong, Err(NotAuthorized::Endpoint(_))), "{elsewhere}: {wrong:?}");
    }
    assert!(!office.app().await.has_token);
    office.authorize(&endpoint, &token).await.unwrap();
    assert!(office.app().await.has_token);
}

#[tokio::test]
async fn an_edit_is_what_its_command_makes_of_it() {
    let office = Office::with_app().await;
    let why = office.edits(Edit::TurnOn).await.unwrap_err();
    assert!(why.contains("isn't turned on for any users"), "{why}");
    let gone = AccessOf::Unit(OrgUnitPath::parse("/Gone").unwrap(), Some(Switch::On));
    assert!(office.edits(Edit::Access(gone)).await.unwrap_err().contains("no organizational unit /Gone"));
    office.edits(Edit::Access(AccessOf::Group(Email::parse("team@example.com").unwrap()))).await.unwrap();
    let team = ScopeGroup { group: GroupId::new("g1"), depth: Depth::Direct };
    office.edits(Edit::Scope(vec![team.clone()])).await.unwrap();
    let ghost = ScopeGroup { group: GroupId::new("ghost"), depth: Depth::Direct };
    office.edits(Edit::Scope(vec![team, ghost])).await.unwrap_err();
    office.edits(Edit::Mapping(vec!["userName = user.primaryEmail.shout()".into()])).await.unwrap_err();
    let app = office.app().await;
    let mut tx = office.store.read("tests::edit").await.unwrap();
    let scope = access::scope(&mut tx, &app.id).await.unwrap();
    let [scoped] = scope.as_slice() else { panic!("{scope:?}") };
    assert_eq!(
        (scoped.email.as_str(), scoped.depth, scoped.accepted_members),
        ("team@example.com", Depth::Direct, Some(1))
    );
    assert_eq!(access::access_list(&mut tx, &app.id).await.unwrap().groups.len(), 1);
    assert!(app.mapping.is_empty(), "what is refused leaves nothing behind");
    drop(tx);
    office.edits(Edit::Scope(Vec::new())).await.unwrap();
    office.edits(Edit::Access(AccessOf::NoGroup(GroupId::new("g1")))).await.unwrap();
    let mut tx = office.store.read("tests::edit").await.unwrap();
    assert!(access::scope(&mut tx, &app.id).await.unwrap().is_empty());
    assert!(!access::access_list(&mut tx, &app.id).await.unwrap().is_on_for_somebody());
}

#[tokio::test]
async fn a_preview_of_an_edit_says_what_it_would_cause_and_changes_nothing() {
    let office = Office::on().await;
    assert_eq!(office.plan(None).await.operations[&Kind::Create], 2);
    let before = office.app().await;
    let team = Edit::Scope(vec![ScopeGroup { group: GroupId::new("g1"), depth: Depth::Nested }]);
    let planned = office.plan(Some(team.clone())).await;
    assert_eq!(planned.operations[&Kind::Create], 1, "the team alone");
    assert_eq!((planned.version, planned.edit), (before.config_version, Some(team)));
    let mut tx = office.store.read("tests::preview").await.unwrap();
    let rows = usher_store::plan::rows(&mut tx, &before.id, &planned.run, -1, 10).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.email.as_str()).collect::<Vec<_>>(), ["ada@example.com"]);
    assert!(access::scope(&mut tx, &before.id).await.unwrap().is_empty());
    drop(tx);
    assert_eq!(office.app().await.config_version, before.config_version);
    assert!(office.server.writes().is_empty());
    let app = before.id;
    let edit = Some(Edit::Mapping(vec!["userName = nonsense(".into()]));
    assert!(matches!(office.ended(Job::Preview { app, edit }).await, JobState::Failed(_)));
}

#[tokio::test]
async fn a_preview_of_an_edit_names_those_whose_timer_it_would_start() {
    let office = Office::on().await;
    let app = office.app().await.id;
    office.runs(Job::Audit { app }).await;
    let settings = office.app().await.settings.unwrap();
    let triggers = Deprovisioning { app_off: Delay::parse("7d").ok(), ..settings.deprovisioning };
    office.edits(Edit::Deprovisioning { triggers, hard_delete: None }).await.unwrap();
    let off = AccessOf::Unit(OrgUnitPath::parse("/Sales").unwrap(), Some(Switch::Off));
    let planned = office.plan(Some(Edit::Access(off))).await;
    assert!(planned.operations.is_empty(), "nobody is suspended for seven days");
    let [(who, why)] = planned.leaving.as_slice() else { panic!("{planned:?}") };
    assert_eq!((planned.n_leaving, who.as_str()), (1, "bo@example.com"));
    assert!(why.contains("the app is off for /Sales"), "{why}");
}

#[tokio::test]
async fn one_person_is_run_with_each_step_and_without_the_token() {
    let office = Office::on().await;
    let ran = office.provisions("ada@example.com").await;
    assert_eq!((ran.operations[&Kind::Create], ran.n_failures), (1, 0));
    assert!(office.server.user_by_name("ada@example.com").is_some());
    assert!(office.server.user_by_name("bo@example.com").is_none(), "nobody else");
    let names: Vec<_> = ran.steps.iter().map(|step| step.name.as_str()).collect();
    assert!(names.starts_with(&["found", "access", "scope"]) && names.contains(&"request"), "{names:?}");
    let text: String = ran.steps.iter().map(|step| step.text.as_str()).collect();
    assert!(text.contains("POST") && !text.contains(&office.server.token()), "{text}");
    let ghost =
        Job::OnDemand { app: office.app().await.id, user: Email::parse("ghost@example.com").unwrap() };
    assert!(matches!(office.ended(ghost).await, JobState::Failed(why) if why.contains("ghost@example.com")));
}

#[tokio::test]
async fn an_audit_runs_everybody_and_an_undo_gives_back_what_it_took() {
    let office = Office::on().await;
    let app = office.app().await.id;
    assert_eq!(office.runs(Job::Audit { app: app.clone() }).await.operations[&Kind::Create], 2);
    office
        .job(
            office
                .import(
                    r#"{"users": [{"id": "1", "primaryEmail": "ada@example.com", "suspended": true}]}"#,
                    false,
                )
                .await,
        )
        .await;
    let took = office.provisions("ada@example.com").await;
    assert_eq!(took.operations[&Kind::Suspend], 1);
    let Finished::UndoPlan(plan) = office.job(Job::PreviewUndo { run: took.run.clone() }).await else {
        panic!()
    };
    assert_eq!((plan.n_taken_back, plan.taken_back[0].0.as_str()), (1, "ada@example.com"));
    let by = "ada@example.com".to_owned();
    let undone = office.runs(Job::Undo { run: took.run, by }).await;
    assert_eq!(undone.operations[&Kind::Unsuspend], 1);
    assert_eq!(office.server.user_by_name("ada@example.com").unwrap()["active"], true);
    let ghost = Job::PreviewUndo { run: usher_model::id::RunId::new("ghost") };
    assert!(matches!(office.ended(ghost).await, JobState::Failed(_)));
}

#[tokio::test]
async fn of_two_holds_the_one_that_is_named_is_released_by_whoever_named_it() {
    let office = Office::on().await;
    let app = office.app().await.id;
    let many: Vec<_> = (10..30)
        .map(|n| format!(r#"{{"id": "{n}", "primaryEmail": "u{n}@example.com", "name": {{"givenName": "U", "familyName": "N"}}}}"#))
        .collect();
    office.job(office.import(&format!("{{\"users\": [{}]}}", many.join(",")), false).await).await;
    office.runs(Job::Audit { app: app.clone() }).await;
    let gone: Vec<_> = (10..25)
        .map(|n| format!(r#"{{"id": "{n}", "primaryEmail": "u{n}@example.com", "suspended": true}}"#))
        .collect();
    office.job(office.import(&format!("{{\"users\": [{}]}}", gone.join(",")), false).await).await;
    let held = office.runs(Job::Audit { app: app.clone() }).await;
    assert_eq!(held.held.iter().map(|held| held.n_operations).sum::<u64>(), 15);
    let mut tx = office.store.read("tests::holds").await.unwrap();
    let open = usher_store::hold::open(&mut tx, &app).await.unwrap();
    drop(tx);
    let by = "ada@example.com".to_owned();
    let other = Job::Release { app: app.clone(), holds: vec![HoldId::new("another")], by: by.clone() };
    assert!(
        !office.runs(other).await.operations.contains_key(&Kind::Suspend),
        "another hold's word is not this one's"
    );
    let holds = vec![open[0].id.clone()];
    let released = office.runs(Job::Release { app, holds, by: by.clone() }).await;
    assert_eq!(released.operations[&Kind::Suspend], 15);
    let mut tx = office.store.read("tests::holds").await.unwrap();
    let decided = usher_store::hold::by_id(&mut tx, &open[0].id).await.unwrap().unwrap();
    assert_eq!(decided.decided_by, Some(by));
}

#[tokio::test]
async fn an_import_is_looked_through_first_and_what_is_wrong_with_a_file_is_told_by_its_name() {
    let office = Office::new().await;
    let cy = r#"{"users": [{"id": "3", "primaryEmail": "cy@example.com", "name": {"givenName": "Cy", "familyName": "Os"}}]}"#;
    let Finished::Imported(preview) = office.job(office.import(cy, true).await).await else { panic!() };
    assert_eq!((preview.is_preview, preview.kinds[0].added), (true, 1));
    let there = async |id: &str| {
        let mut tx = office.store.read("tests::import").await.unwrap();
        let embedded = directory::by_name(&mut tx, "embedded").await.unwrap().unwrap();
        let users = std::collections::BTreeSet::from([UserId::new(id)]);
        !directory::people(&mut tx, &embedded.id, &users).await.unwrap().is_empty()
    };
    assert!(!there("3").await);
    let JobState::Failed(why) = office.ended(office.import("{\"users\": [{]}", false).await).await else {
        panic!()
    };
    assert!(why.contains("people.json") && !why.contains("/tmp"), "{why}");
    office.job(office.import(cy, false).await).await;
    assert!(there("3").await);
}
