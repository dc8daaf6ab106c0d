//! What a form sends: fields, and files where it has any.

use multer::Multipart;
use url::form_urlencoded;

use crate::exchange::Request;

/// The fields of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    fields: Vec<(String, String)>,
    files: Vec<(String, Vec<u8>)>,
}

impl Form {
    /// The form in the body of a request. A form without fields is as good as none.
    pub(super) async fn read(request: &Request) -> Result<Self, String> {
        if request.body.is_empty() {
            return Ok(Self::default());
        }
        let media_type = request.header("content-type").unwrap_or_default();
        if let Ok(boundary) = multer::parse_boundary(media_type) {
            let failed = |error: multer::Error| format!("the form could not be read: {error}");
            return Self::of_parts(Multipart::with_reader(&*request.body, boundary)).await.map_err(failed);
        }
        if !media_type.starts_with("application/x-www-form-urlencoded") {
            return Err(format!("a page takes the form that is on it, not `{media_type}`"));
        }
        Ok(Self { fields: form_urlencoded::parse(&request.body).into_owned().collect(), files: Vec::new() })
    }

    async fn of_parts(mut parts: Multipart<'_>) -> Result<Self, multer::Error> {
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await? {
            let name = part.name().unwrap_or_default().to_owned();
            if part.file_name().is_some() {
                form.files.push((name, part.bytes().await?.to_vec()));
            } else {
                form.fields.push((name, part.text().await?));
            }
        }
        Ok(form)
    }

    /// The first value of a field; nothing where there is none.
    pub(super) fn field(&self, name: &str) -> &str {
        let found = self.fields.iter().find(|(at, _)| at == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// Every value of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(at, _)| at == name).map(|(_, value)| value.as_str())
    }

    /// A file; none: none was chosen.
    pub(super) fn file(&self, name: &str) -> Option<&[u8]> {
        let chosen = self.files.iter().find(|(at, content)| at == name && !content.is_empty());
        chosen.map(|(_, content)| content.as_slice())
    }
}
