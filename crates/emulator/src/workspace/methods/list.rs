//! What lists have in common.

use serde_json::{Map, Value, json};

use crate::workspace::call::{Call, Paging, Reply};
use crate::workspace::directory::Place;
use crate::workspace::wire;

/// How many are looked through at a time.
pub(crate) const STEP: usize = 1_000;

/// A body of a list: the list itself is absent where it is empty.
pub(crate) fn body(kind: &str, name: &str, items: Vec<Value>, next: Option<String>) -> Reply {
    let mut body = Map::new();
    body.insert("kind".to_owned(), json!(kind));
    let etags: Vec<&Value> = items.iter().filter_map(|item| item.get("etag")).collect();
    body.insert("etag".to_owned(), json!(wire::etag(&json!(etags))));
    if !items.is_empty() {
        body.insert(name.to_owned(), Value::Array(items));
    }
    if let Some(next) = next {
        body.insert("nextPageToken".to_owned(), json!(next));
    }
    Reply::Body(Value::Object(body))
}

/// A page of what has been gathered as a whole: in the order of places, or against it.
pub(crate) fn page<T>(
    call: &Call<'_>,
    paging: &Paging,
    mut all: Vec<(Place, T)>,
    descending: bool,
) -> (Vec<T>, Option<String>) {
    all.sort_by(|(a, _), (b, _)| if descending { b.cmp(a) } else { a.cmp(b) });
    let after = paging.token.as_ref().map(|token| &token.after);
    let is_behind =
        |place: &Place| after.is_none_or(|after| if descending { place < after } else { place > after });
    let mut behind = all.into_iter().filter(|(place, _)| is_behind(place));
    let mut items = Vec::new();
    let mut last = None;
    for (place, item) in behind.by_ref().take(paging.most) {
        items.push(item);
        last = Some(place);
    }
    let next = last.filter(|_| behind.next().is_some()).map(|last| paging.next(last, call.now));
    (items, next)
}

/// Whether a list is wanted from its end.
pub(crate) fn is_descending(call: &Call<'_>) -> bool {
    call.param("sortOrder").is_some_and(|order| order.eq_ignore_ascii_case("DESCENDING"))
}
