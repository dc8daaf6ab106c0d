//! What pages ask for besides themselves: the style sheets and the script, part of the binary.
//!
//! An address has the digest of what is behind it, so that a browser keeps it for ever and gets a new one with a new
//! version.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use crate::secret::hexadecimal;

struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

const CSS: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

const ALL: [Asset; 4] = [
    Asset { name: "icon.svg", media_type: SVG, bytes: include_bytes!("../assets/icon.svg") },
    Asset {
        name: "tokens.css",
        media_type: CSS,
        bytes: include_bytes!("../assets/vendor/open-props-1.7.23.min.css"),
    },
    Asset { name: "console.css", media_type: CSS, bytes: include_bytes!("../assets/console.css") },
    Asset {
        name: "htmx.js",
        media_type: JAVASCRIPT,
        bytes: include_bytes!("../assets/vendor/htmx-4.0.1.min.js"),
    },
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for asset in &ALL {
        digest.update(asset.bytes);
    }
    hexadecimal(&digest.finalize()[..8])
});

/// Where an asset is.
pub(crate) fn address(name: &str) -> String {
    debug_assert!(ALL.iter().any(|asset| asset.name == name), "there is no asset {name}");
    format!("/assets/{}/{name}", *VERSION)
}

/// Sends an asset.
pub(crate) async fn send(Path((_, name)): Path<(String, String)>) -> Response {
    let Some(asset) = ALL.iter().find(|asset| asset.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [(CONTENT_TYPE, asset.media_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, asset.bytes).into_response()
}
