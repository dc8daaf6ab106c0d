//! Apps, and the fence.

use std::time::Duration;

use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};
use usher_model::app::{Settings, Status};
use usher_model::directory::{Group, OrgUnitPath};
use usher_model::group::adoption::RemoteGroup;
use usher_model::group::operation::GroupOperation;
use usher_model::group::reason::GroupReason;
use usher_model::guard::Tripped;
use usher_model::id::{AppId, DirectoryId, GroupId, HoldId, RemoteId, RunId};
use usher_model::scope::Depth;
use usher_store::account::{self, RecordState};
use usher_store::app::{self, NewApp, Pulse, Quarantine};
use usher_store::group::event::{GroupEvent, GroupEventKind};
use usher_store::group::member::MemberStanding;
use usher_store::group::plan::GroupRow;
use usher_store::group::{self, GroupRecord, GroupRecordState};
use usher_store::run::{self, RunKind};
use usher_store::{StoreError, Tx, access, event, hold, plan, remote};

use crate::apps::{
    ENDPOINT, active, at, aws, create, email, get, grant, lease, other, row, store_with_apps, turn_on, user,
};
use crate::db::Db;

#[rstest]
#[tokio::test]
async fn an_app_begins_without_a_configuration_and_off(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.read("tests::read").await.unwrap();
    let app = app::by_name(&mut tx, "aws").await.unwrap().unwrap();
    assert_eq!((app.status(), app.id, app.created_at), (Status::NotConfigured, aws(), at(0)));
    assert_eq!((app.settings, app.mapping, app.has_token), (None, vec![], false));
    assert_eq!(app::by_name(&mut tx, "nobody").await.unwrap(), None);
    assert_eq!(app::by_id(&mut tx, &AppId::new("nobody")).await.unwrap(), None);
    let names: Vec<_> = app::list(&mut tx).await.unwrap().into_iter().map(|app| app.name).collect();
    assert_eq!(names, ["aws", "wiki"]);
}

#[rstest]
#[tokio::test]
async fn a_name_belongs_to_one_app(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let again = NewApp {
        id: AppId::new("app-3"),
        name: "aws".to_owned(),
        template: "scim".to_owned(),
        directory: DirectoryId::new("d1"),
        created_at: at(1),
    };
    let mut tx = store.begin("tests::insert").await.unwrap();
    let error = app::insert(&mut tx, &again).await.unwrap_err();
    assert!(error.is_unique_violation(), "{error}");
}

#[rstest]
#[tokio::test]
async fn what_an_admin_sets_is_read_back_and_counted(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::configure").await.unwrap();
    let settings = Settings { adopt_leavers: true, ..Settings::default() };
    let mapping = vec!["title = user.organizations[0].title".to_owned()];
    app::configure(&mut tx, &aws(), &settings).await.unwrap();
    app::set_mapping(&mut tx, &aws(), &mapping).await.unwrap();
    app::accept_people(&mut tx, &aws(), 1_000_000).await.unwrap();
    app::set_next_run(&mut tx, &aws(), Some(at(7))).await.unwrap();
    let app = get(&mut tx, &aws()).await;
    assert_eq!((app.settings, app.mapping, app.config_version), (Some(settings), mapping, 2));
    assert_eq!((app.accepted_people, app.next_run_at), (Some(1_000_000), Some(at(7))));
    let untouched = get(&mut tx, &other()).await;
    assert_eq!((untouched.settings, untouched.config_version, untouched.next_run_at), (None, 0, None));
    let missing = app::configure(&mut tx, &AppId::new("nobody"), &Settings::default()).await.unwrap_err();
    assert!(matches!(missing, StoreError::RowCount { .. }), "{missing}");
}

#[rstest]
#[tokio::test]
async fn a_token_is_sealed_for_its_app_and_ends_a_refusal(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    turn_on(&store, &aws(), at(0)).await;
    let run = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::authorize").await.unwrap();
    app::refused(&mut tx, &run, at(1)).await.unwrap();
    app::set_next_run(&mut tx, &aws(), Some(at(900))).await.unwrap();
    assert_eq!(get(&mut tx, &aws()).await.status(), Status::NeedsReauthorization);
    let before = get(&mut tx, &aws()).await.config_version;
    let token = SecretString::from("another t0ken");
    let from_before = Some(at(-1_000_000));
    app::authorize(&mut tx, store.keyring(), &aws(), grant(&token, from_before), at(2)).await.unwrap();
    let app = get(&mut tx, &aws()).await;
    assert_eq!((app.status(), app.endpoint.as_deref()), (Status::Active, Some(ENDPOINT)));
    assert_eq!(app.token_created_at, from_before, "a token may be older than its use");
    assert_eq!((app.has_token, app.token_set_at, app.next_run_at), (true, Some(at(2)), Some(at(2))));
    assert_eq!(app.config_version, before + 1);
    let read = app::token(&mut tx, store.keyring(), &aws()).await.unwrap().unwrap();
    assert_eq!(read.expose_secret(), "another t0ken");
    assert!(app::token(&mut tx, store.keyring(), &other()).await.unwrap().is_none());
    assert!(app::fence(&mut tx, &run).await.is_ok(), "the run goes on with its lease");
}

#[rstest]
#[tokio::test]
async fn time_counts_only_while_provisioning_is_on(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    turn_on(&store, &aws(), at(0)).await;
    let mut tx = store.begin("tests::clock").await.unwrap();
    app::enable(&mut tx, &aws(), at(5)).await.unwrap();
    assert_eq!(get(&mut tx, &aws()).await.provisioning_on(at(10)), Duration::from_secs(10));
    app::disable(&mut tx, &aws(), at(10)).await.unwrap();
    app::disable(&mut tx, &aws(), at(50)).await.unwrap();
    let off = get(&mut tx, &aws()).await;
    assert_eq!((off.status(), off.next_run_at), (Status::Inactive, None));
    assert_eq!(off.provisioning_on(at(100)), Duration::from_secs(10));
    app::enable(&mut tx, &aws(), at(100)).await.unwrap();
    assert_eq!(get(&mut tx, &aws()).await.provisioning_on(at(103)), Duration::from_secs(13));
}

#[rstest]
#[tokio::test]
async fn a_run_learns_what_it_was_told_while_it_ran(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    turn_on(&store, &aws(), at(0)).await;
    let mut tx = store.begin("tests::told").await.unwrap();
    let begun = async |tx: &mut usher_store::Tx, run: &str| {
        let run = app::begin_run(tx, &aws(), RunId::new(run)).await.unwrap();
        assert!(!app::is_told(tx, &run).await.unwrap());
        app::set_next_run(tx, &aws(), Some(at(900))).await.unwrap();
        run
    };
    let run = begun(&mut tx, "directory").await;
    app::touch(&mut tx, &DirectoryId::new("another"), at(1)).await.unwrap();
    assert!(!app::is_told(&mut tx, &run).await.unwrap(), "another directory is none of its concern");
    app::touch(&mut tx, &DirectoryId::new("d1"), at(1)).await.unwrap();
    assert!(app::is_told(&mut tx, &run).await.unwrap());
    assert_eq!(get(&mut tx, &aws()).await.next_run_at, Some(at(1)));
    let run = begun(&mut tx, "choice").await;
    app::wake(&mut tx, &aws(), at(2)).await.unwrap();
    assert!(app::is_told(&mut tx, &run).await.unwrap());
    assert_eq!(get(&mut tx, &aws()).await.next_run_at, Some(at(2)));
    let run = begun(&mut tx, "off and on").await;
    app::disable(&mut tx, &aws(), at(3)).await.unwrap();
    app::touch(&mut tx, &DirectoryId::new("d1"), at(3)).await.unwrap();
    assert_eq!(get(&mut tx, &aws()).await.next_run_at, None, "nothing is due while it is off");
    assert!(app::is_told(&mut tx, &run).await.unwrap(), "and nothing is forgotten");
    app::enable(&mut tx, &aws(), at(4)).await.unwrap();
    assert_eq!(get(&mut tx, &aws()).await.next_run_at, Some(at(4)));
}

#[rstest]
#[tokio::test]
async fn due_are_apps_that_are_on_and_may_be_asked(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    for app in [aws(), other()] {
        turn_on(&store, &app, at(0)).await;
    }
    let run = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::due").await.unwrap();
    let due = async |tx: &mut usher_store::Tx, now| {
        let due = app::due(tx, now).await.unwrap();
        due.into_iter().map(|app| app.name).collect::<Vec<_>>()
    };
    app::set_next_run(&mut tx, &aws(), Some(at(10))).await.unwrap();
    assert_eq!(due(&mut tx, at(9)).await, ["wiki"]);
    assert_eq!(due(&mut tx, at(10)).await, ["wiki", "aws"], "the longest wait first");
    let quarantine = Quarantine { why: "403 Forbidden".to_owned(), n: 2, until: at(20) };
    app::quarantine(&mut tx, &run, &quarantine).await.unwrap();
    assert_eq!(get(&mut tx, &aws()).await.quarantine, Some(quarantine));
    assert_eq!(due(&mut tx, at(19)).await, ["wiki"]);
    assert_eq!(due(&mut tx, at(20)).await, ["wiki", "aws"]);
    app::recovered(&mut tx, &run).await.unwrap();
    assert_eq!(due(&mut tx, at(19)).await, ["wiki", "aws"]);
    app::refused(&mut tx, &run, at(19)).await.unwrap();
    assert_eq!(due(&mut tx, at(20)).await, ["wiki"]);
    app::set_next_run(&mut tx, &other(), None).await.unwrap();
    assert!(due(&mut tx, at(20)).await.is_empty());
    app::touch(&mut tx, &DirectoryId::new("another"), at(21)).await.unwrap();
    assert!(due(&mut tx, at(21)).await.is_empty());
    app::disable(&mut tx, &aws(), at(20)).await.unwrap();
    app::touch(&mut tx, &DirectoryId::new("d1"), at(21)).await.unwrap();
    assert_eq!(due(&mut tx, at(21)).await, ["wiki"], "what is off stays off");
}

#[rstest]
#[tokio::test]
async fn a_late_worker_writes_nothing(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    turn_on(&store, &aws(), at(0)).await;
    let late = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::write").await.unwrap();
    app::fence(&mut tx, &late).await.unwrap();
    tx.commit().await.unwrap();

    let next = lease(&store, &aws(), "run-2").await;
    assert_eq!(next.epoch, late.epoch + 1);
    let quarantine = Quarantine { why: String::new(), n: 1, until: at(1) };
    let mut tx = store.begin("tests::late").await.unwrap();
    for refusal in [
        app::fence(&mut tx, &late).await,
        app::refused(&mut tx, &late, at(1)).await,
        app::quarantine(&mut tx, &late, &quarantine).await,
        app::recovered(&mut tx, &late).await,
        app::set_listed(&mut tx, &late, Some(at(1))).await,
        account::record(&mut tx, &late, &[active("1")]).await,
        account::forget(&mut tx, &late, &[user("1")]).await,
        remote::clear(&mut tx, &late).await,
        remote::insert(&mut tx, &late, &[]).await,
        plan::finish(&mut tx, &late, &[]).await,
        event::append(&mut tx, &late, &[]).await,
    ] {
        let error = refusal.unwrap_err();
        assert!(error.is_fenced(), "{error}");
        assert_eq!(
            error.to_string(),
            "app app-1: another run has taken over, and nothing more of this one is written"
        );
    }
    let untouched = get(&mut tx, &aws()).await;
    assert_eq!((untouched.status(), untouched.listed_at), (Status::Active, None));
    app::set_listed(&mut tx, &next, Some(at(1))).await.unwrap();
    assert_eq!(get(&mut tx, &aws()).await.listed_at, Some(at(1)));
}

#[rstest]
#[tokio::test]
async fn a_restored_backup_repeats_an_epoch_and_not_a_run(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let run = lease(&store, &aws(), "run-2").await;
    let before_the_restore = app::Lease { run: RunId::new("run-1"), ..run.clone() };
    let mut tx = store.begin("tests::write").await.unwrap();
    assert!(app::fence(&mut tx, &before_the_restore).await.unwrap_err().is_fenced());
    app::fence(&mut tx, &run).await.unwrap();
}

/// Without the row being taken, both would write on PostgreSQL.
#[tokio::test]
async fn whoever_takes_the_fence_first_finishes_first() {
    let (_home, store) = store_with_apps(Db::Postgres).await;
    let run = lease(&store, &aws(), "run-1").await;
    let mut writing = store.begin("tests::writing").await.unwrap();
    account::record(&mut writing, &run, &[active("1")]).await.unwrap();
    let mut taking = store.begin("tests::taking").await.unwrap();
    let begin = async {
        let next = app::begin_run(&mut taking, &aws(), RunId::new("run-2")).await.unwrap();
        (next, account::of(&mut taking, &aws(), &[user("1")]).await.unwrap())
    };
    let ((next, seen), ()) = tokio::join!(begin, async { writing.commit().await.unwrap() });
    assert_eq!((next.epoch, seen.len()), (run.epoch + 1, 1), "the next run sees what the last one wrote");
}

#[rstest]
#[tokio::test]
async fn a_pulse_says_whether_to_go_on(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    turn_on(&store, &aws(), at(0)).await;
    let run = lease(&store, &aws(), "run-1").await;
    let beat = async |lease: &app::Lease| {
        let mut tx = store.read("tests::pulse").await.unwrap();
        app::pulse(&mut tx, lease).await.unwrap()
    };
    let config_version = run.config_version;
    assert_eq!(beat(&run).await, Pulse { is_ours: true, is_enabled: true, config_version });
    let mut tx = store.begin("tests::change").await.unwrap();
    app::disable(&mut tx, &aws(), at(1)).await.unwrap();
    app::configure(&mut tx, &aws(), &Settings::default()).await.unwrap();
    tx.commit().await.unwrap();
    let config_version = config_version + 1;
    assert_eq!(beat(&run).await, Pulse { is_ours: true, is_enabled: false, config_version });
    lease(&store, &aws(), "run-2").await;
    assert!(!beat(&run).await.is_ours);
    let mut tx = store.begin("tests::remove").await.unwrap();
    app::remove(&mut tx, &aws()).await.unwrap();
    tx.commit().await.unwrap();
    let gone = beat(&run).await;
    assert!(!gone.is_ours && !gone.is_enabled);
}

/// Writes something of an app into every table.
async fn fill(store: &usher_store::Store, id: &AppId, run_id: &str) -> app::Lease {
    turn_on(store, id, at(0)).await;
    let lease = lease(store, id, run_id).await;
    let mut tx = store.begin("tests::fill").await.unwrap();
    let group = Group { id: GroupId::new("g1"), email: email("g1@example.com"), name: "G".to_owned() };
    access::set_unit(&mut tx, id, &OrgUnitPath::root(), Some(usher_model::access::Switch::On)).await.unwrap();
    access::add_group(&mut tx, id, &group).await.unwrap();
    access::add_scope(&mut tx, id, &group, Depth::Nested).await.unwrap();
    account::record(&mut tx, &lease, &[active("1")]).await.unwrap();
    let seen = usher_model::adoption::RemoteAccount {
        remote_id: RemoteId::new("r-1"),
        external_id: None,
        user_name: "1@example.com".to_owned(),
        active: true,
        attributes: usher_model::attribute::Attributes::new(),
        holder: None,
    };
    remote::insert(&mut tx, &lease, &[seen]).await.unwrap();
    app::set_listed(&mut tx, &lease, Some(at(1))).await.unwrap();
    app::accept_people(&mut tx, id, 9).await.unwrap();
    run::insert(&mut tx, id, &lease.run, RunKind::Full, at(1)).await.unwrap();
    plan::append(&mut tx, id, &lease.run, &[row(1, "1", create("1"), &[])]).await.unwrap();
    let hold_id = HoldId::new(format!("hold-{run_id}"));
    hold::upsert_open(&mut tx, id, "discarded", &Tripped::Discarded, hold_id, at(1)).await.unwrap();
    let failure = usher_model::reason::Failure::NoAnswer { message: "timed out".to_owned() };
    let line = event::Event::failure(&lease.run, 1, &user("1"), &email("1@example.com"), &failure, at(1));
    event::append(&mut tx, &lease, &[line]).await.unwrap();
    fill_groups(&mut tx, &lease).await;
    tx.commit().await.unwrap();
    lease
}

async fn fill_groups(tx: &mut Tx, lease: &app::Lease) {
    let (id, remote_id) = (GroupId::new("g1"), RemoteId::new("r-g1"));
    let record = GroupRecord {
        state: GroupRecordState::Known,
        remote_id: Some(remote_id.clone()),
        ..GroupRecord::new(id.clone(), None)
    };
    group::record(tx, lease, &[record]).await.unwrap();
    group::member::set(tx, lease, &id, &[RemoteId::new("r-1")], MemberStanding::Ours).await.unwrap();
    let display_name = "G".to_owned();
    let seen = RemoteGroup { remote_id: remote_id.clone(), external_id: None, display_name, holder: None };
    group::remote::insert(tx, lease, &[seen]).await.unwrap();
    app::set_groups_listed(tx, lease, Some(at(1))).await.unwrap();
    let row = GroupRow {
        seq: 1,
        group: id.clone(),
        email: email("g1@example.com"),
        operation: GroupOperation::Delete { remote_id },
        reason: GroupReason::Selected,
        state: plan::PlanState::Planned,
        hold: None,
        is_released: false,
        failure: None,
    };
    group::plan::append(tx, &lease.app, &lease.run, &[row]).await.unwrap();
    let line = GroupEvent {
        run: lease.run.clone(),
        seq: 1,
        kind: GroupEventKind::Delete,
        at: at(1),
        group: id,
        email: None,
        reason: GroupReason::Selected,
        detail: None,
        members: Vec::new(),
        n_members: 0,
        is_released: false,
    };
    group::event::append(tx, lease, &[line]).await.unwrap();
}

/// How much there is of an app's groups: records and members, what was listed, what is planned, lines of the log.
async fn of_groups(tx: &mut Tx, id: &AppId, run: &str) -> [u64; 5] {
    let counts = group::counts(tx, id).await.unwrap();
    let listed = group::remote::count(tx, id).await.unwrap();
    let planned = group::plan::next_seq(tx, id, &RunId::new(run)).await.unwrap();
    let lines = group::event::counts(tx, id, at(0)).await.unwrap();
    let planned = u64::try_from(planned).unwrap();
    [counts.known, counts.members, listed, planned, lines.into_values().sum()]
}

#[rstest]
#[tokio::test]
async fn deleting_the_configuration_drops_records_and_keeps_access_scope_and_log(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    let run_of_app = fill(&store, &aws(), "run-1").await;
    let run_of_other = fill(&store, &other(), "run-2").await;
    let mut tx = store.begin("tests::unconfigure").await.unwrap();
    app::unconfigure(&mut tx, &aws(), at(10)).await.unwrap();
    let app = get(&mut tx, &aws()).await;
    assert_eq!(app.status(), Status::NotConfigured);
    assert_eq!((app.is_enabled, app.has_token, &app.endpoint, app.listed_at), (false, false, &None, None));
    assert_eq!((app.token_set_at, app.token_created_at), (None, None));
    assert_eq!((app.accepted_people, app.n_open_holds, app.next_run_at), (None, 0, None));
    assert_eq!(app.provisioning_on(at(100)), Duration::from_secs(10));
    assert!(account::of(&mut tx, &aws(), &[user("1")]).await.unwrap().is_empty());
    assert_eq!(remote::count(&mut tx, &aws()).await.unwrap(), 0);
    assert!(plan::rows(&mut tx, &aws(), &run_of_app.run, 0, 10).await.unwrap().is_empty());
    assert!(!access::access(&mut tx, &aws()).await.unwrap().is_nobody());
    assert_eq!(access::scope(&mut tx, &aws()).await.unwrap().len(), 1);
    assert_eq!(event::page(&mut tx, &aws(), None, 10).await.unwrap().len(), 1);
    assert!(app::fence(&mut tx, &run_of_app).await.unwrap_err().is_fenced());
    app::fence(&mut tx, &run_of_other).await.unwrap();
    assert_eq!(account::of(&mut tx, &other(), &[user("1")]).await.unwrap().len(), 1);
    assert_eq!(remote::count(&mut tx, &other()).await.unwrap(), 1);
    assert_eq!(app.groups_listed_at, None);
    assert_eq!(of_groups(&mut tx, &aws(), "run-1").await, [0, 0, 0, 0, 1]);
    assert_eq!(of_groups(&mut tx, &other(), "run-2").await, [1, 1, 1, 2, 1]);
}

#[rstest]
#[tokio::test]
async fn another_tenant_behind_an_app_begins_without_records(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let run = fill(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::new_tenant").await.unwrap();
    let token = SecretString::from("t0ken of another tenant");
    let endpoint = "https://scim.eu-west-1.amazonaws.com/t2/scim/v2/";
    let grant = app::Grant { endpoint, token: &token, created_at: None, drop_records: true };
    app::authorize(&mut tx, store.keyring(), &aws(), grant, at(10)).await.unwrap();
    assert!(account::of(&mut tx, &aws(), &[user("1")]).await.unwrap().is_empty());
    let app = get(&mut tx, &aws()).await;
    assert_eq!((app.status(), app.listed_at, app.n_open_holds), (Status::Active, None, 0));
    assert_eq!(app.groups_listed_at, None);
    assert_eq!(of_groups(&mut tx, &aws(), "run-1").await, [0, 0, 0, 0, 1]);
    assert!(app::fence(&mut tx, &run).await.unwrap_err().is_fenced());
}

#[rstest]
#[tokio::test]
async fn removing_an_app_leaves_nothing_of_it_and_all_of_the_others(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let (_home, store) = store_with_apps(db).await;
    fill(&store, &aws(), "run-1").await;
    fill(&store, &other(), "run-2").await;
    let mut tx = store.begin("tests::remove").await.unwrap();
    app::remove(&mut tx, &aws()).await.unwrap();
    assert_eq!(app::by_id(&mut tx, &aws()).await.unwrap(), None);
    assert_eq!(account::counts(&mut tx, &aws(), at(0)).await.unwrap().total(), 0);
    assert!(hold::open(&mut tx, &aws()).await.unwrap().is_empty());
    assert!(access::access(&mut tx, &aws()).await.unwrap().is_nobody());
    assert!(access::scope(&mut tx, &aws()).await.unwrap().is_empty());
    assert!(run::list(&mut tx, &aws(), 10).await.unwrap().is_empty());
    assert!(event::page(&mut tx, &aws(), None, 10).await.unwrap().is_empty());
    let other_record = &account::of(&mut tx, &other(), &[user("1")]).await.unwrap()[&user("1")];
    assert_eq!(other_record.state, RecordState::Active);
    assert_eq!(hold::open(&mut tx, &other()).await.unwrap().len(), 1);
    assert_eq!(event::page(&mut tx, &other(), None, 10).await.unwrap().len(), 1);
    assert_eq!(of_groups(&mut tx, &aws(), "run-1").await, [0; 5]);
    assert_eq!(of_groups(&mut tx, &other(), "run-2").await, [1, 1, 1, 2, 1]);
    let twice = app::remove(&mut tx, &aws()).await.unwrap_err();
    assert!(matches!(twice, StoreError::RowCount { .. }), "{twice}");
}
