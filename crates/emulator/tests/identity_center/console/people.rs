//! Users and groups as they were received.

use usher_emulator::identity_center::edit::Edit;

use super::browser::{Browser, Filled};
use crate::world::World;

fn edit(world: &World, edit: &Edit) {
    world.center.edit(&world.tenant, edit).unwrap();
}

async fn staffed() -> World {
    let world = World::new();
    for n in 0..120 {
        world.user(&format!("person-{n:03}@example.com")).await;
    }
    edit(
        &world,
        &Edit::CreateGroup { display_name: "Builders".into(), description: Some("whoever builds".into()) },
    );
    for user in ["person-001@example.com", "person-002@example.com"] {
        edit(&world, &Edit::AddMember { group: "Builders".into(), user: user.into() });
    }
    edit(&world, &Edit::DisableUser { user: "person-002@example.com".into() });
    world
}

#[tokio::test]
async fn users_are_listed_page_by_page_and_found_by_a_part_of_a_name() {
    let world = staffed().await;
    let mut browser = Browser::at(&world, &format!("/console/instances/{}/users", world.tenant)).await;
    assert_eq!(browser.texts("tbody th").len(), 50);
    assert_eq!(browser.texts(".pages span"), ["1–50 of 120"]);
    browser.click("Next page").await;
    browser.click("Next page").await;
    assert_eq!(browser.texts(".pages span"), ["101–120 of 120"]);
    assert!(!browser.text.contains("Next page"));
    browser.click("Previous page").await;
    assert_eq!(browser.texts("tbody th")[0], "person-050@example.com");

    let looked_for = Filled { fields: &[("q", "PERSON-00")], file: None };
    browser.press("Find", looked_for).await;
    assert_eq!(browser.texts(".pages span"), ["1–10 of 10"]);
    browser.press("Find", Filled { fields: &[("q", "<nobody>")], file: None }).await;
    assert!(browser.text.contains("&#60;nobody&#62;"), "{}", browser.text);
}

#[tokio::test]
async fn a_user_s_page_has_the_resource_and_the_groups() {
    let world = staffed().await;
    let mut browser = Browser::at(&world, &format!("/console/instances/{}/users", world.tenant)).await;
    browser.click("person-002@example.com").await;
    assert!(browser.heading().ends_with("Disabled"), "{}", browser.heading());
    let shown: serde_json::Value = serde_json::from_str(&browser.texts("pre")[0]).unwrap();
    assert_eq!(shown, world.center.user(&world.tenant, "person-002@example.com").unwrap());
    browser.click("Builders").await;
    assert_eq!(browser.heading(), "Builders");
    assert_eq!(browser.texts("tbody th"), ["person-001@example.com", "person-002@example.com"]);
    assert!(browser.text.contains("whoever builds"));
    browser.press("Find", Filled { fields: &[("q", "001")], file: None }).await;
    assert_eq!(browser.texts("tbody th"), ["person-001@example.com"]);
    browser.visit(&format!("/console/instances/{}/users/nobody", world.tenant)).await;
    assert_eq!((browser.status, browser.alert().as_str()), (404, "There is no user `nobody`"));
}

#[tokio::test]
async fn groups_are_listed_with_how_many_are_in_them() {
    let world = staffed().await;
    let mut browser = Browser::at(&world, &format!("/console/instances/{}/groups", world.tenant)).await;
    assert_eq!(browser.texts("tbody .figure"), ["2"]);
    browser.press("Find", Filled { fields: &[("q", "uild")], file: None }).await;
    browser.click("Builders").await;
    assert_eq!(browser.texts("#members"), ["Users in this group"]);
}
