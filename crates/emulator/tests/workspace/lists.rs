//! Lists of users: pages, order, queries, projections, masks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::world::{ADMIN, SCOPES, World, refused, run};

fn people(world: &World, n: usize) {
    let user = |n: usize| {
        json!({ "primaryEmail": format!("u{n:04}@example.com"), "name": {
            "givenName": format!("G{:04}", 9_999 - n), "familyName": "F",
        } })
    };
    world.seed(&json!({ "users": (0..n).map(user).collect::<Vec<Value>>() }));
}

/// The addresses of a listing, page by page.
fn listed(world: &World, target: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut token = String::new();
    loop {
        let answer = world.get(&format!("{target}{token}"));
        pages.push(answer.column("users", "primaryEmail"));
        match answer.ok()["nextPageToken"].as_str() {
            Some(next) => token = format!("&pageToken={next}"),
            None => return pages,
        }
    }
}

#[test]
fn a_page_has_a_hundred_users_unless_it_is_said_and_five_hundred_at_most() {
    let world = World::new();
    people(&world, 1_001);
    let sizes = |target: &str| listed(&world, target).iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(sizes("~/users?customer=my_customer&maxResults=500"), [500, 500, 2]);
    assert_eq!(sizes("~/users?domain=example.com").len(), 11);
    let all = listed(&world, "~/users?customer=my_customer&maxResults=334").concat();
    assert_eq!(all.len(), 1_002);
    assert!(all.is_sorted());
    let above = world.get("~/users?customer=my_customer&maxResults=501").refusal();
    let sentence = "Invalid value '501'. Values must be within the range: [1, 500]";
    assert_eq!(above, refused(400, "invalidParameter", sentence));
}

#[test]
fn a_page_that_is_exactly_full_is_the_last() {
    let world = World::new();
    people(&world, 99);
    assert_eq!(listed(&world, "~/users?customer=my_customer").len(), 1);
}

#[test]
fn order_and_direction_hold_over_pages() {
    let world = World::new();
    people(&world, 25);
    let by =
        |order: &str| listed(&world, &format!("~/users?customer=my_customer&maxResults=10&{order}")).concat();
    let forward = by("orderBy=email");
    let mut backward = by("orderBy=email&sortOrder=DESCENDING");
    backward.reverse();
    assert_eq!(forward, backward);
    let given = by("orderBy=givenName&sortOrder=ASCENDING");
    assert_eq!(given[0], ADMIN);
    assert_eq!(given[1], "u0024@example.com");
    assert_eq!(given.len(), 26);
}

#[test]
fn a_page_token_is_good_for_its_listing_for_three_days() {
    let world = World::new();
    people(&world, 5);
    let first = world.get("~/users?customer=my_customer&maxResults=2").ok();
    let token = first["nextPageToken"].as_str().unwrap().to_owned();
    let wrong = refused(400, "invalid", "Invalid Input: pageToken");
    let other = world.get(&format!("~/users?domain=example.com&maxResults=2&pageToken={token}"));
    assert_eq!(other.refusal(), wrong);
    assert_eq!(world.get("~/users?customer=my_customer&pageToken=xyz").refusal(), wrong);
    world.clock.advance(Duration::from_hours(72));
    let world = World { token: run(world.workspace.access_token(ADMIN, &SCOPES)).unwrap(), ..world };
    let late = world.get(&format!("~/users?customer=my_customer&maxResults=2&pageToken={token}"));
    assert_eq!(late.refusal(), wrong);
}

#[test]
fn somebody_who_comes_or_goes_moves_nobody_from_page_to_page() {
    let world = World::new();
    people(&world, 6);
    let first = world.get("~/users?customer=my_customer&maxResults=3");
    let token = first.ok()["nextPageToken"].as_str().unwrap().to_owned();
    world.delete("~/users/u0000@example.com");
    world.user("aaa");
    let second = world.get(&format!("~/users?customer=my_customer&maxResults=3&pageToken={token}"));
    assert_eq!(
        second.column("users", "primaryEmail"),
        ["u0002@example.com", "u0003@example.com", "u0004@example.com"]
    );
}

#[test]
fn whose_users_has_to_be_said_once() {
    let world = World::new();
    let bad = refused(400, "badRequest", "Bad Request");
    assert_eq!(world.get("~/users").refusal(), bad);
    assert_eq!(world.get("~/users?customer=my_customer&domain=example.com").refusal(), bad);
    let domain = world.get("~/users?domain=else.example").refusal();
    assert_eq!(domain, refused(403, "forbidden", "Invalid domain."));
    assert_eq!(world.get("~/users?customer=C0000000").refusal().0, 403);
    let customer = world.get("~/customers/my_customer").ok()["id"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("~/users?customer={customer}")).column("users", "primaryEmail"), [ADMIN]);
}

#[test]
fn an_empty_list_is_absent() {
    let world = World::new();
    let list = world.get("~/users?customer=my_customer&query=isSuspended%3Dtrue").ok();
    assert_eq!(list["kind"], "admin#directory#users");
    assert!(list.get("users").is_none() && list.get("nextPageToken").is_none());
    assert!(world.get("~/groups?customer=my_customer").ok().get("groups").is_none());
}

#[test]
fn queries_choose_and_page() {
    let world = World::new();
    people(&world, 30);
    world.put("~/users/u0003@example.com", &json!({ "suspended": true })).ok();
    let found = |query: &str| {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        listed(&world, &format!("~/users?customer=my_customer&maxResults=4&query={query}")).concat()
    };
    assert_eq!(found("isSuspended=true"), ["u0003@example.com"]);
    assert_eq!(found("email:u001*").len(), 10);
    assert_eq!(found("email:u001* isSuspended=false").len(), 10);
    assert_eq!(found("ann"), [ADMIN]);
    assert_eq!(found("orgUnitPath=/").len(), 31);
    let wrong = world.get("~/users?customer=my_customer&query=nothing%3D1").refusal();
    assert_eq!(wrong, refused(400, "invalid", "Invalid Input: query"));
}

#[test]
fn a_search_index_may_lag_and_a_plain_list_never_does() {
    let world = World::new();
    world.set(|settings| settings.search_lag_seconds = Some(600));
    world.user("ada");
    let found = || {
        world.get("~/users?customer=my_customer&query=isSuspended%3Dfalse").column("users", "primaryEmail")
    };
    assert_eq!(found(), [ADMIN], "ada is not in the index yet");
    world.clock.advance(Duration::from_mins(11));
    assert_eq!(found(), ["ada@example.com", ADMIN]);
    world.put("~/users/ada@example.com", &json!({ "suspended": true })).ok();
    assert_eq!(found().len(), 2, "the index has her active");
    assert_eq!(world.get("~/users?customer=my_customer").ok()["users"][0]["primaryEmail"], "ada@example.com");
    world.delete("~/users/ada@example.com");
    assert_eq!(found().len(), 2);
    assert_eq!(world.get("~/users?customer=my_customer").column("users", "id").len(), 1);
    world.clock.advance(Duration::from_mins(11));
    assert_eq!(found(), [ADMIN]);
}

#[test]
fn a_mask_leaves_what_it_names() {
    let world = World::new();
    people(&world, 3);
    let list = world.get(
        "~/users?customer=my_customer&maxResults=1&fields=nextPageToken,users(primaryEmail,name/givenName)",
    );
    let mut list = list.ok();
    assert!(list["nextPageToken"].is_string());
    list.as_object_mut().unwrap().remove("nextPageToken");
    assert_eq!(list, json!({ "users": [{ "primaryEmail": ADMIN, "name": { "givenName": "Ann" } }] }));
    let all = world.get("~/users?customer=my_customer&fields=*").ok();
    assert_eq!(all, world.get("~/users?customer=my_customer").ok());
    let wrong = world.get("~/users?customer=my_customer&fields=users(nothing)").refusal();
    assert_eq!(wrong, refused(400, "invalidParameter", "Invalid field selection nothing"));
}

#[test]
fn what_clients_send_besides_is_taken() {
    let world = World::new();
    let target = "~/users?customer=my_customer&prettyPrint=false&alt=json&viewType=admin_view&projection=basic\
                  &orderBy=email&maxResults=500&showDeleted=False&quotaUser=x&$.xgafv=2&key=k";
    assert_eq!(world.get(target).column("users", "primaryEmail"), [ADMIN]);
    let unknown = world.get("~/users?customer=my_customer&pageSize=3").refusal();
    assert_eq!((unknown.0, unknown.1.as_str()), (400, "badRequest"));
    assert_eq!(world.get("~/users?customer=my_customer&projection=most").refusal().0, 400);
    let public = world.get(&format!("~/users/{ADMIN}?viewType=domain_public")).ok();
    assert!(public.get("isAdmin").is_none() && public["primaryEmail"] == ADMIN);
}
