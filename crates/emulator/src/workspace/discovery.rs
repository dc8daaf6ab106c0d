//! Google's discovery documents, as they are and as the emulator serves them: with its own address in them.

use serde_json::{Value, json};

const DIRECTORY: &str = include_str!("discovery/admin.directory_v1.json");
const REPORTS: &str = include_str!("discovery/admin.reports_v1.json");

/// Which API a method is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Directory,
    Reports,
}

impl Api {
    pub(crate) const ALL: [Self; 2] = [Self::Directory, Self::Reports];

    /// The name that begins the methods' names.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Reports => "reports",
        }
    }

    /// The version, as the discovery service calls it.
    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::Directory => "directory_v1",
            Self::Reports => "reports_v1",
        }
    }
}

/// The document of an API.
pub(crate) fn document(api: Api) -> Value {
    let text = match api {
        Api::Directory => DIRECTORY,
        Api::Reports => REPORTS,
    };
    serde_json::from_str(text).expect("invariant: the documents are JSON")
}

/// The version that a request for a document names; `None`: it is no such request.
pub(crate) fn version(path: &str, query: &str) -> Option<String> {
    if path == "/$discovery/rest" {
        let mut query = url::form_urlencoded::parse(query.as_bytes());
        let version = query.find(|(name, _)| name == "version");
        return Some(version.map(|(_, value)| value.into_owned()).unwrap_or_default());
    }
    let version = path.strip_prefix("/discovery/v1/apis/admin/")?.strip_suffix("/rest")?;
    Some(version.to_owned())
}

/// The document of a version, with the emulator's address in it.
pub(crate) fn served(version: &str, base_url: &str) -> Option<Value> {
    let api = Api::ALL.into_iter().find(|api| api.version() == version)?;
    Some(at(api, base_url))
}

fn at(api: Api, base_url: &str) -> Value {
    let mut document = document(api);
    let root = format!("{base_url}/");
    if let Some(document) = document.as_object_mut() {
        for name in ["rootUrl", "baseUrl", "mtlsRootUrl"] {
            document.insert(name.to_owned(), json!(root));
        }
    }
    document
}
