//! Set-up, sign-in, sessions: who is let in, and who is not.

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, SET_COOKIE};

use crate::browser::{House, PASSWORD};

#[tokio::test]
async fn nobody_is_in_until_somebody_follows_the_link_of_the_terminal_and_then_it_works_no_more() {
    let house = House::new().await;
    let mut browser = house.browser();
    assert_eq!(browser.get("/").await.location(), "/sign-in?next=%2F");
    assert_eq!(browser.get("/sign-in").await.heading(), "Not set up yet");
    assert_eq!(browser.get("/set-up?link=guessed").await.heading(), "This link does not work");
    let old = house.link().await.unwrap();
    let link = house.link().await.unwrap();
    assert_eq!(browser.get(&old).await.heading(), "This link does not work", "a new one replaces it");
    let mut ada = house.set_up().await;
    assert_eq!(ada.get("/").await.heading(), "Home");
    assert_eq!(browser.get(&link).await.heading(), "Set up already");
    assert_eq!(house.link().await, None, "there is somebody who may sign in");
}

#[tokio::test]
async fn a_link_to_set_up_works_for_a_day() {
    let house = House::new().await;
    let link = house.link().await.unwrap();
    house.wait(Duration::from_hours(24));
    assert_eq!(house.browser().get(&link).await.heading(), "This link does not work");
}

#[tokio::test]
async fn what_is_wrong_with_a_set_up_is_said_and_nothing_is_made() {
    let house = House::new().await;
    let mut browser = house.browser();
    let link = browser.get(&house.link().await.unwrap()).await.value("input[name=link]");
    for (email, password, again, said) in [
        ("ada", PASSWORD, PASSWORD, "is not an e-mail address"),
        ("ada@gmail.com", PASSWORD, PASSWORD, "does not end in @gmail.com"),
        ("ada@example.com", "dwarf", "dwarf", "at least 12 characters"),
        ("ada@example.com", PASSWORD, "correct horse batteri", "The two passwords differ"),
    ] {
        let form = [("link", link.as_str()), ("email", email), ("password", password), ("again", again)];
        let answer = browser.post("/set-up", &form).await;
        assert!(answer.text.contains(said), "{said}: {}", answer.text);
        assert!(browser.cookie.is_none() && !answer.text.contains(password), "{email}");
    }
    assert!(house.link().await.is_some());
}

#[tokio::test]
async fn whoever_has_the_password_is_in_and_whoever_has_another_is_told_no_more_than_that() {
    let house = House::new().await;
    house.set_up().await;
    let mut browser = house.browser();
    let wrong = browser.sign_in("ada@example.com", "correct horse batteri").await;
    let nobody = browser.sign_in("eve@example.com", PASSWORD).await;
    assert_eq!((wrong.status, nobody.status), (StatusCode::UNAUTHORIZED, StatusCode::UNAUTHORIZED));
    assert_eq!(wrong.text.replace("ada@", "eve@"), nobody.text);
    let answer = browser.sign_in("Ada@Example.com", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"));
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    for word in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(word), "{word}");
    }
    assert_eq!(browser.get("/apps").await.heading(), "Web and mobile apps");
}

#[tokio::test]
async fn attempts_wait_after_five_that_failed_also_for_whoever_has_the_password() {
    let house = House::new().await;
    house.set_up().await;
    let mut browser = house.browser();
    for _ in 0..5 {
        assert_eq!(browser.sign_in("ada@example.com", "wrong").await.status, StatusCode::UNAUTHORIZED);
    }
    let waits = browser.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(waits.text.contains("try again in 1 second"), "{}", waits.text);
    house.wait(Duration::from_secs(2));
    assert_eq!(browser.sign_in("ada@example.com", PASSWORD).await.location(), "/");
}

#[tokio::test]
async fn a_session_ends_when_it_is_signed_out_when_it_is_idle_and_after_a_week_at_last() {
    let house = House::new().await;
    let mut ada = house.set_up().await;
    let cookie = ada.cookie.clone();
    assert_eq!(ada.post_with_token("/", "/sign-out", &[]).await.location(), "/sign-in");
    ada.cookie = cookie;
    assert_eq!(ada.get("/").await.status, StatusCode::SEE_OTHER, "the cookie alone opens nothing any more");
    ada.sign_in("ada@example.com", PASSWORD).await;
    house.wait(Duration::from_hours(12));
    assert_eq!(ada.get("/").await.status, StatusCode::SEE_OTHER, "idle");
    ada.sign_in("ada@example.com", PASSWORD).await;
    for _ in 0..16 {
        house.wait(Duration::from_hours(10));
        assert_eq!(ada.get("/").await.status, StatusCode::OK);
    }
    house.wait(Duration::from_hours(8));
    assert_eq!(ada.get("/").await.status, StatusCode::SEE_OTHER, "a week is over");
}

#[tokio::test]
async fn whoever_sends_a_form_after_their_session_has_ended_is_told_that_it_was_not_saved() {
    let house = House::new().await;
    let mut ada = house.set_up().await;
    house.wait(Duration::from_hours(12));
    let page = "/account?x=1";
    let sent = ada.post_on(page, "/account/password", &[("current", PASSWORD)]).await;
    assert_eq!(sent.location(), "/sign-in?next=%2Faccount%3Fx%3D1&lost=yes");
    let asked = ada.get(sent.location()).await;
    let said = "Your session has ended. What you sent was not saved: sign in and do it again.";
    assert!(asked.text.contains(said), "{}", asked.text);
    assert_eq!(asked.value("input[name=next]"), page);
    let left = ada.post("/sign-out", &[]).await;
    assert!(!ada.get(left.location()).await.text.contains(said), "nothing was to be saved");
    assert!(!ada.get("/sign-in?next=%2F").await.text.contains(said));
}

#[tokio::test]
async fn an_address_that_forms_are_sent_to_says_so_to_whoever_asks_for_a_page() {
    let house = House::new().await;
    let mut ada = house.set_up().await;
    for (path, above) in [
        ("/apps/019a/holds/h/discard", "/apps/019a"),
        ("/apps/019a/run", "/apps/019a"),
        ("/account/password", "/account"),
        ("/sign-out", "/"),
    ] {
        let answer = ada.get(path).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(
            answer.wrong().starts_with("There is no page at this address: a form is sent to it"),
            "{path}"
        );
        assert_eq!(answer.attribute("main a", "href"), above, "{path}");
        assert!(answer.headers.contains_key("allow"), "{path}");
    }
}

#[tokio::test]
async fn somebody_signs_out_everywhere_else_and_a_new_password_does_the_same() {
    let house = House::new().await;
    let mut here = house.set_up().await;
    let mut there = house.browser();
    there.sign_in("ada@example.com", PASSWORD).await;
    here.post_with_token("/account", "/account/sign-out-elsewhere", &[]).await;
    assert_eq!(
        (here.get("/").await.status, there.get("/").await.status),
        (StatusCode::OK, StatusCode::SEE_OTHER)
    );
    there.sign_in("ada@example.com", PASSWORD).await;
    let new = "another horse battery";
    let form = |current| [("current", current), ("password", new), ("again", new)];
    let wrong = here.post_with_token("/account", "/account/password", &form("wrong")).await;
    assert!(wrong.text.contains("The current password is another."));
    let done = here.post_with_token("/account", "/account/password", &form(PASSWORD)).await;
    assert!(done.text.contains("Your password is changed"));
    assert_eq!(there.get("/").await.status, StatusCode::SEE_OTHER);
    assert_eq!(there.sign_in("ada@example.com", PASSWORD).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(there.sign_in("ada@example.com", new).await.location(), "/");
}

#[tokio::test]
async fn a_form_of_another_host_of_another_session_or_without_a_token_changes_nothing() {
    let house = House::new().await;
    let mut ada = house.set_up().await;
    let token = ada.get("/").await.value("input[name=token]");
    let crossing = ada.post_from("cross-site", "/sign-out", &[("token", &token)]).await;
    assert_eq!(crossing.status, StatusCode::FORBIDDEN);
    assert_eq!(ada.post("/sign-out", &[]).await.status, StatusCode::FORBIDDEN);
    let mut other = house.browser();
    other.sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(other.post("/sign-out", &[("token", &token)]).await.status, StatusCode::FORBIDDEN);
    assert_eq!((ada.get("/").await.status, other.get("/").await.status), (StatusCode::OK, StatusCode::OK));
}

#[tokio::test]
async fn every_answer_forbids_what_is_not_ours_and_nothing_of_it_is_kept() {
    let house = House::new().await;
    let mut ada = house.set_up().await;
    for path in ["/", "/nothing", "/sign-in", "/assets/x/console.css", "/assets/x/nothing"] {
        let answer = ada.get(path).await;
        let policy = answer.headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
        let keeps = answer.headers["cache-control"].to_str().unwrap();
        assert_eq!(keeps == "no-store", path != "/assets/x/console.css", "{path}: {keeps}");
    }
}
