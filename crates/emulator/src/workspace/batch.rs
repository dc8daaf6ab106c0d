//! `POST /batch`: several requests in one, as `multipart/mixed`.

use super::refusal::Refusal;
use crate::exchange::{Outcome, Request, Response};

/// The most requests in a batch.
const MAX_PARTS: usize = 1_000;
const BOUNDARY: &str = "batch_usher_emulator";

/// One request of a batch.
pub(crate) struct Part {
    pub(crate) id: String,
    pub(crate) request: Request,
}

/// The answer to a batch: those to its parts, by their ids, in order.
pub(crate) fn answer(answered: Vec<(String, Outcome)>) -> Response {
    let mut body = Vec::new();
    for (id, outcome) in answered {
        let response = match outcome {
            Outcome::Answered(response) => response,
            // One connection carries all of them: a part that is lost is an error of its own.
            Outcome::Dropped => Response {
                status: 503,
                headers: Vec::new(),
                body: Refusal::new(503, "backendError", "Service unavailable. Please try again").body(),
            },
        };
        write(&mut body, &id, &response);
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    let kind = format!("multipart/mixed; boundary={BOUNDARY}");
    Response { status: 200, headers: vec![("Content-Type", kind)], body }
}

/// The requests of a batch; or the answer to one that cannot be read.
pub(crate) fn requests(request: &Request) -> Result<Vec<Part>, Response> {
    parts(request).map_err(|refusal| {
        let headers = vec![("Content-Type", "application/json; charset=UTF-8".to_owned())];
        Response { status: refusal.status, headers, body: refusal.body() }
    })
}

fn parts(request: &Request) -> Result<Vec<Part>, Refusal> {
    let wrong = || Refusal::bad_request("Failed to parse batch request.");
    let kind = request.header("content-type").unwrap_or_default();
    let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
    let boundary = boundary.ok_or_else(wrong)?.trim_matches('"');
    let text = std::str::from_utf8(&request.body).map_err(|_| wrong())?;
    let text = text.replace("\r\n", "\n");
    let mut parts = Vec::new();
    for part in text.split(&format!("--{boundary}")).skip(1) {
        if part.starts_with("--") {
            break;
        }
        if parts.len() == MAX_PARTS {
            return Err(Refusal::bad_request(
                "The batch request could not be processed: it has too many parts.",
            ));
        }
        parts.push(read(part.trim_start_matches('\n'), request).ok_or_else(wrong)?);
    }
    if parts.is_empty() { Err(wrong()) } else { Ok(parts) }
}

fn read(part: &str, outer: &Request) -> Option<Part> {
    let (envelope, inner) = part.split_once("\n\n")?;
    let id = headers(envelope).find(|(name, _)| name.eq_ignore_ascii_case("content-id"));
    let id = id.map(|(_, id)| id).unwrap_or_default();
    let (head, body) = inner.split_once("\n\n").unwrap_or((inner.trim_end(), ""));
    let (line, rest) = head.split_once('\n').unwrap_or((head, ""));
    let mut line = line.split(' ');
    let (method, target) = (line.next()?, line.next()?);
    let target =
        target.split_once("://").map_or(target, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    let mut request = Request::new(method, target).with_body(body.trim_end());
    request.source = outer.source;
    request.headers = headers(rest).collect();
    if request.header("authorization").is_none()
        && let Some(own) = outer.header("authorization")
    {
        request = request.with_header("Authorization", own);
    }
    Some(Part { id, request })
}

fn headers(text: &str) -> impl Iterator<Item = (String, String)> {
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.trim().to_owned(), value.trim().to_owned()))
    };
    text.lines().filter_map(header)
}

fn write(into: &mut Vec<u8>, id: &str, response: &Response) {
    let id = id.strip_prefix('<').map_or_else(|| format!("response-{id}"), |id| format!("<response-{id}"));
    let Response { status, headers, body } = response;
    let mut lines = vec![
        format!("--{BOUNDARY}"),
        "Content-Type: application/http".to_owned(),
        format!("Content-ID: {id}"),
        String::new(),
        format!("HTTP/1.1 {status} {}", phrase(*status)),
    ];
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    lines.push(format!("Content-Length: {}", body.len()));
    into.extend_from_slice(lines.join("\r\n").as_bytes());
    into.extend_from_slice(b"\r\n\r\n");
    into.extend_from_slice(body);
    into.extend_from_slice(b"\r\n");
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        412 => "Precondition Failed",
        429 => "Too Many Requests",
        _ => "Status",
    }
}
