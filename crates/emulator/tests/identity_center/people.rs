//! What whoever has the console sees and edits past SCIM.

use serde_json::{Map, Value, json};
use usher_emulator::identity_center::edit::Edit;

use crate::world::World;

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

impl World {
    fn does(&self, edit: &Edit) -> Result<String, String> {
        self.center.edit(&self.tenant, edit).map_err(|refused| refused.to_string())
    }
}

#[tokio::test]
async fn an_edit_by_another_hand_is_what_scim_shows_next() {
    let world = World::new();
    let ada = world.user("ada@example.com").await;
    let user = || "ada@example.com".to_owned();
    let attributes = object(&json!({"title": "Engineer", "name.givenName": "Ada", "emails": null}));
    assert_eq!(world.does(&Edit::ChangeUser { user: user(), attributes }), Ok(ada.clone()));
    world.does(&Edit::DisableUser { user: ada.clone() }).unwrap();
    let shown = world.shown(&ada).await;
    assert_eq!(shown["title"], "Engineer");
    assert_eq!(shown["name"], json!({"familyName": "F", "givenName": "Ada"}));
    assert_eq!((&shown["active"], &shown["emails"]), (&json!(false), &Value::Null));
    world.does(&Edit::EnableUser { user: user() }).unwrap();
    assert_eq!(world.shown(&ada).await["active"], true);
    world.does(&Edit::DeleteUser { user: user() }).unwrap();
    assert_eq!(world.scim("GET", &format!("/Users/{ada}"), "").await.status, 404);
}

#[tokio::test]
async fn another_hand_makes_groups_and_sees_who_is_in_them() {
    let world = World::new();
    let ada = world.user("ada@example.com").await;
    let description = Some("Who writes code".to_owned());
    let id = world.does(&Edit::CreateGroup { display_name: "Devs".to_owned(), description }).unwrap();
    world.does(&Edit::AddMember { group: "Devs".to_owned(), user: ada.clone() }).unwrap();
    world.does(&Edit::RenameGroup { group: id.clone(), display_name: "Developers".to_owned() }).unwrap();
    let group = world.center.group(&world.tenant, "Developers").unwrap();
    let seen = json!({"id": id, "display_name": "Developers", "external_id": null, "description": "Who writes code",
        "members": [{"id": ada, "user_name": "ada@example.com"}]});
    let mut shown = serde_json::to_value(&group).unwrap();
    shown.as_object_mut().unwrap().retain(|name, _| !name.ends_with("_at"));
    assert_eq!(shown, seen);
    assert_eq!(world.scim("GET", &format!("/Groups/{id}"), "").await.json()["description"], Value::Null);
    world.does(&Edit::RemoveMember { group: id.clone(), user: ada }).unwrap();
    assert_eq!(world.center.groups(&world.tenant, 0, 10).unwrap()[0].members, []);
    world.does(&Edit::DeleteGroup { group: id }).unwrap();
    assert_eq!(world.center.groups(&world.tenant, 0, 10).unwrap(), []);
}

#[tokio::test]
async fn another_hand_keeps_to_the_rules_of_the_store_and_leaves_all_as_it_was_otherwise() {
    let world = World::new();
    let ada = world.user("ada@example.com").await;
    let before = world.shown(&ada).await;
    world.user("bob@example.com").await;
    for (edit, reason) in [
        (
            Edit::ChangeUser {
                user: ada.clone(),
                attributes: object(&json!({"userName": "BOB@example.com"})),
            },
            "another's already",
        ),
        (Edit::ChangeUser { user: ada.clone(), attributes: object(&json!({"title": ""})) }, "length greater"),
        (
            Edit::ChangeUser { user: ada.clone(), attributes: object(&json!({"displayName": null})) },
            "violates",
        ),
        (Edit::CreateUser { attributes: object(&json!({"userName": "c"})) }, "violates schema"),
        (Edit::DeleteUser { user: "nobody".to_owned() }, "User not found"),
        (Edit::DeleteGroup { group: "none".to_owned() }, "Group not found"),
        (Edit::CreateGroup { display_name: "Administrator".to_owned(), description: None }, "violates"),
    ] {
        let refused = world.does(&edit).unwrap_err();
        assert!(refused.contains(reason), "{edit:?}: {refused}");
    }
    assert_eq!(world.shown(&ada).await, before);
}

#[tokio::test]
async fn people_are_seen_in_slices_in_the_order_they_were_made() {
    let world = World::new();
    for name in ["c", "a", "b"] {
        world.user(name).await;
    }
    let names = |skip, most| {
        let users = world.center.users(&world.tenant, skip, most).unwrap();
        users.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(0, 2), ["c", "a"]);
    assert_eq!(names(2, 2), ["b"]);
    assert_eq!(names(3, 2), Vec::<String>::new());
    assert_eq!(world.center.user(&world.tenant, "A").unwrap()["userName"], "a");
    assert_eq!(world.center.user(&world.tenant, "z").unwrap_err().to_string(), "there is no user `z`");
}
