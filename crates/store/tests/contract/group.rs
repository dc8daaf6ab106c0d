//! Groups at an app: a directory to take them from, and what is on record of them.

mod event;
mod member;
mod plan;
mod record;
mod remote;
mod walk;
mod wanted;

use serde_json::{Map, json};
use usher_model::directory::{Group, OrgUnitPath, User, UserState};
use usher_model::group::reason::{GroupFailing, GroupFailings, GroupFailure};
use usher_model::id::{DirectoryId, GroupId, RemoteId};
use usher_store::app::Lease;
use usher_store::directory::stage::MemberKind;
use usher_store::directory::{self, MemberRecord, Person};
use usher_store::group::{GroupRecord, GroupRecordState};
use usher_store::{Store, Tx};

use crate::apps::{address, at, attributes, aws, lease, store_with_apps, user};
use crate::db::{Db, Home};

fn d1() -> DirectoryId {
    DirectoryId::new("d1")
}

fn group(id: &str) -> GroupId {
    GroupId::new(id)
}

fn groups(ids: &[&str]) -> Vec<GroupId> {
    ids.iter().map(|id| group(id)).collect()
}

fn remotes(ids: &[&str]) -> Vec<RemoteId> {
    ids.iter().map(|id| RemoteId::new(*id)).collect()
}

/// A store with the apps' directory, empty, and a run that holds the first app.
async fn begin(db: Db) -> (Home, Store, Lease) {
    let (home, store) = store_with_apps(db).await;
    let lease = lease(&store, &aws(), "run-1").await;
    let mut tx = store.begin("tests::directory").await.unwrap();
    directory::embedded(&mut tx, &d1(), at(0)).await.unwrap();
    tx.commit().await.unwrap();
    (home, store, lease)
}

/// Groups of the directory, each called after its id.
async fn have_groups(tx: &mut Tx, ids: &[&str]) {
    let record = |id: &&str| {
        let group = Group { id: group(id), email: address(id), name: format!("The {id}") };
        directory::GroupRecord { group, resource: Map::new() }
    };
    directory::record_groups(tx, &d1(), &ids.iter().map(record).collect::<Vec<_>>()).await.unwrap();
}

/// People of the directory.
async fn have_people(tx: &mut Tx, ids: &[&str], state: UserState) {
    let person = |id: &&str| {
        let user = User {
            id: user(id),
            primary_email: address(id),
            state,
            org_unit: OrgUnitPath::root(),
            is_guest: false,
        };
        let resource = [("id".to_owned(), json!(id))].into_iter().collect();
        Person::new(user, resource)
    };
    directory::record_people(tx, &d1(), &ids.iter().map(person).collect::<Vec<_>>()).await.unwrap();
}

/// Members of a group of the directory.
async fn have_members(tx: &mut Tx, id: &str, kind: MemberKind, keys: &[&str]) {
    for key in keys {
        let (role, delivery) = ("MEMBER".to_owned(), "ALL_MAIL".to_owned());
        let member = MemberRecord { key: (*key).to_owned(), kind, role, delivery };
        directory::record_member(tx, &d1(), &group(id), &member).await.unwrap();
    }
}

/// What is on record of a group that the app has.
fn known(id: &str) -> GroupRecord {
    GroupRecord {
        state: GroupRecordState::Known,
        remote_id: Some(RemoteId::new(format!("r-{id}"))),
        display_name: Some(format!("the {id}")),
        sent: attributes(&[("displayName", "The \"Ünïcode\"")]),
        ..blank(id)
    }
}

fn blank(id: &str) -> GroupRecord {
    GroupRecord::new(group(id), Some(address(id)))
}

fn failing(kind: usher_model::group::operation::GroupKind) -> GroupFailings {
    let failure = GroupFailure::Refused { status: 400, message: "no \"such\" name".to_owned() };
    GroupFailings::from([(kind, GroupFailing { failure, n_attempts: 2, retry_at: at(8) })])
}
