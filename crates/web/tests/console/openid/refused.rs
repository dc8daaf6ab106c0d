//! Who is not let in, and what is said to them.

use std::time::Duration;

use axum::http::StatusCode;
use usher_testkit::openid::{CLIENT_SECRET, Lie, OpenIdProvider, Person};
use usher_web::openid::GOOGLE;

use super::{adas_house, invite};
use crate::browser::{Browser, House};
use crate::provider::{NOW, ada, bob, house_of};

/// Nobody is signed in, and the page says why.
async fn assert_refused(house: &House, provider: &OpenIdProvider, status: StatusCode, said: &str) {
    let mut browser = house.browser();
    let answer = browser.sign_in_at(provider).await;
    assert_eq!(answer.status, status, "{}", answer.text);
    assert!(answer.wrong().contains(said), "{}", answer.wrong());
    assert_eq!(
        answer.value("input[name=next]"),
        "/apps",
        "the password works, and leads where they wanted to go"
    );
    assert!(browser.cookie.is_none(), "{said}");
}

const NOT_VERIFIED: &str = "What came back could not be verified";

/// A token with one thing wrong in it lets nobody in, and an honest one does afterwards.
async fn assert_not_believed(lie: Lie) {
    let (provider, house, _) = adas_house().await;
    provider.lie(lie);
    assert_refused(&house, &provider, StatusCode::UNAUTHORIZED, NOT_VERIFIED).await;
    provider.be_honest();
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps", "{lie:?}");
}

#[tokio::test]
async fn a_page_of_another_host_begins_nothing() {
    let (_provider, house, _) = adas_house().await;
    for site in ["cross-site", "same-site", "none"] {
        let mut browser = house.browser();
        assert_eq!(browser.get_from(site, "/sign-in/openid").await.location(), "/sign-in", "{site}");
        assert!(browser.sent_away.is_none(), "{site}");
    }
}

const NOT_UNDER_WAY: &str = "not begun in this browser within the last ten minutes";

/// Nobody is signed in by this way back.
async fn assert_not_under_way(browser: &mut Browser, back: &str) {
    let answer = browser.come_back(back).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.wrong().contains(NOT_UNDER_WAY), "{}", answer.wrong());
    assert!(browser.cookie.is_none());
}

#[tokio::test]
async fn a_state_that_was_not_given_here_lets_nobody_in() {
    let (provider, house, _) = adas_house().await;
    let mut browser = house.browser();
    let back = browser.at_provider(&provider, "/sign-in/openid").await;
    let (path, query) = back.split_once('?').unwrap();
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    let forged = pairs.iter().map(|(key, value)| (key, if key == "state" { "forged" } else { value }));
    let forged = serde_urlencoded::to_string(forged.collect::<Vec<_>>()).unwrap();
    assert_not_under_way(&mut browser, &format!("{path}?{forged}")).await;
    assert_not_under_way(&mut browser, &format!("{path}?code=code-0")).await;
    assert_eq!(provider.n_requests("/token"), 0, "nothing is exchanged for it");
    assert_eq!(browser.come_back(&back).await.location(), "/", "and what was begun goes on");
}

#[tokio::test]
async fn what_any_page_can_have_a_browser_send_here_keeps_nobody_out() {
    let (provider, house, mut ada) = adas_house().await;
    let mut browser = house.browser();
    for _ in 0..25 {
        assert_not_under_way(&mut browser, "/sign-in/openid/callback?code=x&state=forged").await;
    }
    assert_eq!(browser.sign_in_at(&provider).await.location(), "/apps");
    assert!(!ada.get("/audit-log").await.text.contains("sign in refused"), "nor does it fill the log");
}

#[tokio::test]
async fn a_state_works_once() {
    let (provider, house, _) = adas_house().await;
    let mut browser = house.browser();
    let back = browser.at_provider(&provider, "/sign-in/openid").await;
    let sent_away = browser.sent_away.clone();
    assert_eq!(browser.come_back(&back).await.location(), "/");
    let mut again = house.browser();
    again.sent_away = sent_away;
    assert_not_under_way(&mut again, &back).await;
    assert_eq!(provider.n_requests("/token"), 1);
}

#[tokio::test]
async fn a_state_works_in_the_browser_alone_that_it_was_given_to() {
    let (provider, house, _) = adas_house().await;
    let (mut evil, mut victim) = (house.browser(), house.browser());
    let back = evil.at_provider(&provider, "/sign-in/openid").await;
    assert_not_under_way(&mut victim, &back).await;
    victim.leave("/sign-in/openid").await;
    assert_not_under_way(&mut victim, &back).await;
    assert_eq!(evil.come_back(&back).await.location(), "/", "it was not used up by that");
}

#[tokio::test]
async fn a_state_works_for_ten_minutes() {
    let (provider, house, _) = adas_house().await;
    let (mut slow, mut slower) = (house.browser(), house.browser());
    let backs = [
        slow.at_provider(&provider, "/sign-in/openid").await,
        slower.at_provider(&provider, "/sign-in/openid").await,
    ];
    house.wait(Duration::from_secs(599));
    assert_eq!(slow.come_back(&backs[0]).await.location(), "/");
    house.wait(Duration::from_secs(1));
    assert_not_under_way(&mut slower, &backs[1]).await;
}

#[tokio::test]
async fn a_token_with_another_nonce_or_none_is_not_believed() {
    assert_not_believed(Lie::Nonce).await;
    assert_not_believed(Lie::NoNonce).await;
}

#[tokio::test]
async fn a_token_for_another_client_is_not_believed() {
    assert_not_believed(Lie::Audience).await;
    assert_not_believed(Lie::FurtherAudience).await;
    assert_not_believed(Lie::AuthorizedParty).await;
}

#[tokio::test]
async fn a_token_of_another_issuer_is_not_believed() {
    assert_not_believed(Lie::Issuer).await;
}

#[tokio::test]
async fn an_answer_that_says_it_is_another_issuers_or_does_not_say_whose_is_not_believed() {
    assert_not_believed(Lie::AnswersIssuer).await;
    assert_not_believed(Lie::NoAnswersIssuer).await;
}

#[tokio::test]
async fn a_token_is_signed_by_a_key_of_the_provider() {
    assert_not_believed(Lie::Signature).await;
    assert_not_believed(Lie::SharedSecret).await;
    assert_not_believed(Lie::NoSignature).await;
}

#[tokio::test]
async fn a_token_that_has_expired_by_our_clock_is_not_believed() {
    assert_not_believed(Lie::Expired).await;
    let (provider, house, _) = adas_house().await;
    house.wait(Duration::from_hours(1));
    assert_refused(&house, &provider, StatusCode::UNAUTHORIZED, NOT_VERIFIED).await;
    provider.set_now(NOW + 3_600);
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps");
}

#[tokio::test]
async fn an_address_that_the_provider_has_not_verified_or_not_said_lets_nobody_in() {
    let (provider, house, _) = adas_house().await;
    provider.set_person(Person { is_verified: false, ..ada() });
    let said = "has not verified that ada@example.com is your address";
    assert_refused(&house, &provider, StatusCode::FORBIDDEN, said).await;
    provider.set_person(Person { email: None, ..ada() });
    assert_refused(&house, &provider, StatusCode::FORBIDDEN, "did not say your e-mail address").await;
}

#[tokio::test]
async fn nobody_signs_in_or_is_invited_with_an_address_of_gmail() {
    let (provider, house, mut ada) = adas_house().await;
    let said = "does not end in @gmail.com";
    for email in ["eve@gmail.com", "Eve@GoogleMail.com"] {
        let form = [("email", email), ("role", "operator")];
        let invited = ada.post_with_token("/admins", "/admins", &form).await;
        assert!(invited.wrong().contains(said), "{}", invited.text);
        provider.set_person(Person::new("eve", email));
        assert_refused(&house, &provider, StatusCode::FORBIDDEN, said).await;
    }
}

#[tokio::test]
async fn nobody_is_in_who_was_not_invited_and_the_audit_log_says_who_tried() {
    let (provider, house, mut ada) = adas_house().await;
    provider.set_person(bob());
    let said = "bob@example.com may not sign in here: ask a super admin to invite you.";
    assert_refused(&house, &provider, StatusCode::FORBIDDEN, said).await;
    let log = ada.get("/audit-log").await.text;
    for word in ["sign in refused", "bob@example.com", "not_invited"] {
        assert!(log.contains(word), "{word}: {log}");
    }
    assert!(!log.contains("code-") && !log.contains(CLIENT_SECRET), "{log}");
}

#[tokio::test]
async fn an_invitation_that_is_too_old_lets_nobody_in() {
    let (provider, house, mut ada) = adas_house().await;
    invite(&mut ada, "bob@example.com").await;
    house.wait(Duration::from_hours(7 * 24));
    provider.set_now(NOW + 7 * 24 * 3_600);
    provider.set_person(bob());
    let said = "The invitation of bob@example.com is too old";
    assert_refused(&house, &provider, StatusCode::FORBIDDEN, said).await;
}

#[tokio::test]
async fn nobody_else_comes_with_the_address_of_somebody_who_was_here() {
    let (provider, house, mut browser) = adas_house().await;
    house.browser().sign_in_at(&provider).await;
    provider.set_person(Person { subject: "another".into(), ..ada() });
    let said = "ada@example.com has signed in here with another account of 127.0.0.1";
    assert_refused(&house, &provider, StatusCode::FORBIDDEN, said).await;
    assert!(browser.get("/audit-log").await.text.contains("another_account"));
    provider.set_person(ada());
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps");
}

#[tokio::test]
async fn one_account_of_the_provider_is_one_admin() {
    let (provider, house, mut browser) = adas_house().await;
    house.browser().sign_in_at(&provider).await;
    invite(&mut browser, "ada.new@example.com").await;
    provider.set_person(Person { email: Some("ada.new@example.com".into()), ..ada() });
    let said = "signs in here as ada@example.com: a super admin has to remove that one first";
    assert_refused(&house, &provider, StatusCode::FORBIDDEN, said).await;
}

#[tokio::test]
async fn an_admin_who_was_removed_is_out_and_does_not_get_in() {
    let (provider, house, mut ada) = adas_house().await;
    invite(&mut ada, "bob@example.com").await;
    provider.set_person(bob());
    let mut browser = house.browser();
    browser.sign_in_at(&provider).await;
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    let page = ada.get("/admins").await.text;
    let id = page.split("name=\"admin\" value=\"").nth(4).unwrap().split('"').next().unwrap().to_owned();
    ada.post_with_token("/admins", "/admins/remove", &[("admin", &id)]).await;
    assert_eq!(browser.get("/").await.status, StatusCode::SEE_OTHER, "they are signed out");
    assert_refused(&house, &provider, StatusCode::FORBIDDEN, "bob@example.com may not sign in here").await;
}

#[tokio::test]
async fn whoever_says_no_at_the_provider_is_not_in_and_it_does_not_count_as_a_failure() {
    let (provider, house, _) = adas_house().await;
    provider.lie(Lie::Denied);
    for _ in 0..25 {
        assert_refused(&house, &provider, StatusCode::UNAUTHORIZED, "was cancelled, or is not allowed").await;
    }
    assert_eq!(provider.n_requests("/token"), 0);
}

#[tokio::test]
async fn a_key_that_is_not_known_is_asked_for_once_a_minute_at_most() {
    let (provider, house, _) = adas_house().await;
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps");
    provider.change_key("second");
    assert_refused(&house, &provider, StatusCode::UNAUTHORIZED, NOT_VERIFIED).await;
    assert_eq!(provider.n_requests("/keys"), 1, "they were asked for just now");
    house.wait(Duration::from_mins(1));
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps");
    assert_eq!(provider.n_requests("/keys"), 2);
    provider.change_key("third");
    for _ in 0..3 {
        assert_refused(&house, &provider, StatusCode::UNAUTHORIZED, NOT_VERIFIED).await;
    }
    assert_eq!(provider.n_requests("/keys"), 2);
    house.wait(Duration::from_mins(1));
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps");
}

#[tokio::test]
async fn attempts_wait_after_twenty_that_failed_from_one_address() {
    let (provider, house, _) = adas_house().await;
    provider.set_person(bob());
    for _ in 0..20 {
        assert_refused(&house, &provider, StatusCode::FORBIDDEN, "bob@example.com may not sign in here")
            .await;
    }
    let waits = house.browser().get("/sign-in/openid").await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(waits.wrong().contains("try again in 1 second"), "{}", waits.wrong());
    let back = house.browser().get("/sign-in/openid/callback?code=x&state=y").await;
    assert_eq!(back.status, StatusCode::TOO_MANY_REQUESTS);
    house.wait(Duration::from_secs(2));
    provider.set_person(ada());
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps");
}

#[tokio::test]
async fn google_vouches_for_accounts_of_an_organisation_alone() {
    let provider = OpenIdProvider::start(NOW, ada()).await;
    provider.call_itself(GOOGLE);
    let house = house_of(&provider, GOOGLE).await;
    let mut browser = house.set_up().await;
    assert!(house.browser().get("/sign-in").await.text.contains("Sign in with Google"));
    let said = "ada@example.com is not an account of an organisation at Google";
    assert_refused(&house, &provider, StatusCode::FORBIDDEN, said).await;
    provider.set_person(Person { hosted_domain: Some("example.com".into()), ..ada() });
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps");
    assert!(browser.get("/admins").await.text.contains("<td>password, Google</td>"));
}
