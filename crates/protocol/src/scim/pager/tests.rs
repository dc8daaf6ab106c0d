use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::http::Response;

fn listing(paging: Paging, page_size: u32) -> Listing {
    Listing { kind: ResourceKind::User, paging, page_size, filter: None, max_pages: MAX_PAGES }
}

fn resources(ids: impl IntoIterator<Item = u64>) -> Vec<Value> {
    ids.into_iter().map(|id| json!({"id": format!("u{id}")})).collect()
}

fn index_page(start: u64, total: u64, ids: impl IntoIterator<Item = u64>) -> Response {
    let resources = resources(ids);
    let body = json!({
        "totalResults": total, "startIndex": start, "itemsPerPage": resources.len(), "Resources": resources,
    });
    Response::json(200, &body)
}

fn cursor_page(next: Option<&str>, ids: impl IntoIterator<Item = u64>) -> Response {
    let mut body = json!({"Resources": resources(ids)});
    if let Some(next) = next {
        body["nextCursor"] = next.into();
    }
    Response::json(200, &body)
}

/// Runs a listing against a server to its end. The server gets `startIndex` or
/// `cursor`, and `count`.
fn run(mut pager: Pager, server: impl Fn(&str, u64) -> Response) -> (Result<usize, PageError>, Pager) {
    let mut listed = 0;
    while let Some(request) = pager.next() {
        let value = |name: &str| {
            let found = request.query.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let place = value("cursor").or_else(|| value("startIndex")).unwrap();
        let count = value("count").unwrap().parse().unwrap();
        match pager.accept(&server(&place, count)) {
            Ok(page) => listed += page.len(),
            Err(error) => return (Err(error), pager),
        }
    }
    (Ok(listed), pager)
}

fn truthful_index(total: u64) -> impl Fn(&str, u64) -> Response {
    move |start, count| {
        let start: u64 = start.parse().unwrap();
        index_page(start, total, start..(start + count).min(total + 1))
    }
}

#[test]
fn index_paging_reads_every_page() {
    for total in [0, 1, 9, 10, 11, 100, 105] {
        let (listed, pager) = run(Pager::new(listing(Paging::Index, 10)), truthful_index(total));
        assert_eq!(listed, Ok(usize::try_from(total).unwrap()));
        assert!(pager.is_complete(), "{total}");
    }
}

#[test]
fn cursor_paging_reads_on_while_there_is_a_cursor() {
    // Short and empty pages are no end (RFC 9865, AWS).
    let server = |cursor: &str, _| match cursor {
        "" => cursor_page(Some("a+/="), 0..3),
        "a+/=" => cursor_page(Some("b"), []),
        "b" => cursor_page(Some("c"), 3..5),
        _ => cursor_page(None, []),
    };
    let (listed, pager) = run(Pager::new(listing(Paging::Cursor, 10)), server);
    assert_eq!(listed, Ok(5));
    assert!(pager.is_complete());
}

#[test]
fn the_filter_is_repeated_on_every_page() {
    let filter = Filter::eq("groups.value", "g");
    let mut pager = Pager::new(Listing { filter: Some(filter), ..listing(Paging::Cursor, 2) });
    assert_eq!(
        pager.next().unwrap().relative_url(),
        "Users?cursor=&count=2&filter=groups.value%20eq%20%22g%22"
    );
    pager.accept(&cursor_page(Some("n"), 0..2)).unwrap();
    assert_eq!(
        pager.next().unwrap().relative_url(),
        "Users?cursor=n&count=2&filter=groups.value%20eq%20%22g%22"
    );
}

#[test]
fn an_empty_page_before_the_total_is_incomplete() {
    let server = |start: &str, _| match start {
        "1" => index_page(1, 12, 0..10),
        _ => index_page(11, 12, []),
    };
    let (listed, pager) = run(Pager::new(listing(Paging::Index, 10)), server);
    assert_eq!(listed, Err(PageError::Incomplete { total: 12, listed: 10 }));
    assert!(!pager.is_complete());
    assert_eq!(pager.next(), None);
}

#[test]
fn an_ignored_start_index_is_noticed_by_its_echo_and_by_its_ids() {
    let (listed, _) = run(Pager::new(listing(Paging::Index, 10)), |_, _| index_page(1, 30, 0..10));
    assert_eq!(listed, Err(PageError::StartIndexIgnored { asked: 11, sent: 1 }));
    let silent =
        |_: &str, _| Response::json(200, &json!({"totalResults": 30, "Resources": resources(0..10)}));
    let (listed, _) = run(Pager::new(listing(Paging::Index, 10)), silent);
    assert_eq!(listed, Err(PageError::Repeated { page: 2 }));
}

#[test]
fn a_truncated_list_that_calls_itself_whole_is_incomplete() {
    // IAM Identity Center without a cursor: totalResults is what it returned.
    let aws = |_: &str, count: u64| index_page(1, count.min(100), 0..count.min(100));
    let (listed, pager) = run(Pager::new(listing(Paging::Index, 100)), aws);
    assert_eq!(listed, Err(PageError::StartIndexIgnored { asked: 101, sent: 1 }));
    assert!(!pager.is_complete());
    let (listed, _) = run(Pager::new(listing(Paging::Cursor, 100)), aws);
    assert_eq!(listed, Err(PageError::CursorIgnored { got: 100 }));
}

#[test]
fn a_server_that_refuses_the_page_past_the_end_has_ended() {
    for status in [400, 404] {
        let server = |start: &str, _| match start {
            "1" => index_page(1, 10, 0..10),
            _ => Response::empty(status),
        };
        let (listed, pager) = run(Pager::new(listing(Paging::Index, 10)), server);
        assert_eq!(listed, Ok(10));
        assert!(pager.is_complete());
    }
}

#[test]
fn a_server_that_knows_no_cursors_is_believed_where_its_page_is_not_full() {
    let (listed, pager) = run(Pager::new(listing(Paging::Cursor, 10)), |_, _| index_page(1, 4, 0..4));
    assert_eq!(listed, Ok(4));
    assert!(pager.is_complete());
    let (listed, _) = run(Pager::new(listing(Paging::Cursor, 10)), |_, _| index_page(1, 40, 0..4));
    assert_eq!(listed, Err(PageError::Incomplete { total: 40, listed: 4 }));
}

#[test]
fn where_a_listing_is_cut_unsaid_a_page_by_index_proves_nothing_however_short() {
    for n in [0, 5, 50, 100] {
        let server = move |_: &str, _| index_page(1, n, 0..n);
        let (listed, pager) = run(Pager::new(listing(Paging::CursorAlone, 100)), server);
        assert_eq!(listed, Err(PageError::CursorIgnored { got: n }));
        assert!(!pager.is_complete());
    }
    let truthful = |cursor: &str, _| {
        if cursor.is_empty() { cursor_page(Some("a"), 0..3) } else { cursor_page(None, 3..5) }
    };
    let (listed, pager) = run(Pager::new(listing(Paging::CursorAlone, 100)), truthful);
    assert_eq!(listed, Ok(5));
    assert!(pager.is_complete());
}

#[test]
fn cursors_that_lead_in_a_circle_end() {
    let server = |cursor: &str, _| {
        let page: u64 = cursor.parse().unwrap_or(0);
        cursor_page(Some(&((page + 1) % 7).to_string()), [])
    };
    let (listed, pager) = run(Pager::new(listing(Paging::Cursor, 10)), server);
    assert!(matches!(listed, Err(PageError::CursorRepeated { .. })), "{listed:?}");
    assert!(!pager.is_complete());
}

#[test]
fn pages_without_end_are_limited() {
    let server = |start: &str, count: u64| {
        let start: u64 = start.parse().unwrap();
        Response::json(200, &json!({"Resources": resources(start..start + count)}))
    };
    let (listed, _) = run(Pager::new(Listing { max_pages: 20, ..listing(Paging::Index, 10) }), server);
    assert_eq!(listed, Err(PageError::TooManyPages { limit: 20 }));
    let fresh = |cursor: &str, _| {
        let page: u64 = cursor.parse().unwrap_or(0);
        cursor_page(Some(&(page + 1).to_string()), [page])
    };
    let (listed, _) = run(Pager::new(Listing { max_pages: 20, ..listing(Paging::Cursor, 10) }), fresh);
    assert_eq!(listed, Err(PageError::TooManyPages { limit: 20 }));
}

#[test]
fn a_list_that_shrinks_while_it_is_read_is_incomplete() {
    let server = |start: &str, _| match start {
        "1" => index_page(1, 20, 0..10),
        _ => index_page(11, 19, 11..20),
    };
    let (listed, _) = run(Pager::new(listing(Paging::Index, 10)), server);
    assert_eq!(listed, Err(PageError::Shrank { before: 20, after: 19 }));
}

#[test]
fn somebody_shifted_onto_the_next_page_is_listed_once() {
    // One more was created in front after the first page was read.
    let server = |start: &str, _| match start {
        "1" => index_page(1, 14, 0..10),
        "11" => index_page(11, 15, 9..14),
        _ => index_page(16, 15, []),
    };
    let (listed, _) = run(Pager::new(listing(Paging::Index, 10)), server);
    assert_eq!(listed, Err(PageError::Incomplete { total: 15, listed: 14 }));
}

#[test]
fn without_a_total_only_an_empty_page_is_the_end() {
    let server = |start: &str, _| match start {
        "1" => Response::json(200, &json!({"Resources": resources(0..3)})),
        _ => Response::json(200, &json!({"Resources": []})),
    };
    let (listed, pager) = run(Pager::new(listing(Paging::Index, 10)), server);
    assert_eq!(listed, Ok(3));
    assert!(pager.is_complete());
    assert_eq!(pager.total(), None);
}

#[test]
fn after_a_refusal_the_same_page_is_asked_for_again() {
    let mut pager = Pager::new(listing(Paging::Index, 10));
    let request = pager.next();
    assert!(matches!(pager.accept(&Response::empty(503)), Err(PageError::Refused(_))));
    assert_eq!(pager.next(), request);
    assert_eq!(pager.accept(&index_page(1, 2, 0..2)).unwrap().len(), 2);
    assert!(pager.is_complete());
}

#[test]
fn what_is_no_list_ends_the_listing() {
    for body in ["", "<html>", "{}", r#"{"Resources": 3}"#, r#"{"totalResults":1,"Resources":[{}]}"#] {
        let mut pager = Pager::new(listing(Paging::Cursor, 10));
        let response = Response { body: body.as_bytes().to_vec(), ..Response::empty(200) };
        assert!(pager.accept(&response).is_err(), "{body}");
        assert!(!pager.is_complete(), "{body}");
        assert_eq!(pager.next(), None, "{body}");
    }
}

fn lying_page() -> impl Strategy<Value = Value> {
    let optional = || proptest::option::of(0_u64..12);
    let ids = proptest::collection::vec(0_u64..12, 0..5);
    (optional(), optional(), optional(), ids).prop_map(|(total, start, cursor, ids)| {
        let mut body = json!({"Resources": resources(ids)});
        for (name, value) in [("totalResults", total), ("startIndex", start)] {
            if let Some(value) = value {
                body[name] = value.into();
            }
        }
        if let Some(cursor) = cursor {
            body["nextCursor"] = cursor.to_string().into();
        }
        body
    })
}

proptest! {
    #[test]
    fn no_liar_keeps_a_listing_going_or_calls_a_short_list_complete(
        pages in proptest::collection::vec(lying_page(), 1..20),
        cursors in any::<bool>(),
    ) {
        let paging = if cursors { Paging::Cursor } else { Paging::Index };
        let mut pager = Pager::new(Listing { max_pages: 100, ..listing(paging, 4) });
        let mut answers = 0_usize;
        while pager.next().is_some() {
            let page = Response::json(200, &pages[answers % pages.len()]);
            answers += 1;
            prop_assert!(answers <= 101);
            if pager.accept(&page).is_err() {
                prop_assert!(!pager.is_complete());
                prop_assert!(pager.next().is_none());
            }
        }
        if pager.is_complete() {
            prop_assert!(pager.total().is_none_or(|total| pager.listed() >= total));
        }
    }

    #[test]
    fn a_truthful_server_is_listed_wholly(total in 0_u64..60, page_size in 1_u32..20, cap in 1_u64..20) {
        let capped = move |start: &str, count: u64| truthful_index(total)(start, count.min(cap));
        let (listed, pager) = run(Pager::new(listing(Paging::Index, page_size)), capped);
        prop_assert_eq!(listed, Ok(usize::try_from(total).unwrap()));
        prop_assert!(pager.is_complete());

        let with_cursors = move |cursor: &str, count: u64| {
            let start: u64 = cursor.parse().unwrap_or(0);
            let end = (start + count.min(cap)).min(total);
            cursor_page((end < total).then(|| end.to_string()).as_deref(), start..end)
        };
        let (listed, pager) = run(Pager::new(listing(Paging::Cursor, page_size)), with_cursors);
        prop_assert_eq!(listed, Ok(usize::try_from(total).unwrap()));
        prop_assert!(pager.is_complete());
    }
}
