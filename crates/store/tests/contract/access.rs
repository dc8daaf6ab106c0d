//! Access and the provisioning scope.

use rstest::rstest;
use usher_model::access::Switch;
use usher_model::directory::{Group, OrgUnitPath};
use usher_model::id::{AppId, GroupId};
use usher_model::scope::Depth;
use usher_store::access::{self, Granted, Scoped};
use usher_store::{StoreError, Tx};

use crate::apps::{address, aws, get, other, store_with_apps};
use crate::db::Db;

fn unit(path: &str) -> OrgUnitPath {
    OrgUnitPath::parse(path).unwrap()
}

fn group(id: &str) -> Group {
    Group { id: GroupId::new(id), email: address(id), name: id.to_owned() }
}

async fn version(tx: &mut Tx) -> i64 {
    get(tx, &aws()).await.config_version
}

#[rstest]
#[tokio::test]
async fn a_unit_has_one_switch_however_it_is_spelled(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::access").await.unwrap();
    access::set_unit(&mut tx, &aws(), &unit("/"), Some(Switch::On)).await.unwrap();
    access::set_unit(&mut tx, &aws(), &unit("/Vertrieb/SÜD"), Some(Switch::On)).await.unwrap();
    access::set_unit(&mut tx, &aws(), &unit("/Vertrieb/Süd"), Some(Switch::Off)).await.unwrap();
    let list = access::access_list(&mut tx, &aws()).await.unwrap();
    assert_eq!(list.units, [(unit("/"), Switch::On), (unit("/Vertrieb/Süd"), Switch::Off)]);
    let on = access::access(&mut tx, &aws()).await.unwrap();
    assert_eq!(on.of_unit(&unit("/vertrieb/süd/1")), Switch::Off);
    access::set_unit(&mut tx, &aws(), &unit("/VERTRIEB/Süd"), None).await.unwrap();
    let inherited = access::access(&mut tx, &aws()).await.unwrap();
    assert_eq!(inherited.of_unit(&unit("/Vertrieb/Süd")), Switch::On);
    assert_eq!(version(&mut tx).await, 4);
    assert!(access::access(&mut tx, &other()).await.unwrap().is_nobody());
}

#[rstest]
#[tokio::test]
async fn a_group_gives_access_until_it_is_taken_out(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::access").await.unwrap();
    access::add_group(&mut tx, &aws(), &group("g2")).await.unwrap();
    access::add_group(&mut tx, &aws(), &group("g1")).await.unwrap();
    access::accept_members(&mut tx, &aws(), &GroupId::new("g1"), 40).await.unwrap();
    let renamed = Group { email: address("renamed"), ..group("g1") };
    access::add_group(&mut tx, &aws(), &renamed).await.unwrap();
    let granted = |id: &str, email: &str, accepted_members| Granted {
        group: GroupId::new(id),
        email: address(email),
        accepted_members,
    };
    let list = access::access_list(&mut tx, &aws()).await.unwrap();
    assert_eq!(list.groups, [granted("g2", "g2", None), granted("g1", "renamed", Some(40))]);
    assert!(access::remove_group(&mut tx, &aws(), &GroupId::new("g2")).await.unwrap());
    assert!(!access::remove_group(&mut tx, &aws(), &GroupId::new("g2")).await.unwrap());
    let left = access::access(&mut tx, &aws()).await.unwrap().groups;
    assert_eq!(left.into_iter().collect::<Vec<_>>(), [GroupId::new("g1")]);
}

#[rstest]
#[tokio::test]
async fn the_scope_is_what_was_chosen_and_each_choice_is_counted(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::scope").await.unwrap();
    access::add_scope(&mut tx, &aws(), &group("g1"), Depth::Direct).await.unwrap();
    access::add_scope(&mut tx, &aws(), &group("g2"), Depth::Nested).await.unwrap();
    access::accept_members(&mut tx, &aws(), &GroupId::new("g1"), 7).await.unwrap();
    assert_eq!(version(&mut tx).await, 2, "a new measure is no change of the configuration");
    access::add_scope(&mut tx, &aws(), &group("g1"), Depth::Nested).await.unwrap();
    let scoped = |id: &str, accepted_members| Scoped {
        group: GroupId::new(id),
        email: address(id),
        depth: Depth::Nested,
        accepted_members,
    };
    let scope = access::scope(&mut tx, &aws()).await.unwrap();
    assert_eq!(scope, [scoped("g1", Some(7)), scoped("g2", None)]);
    assert!(access::remove_scope(&mut tx, &aws(), &GroupId::new("g1")).await.unwrap());
    assert!(!access::remove_scope(&mut tx, &aws(), &GroupId::new("g1")).await.unwrap());
    assert_eq!(access::scope(&mut tx, &aws()).await.unwrap(), [scoped("g2", None)]);
    access::clear_scope(&mut tx, &aws()).await.unwrap();
    assert!(access::scope(&mut tx, &aws()).await.unwrap().is_empty());
    assert_eq!(version(&mut tx).await, 6);
    assert_eq!(get(&mut tx, &other()).await.config_version, 0);
}

#[rstest]
#[tokio::test]
async fn an_app_that_is_not_there_gets_no_access(#[values(Db::Sqlite, Db::Postgres)] db: Db) {
    let (_home, store) = store_with_apps(db).await;
    let mut tx = store.begin("tests::access").await.unwrap();
    let error = access::add_group(&mut tx, &AppId::new("nobody"), &group("g1")).await.unwrap_err();
    assert!(matches!(error, StoreError::RowCount { .. }), "{error}");
}
