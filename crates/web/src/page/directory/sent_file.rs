//! A form with a file in it, read as it comes: a file may be larger than what a process keeps in mind.
//!
//! The token of the session comes first, as it stands in every form of ours: without it nothing of what follows is looked at.

use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use multer::{Field, Multipart};

use crate::failure::Failure;
use crate::secret;
use crate::session::Signed;

/// The longest field that is no file.
const MAX_FIELD_BYTES: usize = 16 * 1024;

/// A form that is being read.
pub(crate) struct SentFile {
    parts: Multipart<'static>,
}

impl SentFile {
    /// Begins to read a form of this session.
    pub(crate) async fn begin(request: Request, signed: &Signed) -> Result<Self, Failure> {
        let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = multer::parse_boundary(media_type.unwrap_or_default()).map_err(unreadable)?;
        let parts = Multipart::new(request.into_body().into_data_stream(), boundary);
        let mut form = Self { parts };
        let first = form.next().await?.filter(|field| field.name() == Some("token"));
        let token = text(first.ok_or(Failure::Stale)?).await?;
        if secret::is_form_token(&token, &signed.secret) { Ok(form) } else { Err(Failure::Stale) }
    }

    /// The next field; none: that was all.
    pub(crate) async fn next(&mut self) -> Result<Option<Field<'static>>, Failure> {
        self.parts.next_field().await.map_err(unreadable)
    }
}

/// A field that is no file.
pub(crate) async fn text(field: Field<'_>) -> Result<String, Failure> {
    let bytes = bytes(field, MAX_FIELD_BYTES).await?;
    String::from_utf8(bytes).map_err(|_| Failure::Unreadable("the form is not written in UTF-8".to_owned()))
}

/// A small file, up to so many bytes.
pub(crate) async fn bytes(mut field: Field<'_>, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > most {
            return Err(Failure::Unreadable(
                "a part of the form is larger than any such part is: is it the right file?".to_owned(),
            ));
        }
    }
    Ok(bytes)
}

/// What is wrong with a form.
#[expect(clippy::needless_pass_by_value, reason = "the signature of an error's conversion")]
pub(crate) fn unreadable(error: multer::Error) -> Failure {
    Failure::Unreadable(format!("the form could not be read: {error}"))
}
