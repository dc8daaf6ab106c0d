//! The trouble that real servers make with groups, each at a small server that makes it.

use usher_engine::report::RunReport;
use usher_model::group::ForeignMembers;
use usher_model::group::GroupSettings;
use usher_testkit::builders::{Directory, id_of};
use usher_testkit::scim::ScimServer;
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::setup::Setup;

use super::{all_groups, did_all, people, record, team, with_groups};
use crate::world::{World, days};

mod refused;

/// A world whose app is a generic SCIM server, and that provisions all groups.
pub(super) struct Place {
    pub(super) world: World,
    pub(super) app: ScimServer,
}

impl Place {
    async fn new(lies: &[Behaviour]) -> Self {
        Self::with(Setup::default(), lies, &team()).await
    }

    pub(super) async fn with(setup: Setup, lies: &[Behaviour], directory: &Directory) -> Self {
        let app = ScimServer::start_with(setup).await;
        for lie in lies {
            app.behave(lie.clone());
        }
        let world = World::new().await;
        world.configure(&with_groups(all_groups())).await;
        world.has(directory).await;
        world.connect(&app.endpoint(), &app.token()).await;
        app.clear_log();
        Self { world, app }
    }

    /// A group as the app has it.
    fn group(&self, name: &str) -> serde_json::Value {
        let groups = self.app.groups();
        groups.into_iter().find(|group| group["displayName"] == name).expect("the group is there")
    }

    /// The id that the app knows somebody by.
    fn id_of_user(&self, name: &str) -> String {
        self.app.user_by_name(name).expect("the user is there")["id"].as_str().unwrap().to_owned()
    }

    /// Somebody puts a user into Ops at the app.
    pub(super) fn put_into_ops(&self, user: &str) {
        self.app.edit(self.group("Ops")["id"].as_str().unwrap(), |group| {
            group["members"].as_array_mut().unwrap().push(serde_json::json!({ "value": user }));
        });
    }

    /// Who is in a group, each as often as they are stored, by the first part of their names.
    pub(super) fn members(&self, name: &str) -> Vec<String> {
        let group = self.group(name);
        let name = |member: &serde_json::Value| {
            let id = member["value"].as_str().unwrap();
            let user = self.app.by_id(id);
            user.map_or_else(
                || format!("gone {id}"),
                |user| user["userName"].as_str().unwrap().split('@').next().unwrap().to_owned(),
            )
        };
        let mut members: Vec<_> = group["members"].as_array().into_iter().flatten().map(name).collect();
        members.sort();
        members
    }

    async fn sync(&self) -> RunReport {
        self.world.sync().await
    }

    async fn is_converged(&self) {
        let report = self.sync().await;
        assert_eq!(
            (did_all(&report).as_str(), report.requests.writes, report.n_failures),
            ("nothing", 0, 0),
            "{report:#?}"
        );
    }

    /// Ada leaves Ops, and Eve joins it.
    async fn change(&self) -> RunReport {
        self.world.has(&changed()).await;
        self.sync().await
    }

    /// A day later these are in Ops, and nothing is left to be done.
    async fn comes_to(&self, members: &[&str]) {
        self.world.wait(days(1));
        self.sync().await;
        assert_eq!(self.members("Ops"), members);
        self.is_converged().await;
    }
}

fn changed() -> Directory {
    people()
        .group("ops@example.com", &["bob@example.com", "eve@example.com"])
        .group("all@example.com", &["ada@example.com", "eve@example.com", "ops@example.com"])
}

/// A place where somebody has put Kim into Ops at the app, which an audit has seen.
async fn meddled_with(lies: &[Behaviour]) -> Place {
    let place = Place::new(lies).await;
    place.sync().await;
    let kim = place.app.insert_user(serde_json::json!({"userName": "kim@example.com", "active": true}));
    place.put_into_ops(&kim);
    place.world.wait(std::time::Duration::from_mins(1));
    let request = usher_engine::report::RunRequest { audit: true, ..Default::default() };
    place.world.try_run(&request).await.unwrap();
    place
}

/// From nothing to a changed team, whatever the server makes of it.
async fn lives_with(lies: &[Behaviour]) -> Place {
    let place = Place::new(lies).await;
    let report = place.sync().await;
    assert_eq!(report.n_failures, 0, "{lies:?}: {report:#?}");
    assert_eq!(place.members("Ops"), ["ada", "bob"], "{lies:?}");
    assert_eq!(place.members("All"), ["ada", "bob", "eve"], "{lies:?}");
    place.is_converged().await;
    let report = place.change().await;
    assert_eq!(report.n_failures, 0, "{lies:?}: {report:#?}");
    assert_eq!(place.members("Ops"), ["bob", "eve"], "{lies:?}");
    place.is_converged().await;
    place
}

#[tokio::test]
async fn an_honest_server_is_written_to_as_little_as_can_be() {
    let place = Place::new(&[]).await;
    let report = place.sync().await;
    assert_eq!((did_all(&report).as_str(), report.requests.writes), ("create 3, group_create 2", 5));
    let group = &place.app.groups()[0];
    assert!(
        [id_of("ops@example.com"), id_of("all@example.com")]
            .contains(&group["externalId"].as_str().unwrap().to_owned())
    );
    let report = place.change().await;
    assert_eq!(did_all(&report), "members_add 1, members_remove 1");
    place.is_converged().await;
}

#[tokio::test]
async fn members_that_are_never_shown_are_believed_to_be_what_the_app_said_yes_to() {
    lives_with(&[Behaviour::MembersNotReturned]).await;
    lives_with(&[Behaviour::MembersShownEmpty]).await;
}

#[tokio::test]
async fn members_that_only_add_and_remove_store_are_added_after_the_group() {
    lives_with(&[Behaviour::MembersOnlyByAddAndRemove]).await;
    lives_with(&[Behaviour::MembersOnlyByAddAndRemove, Behaviour::MembersNotReturned]).await;
}

#[tokio::test]
async fn a_server_that_refuses_a_list_of_values_is_told_each_by_its_path_and_the_other_way_round() {
    lives_with(&[Behaviour::RemoveByValueListRefused]).await;
    lives_with(&[Behaviour::RemoveByFilterRefused]).await;
}

#[tokio::test]
async fn a_replace_that_adds_is_never_sent_where_there_is_another_way_and_takes_nobody_out_where_there_is_none()
 {
    let place = lives_with(&[Behaviour::ReplaceAddsMembers]).await;
    let writes = place.app.writes();
    assert!(writes.iter().all(|logged| logged.method != "PUT" && !is_replace_of_members(&logged.body)));

    let setup = Setup { has_patch: false, ..Setup::default() };
    let place = Place::with(setup, &[Behaviour::ReplaceAddsMembers], &team()).await;
    place.sync().await;
    let report = place.change().await;
    assert_eq!(place.members("Ops"), ["ada", "bob", "eve"], "nobody can be taken out there");
    assert!(report.failures.iter().any(|(_, why)| why.contains("as they were")), "{:?}", report.failures);
}

#[tokio::test]
async fn members_that_a_put_does_not_store_fail_and_are_not_taken_for_stored() {
    let setup = Setup { has_patch: false, ..Setup::default() };
    let place = Place::with(setup, &[Behaviour::MembersOnlyByAddAndRemove], &team()).await;
    let report = place.sync().await;
    assert!(report.n_failures > 0, "{report:?}");
    assert_eq!((place.members("Ops").len(), report.members.added), (0, 0), "{report:?}");
}

#[tokio::test]
async fn a_group_that_is_shown_as_empty_by_an_app_that_never_shows_members_is_never_put_as_a_whole() {
    let setup = Setup { has_patch: false, ..Setup::default() };
    let place = Place::with(setup, &[Behaviour::MembersShownEmpty], &people()).await;
    place.sync().await;
    let kim = place.app.insert_user(serde_json::json!({"userName": "kim@example.com", "active": true}));
    place.app.insert_group(serde_json::json!({"displayName": "Ops", "members": [{"value": kim}]}));
    place.world.has(&team()).await;
    let report = place.sync().await;
    assert!(place.members("Ops").contains(&"kim".to_owned()), "{report:?}");
    assert!(report.n_failures > 0, "and it is told");
}

#[tokio::test]
async fn the_same_member_stored_twice_is_one_member_and_leaves_as_one() {
    let place = lives_with(&[Behaviour::MembersStoredTwice]).await;
    // Somebody adds Bob once more.
    place.put_into_ops(&place.id_of_user("bob@example.com"));
    assert_eq!(place.members("Ops"), ["bob", "bob", "eve"]);
    place.is_converged().await;
    let without_bob = people().group("ops@example.com", &["eve@example.com"]).group(
        "all@example.com",
        &["ada@example.com", "bob@example.com", "eve@example.com", "ops@example.com"],
    );
    place.world.has(&without_bob).await;
    let report = place.sync().await;
    assert_eq!((place.members("Ops"), report.n_failures), (vec!["eve".to_owned()], 0), "{report:#?}");
    place.is_converged().await;
}

#[tokio::test]
async fn a_deleted_user_who_is_still_listed_as_a_member_disturbs_nobody() {
    let place = Place::new(&[Behaviour::DeletedUserStaysMember]).await;
    place.sync().await;
    let ada = place.id_of_user("ada@example.com");
    place.app.client().send("DELETE", &format!("/Users/{ada}"), None).await.unwrap();
    place.world.wait(std::time::Duration::from_mins(1));
    let request = usher_engine::report::RunRequest { audit: true, ..Default::default() };
    let report = place.world.try_run(&request).await.unwrap();
    assert_eq!(report.n_failures, 0, "{report:#?}");
    let members = place.members("Ops");
    assert_eq!(members.len(), 3, "{members:?}");
    assert!(
        members.contains(&"ada".to_owned()) && members.contains(&"bob".to_owned()),
        "made anew, and put in"
    );
    place.is_converged().await;

    let only_ours = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    place.world.configure(&with_groups(only_ours)).await;
    place.world.try_run(&request).await.unwrap();
    assert_eq!(place.members("Ops"), ["ada", "bob"]);
    place.is_converged().await;
}

#[tokio::test]
async fn where_two_groups_of_one_name_are_accepted_none_is_taken_for_ours() {
    let place = Place::new(&[Behaviour::GroupUniquenessNotEnforced]).await;
    for _ in 0..2 {
        place.app.insert_group(serde_json::json!({"displayName": "Ops"}));
    }
    let report = place.sync().await;
    assert_eq!(report.n_failures, 1, "{report:#?}");
    let why = &report.failures[0].1;
    assert!(why.contains("2 groups") && why.contains("\"Ops\""), "{why}");
    assert_eq!(place.app.groups().len(), 3, "the other group went in");
    assert!(place.members("Ops").is_empty());
}

#[tokio::test]
async fn a_patch_may_answer_with_the_group_or_with_nothing() {
    lives_with(&[Behaviour::PatchAnswers(204)]).await;
    lives_with(&[Behaviour::PatchAnswers(200)]).await;
    lives_with(&[Behaviour::EmptyCreated]).await;
}

#[tokio::test]
async fn an_app_that_knows_no_patch_gets_the_whole_group_with_what_others_put_there() {
    let place = Place::with(Setup { has_patch: false, ..Setup::default() }, &[], &team()).await;
    place.sync().await;
    let ops = place.group("Ops");
    let kim = place.app.insert_user(serde_json::json!({"userName": "kim@example.com", "active": true}));
    place.app.edit(ops["id"].as_str().unwrap(), |group| {
        let theirs = serde_json::json!({ "value": kim });
        group["members"].as_array_mut().unwrap().push(theirs);
        group["urn:example:note"] = "theirs".into();
    });
    let report = place.change().await;
    assert_eq!(
        (did_all(&report).as_str(), report.n_failures),
        ("members_add 1, members_remove 1", 0),
        "{report:#?}"
    );
    assert_eq!(place.members("Ops"), ["bob", "eve", "kim"]);
    let ops = place.app.by_id(ops["id"].as_str().unwrap()).unwrap();
    assert_eq!(ops["urn:example:note"], "theirs");
    assert!(place.app.count("PATCH") <= 1, "it says so itself, or refuses the first one");
    place.is_converged().await;
}

#[tokio::test]
async fn a_remove_that_empties_the_group_or_does_nothing_ends_as_it_should() {
    for lie in [Behaviour::RemoveByValueListEmpties, Behaviour::RemoveByValueListIgnored] {
        let place = lives_with(&[lie]).await;
        assert!(record(&place.world, "ops@example.com").await.unwrap().failing.is_empty());
    }
}

#[tokio::test]
async fn an_app_without_groups_says_so_once_and_nobody_waits_for_it() {
    let place = Place::with(Setup::default(), &[], &team()).await;
    let lie = Behaviour::Fails { status: 404, is_done: false };
    place.app.behave(usher_testkit::scim::rule::Rule::from(lie).on_groups());
    let report = place.sync().await;
    assert_eq!((did_all(&report).as_str(), report.n_failures, report.stopped), ("create 3", 0, None));
    assert!(
        report.warnings.iter().any(|warning| warning.contains("does not list its groups")),
        "{:?}",
        report.warnings
    );
    let again = place.sync().await;
    assert_eq!((did_all(&again).as_str(), again.stopped), ("nothing", None));
}

#[tokio::test]
async fn an_app_without_patch_that_shows_no_members_is_never_sent_a_whole_group() {
    let setup = Setup { has_patch: false, ..Setup::default() };
    let place = Place::with(setup, &[Behaviour::MembersNotReturned], &team()).await;
    let report = place.sync().await;
    assert!(report.n_failures >= 1, "{report:#?}");
    assert!(report.failures[0].1.contains("would throw everybody out"), "{:?}", report.failures);
    let before = place.members("Ops");
    place.change().await;
    assert_eq!(place.members("Ops"), before, "nobody is thrown out");
    assert!(
        place.app.writes().iter().all(|logged| logged.method != "PUT" || !logged.target.contains("Groups"))
    );
}

#[tokio::test]
async fn an_app_that_takes_a_list_of_values_for_everybody_ends_with_everybody_where_they_were() {
    let place = meddled_with(&[Behaviour::RemoveByValueListEmpties]).await;
    let refusal = Behaviour::Fails { status: 400, is_done: false };
    place.app.behave(usher_testkit::scim::rule::Rule::from(refusal).on("PATCH").on_groups().at(1));
    place.change().await;
    place.comes_to(&["bob", "eve", "kim"]).await;
}

#[tokio::test]
async fn what_is_reported_stays_reported_whatever_else_is_written_to_the_group() {
    let place = Place::new(&[]).await;
    let mut settings = with_groups(all_groups());
    settings.drift = usher_model::lifecycle::DriftPolicy::Report;
    place.world.configure(&settings).await;
    place.sync().await;
    let ada = place.id_of_user("ada@example.com");
    place.app.edit(place.group("Ops")["id"].as_str().unwrap(), |group| {
        group["members"].as_array_mut().unwrap().retain(|member| member["value"] != ada.as_str());
    });
    let with_eve = people()
        .group("ops@example.com", &["ada@example.com", "bob@example.com", "eve@example.com"])
        .group("all@example.com", &["eve@example.com", "ops@example.com"]);
    place.world.has(&with_eve).await;
    place.sync().await;
    place.sync().await;
    assert_eq!(place.members("Ops"), ["bob", "eve"], "somebody took Ada out, and that is only reported");
}

#[tokio::test]
async fn where_nobody_sees_who_is_left_a_list_of_values_is_never_tried() {
    let place = Place::new(&[Behaviour::MembersNotReturned]).await;
    place.sync().await;
    place.app.behave(Behaviour::RemoveByFilterRefused);
    place.app.behave(Behaviour::RemoveByValueListEmpties);
    let report = place.change().await;
    assert_eq!(report.n_failures, 1, "{report:?}");
    assert_eq!(place.members("Ops"), ["ada", "bob", "eve"], "Ada cannot be taken out, and nobody else is");
}

fn is_replace_of_members(body: &serde_json::Value) -> bool {
    let operations = body["Operations"].as_array().into_iter().flatten();
    operations.into_iter().any(|it| it["op"] == "replace" && it.to_string().contains("members"))
}
