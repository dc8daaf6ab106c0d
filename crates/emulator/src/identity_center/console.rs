//! AWS's console as far as provisioning goes, as pages for people with a browser: at `/` and below `/console`.
//!
//! In structure and wording they are what an administrator knows; that they are an emulator's stands on every one. Beside
//! them are the request log and the faults, which AWS has not.
//!
//! # Invariants
//!
//! 1. What a page does is a method of [`IdentityCenter`], the same that `/admin` offers to programs.
//! 2. Nothing is changed for a web page of somewhere else, and nothing is shown to another machine: [`gate`].
//! 3. Everything works without a script; no script, style or address of elsewhere is in a page.
//!
//! One page is one file below `page` with its template and its samples; a test renders every sample.

use crate::exchange::{Request, Response};
use crate::gate;
use crate::identity_center::IdentityCenter;
use crate::identity_center::admin::http::status;
use crate::identity_center::console::form::Form;
use crate::identity_center::console::page::{ROUTES, failure};
use crate::identity_center::console::visit::Visit;
use crate::identity_center::pattern;

mod assets;
mod form;
mod frame;
mod page;
mod reply;
#[cfg(test)]
mod sample;
mod visit;
mod words;

/// Said to whoever sends more than the server reads.
const TOO_LONG: &str = "the file is too large to be SAML metadata: AWS takes at most 75,000 characters";

/// Whether a path is a page's.
pub(crate) fn is_console(path: &str) -> bool {
    path == "/" || path == "/console" || path.starts_with("/console/")
}

/// Answers a request that nobody looks at.
pub(crate) fn refuse(status: u16, sentence: &str) -> Response {
    // Nothing that is sent from a page is longer than metadata.
    failure::page(status, if status == 413 { TOO_LONG } else { sentence })
}

/// Answers a request for a page.
pub(crate) async fn answer(center: &IdentityCenter, request: &Request) -> Response {
    let is_reading = matches!(request.method.as_str(), "GET" | "HEAD");
    let passed = if is_reading { gate::pass_reader(request) } else { gate::pass(request) };
    if let Err(sentence) = passed {
        return failure::page(403, sentence);
    }
    let (path, query) = request.path_and_query();
    let path = if path == "/" { path } else { path.strip_suffix('/').unwrap_or(path) };
    let form = match Form::read(request).await {
        Ok(form) => form,
        Err(sentence) => return failure::page(400, &sentence),
    };
    let mut methods = Vec::new();
    for route in ROUTES.into_iter().flatten() {
        let Some(ids) = pattern::ids(route.path, path) else { continue };
        if route.method == request.method || (route.method == "GET" && is_reading) {
            let visit = Visit::new(center, ids, query, form);
            return (route.run)(&visit)
                .unwrap_or_else(|error| failure::page(status(&error), &error.to_string()));
        }
        methods.push(route.method);
    }
    if methods.is_empty() {
        return failure::page(404, "there is no such page");
    }
    let allowed = methods.join(", ");
    let mut response = failure::page(405, &format!("this page takes {allowed}, not {}", request.method));
    response.headers.push(("Allow", allowed));
    response
}
