//! Who may do what: every route for every role, invitations, and what is written down.

use axum::http::StatusCode;

use crate::browser::{Browser, House, PASSWORD};

/// Ada invites somebody, who joins.
pub(crate) async fn joined(house: &House, ada: &mut Browser, email: &str, role: &str) -> Browser {
    let invited = ada.post_with_token("/admins", "/admins", &[("email", email), ("role", role)]).await;
    let link = invited.text.split("/join?link=").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let mut browser = house.browser();
    let form = [("link", link.as_str()), ("password", PASSWORD), ("again", PASSWORD)];
    assert_eq!(browser.post("/join", &form).await.location(), "/");
    let again = browser.get(&format!("/join?link={link}")).await;
    assert_eq!(again.heading(), "This link does not work", "it works once");
    browser
}

#[tokio::test]
async fn each_page_is_for_those_whose_role_has_its_right() {
    let house = House::new().await;
    let mut ada = house.set_up().await;
    let mut bob = joined(&house, &mut ada, "bob@example.com", "operator").await;
    let mut eve = joined(&house, &mut ada, "eve@example.com", "auditor").await;
    let mut nobody = house.browser();
    let (open, shut) = (StatusCode::OK, StatusCode::FORBIDDEN);
    for (path, super_admin, operator, auditor) in [
        ("/", open, open, open),
        ("/apps", open, open, open),
        ("/account", open, open, open),
        ("/audit-log", open, open, open),
        ("/admins", open, shut, shut),
    ] {
        let statuses = [ada.get(path).await.status, bob.get(path).await.status, eve.get(path).await.status];
        assert_eq!(statuses, [super_admin, operator, auditor], "{path}");
        assert_eq!(nobody.get(path).await.status, StatusCode::SEE_OTHER, "{path}");
    }
    for path in ["/admins", "/admins/role", "/admins/link", "/admins/remove"] {
        let token = bob.get("/").await.value("input[name=token]");
        let form =
            [("token", token.as_str()), ("email", "x@example.com"), ("role", "super_admin"), ("admin", "x")];
        assert_eq!(bob.post(path, &form).await.status, shut, "{path}");
        assert_eq!(nobody.post(path, &form).await.status, StatusCode::SEE_OTHER, "{path}");
    }
}

#[tokio::test]
async fn the_last_super_admin_stays_one_and_a_role_that_is_taken_away_is_gone_at_once() {
    let house = House::new().await;
    let mut ada = house.set_up().await;
    let mut bob = joined(&house, &mut ada, "bob@example.com", "super_admin").await;
    let ids: Vec<String> = {
        let page = ada.get("/admins").await.text;
        let ids = page.split("name=\"admin\" value=\"").skip(1).step_by(3);
        ids.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    };
    let [adas, bobs] = ids.as_slice() else { panic!("{ids:?}") };
    let auditor = |id| [("admin", id), ("role", "auditor")];
    ada.post_with_token("/admins", "/admins/role", &auditor(bobs.as_str())).await;
    assert_eq!(bob.get("/admins").await.status, StatusCode::FORBIDDEN);
    let refused = ada.post_with_token("/admins", "/admins/role", &auditor(adas.as_str())).await;
    assert!(refused.text.contains("is the only super admin"), "{}", refused.text);
    ada.post_with_token("/admins", "/admins/remove", &[("admin", bobs.as_str())]).await;
    assert_eq!(bob.get("/").await.status, StatusCode::SEE_OTHER, "they are signed out");
    let log = ada.get("/audit-log").await.text;
    for word in ["admin remove", "admin role", "admin invite", "set up", "ada@example.com", "bob@example.com"]
    {
        assert!(log.contains(word), "{word}: {log}");
    }
}
