//! What the pages say to the browser, and whom they are not for.

use usher_emulator::exchange::Request;

use super::browser::{Browser, answer};
use crate::world::World;

#[tokio::test]
async fn every_page_forbids_what_is_not_its_own() {
    let world = World::new();
    let instance = format!("/console/instances/{}", world.tenant);
    for page in ["/", "/console/services", "/console/search?q=x", &instance, "/console/nowhere"] {
        let response = answer(&world, Request::new("GET", page)).await;
        let policy = response.header("Content-Security-Policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{page}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(response.header("Cache-Control"), Some("no-store"), "{page}");
    }
}

#[tokio::test]
async fn style_and_script_are_sent_and_kept_for_ever() {
    let world = World::new();
    let home = Browser::home(&world).await;
    for (attribute, media_type) in [("href=\"", "text/css"), ("src=\"", "text/javascript")] {
        let from = format!("{attribute}/console/assets/");
        let (_, rest) = home.text.split_once(&from).unwrap();
        let address = format!("/console/assets/{}", rest.split('"').next().unwrap());
        let response = answer(&world, Request::new("GET", &address)).await;
        assert!(response.header("Content-Type").unwrap().starts_with(media_type), "{address}");
        assert!(response.header("Cache-Control").unwrap().contains("immutable"));
    }
}

#[tokio::test]
async fn the_metadata_of_the_service_provider_is_a_file_with_its_addresses() {
    let world = World::new();
    let page = format!("/console/instances/{}/settings/service-provider-metadata.xml", world.tenant);
    let response = answer(&world, Request::new("GET", &page)).await;
    assert!(response.header("Content-Disposition").unwrap().contains("service-provider-metadata.xml"));
    let text = String::from_utf8(response.body).unwrap();
    let provider = world.center.service_provider(&world.tenant).unwrap();
    assert!(text.contains(&provider.acs_url) && text.contains(&provider.issuer_url), "{text}");
}

#[tokio::test]
async fn nothing_is_done_for_a_page_of_another_site_which_may_lead_here_all_the_same() {
    let world = World::new();
    let form = |path: &str| {
        Request::new("POST", path)
            .with_header("Host", "127.0.0.1:8081")
            .with_header("Content-Type", "application/x-www-form-urlencoded")
            .with_body("a=b")
    };
    for (header, value) in [
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Origin", "http://127.0.0.1:8080"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        let response = answer(&world, form("/console/instances").with_header(header, value)).await;
        assert_eq!(response.status, 403, "{header}: {value}");
        let link = Request::new("GET", "/").with_header("Host", "127.0.0.1:8081").with_header(header, value);
        assert_eq!(answer(&world, link).await.status, 200, "{header}: {value}");
    }
    assert_eq!(world.center.tenants().len(), 1, "nothing was made for them");
    assert_eq!(world.from("192.0.2.7", "GET /\n\n").await.status, 403);
}

#[tokio::test]
async fn what_is_not_there_is_a_page_that_says_so() {
    let world = World::new();
    for (method, page, status) in [
        ("GET", "/console/nowhere", 404),
        ("GET", "/console/instances/nobodys", 404),
        ("GET", "/console/instances/nobodys/faults", 404),
        ("POST", "/console/services", 405),
        ("DELETE", "/", 405),
    ] {
        let response = answer(&world, Request::new(method, page)).await;
        assert_eq!(response.status, status, "{method} {page}");
        assert!(String::from_utf8(response.body).unwrap().contains("role=\"alert\""), "{method} {page}");
    }
    let odd =
        Request::new("POST", "/console/instances").with_header("Content-Type", "text/plain").with_body("x");
    assert_eq!(answer(&world, odd).await.status, 400);
}
