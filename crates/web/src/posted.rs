//! What a form sends: read whole, within a limit; and from a page of this session, where there is one.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::console::Console;
use crate::failure::Failure;
use crate::secret;
use crate::session::Signed;

/// A form of a page for anybody: sign-in, set-up.
#[derive(Debug)]
pub(crate) struct Sent<T>(pub(crate) T);

/// A form of a page of this session, which carries its token.
#[derive(Debug)]
pub(crate) struct Posted<T>(pub(crate) T);

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    token: String,
}

impl<T: DeserializeOwned> FromRequest<Console> for Sent<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Failure> {
        read(&body(request, console).await?).map(Self)
    }
}

impl<T: DeserializeOwned> FromRequest<Console> for Posted<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, console: &Console) -> Result<Self, Failure> {
        let signed = request.extensions().get::<Signed>().cloned();
        let signed = signed.ok_or_else(|| Failure::internal("a form behind no session"))?;
        let body = body(request, console).await?;
        let Token { token } = read(&body)?;
        if !secret::is_form_token(&token, &signed.secret) {
            return Err(Failure::Stale);
        }
        read(&body).map(Self)
    }
}

async fn body(request: Request, console: &Console) -> Result<Bytes, Failure> {
    let body = Bytes::from_request(request, console).await;
    body.map_err(|refused| {
        Failure::Unreadable(format!("the form could not be read: {}", refused.body_text()))
    })
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Failure> {
    let read = serde_urlencoded::from_bytes(body);
    read.map_err(|error| {
        Failure::Unreadable(format!("the form lacks something or has something wrong: {error}"))
    })
}

/// A form whose fields are not all known beforehand.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a field; empty where it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Whether a field was sent at all, as a box is that is ticked.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Every value of a field, in order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Every field whose name begins so, with the rest of its name.
    pub(crate) fn beginning<'a>(&'a self, with: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(key, value)| Some((key.strip_prefix(with)?, value.as_str())))
    }

    /// The configuration that the form was made of.
    pub(crate) fn version(&self) -> Result<i64, Failure> {
        let version = self.get("version").parse();
        version
            .map_err(|_| Failure::Unreadable("the form does not say which configuration it is of".to_owned()))
    }
}
