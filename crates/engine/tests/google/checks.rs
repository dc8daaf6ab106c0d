//! `usher directory check`: scope by scope and call by call, with what is to be clicked.

use std::time::Duration;

use usher_emulator::workspace::READ_ONLY_SCOPES;
use usher_emulator::workspace::accounts::Role;
use usher_emulator::workspace::fault::ErrorReason;
use usher_engine::endpoint::Reachable;
use usher_engine::google::check::{Check, Found, check};
use usher_engine::google::credential::Credential;
use usher_engine::google::method::ApiMethod;
use usher_testkit::workspace::{ACCOUNT, ADMIN};

use crate::scene::{Scene, assert_no_secret, error};

async fn checked(scene: &Scene) -> Check {
    let checked = check(scene.sign_in(scene.delegated()), None).await.unwrap();
    assert_no_secret(&format!("{checked:?}"), &scene.server.key_text());
    checked
}

fn found(check: &Check, method: ApiMethod) -> &Found {
    &check.calls.iter().find(|call| call.method == method).unwrap().found
}

#[tokio::test]
async fn a_directory_that_works_is_checked_with_one_cheap_call_for_each_method() {
    let scene = Scene::of(3, 2, 2).await;
    let checked = checked(&scene).await;
    assert!(checked.is_fine(), "{checked:#?}");
    assert!(checked.scopes.iter().all(|scope| scope.found == Found::Works));
    assert!(checked.calls.iter().all(|call| call.found == Found::Works), "{checked:#?}");
    assert_eq!((checked.account.as_str(), checked.admin.as_deref()), (ACCOUNT, Some(ADMIN)));
    let reads = ApiMethod::ALL.iter().filter(|method| !method.is_write());
    for method in reads {
        assert_eq!(scene.asked(method.name()), 1, "{method}");
    }
    let requests = scene.server.workspace.requests(0, 100);
    assert!(requests.iter().all(|request| !request.target.contains("maxResults=500")));
}

#[tokio::test]
async fn what_cannot_be_tried_for_want_of_something_does_no_harm() {
    let scene = Scene::new().await;
    let checked = checked(&scene).await;
    assert!(checked.is_fine(), "{checked:#?}");
    assert!(matches!(found(&checked, ApiMethod::MembersList), Found::NotTried(_)));
}

#[tokio::test]
async fn each_scope_that_is_not_delegated_is_named_and_the_others_are_tried() {
    let scene = Scene::of(1, 1, 1).await;
    let but_groups: Vec<_> =
        READ_ONLY_SCOPES.into_iter().filter(|scope| !scope.ends_with("group.readonly")).collect();
    scene.server.workspace.delegate(ACCOUNT, &but_groups).unwrap();
    let checked = checked(&scene).await;
    assert!(!checked.is_fine());
    let failed: Vec<_> = checked.scopes.iter().filter(|scope| scope.found != Found::Works).collect();
    assert_eq!(failed.len(), 1, "{failed:#?}");
    assert_eq!(failed[0].scope, "admin.directory.group.readonly");
    let said = checked.delegation.as_ref().unwrap();
    assert!(said.contains("Manage domain-wide delegation"), "{said}");
    assert!(checked.sign_in.is_none());
    assert!(matches!(found(&checked, ApiMethod::GroupsList), Found::NotTried(_)));
    assert_eq!(found(&checked, ApiMethod::UsersList), &Found::Works);
}

#[tokio::test]
async fn nothing_delegated_is_nobody_signed_in_and_says_what_to_click() {
    let scene = Scene::of(1, 1, 1).await;
    scene.server.workspace.delegate(ACCOUNT, &[]).unwrap();
    let checked = checked(&scene).await;
    let said = checked.sign_in.as_ref().unwrap();
    assert!(said.contains("Manage domain-wide delegation"), "{said}");
    assert!(READ_ONLY_SCOPES.iter().all(|scope| said.contains(scope)), "all that is to be pasted: {said}");
    assert!(checked.scopes.iter().all(|scope| matches!(scope.found, Found::Fails(_))));
    assert!(checked.calls.iter().all(|call| matches!(call.found, Found::NotTried(_))));
    assert!(!checked.is_fine());
}

#[tokio::test]
async fn whoever_may_not_ask_for_the_customer_hears_of_it_from_anybodys_resource() {
    let scene = Scene::of(1, 1, 1).await;
    let customer = scene.server.workspace.summary().await.unwrap().customer;
    assert_eq!(checked(&scene).await.customer.as_ref(), Some(&customer));
    let but_customer: Vec<_> =
        READ_ONLY_SCOPES.into_iter().filter(|scope| !scope.ends_with("customer.readonly")).collect();
    scene.server.workspace.delegate(ACCOUNT, &but_customer).unwrap();
    assert_eq!(checked(&scene).await.customer, Some(customer));
}

#[tokio::test]
async fn each_privilege_that_is_missing_is_named() {
    let scene = Scene::of(1, 1, 1).await;
    let workspace = &scene.server.workspace;
    workspace.set_role(ACCOUNT, Some(Role::UsersReader)).unwrap();
    let customer = workspace.summary().await.unwrap().customer;
    let credential = Credential::role(&scene.server.key_text(), Reachable::default()).unwrap();
    let checked = check(scene.sign_in(credential), Some(&customer)).await.unwrap();
    assert_eq!(found(&checked, ApiMethod::UsersList), &Found::Works);
    let Found::Fails(said) = found(&checked, ApiMethod::GroupsList) else { panic!("{checked:#?}") };
    assert!(said.contains("Admin API privileges > Groups > Read"), "{said}");
}

#[tokio::test]
async fn nobody_signed_in_is_said_once() {
    let scene = Scene::new().await;
    scene.server.workspace.delete_service_account(ACCOUNT).unwrap();
    let credential = {
        let other = Scene::new().await;
        let mut file = other.server.key_file();
        file["token_uri"] = format!("{}/token", scene.server.base_url()).into();
        Credential::delegated(&file.to_string().into(), ADMIN, Reachable::default()).unwrap()
    };
    let checked = check(scene.sign_in(credential), None).await.unwrap();
    assert!(checked.sign_in.as_ref().unwrap().contains("does not know the service account"), "{checked:#?}");
    assert!(checked.calls.iter().all(|call| matches!(call.found, Found::NotTried(_))));
    assert!(!checked.is_fine());
}

#[tokio::test]
async fn a_google_that_does_not_answer_is_waited_for_once() {
    let scene = Scene::of(1, 1, 1).await;
    for method in ApiMethod::ALL {
        scene.break_always(method.name(), error(503, ErrorReason::BackendError));
    }
    let began = scene.sim.now();
    let checked = checked(&scene).await;
    let failed = checked.calls.iter().filter(|call| matches!(call.found, Found::Fails(_))).count();
    assert_eq!(failed, 1, "{checked:#?}");
    assert!(scene.sim.now().since(began) < Duration::from_mins(3));
}
