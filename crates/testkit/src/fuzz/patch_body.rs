//! PATCH bodies: read, printed, and applied to resources (RFC 7644 §3.5.2).
//!
//! Held to what the module that applies them promises: all or nothing, one primary value, nothing empty left, and what
//! is there already can be added again.

mod laws;

use serde_json::{Map, Value};
use usher_protocol::scim::patch::PatchRequest;
use usher_protocol::scim::patch::apply::PatchOptions;

use super::sample;

const LENIENT: PatchOptions = PatchOptions { booleans_as_strings: true, add_creates_chosen_value: true };

/// Checks one body.
pub fn check(input: &[u8]) {
    let Ok(body) = serde_json::from_slice::<Value>(input) else { return };
    let Ok(request) = PatchRequest::read(&body) else { return };
    assert_eq!(PatchRequest::read(&request.to_json()).as_ref(), Ok(&request), "printed and read again");
    for resource in [sample::scim_user(), sample::scim_group(), Map::new()] {
        for options in [PatchOptions::default(), LENIENT] {
            apply(&request, &resource, options);
        }
    }
}

fn apply(request: &PatchRequest, before: &Map<String, Value>, options: PatchOptions) {
    let mut after = before.clone();
    let applied = request.apply(&mut after, options);
    let stepwise = one_by_one(request, before, options);
    if applied.is_err() {
        assert_eq!(&after, before, "after an error the resource is as it was");
        assert!(stepwise.is_none(), "what fails as a whole fails in one of its parts");
        return;
    }
    assert_eq!(stepwise.as_ref(), Some(&after), "operations are done in their order");
    laws::of_result(before, &after, options);
}

/// The operations as requests of their own; nothing where one of them fails.
fn one_by_one(
    request: &PatchRequest,
    before: &Map<String, Value>,
    options: PatchOptions,
) -> Option<Map<String, Value>> {
    let mut resource = before.clone();
    for operation in &request.operations {
        let single = PatchRequest { operations: vec![operation.clone()] };
        let was = resource.clone();
        single.apply(&mut resource, options).ok()?;
        laws::of_operation(operation, &was, &resource);
        if laws::is_settled_at_once(operation) {
            let mut twice = resource.clone();
            let again = single.apply(&mut twice, options);
            assert!(again.is_ok(), "done once, it can be done again: {operation:?}: {again:?}");
            assert_eq!(twice, resource, "done twice is done once: {operation:?}");
        }
    }
    Some(resource)
}
