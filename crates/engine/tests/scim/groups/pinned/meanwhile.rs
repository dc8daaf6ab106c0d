//! A run may take hours. Whoever is pinned while it writes to a group is left alone by its next request there.

use std::time::Duration;

use serde_json::json;
use usher_engine::import::Import;
use usher_engine::report::RunRequest;
use usher_model::account::Pin;
use usher_model::cause::Delay;
use usher_model::group::selection::Selection;
use usher_model::group::{ForeignMembers, GroupSettings};
use usher_model::id::{GroupId, UserId};
use usher_store::{account, group};
use usher_testkit::builders::{Directory, User, id_of};
use usher_testkit::scim::behaviour::Behaviour;
use usher_testkit::scim::gate::Gate;
use usher_testkit::scim::setup::Setup;

use super::OPS;
use crate::groups::trouble::Place;
use crate::groups::{all_groups, big_group, with_groups};

impl Place {
    /// The first change of a group is at the app, and not yet done.
    fn holds_the_first_change(&self) -> Gate {
        let gate = Gate::closed();
        self.app.behave(Behaviour::HeldRequest(gate.clone()).on("PATCH").on_groups().at(1));
        gate
    }

    pub(in crate::groups) async fn pin(&self, addresses: &[String]) {
        let (app, since) = (self.world.app().await.id, self.world.clock.now());
        let pin =
            Pin { by: "grace".to_owned(), why: "break-glass".to_owned(), since, until: None, undone: None };
        let mut tx = self.world.store.begin("test").await.unwrap();
        for address in addresses {
            account::set_pin(&mut tx, &app, &UserId::new(id_of(address)), Some(&pin)).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn who_is_pinned_meanwhile_stays_in_a_group_though_their_account_is_on_nobodys_record() {
    let people = || {
        Directory::new("example.com")
            .people(["bob@example.com"])
            .user(User::new("ada@example.com").suspended())
    };
    let place = Place::with(Setup::default(), &[], &people().group(OPS, &["bob@example.com"])).await;
    let only_ours = GroupSettings { foreign: ForeignMembers::Remove, ..all_groups() };
    place.world.configure(&with_groups(only_ours)).await;
    place.world.sync().await;
    for name in ["ada", "zoe"] {
        let user = json!({"userName": format!("{name}@example.com"), "active": true});
        place.put_into_ops(&place.app.insert_user(user));
    }
    // A name is given before anybody comes or goes.
    let renamed = json!({"groups": [{"id": id_of(OPS), "email": OPS, "name": "Operations"}]});
    place.world.import(&renamed, Import::default()).await;
    place.world.wait(Duration::from_mins(1));
    let gate = place.holds_the_first_change();
    let meanwhile = async {
        gate.arrived(1).await;
        place.pin(&["ada@example.com".to_owned()]).await;
        gate.open();
    };
    let request = RunRequest { audit: true, ..RunRequest::default() };
    let (report, ()) = tokio::join!(place.world.try_run(&request), meanwhile);
    assert_eq!(place.members("Operations"), ["ada", "bob"], "Zoe, whom nobody pinned, has left: {report:?}");
}

#[tokio::test]
async fn who_is_pinned_meanwhile_is_not_put_back_by_an_undo() {
    let place = Place::with(Setup::default(), &[], &big_group(150)).await;
    place.world.sync().await;
    place.world.wait(Duration::from_mins(1));
    let everybody: Vec<_> = (1..=150).map(|number| format!("p{number}@example.com")).collect();
    let few = Directory::new("example.com").people(everybody.iter().map(String::as_str));
    place.world.has(&few.group("big@example.com", &["p1@example.com"])).await;
    place.world.sync().await;
    let run = place.world.release().await;
    assert_eq!((run.members.removed, place.members("Big").len()), (149, 1), "{run:?}");
    place.world.wait(Duration::from_mins(1));
    let gate = place.holds_the_first_change();
    let meanwhile = async {
        gate.arrived(1).await;
        place.pin(&everybody).await;
        gate.open();
    };
    let (report, ()) = tokio::join!(place.world.undo(&run.run), meanwhile);
    assert_eq!(place.members("Big").len(), 101, "the request that was under way, and no other: {report:?}");
}

impl Place {
    async fn pin_group(&self, address: &str) {
        let (app, since) = (self.world.app().await.id, self.world.clock.now());
        let pin =
            Pin { by: "grace".to_owned(), why: "break-glass".to_owned(), since, until: None, undone: None };
        let mut tx = self.world.store.begin("test").await.unwrap();
        group::set_pin(&mut tx, &app, &GroupId::new(id_of(address)), Some(&pin)).await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_group_that_is_pinned_meanwhile_gets_no_further_request() {
    let place = Place::with(Setup::default(), &[], &big_group(1)).await;
    let everybody: Vec<_> = (1..=250).map(|number| format!("p{number}@example.com")).collect();
    let everybody: Vec<_> = everybody.iter().map(String::as_str).collect();
    let people = || Directory::new("example.com").people(everybody.iter().copied());
    place.world.has(&people().group("big@example.com", &["p1@example.com"])).await;
    place.world.sync().await;
    place.world.has(&people().group("big@example.com", &everybody)).await;
    let gate = place.holds_the_first_change();
    let meanwhile = async {
        gate.arrived(1).await;
        place.pin_group("big@example.com").await;
        gate.open();
    };
    let (report, ()) = tokio::join!(place.world.sync(), meanwhile);
    assert_eq!(place.members("Big").len(), 101, "what was under way, and nothing else: {report:?}");
}

#[tokio::test]
async fn a_group_that_is_pinned_while_it_is_read_before_its_delete_stays() {
    let place = Place::with(Setup::default(), &[], &big_group(3)).await;
    place.world.sync().await;
    let none =
        GroupSettings { selection: Selection::Scope, deselected: Some(Delay::Within24Hours), ..all_groups() };
    place.world.configure(&with_groups(none)).await;
    place.world.wait(Duration::from_mins(1));
    let gate = Gate::closed();
    place.app.behave(Behaviour::HeldRequest(gate.clone()).on("GET").on_groups().at(1));
    let meanwhile = async {
        gate.arrived(1).await;
        place.pin_group("big@example.com").await;
        gate.open();
    };
    let (report, ()) = tokio::join!(place.world.sync(), meanwhile);
    assert_eq!(place.members("Big").len(), 3, "{report:?}");
    assert_eq!(place.app.count("DELETE"), 0);
}
