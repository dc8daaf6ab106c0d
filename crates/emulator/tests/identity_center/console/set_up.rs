//! The seed's procedure "Get the API access token and endpoint URL", and everything about tokens after it.

use std::sync::Arc;
use std::time::Duration;

use usher_emulator::clock::Clock;
use usher_emulator::identity_center::admin::SAMPLE_METADATA;
use usher_emulator::identity_center::{IdentityCenter, Options};

use super::browser::{Browser, Filled};
use crate::still_clock::StillClock;
use crate::world::World;

/// An emulator in which nothing is set up but one instance.
fn unconfigured() -> World {
    let clock = Arc::new(StillClock::new());
    let center =
        IdentityCenter::new(Arc::clone(&clock) as Arc<dyn Clock>, Options::at("http://127.0.0.1:8081"));
    let tenant = center.create_tenant(center.default_settings().clone()).unwrap();
    World { clock, center, tenant, token: String::new() }
}

async fn status(world: &World, token: &str) -> u16 {
    let request = format!("GET /{}/scim/v2/Users\nAuthorization: Bearer {token}\n\n", world.tenant);
    world.http(&request).await.status
}

/// The steps up to where metadata is uploaded.
async fn at_configure(world: &World) -> Browser<'_> {
    let mut browser = Browser::home(world).await;
    browser.click("All Services").await;
    browser.click("IAM Identity Center (successor to AWS Single Sign-On)").await;
    assert_eq!(browser.heading(), "Dashboard");
    assert_eq!(browser.texts("#steps"), ["Recommended setup steps"]);
    browser.click("Choose your identity source").await;
    assert_eq!(browser.heading(), "Settings");
    browser.click("Change identity source").await;
    assert_eq!(browser.heading(), "Choose identity source");
    browser.press("Next", Filled { fields: &[("source", "external")], file: None }).await;
    assert_eq!(browser.heading(), "Configure external identity provider");
    browser
}

fn metadata(content: &[u8]) -> Filled<'_> {
    Filled { fields: &[], file: Some(("metadata", content)) }
}

fn typed<'a>(fields: &'a [(&'a str, &'a str)]) -> Filled<'a> {
    Filled { fields, file: None }
}

#[tokio::test]
async fn whoever_follows_the_steps_ends_with_an_endpoint_and_a_token_that_opens_it() {
    let world = unconfigured();
    let mut browser = at_configure(&world).await;
    browser.press("Next", metadata(SAMPLE_METADATA.as_bytes())).await;
    assert_eq!(browser.heading(), "Confirm change");
    assert!(browser.text.contains("https://idp.example.com/sso"), "the sign-in URL is shown");
    assert!(
        !world.center.tenant(&world.tenant).unwrap().is_provisioning,
        "nothing is done before it is confirmed"
    );

    browser.press("Change identity source", typed(&[("confirmation", "accept")])).await;
    assert_eq!((browser.status, browser.alert().as_str()), (400, "Type ACCEPT to confirm"));
    browser.press("Change identity source", typed(&[("confirmation", "ACCEPT")])).await;
    assert_eq!(browser.heading(), "Settings");
    assert!(browser.text.contains("https://idp.example.com/saml"), "{}", browser.text);

    browser.press("Enable", Filled::default()).await;
    let (endpoint, token) = (browser.value("SCIM endpoint"), browser.value("Access token"));
    assert_eq!(endpoint, format!("http://127.0.0.1:8081/{}/scim/v2", world.tenant));
    assert_eq!(status(&world, &token).await, 200);

    browser.press("Close", Filled::default()).await;
    assert_eq!(browser.heading(), "Settings");
    assert!(!browser.text.contains(&token), "a token is shown once");
    browser.click("Manage provisioning").await;
    assert_eq!(browser.value("SCIM endpoint"), endpoint);
    assert!(!browser.text.contains(&token));
}

#[tokio::test]
async fn the_search_box_leads_to_the_service_as_well() {
    let world = unconfigured();
    let mut browser = Browser::home(&world).await;
    browser.press("Search", typed(&[("q", "iam identity")])).await;
    browser.click("IAM Identity Center").await;
    assert_eq!(browser.heading(), "Dashboard");
}

#[tokio::test]
async fn a_file_that_is_no_metadata_gets_one_sentence_and_changes_nothing() {
    let world = unconfigured();
    for (content, why) in [
        (&b"%PDF-1.7 \xff"[..], "not text in UTF-8"),
        (b"userName,displayName", "not well-formed XML"),
        (b"<html><body/></html>", "no EntityDescriptor with entityID"),
        (
            br#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="x"/>"#,
            "no IDPSSODescriptor",
        ),
    ] {
        let mut browser = at_configure(&world).await;
        browser.press("Next", metadata(content)).await;
        assert_eq!(browser.status, 400);
        assert!(browser.alert().contains(why), "{}", browser.alert());
        assert_eq!(browser.texts("[role=alert]").len(), 1);
    }
    let mut browser = at_configure(&world).await;
    browser.press("Next", Filled::default()).await;
    assert!(browser.alert().contains("GoogleIDPMetadata.xml"), "{}", browser.alert());
    let source = serde_json::to_value(world.center.tenant(&world.tenant).unwrap().source).unwrap();
    assert_eq!(source["kind"], "identity-center-directory");
}

#[tokio::test]
async fn another_source_than_an_external_provider_is_not_offered() {
    let world = unconfigured();
    let mut browser = Browser::at(&world, &format!("/console/instances/{}/settings", world.tenant)).await;
    browser.click("Change identity source").await;
    browser.press("Next", Filled::default()).await;
    assert_eq!(browser.status, 400);
    assert!(browser.alert().contains("External identity provider"), "{}", browser.alert());
}

#[tokio::test]
async fn without_an_instance_one_is_enabled_first() {
    let clock = Arc::new(StillClock::new());
    let center =
        IdentityCenter::new(Arc::clone(&clock) as Arc<dyn Clock>, Options::at("http://127.0.0.1:8081"));
    let world = World { clock, center, tenant: String::new(), token: String::new() };
    let mut browser = Browser::at(&world, "/console/instances").await;
    browser.press("Enable", Filled::default()).await;
    assert_eq!(browser.heading(), "Dashboard");
    assert_eq!(world.center.tenants().len(), 1);
}

#[tokio::test]
async fn tokens_are_generated_two_at_most_and_deleted_by_the_word() {
    let world = World::new();
    let page = format!("/console/instances/{}/settings/provisioning", world.tenant);
    let mut browser = Browser::at(&world, &page).await;
    browser.press("Generate token", Filled::default()).await;
    let second = browser.value("Access token");
    assert_eq!(status(&world, &second).await, 200);
    assert_eq!(browser.texts(".dense, td .status"), ["Active", "Active"]);

    browser.press("Close", Filled::default()).await;
    assert!(browser.text.contains("disabled aria-describedby"), "there are two already");
    browser.press("Generate token", Filled::default()).await;
    assert_eq!(
        (browser.status, browser.alert().as_str()),
        (409, "There are two access tokens already: delete one first")
    );

    let first = world.center.tokens(&world.tenant).unwrap()[0].id.clone();
    browser.visit(&page).await;
    assert!(browser.text.contains(&first));
    browser.press("Delete token", typed(&[("confirmation", "delete")])).await;
    assert_eq!((browser.status, browser.alert().as_str()), (400, "Type DELETE to confirm"));
    browser.press("Delete token", typed(&[("confirmation", "DELETE")])).await;
    assert_eq!((status(&world, &world.token).await, status(&world, &second).await), (401, 200));
    assert!(!browser.text.contains(&first));
}

#[tokio::test]
async fn the_age_and_the_expiry_of_a_token_are_seen() {
    let world = World::new();
    let page = format!("/console/instances/{}/settings/provisioning", world.tenant);
    for (days, state) in [(0, "Active"), (280, "Expires soon"), (90, "Expired")] {
        world.clock.advance(Duration::from_hours(24 * days));
        let browser = Browser::at(&world, &page).await;
        assert_eq!(browser.texts("td .status"), [state]);
    }
    let browser = Browser::at(&world, &page).await;
    let cells = browser.texts("td");
    assert_eq!((cells[1].as_str(), cells[2].as_str()), ("370 days", "none"));
}

#[tokio::test]
async fn provisioning_is_disabled_once_no_token_is_left() {
    let world = World::new();
    world.user("ada@example.com").await;
    let page = format!("/console/instances/{}/settings/provisioning", world.tenant);
    let mut browser = Browser::at(&world, &page).await;
    let disable = "Disable automatic provisioning";
    browser.press(disable, typed(&[("confirmation", "DISABLE")])).await;
    assert_eq!((browser.status, browser.alert().as_str()), (409, "Delete every access token first"));
    browser.press("Delete token", typed(&[("confirmation", "DELETE")])).await;
    browser.press(disable, typed(&[("confirmation", "")])).await;
    assert_eq!((browser.status, browser.alert().as_str()), (400, "Type DISABLE to confirm"));
    browser.press(disable, typed(&[("confirmation", "DISABLE")])).await;
    assert_eq!(browser.heading(), "Settings");
    let tenant = world.center.tenant(&world.tenant).unwrap();
    assert_eq!((tenant.is_provisioning, tenant.users), (false, 1));
}
