//! Sign-in with OpenID Connect: how somebody gets in, one test a rule.

mod refused;

use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use usher_testkit::openid::{Lie, OpenIdProvider, Person};

use crate::browser::{Browser, House, PASSWORD};
use crate::provider::{NOW, ada, bob, house_with_provider};

/// A house that Ada has set up with a password, with her browser; at the provider, she is signed in.
async fn adas_house() -> (OpenIdProvider, House, Browser) {
    let (provider, house) = house_with_provider(ada()).await;
    let browser = house.set_up().await;
    (provider, house, browser)
}

/// Ada invites somebody, and the link that they are given is returned.
async fn invite(ada: &mut Browser, email: &str) -> String {
    let form = [("email", email), ("role", "operator")];
    let invited = ada.post_with_token("/admins", "/admins", &form).await;
    let link = invited.text.split("/join?link=").nth(1).unwrap_or_else(|| panic!("{}", invited.text));
    format!("/join?link={}", link.split('<').next().unwrap())
}

#[tokio::test]
async fn an_admin_is_in_who_is_signed_in_at_the_provider_with_the_admins_address() {
    let (provider, house, mut ada) = adas_house().await;
    let mut browser = house.browser();
    let page = browser.get("/sign-in?next=%2Faccount").await;
    assert!(page.text.contains(&format!("Sign in with {}", provider.base_url().replace("http://", ""))));
    let button = page.attribute("a.button", "href");
    let back = browser.at_provider(&provider, &button).await;
    let answer = browser.come_back(&back).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/account"), "{}", answer.text);
    assert!(browser.sent_away.is_none(), "the cookie of the way is taken back");
    assert_eq!(browser.get("/").await.heading(), "Home");
    let account = browser.get("/account").await.text;
    assert!(account.contains("You sign in with your password, or with 127.0.0.1"), "{account}");
    assert!(account.contains("Change the password"), "who has one stays with it");
    let admins = ada.get("/admins").await.text;
    assert!(admins.contains("<td>password, 127.0.0.1:"), "{admins}");
    let log = ada.get("/audit-log").await.text;
    for word in ["sign in linked", "sign in", "127.0.0.1"] {
        assert!(log.contains(word), "{word}: {log}");
    }
    assert_eq!(house.browser().sign_in("ada@example.com", PASSWORD).await.location(), "/");
}

#[tokio::test]
async fn what_the_browser_carries_there_and_back_is_no_secret_and_no_script_reads_the_cookie() {
    let (_provider, house, _) = adas_house().await;
    let mut browser = house.browser();
    let answer = browser.get("/sign-in/openid?next=%2F").await;
    let cookie = answer.headers[SET_COOKIE].to_str().unwrap();
    for word in ["usher_openid=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(word), "{word}: {cookie}");
    }
    let there = answer.location();
    for word in ["response_type=code", "code_challenge_method=S256", "scope=openid+email", "nonce=", "state="]
    {
        assert!(there.contains(word), "{word}: {there}");
    }
    let secret = cookie.split('=').nth(1).unwrap().split(';').next().unwrap();
    assert!(!there.contains(secret) && !there.contains("verifier") && !there.contains("s3cret"), "{there}");
}

#[tokio::test]
async fn nobody_is_sent_to_another_host_after_the_provider() {
    let (provider, house, _) = adas_house().await;
    let mut browser = house.browser();
    let back = browser.at_provider(&provider, "/sign-in/openid?next=https%3A%2F%2Fevil.example").await;
    assert_eq!(browser.come_back(&back).await.location(), "/");
}

#[tokio::test]
async fn a_session_from_the_provider_is_another_each_time_and_ends_where_every_other_ends() {
    let (provider, house, _) = adas_house().await;
    let (mut here, mut there) = (house.browser(), house.browser());
    here.sign_in_at(&provider).await;
    there.sign_in_at(&provider).await;
    assert!(here.cookie.is_some() && here.cookie != there.cookie);
    let before = here.cookie.clone();
    here.sign_in_at(&provider).await;
    assert_ne!(here.cookie, before, "whoever set the old one knows nothing of the new one");
    here.post_with_token("/account", "/account/sign-out-elsewhere", &[]).await;
    let statuses = (here.get("/").await.status, there.get("/").await.status);
    assert_eq!(statuses, (StatusCode::OK, StatusCode::SEE_OTHER));
}

#[tokio::test]
async fn an_invitation_is_accepted_by_the_sign_in_and_used_up() {
    let (provider, house, mut ada) = adas_house().await;
    let link = invite(&mut ada, "bob@example.com").await;
    assert!(ada.get("/admins").await.text.contains("Invited"));
    provider.set_person(bob());
    let mut browser = house.browser();
    let button = browser.get(&link).await.attribute("a.button", "href");
    let back = browser.at_provider(&provider, &button).await;
    assert_eq!(browser.come_back(&back).await.location(), "/");
    assert_eq!(browser.get("/admins").await.status, StatusCode::FORBIDDEN, "an operator, as invited");
    assert_eq!(house.browser().get(&link).await.heading(), "This link does not work", "it is used up");
    assert!(!ada.get("/admins").await.text.contains("Invited"));
    let account = browser.get("/account").await.text;
    assert!(account.contains("and have no password here") && !account.contains("Change the password"));
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps", "and again");
    assert!(ada.get("/audit-log").await.text.contains(">join</td>"), "{}", ada.get("/audit-log").await.text);
}

#[tokio::test]
async fn the_first_super_admin_is_made_by_the_link_and_the_provider_together() {
    let (provider, house) = house_with_provider(ada()).await;
    let mut browser = house.browser();
    let answer = browser.sign_in_at(&provider).await;
    assert!(answer.wrong().contains("may not sign in here"), "not without the link: {}", answer.text);
    let link = house.link().await.unwrap();
    let button = browser.get(&link).await.attribute("a.button", "href");
    provider.set_person(Person::new("ada-17", "ada@gmail.com"));
    let back = browser.at_provider(&provider, &button).await;
    assert!(browser.come_back(&back).await.wrong().contains("does not end in @gmail.com"));
    provider.set_person(ada());
    let back = browser.at_provider(&provider, &button).await;
    let answer = browser.come_back(&back).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{}", answer.text);
    assert_eq!(browser.get("/admins").await.status, StatusCode::OK, "a super admin");
    assert!(house.link().await.is_none() && browser.get("/audit-log").await.text.contains("set up"));
    let mut late = house.browser();
    provider.set_person(bob());
    let back = late.at_provider(&provider, &button).await;
    assert!(late.come_back(&back).await.wrong().contains("does not work any more"));
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_is_said_in_one_sentence_and_the_password_works() {
    let (provider, house, _) = adas_house().await;
    let base = provider.base_url();
    provider.stop().await;
    let mut browser = house.browser();
    let answer = browser.get("/sign-in/openid?next=%2Fapps").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    let wrong = answer.wrong();
    assert!(wrong.starts_with(&base.replace("http://", "")), "{wrong}");
    assert!(wrong.contains("cannot be reached just now") && wrong.contains("sign in with your password"));
    assert_eq!(browser.sign_in("ada@example.com", PASSWORD).await.location(), "/");
}

#[tokio::test]
async fn a_provider_that_fails_or_says_nonsense_is_asked_again_after_a_while_and_not_before() {
    for lie in [Lie::Broken, Lie::DiscoversIssuer, Lie::PlainTokenEndpoint] {
        let (provider, house, _) = adas_house().await;
        provider.lie(lie);
        let mut browser = house.browser();
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(browser.get("/sign-in/openid").await.status, unavailable, "{lie:?}");
        provider.be_honest();
        assert_eq!(browser.get("/sign-in/openid").await.status, unavailable, "{lie:?}");
        assert_eq!(provider.n_requests("/.well-known/openid-configuration"), 1, "{lie:?}");
        house.wait(Duration::from_secs(10));
        assert_eq!(browser.sign_in_at(&provider).await.location(), "/apps", "{lie:?}");
    }
}

#[tokio::test]
async fn a_provider_that_fails_on_the_way_back_is_no_failure_of_whoever_signs_in() {
    let (provider, house, mut ada) = adas_house().await;
    let mut browser = house.browser();
    let back = browser.at_provider(&provider, "/sign-in/openid").await;
    provider.lie(Lie::Broken);
    let answer = browser.come_back(&back).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.wrong().contains("cannot be reached just now (it answers 500)"), "{}", answer.wrong());
    assert!(!ada.get("/audit-log").await.text.contains("sign in refused"));
}

#[tokio::test]
async fn what_a_provider_says_of_itself_is_kept_for_an_hour() {
    let (provider, house, _) = adas_house().await;
    let n_asked = || provider.n_requests("/.well-known/openid-configuration");
    for _ in 0..3 {
        house.browser().sign_in_at(&provider).await;
    }
    house.wait(Duration::from_secs(3_599));
    provider.set_now(NOW + 3_599);
    house.browser().sign_in_at(&provider).await;
    assert_eq!(n_asked(), 1);
    house.wait(Duration::from_secs(1));
    house.browser().sign_in_at(&provider).await;
    assert_eq!(n_asked(), 2);
}

#[tokio::test]
async fn a_provider_that_takes_the_secret_in_the_body_alone_gets_it_there() {
    let (provider, house, _) = adas_house().await;
    provider.lie(Lie::SecretInBody);
    assert_eq!(house.browser().sign_in_at(&provider).await.location(), "/apps");
}

#[tokio::test]
async fn without_a_provider_there_is_no_button_and_no_way_to_one() {
    let house = House::new().await;
    house.set_up().await;
    let mut browser = house.browser();
    assert!(!browser.get("/sign-in").await.text.contains("Sign in with"));
    for path in ["/sign-in/openid", "/sign-in/openid/callback?code=x&state=y"] {
        assert_eq!(browser.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
