use super::*;
use crate::scim::behaviour::Behaviour;

/// The page at this target, of an app with five users, under a behaviour.
async fn page_under(behaviour: Behaviour, target: &str) -> Value {
    let app = app_with_users(5).await;
    app.behave(behaviour);
    get(&app, target).await.json()
}

#[tokio::test]
async fn the_first_page_may_come_for_ever() {
    let app = app_with_users(5).await;
    app.behave(Behaviour::FirstPageForEver);
    for start in [1, 3, 501] {
        let page = get(&app, &format!("/Users?startIndex={start}&count=2")).await.json();
        assert_eq!(ids(&page), ["u1", "u2"]);
        assert_eq!(page["startIndex"], start);
        assert!(page["totalResults"].as_u64().unwrap() > start + 2, "more is promised");
    }
    let first = get(&app, "/Users?cursor=&count=2").await.json();
    let cursor = first["nextCursor"].as_str().unwrap();
    let second = get(&app, &format!("/Users?cursor={cursor}&count=2")).await.json();
    assert_eq!(ids(&second), ids(&first));
    assert_ne!(second["nextCursor"], first["nextCursor"], "each cursor is a new one");
}

#[tokio::test]
async fn the_start_index_may_be_ignored() {
    let page = page_under(Behaviour::StartIndexIgnored, "/Users?startIndex=4&count=3").await;
    assert_eq!(ids(&page), ["u1", "u2", "u3"]);
    assert_eq!((&page["startIndex"], &page["totalResults"]), (&json!(1), &json!(5)));
}

#[tokio::test]
async fn the_total_may_promise_what_is_never_given() {
    let page = page_under(Behaviour::TotalTooLarge(3), "/Users?startIndex=6").await;
    assert_eq!((ids(&page), &page["totalResults"]), (vec![], &json!(8)));
}

#[tokio::test]
async fn pages_may_be_shorter_than_asked_for() {
    let page = page_under(Behaviour::ShortPages(2), "/Users?count=100").await;
    assert_eq!((ids(&page), &page["totalResults"]), (vec!["u1", "u2"], &json!(5)));
    let page = page_under(Behaviour::ShortPages(2), "/Users?cursor=&count=100").await;
    assert_eq!((ids(&page), &page["nextCursor"]), (vec!["u1", "u2"], &json!("after-2")));
}

#[tokio::test]
async fn a_cursor_may_come_back() {
    let page = page_under(Behaviour::CursorRepeats, "/Users?cursor=after-4&count=2").await;
    assert_eq!((ids(&page), &page["nextCursor"]), (vec!["u5"], &json!("after-4")));
    let first = page_under(Behaviour::CursorRepeats, "/Users?cursor=&count=2").await;
    assert_eq!(first["nextCursor"], "after-2");
}

#[tokio::test]
async fn a_filter_may_be_ignored_or_find_nothing() {
    let target = "/Users?filter=id%20eq%20%22u3%22";
    assert_eq!(ids(&page_under(Behaviour::FilterIgnored, target).await).len(), 5);
    let nothing = page_under(Behaviour::FilterFindsNothing, target).await;
    assert_eq!((ids(&nothing), &nothing["totalResults"]), (vec![], &json!(0)));
    assert_eq!(ids(&page_under(Behaviour::FilterFindsNothing, "/Users").await).len(), 5);
    assert_eq!(ids(&page_under(Behaviour::FirstLeftOut, "/Users").await).len(), 4);
}

#[tokio::test]
async fn reads_may_lag_behind() {
    let app = app_with_users(1).await;
    let stale = app.behave(Behaviour::StaleReads);
    assert_eq!(create(&app, "new@x").await.status, 201);
    app.remove("u1");
    assert_eq!(ids(&get(&app, "/Users").await.json()), ["u1"]);
    assert_eq!(get(&app, "/Users/u1").await.status, 200);
    assert_eq!(get(&app, "/Users/user-2").await.status, 404);
    app.forget(stale);
    assert_eq!(ids(&get(&app, "/Users").await.json()), ["user-2"]);
}
