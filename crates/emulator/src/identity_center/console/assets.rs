//! What pages ask for besides themselves: the style sheet and the script, part of the binary.
//!
//! An address has the digest of what is behind it, so that a browser keeps it for ever and gets a new one with a new
//! version.

use std::sync::LazyLock;

use crate::exchange::Response;
use crate::identity_center::admin::AdminError;
use crate::identity_center::console::visit::{Route, Visit};
use crate::identity_center::token::hash;

pub(super) const ROUTES: &[Route] =
    &[Route { method: "GET", path: "/console/assets/{version}/{name}", run: send }];

struct Asset {
    name: &'static str,
    media_type: &'static str,
    text: &'static str,
}

const ALL: [Asset; 2] = [
    Asset {
        name: "console.css",
        media_type: "text/css; charset=utf-8",
        text: include_str!("../../../assets/console.css"),
    },
    Asset {
        name: "console.js",
        media_type: "text/javascript; charset=utf-8",
        text: include_str!("../../../assets/console.js"),
    },
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let all: String = ALL.iter().map(|asset| asset.text).collect();
    hash(&all).chars().take(16).collect()
});

/// Where an asset is.
pub(super) fn address(name: &str) -> String {
    debug_assert!(ALL.iter().any(|asset| asset.name == name), "there is no asset {name}");
    format!("/console/assets/{}/{name}", *VERSION)
}

fn send(visit: &Visit<'_>) -> Result<Response, AdminError> {
    let name = visit.id("name");
    let missing = || AdminError::missing("asset", name);
    let asset = ALL.iter().find(|asset| asset.name == name).ok_or_else(missing)?;
    let headers = vec![
        ("Content-Type", asset.media_type.to_owned()),
        ("Cache-Control", "public, max-age=31536000, immutable".to_owned()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
    ];
    Ok(Response { status: 200, headers, body: asset.text.as_bytes().to_vec() })
}
