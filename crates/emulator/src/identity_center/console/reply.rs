//! What leaves: a page, the way to another one, a file.

use askama::Template;

use crate::exchange::Response;

/// Everything is ours, by its address; nothing is inline; nobody frames us; forms go to us.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// A page.
pub(super) fn page(template: &impl Template) -> Response {
    page_with(200, template)
}

/// A page with another status than 200.
pub(super) fn page_with(status: u16, template: &impl Template) -> Response {
    let text = template.render().expect("invariant: what templates write to does not fail");
    Response { status, headers: headers("text/html; charset=utf-8"), body: text.into_bytes() }
}

/// The way to another page, once something is done.
pub(super) fn go_to(address: String) -> Response {
    let mut headers = headers("text/plain; charset=utf-8");
    headers.push(("Location", address));
    Response { status: 303, headers, body: Vec::new() }
}

/// A file to be kept under this name.
pub(super) fn download(name: &str, media_type: &str, text: String) -> Response {
    let mut headers = headers(media_type);
    headers.push(("Content-Disposition", format!("attachment; filename=\"{name}\"")));
    Response { status: 200, headers, body: text.into_bytes() }
}

fn headers(media_type: &str) -> Vec<(&'static str, String)> {
    vec![
        ("Content-Type", media_type.to_owned()),
        ("Cache-Control", "no-store".to_owned()),
        ("Content-Security-Policy", POLICY.to_owned()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
        ("Referrer-Policy", "same-origin".to_owned()),
        ("Cross-Origin-Opener-Policy", "same-origin".to_owned()),
        ("Cross-Origin-Resource-Policy", "same-origin".to_owned()),
    ]
}
