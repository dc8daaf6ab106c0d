//! Who is let in: programs and people of this machine, and pages that this server showed itself.
//!
//! A web page that somebody reads can make their browser send requests to 127.0.0.1. A browser says where a request
//! comes from, in `Sec-Fetch-Site` and in `Origin`; a program says nothing. That `Host` is ours is seen to by
//! [`crate::server`].

use crate::exchange::Request;

const FOREIGN_PAGE: &str = "this request comes from a web page of another site, and those are not let in";
const FOREIGN_MACHINE: &str = "this request comes from another machine, and those are not let in";

/// Lets a request pass, or says why not.
pub(crate) fn pass(request: &Request) -> Result<(), &'static str> {
    pass_machine(request)?;
    let is_foreign =
        request.header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let is_ours = |origin: &str| {
        let host = origin.strip_prefix("http://");
        host.is_some() && host == request.header("host")
    };
    if is_foreign || request.header("origin").is_some_and(|origin| !is_ours(origin)) {
        return Err(FOREIGN_PAGE);
    }
    Ok(())
}

/// Lets a request pass that changes nothing and is answered with a page, which only its reader sees: a page of another
/// site may lead here.
pub(crate) fn pass_reader(request: &Request) -> Result<(), &'static str> {
    pass_machine(request)
}

fn pass_machine(request: &Request) -> Result<(), &'static str> {
    if request.source.is_some_and(|source| !source.to_canonical().is_loopback()) {
        return Err(FOREIGN_MACHINE);
    }
    Ok(())
}
