//! Who is let in: the token, the tenant, the source; and both forms of the endpoint.

use std::time::Duration;

use usher_emulator::identity_center::admin::SAMPLE_METADATA;
use usher_emulator::identity_center::settings::Settings;

use crate::world::{World, authorized};

const YEAR: Duration = Duration::from_hours(24 * 365);

#[tokio::test]
async fn nothing_is_answered_without_the_token_of_the_tenant_of_the_path() {
    let world = World::new();
    let token = &world.token;
    for (path, header) in [
        ("/{tenant}/scim/v2/Users", String::new()),
        ("/{tenant}/scim/v2/Users", "\nAuthorization: Bearer".to_owned()),
        ("/{tenant}/scim/v2/Users", "\nAuthorization: Bearer wrong".to_owned()),
        ("/{tenant}/scim/v2/Users", format!("\nAuthorization: Bearer {token}x")),
        ("/{tenant}/scim/v2/Users", format!("\nAuthorization: Basic {token}")),
        ("/{tenant}/scim/v2/ServiceProviderConfig", String::new()),
        ("/{tenant}/scim/v2/Schemas", String::new()),
        ("/{tenant}/scim/v2/Bulk", String::new()),
        (
            "/another0000-1111-2222-3333-444455556666/scim/v2/Users",
            format!("\nAuthorization: Bearer {token}"),
        ),
    ] {
        let answer = world.http(&format!("GET {path}{header}")).await;
        assert_eq!(answer.status, 401, "{path}{header}");
        assert_eq!(answer.json()["status"], "401");
        assert!(answer.response.header("x-amzn-RequestId").is_some());
    }
    let other = world.center.ready_tenant(Settings::default()).unwrap();
    let elsewhere = authorized("GET", "/Users", "").replace("{tenant}", &other.tenant);
    assert_eq!(world.http(&elsewhere).await.status, 401, "a token opens its own tenant alone");
}

#[tokio::test]
async fn a_slash_at_the_end_makes_no_difference() {
    let world = World::new();
    for path in ["/Users", "/Users/", "/Users/?cursor", "/Users?cursor="] {
        assert_eq!(world.scim("GET", path, "").await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_token_works_a_year_and_not_longer() {
    let world = World::new();
    world.clock.advance(YEAR.checked_sub(Duration::from_secs(1)).unwrap());
    assert_eq!(world.scim("GET", "/Users", "").await.status, 200);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.scim("GET", "/Users", "").await.status, 401);
}

#[tokio::test]
async fn a_token_looks_like_aws_s_and_is_shown_by_nothing() {
    let world = World::new();
    assert!((500..=620).contains(&world.token.len()));
    assert!(world.token.chars().all(|c| c.is_ascii_alphanumeric() || "/=+\\-".contains(c)));
    world.scim("GET", "/Users", "").await;
    let shown = format!(
        "{:?} {:?} {:?} {:?}",
        world.center,
        world.center.tokens(&world.tenant),
        world.center.requests(&world.tenant, 0, 100),
        world.center.tenants()
    );
    assert!(!shown.contains(&world.token));
}

#[tokio::test]
async fn a_tenant_whose_provisioning_was_disabled_lets_nobody_in_and_keeps_its_people() {
    let world = World::new();
    world.user("ada@example.com").await;
    for token in world.center.tokens(&world.tenant).unwrap() {
        world.center.delete_token(&world.tenant, &token.id, "DELETE").unwrap();
    }
    world.center.disable_provisioning(&world.tenant, "DISABLE").unwrap();
    assert_eq!(world.scim("GET", "/Users", "").await.status, 401);
    world.center.change_identity_source(&world.tenant, SAMPLE_METADATA, "ACCEPT").unwrap();
    assert_eq!(world.center.tenant(&world.tenant).unwrap().users, 1);
}

#[tokio::test]
async fn an_address_outside_of_the_allowed_networks_is_a_403() {
    let world = World::new();
    world.set(|settings| settings.allowed_sources = Some(vec!["192.0.2.0/24".parse().unwrap()]));
    let request = authorized("GET", "/Users", "");
    assert_eq!(world.from("192.0.2.7", &request).await.status, 200);
    let answer = world.from("198.51.100.7", &request).await;
    assert_eq!((answer.status, answer.json()["status"].as_str()), (403, Some("403")));
}
