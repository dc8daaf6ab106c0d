use super::*;
use crate::http::NoAnswer;
use crate::scim::behaviour::Behaviour;
use crate::scim::gate::Gate;

#[tokio::test]
async fn a_lost_request_changes_nothing_and_a_lost_answer_hides_a_success() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::LostRequest.at(1));
    app.behave(Behaviour::LostAnswer.at(2));
    for name in ["undone@x", "done@x"] {
        let lost = app.client().send("POST", "/Users", Some(&user(name))).await;
        assert!(matches!(lost, Err(NoAnswer::BrokenOff(_))), "{lost:?}");
    }
    assert_eq!(app.user_by_name("undone@x"), None);
    assert_eq!(app.user_by_name("done@x").unwrap()["id"], "user-1");
    let became: Vec<_> = app.log().iter().map(|logged| (logged.worked, logged.sent)).collect();
    assert_eq!(became, [(None, None), (Some(201), None)]);
    assert_eq!(create(&app, "done@x").await.status, 409);
}

#[tokio::test]
async fn a_cut_answer_begins_and_does_not_end() {
    let app = ScimServer::start().await;
    app.behave(Behaviour::CutAnswer);
    let cut = app.client().send("POST", "/Users", Some(&user("ada@x"))).await;
    assert!(matches!(cut, Err(NoAnswer::BrokenOff(_))), "{cut:?}");
    assert_eq!(app.log()[0].sent, Some(201), "the status was sent");
    assert_eq!(app.users().len(), 1);
}

#[tokio::test]
async fn a_held_request_is_not_done_before_its_gate_opens() {
    let app = ScimServer::start().await;
    let gate = Gate::closed();
    app.behave(Behaviour::HeldRequest(gate.clone()));
    let (created, ()) = tokio::join!(create(&app, "ada@x"), async {
        gate.arrived(1).await;
        assert_eq!(app.users().len(), 0);
        gate.open();
    });
    assert_eq!(created.status, 201);
}

#[tokio::test]
async fn a_held_answer_is_done_before_its_gate_opens() {
    let app = ScimServer::start().await;
    let gate = Gate::closed();
    app.behave(Behaviour::HeldAnswer(gate.clone()));
    let (created, ()) = tokio::join!(create(&app, "ada@x"), async {
        gate.arrived(1).await;
        assert_eq!(app.users().len(), 1);
        assert_eq!((app.log()[0].worked, app.log()[0].sent), (Some(201), None));
        gate.open();
    });
    assert_eq!(created.status, 201);
}

#[tokio::test]
async fn a_client_that_gives_up_at_a_gate_leaves_the_work_done() {
    let app = ScimServer::start().await;
    let gate = Gate::closed();
    app.behave(Behaviour::HeldAnswer(gate.clone()));
    tokio::select! {
        created = create(&app, "ada@x") => panic!("answered with {}", created.status),
        () = gate.arrived(1) => {}
    }
    assert_eq!(app.users().len(), 1);
}
