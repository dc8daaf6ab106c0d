//! Lists as Google answers them on a bad day: 200, and not all is there.

use serde_json::{Map, Value};

use crate::workspace::fault::Fault;

const LISTS: [&str; 9] = [
    "users",
    "groups",
    "members",
    "organizationUnits",
    "domains",
    "domainAliases",
    "schemas",
    "aliases",
    "items",
];

/// The answer as the fault leaves it.
pub(super) fn bent(body: Value, fault: Option<&Fault>) -> Value {
    let Value::Object(mut body) = body else { return body };
    match fault {
        Some(Fault::EmptyList) => {
            for list in LISTS {
                body.remove(list);
            }
            body.remove("nextPageToken");
        }
        Some(Fault::CutList) => {
            body.remove("nextPageToken");
        }
        Some(Fault::MissingItems { nth }) => thin(&mut body, *nth),
        _ => {}
    }
    Value::Object(body)
}

fn thin(body: &mut Map<String, Value>, nth: usize) {
    for list in LISTS {
        let Some(items) = body.get_mut(list).and_then(Value::as_array_mut) else { continue };
        let mut n = 0_usize;
        items.retain(|_| {
            n += 1;
            !n.is_multiple_of(nth.max(1))
        });
        if items.is_empty() {
            body.remove(list);
        }
    }
}
