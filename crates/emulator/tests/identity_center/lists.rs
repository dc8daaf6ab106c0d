//! Lists: the way that cuts off and the way by cursor; filters.

use std::time::Duration;

use serde_json::Value;

use crate::world::{World, refused, unparsable};

async fn people(world: &World, n: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for at in 0..n {
        ids.push(world.user(&format!("p{at}@example.com")).await);
    }
    ids
}

fn ids(list: &Value) -> Vec<&str> {
    list["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

/// A cursor as it has to stand in a URL.
fn encoded(cursor: &str) -> String {
    cursor.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

#[tokio::test]
async fn without_a_cursor_a_list_is_cut_at_one_page_and_its_total_is_what_it_holds() {
    let world = World::new();
    people(&world, 101).await;
    for (path, n) in [("/Users", 100), ("/Users?count=10", 10), ("/Users?startIndex=50&count=7", 7)] {
        let list = world.scim("GET", path, "").await.json();
        assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&n.into(), &n.into()), "{path}");
        assert_eq!((&list["startIndex"], list.get("nextCursor")), (&1.into(), None), "{path}");
        assert_eq!(ids(&list).len(), n, "{path}");
    }
    let empty = world.scim("GET", r#"/Users?filter=userName+eq+"nobody""#, "").await;
    let expected = r#"{"totalResults":0,"itemsPerPage":0,"startIndex":1,"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"Resources":[]}"#;
    assert_eq!((empty.status, empty.text()), (200, expected));
}

#[tokio::test]
async fn by_cursor_everybody_is_listed_once_and_the_last_page_names_no_other() {
    let world = World::new();
    let made = people(&world, 205).await;
    let (mut seen, mut path) = (Vec::new(), "/Users?cursor".to_owned());
    loop {
        let page = world.scim("GET", &path, "").await.json();
        assert_eq!((page.get("totalResults"), page.get("startIndex")), (None, None));
        assert_eq!(page["itemsPerPage"], ids(&page).len());
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(next) = page.get("nextCursor") else { break };
        let next = next.as_str().unwrap();
        assert!(next.chars().all(|c| c.is_ascii_alphanumeric() || "-+=/:_".contains(c)), "{next}");
        path = format!("/Users?cursor={}", encoded(next));
    }
    assert_eq!(seen, made);
}

#[tokio::test]
async fn a_list_that_ends_with_a_page_has_no_empty_page_after_it() {
    let world = World::new();
    people(&world, 100).await;
    let page = world.scim("GET", "/Users?cursor=", "").await.json();
    assert_eq!((ids(&page).len(), page.get("nextCursor")), (100, None));
}

#[tokio::test]
async fn nobody_is_left_out_or_shown_twice_while_others_come_and_go() {
    let world = World::new();
    let made = people(&world, 6).await;
    let first = world.scim("GET", "/Users?cursor&count=3", "").await.json();
    world.scim("DELETE", &format!("/Users/{}", made[2]), "").await;
    let late = world.user("late@example.com").await;
    let next = encoded(first["nextCursor"].as_str().unwrap());
    let second = world.scim("GET", &format!("/Users?count=9&cursor={next}"), "").await.json();
    assert_eq!(ids(&second), [&made[3], &made[4], &made[5], &late]);
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_and_filter_alone() {
    let world = World::new();
    let made = people(&world, 3).await;
    let group = world.scim("POST", "/Groups", r#"{"displayName":"G"}"#).await.id();
    let members: Vec<String> = made.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
    let add =
        format!(r#"{{"Operations":[{{"op":"add","path":"members","value":[{}]}}]}}"#, members.join(","));
    assert_eq!(world.scim("PATCH", &format!("/Groups/{group}"), &add).await.status, 204);
    let filter = format!("filter=groups.value%20eq%20%22{group}%22");

    let first = world.scim("GET", &format!("/Users?cursor&count=2&{filter}"), "").await.json();
    assert_eq!(ids(&first), [&made[0], &made[1]]);
    let next = encoded(first["nextCursor"].as_str().unwrap());
    let second = world.scim("GET", &format!("/Users?cursor={next}&{filter}"), "").await.json();
    assert_eq!((ids(&second), second.get("nextCursor")), (vec![made[2].as_str()], None));
    for wrong in [
        format!("/Users?cursor={next}"),
        format!("/Users?cursor={next}&filter=userName+eq+%22p0@example.com%22"),
        format!("/Groups?cursor={next}&{filter}"),
        "/Users?cursor=AAAA".to_owned(),
        "/Users?cursor=nonsense".to_owned(),
    ] {
        let answer = world.scim("GET", &wrong, "").await;
        assert_eq!(answer.status, 400, "{wrong}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_count_is_between_1_and_100() {
    let world = World::new();
    for count in ["0", "101", "-1", "many", ""] {
        let answer = world.scim("GET", &format!("/Users?count={count}"), "").await;
        assert_eq!(answer.refusal(), unparsable(), "{count}");
    }
    assert_eq!(world.scim("GET", "/Users?count=100", "").await.status, 200);
}

#[tokio::test]
async fn a_cursor_may_end_with_its_time_where_a_tenant_says_so() {
    let world = World::new();
    people(&world, 2).await;
    world.set(|settings| settings.cursor_seconds = Some(60));
    let first = world.scim("GET", "/Users?cursor&count=1", "").await.json();
    let path = format!("/Users?cursor={}", encoded(first["nextCursor"].as_str().unwrap()));
    world.clock.advance(Duration::from_mins(1));
    assert_eq!(world.scim("GET", &path, "").await.status, 200);
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.scim("GET", &path, "").await.status, 400);
}

#[tokio::test]
async fn users_are_found_as_documented_however_the_filter_is_encoded() {
    let world = World::new();
    let boss = world.user("boss@example.com").await;
    let body = format!(
        r#"{{"userName":"Ada@Example.com","externalId":"x-1","name":{{"givenName":"G","familyName":"F"}},"displayName":"D",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{{"manager":{{"value":"{boss}"}}}}}}"#
    );
    let ada = world.post_user(&body).await.id();
    for filter in [
        r"userName+eq+%22ada%40example.com%22".to_owned(),
        r#"userName%20eq%20"ADA@example.com""#.to_owned(),
        r#"username+EQ+"ada@example.com""#.to_owned(),
        r#"externalId+eq+"x-1""#.to_owned(),
        format!(r#"id+eq+"{ada}""#),
        format!(r#"id+eq+"{ada}"+and+manager+eq+"{boss}""#),
        format!(r#"manager+eq+"{boss}"+and+id+eq+"{ada}""#),
    ] {
        for mode in ["", "cursor&"] {
            let list = world.scim("GET", &format!("/Users?{mode}filter={filter}"), "").await.json();
            assert_eq!(ids(&list), [&ada], "{mode}{filter}");
        }
    }
    for nobody in [
        r#"externalId+eq+"X-1""#.to_owned(),
        r#"id+eq+"other""#.to_owned(),
        r#"groups.value+eq+"other""#.to_owned(),
        format!(r#"id+eq+"{boss}"+and+manager+eq+"{boss}""#),
    ] {
        let list = world.scim("GET", &format!("/Users?filter={nobody}"), "").await.json();
        assert_eq!(ids(&list), Vec::<&str>::new(), "{nobody}");
    }
}

#[tokio::test]
async fn any_other_filter_is_an_invalid_one_and_an_empty_value_is_refused_in_general_words() {
    let world = World::new();
    for filter in [
        r#"emails.value+eq+"a""#,
        r"active+eq+true",
        r#"userName+sw+"a""#,
        r#"userName+eq+"a"+or+userName+eq+"b""#,
        r#"displayName+eq+"a""#,
        r#"not+(userName+eq+"a")"#,
        "",
    ] {
        let answer = world.scim("GET", &format!("/Users?filter={filter}"), "").await;
        assert_eq!(answer.refusal(), refused(400, "Invalid Filter format"), "{filter}");
    }
    assert_eq!(world.scim("GET", r#"/Users?filter=userName+eq+"""#, "").await.refusal(), unparsable());
    assert_eq!(
        world.scim("GET", r#"/Groups?filter=id+eq+"g"+and+members+eq+"""#, "").await.refusal(),
        unparsable()
    );
}
