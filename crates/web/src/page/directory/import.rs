//! *Import*: a file for the embedded directory. It is taken in, and what it would change is shown before it changes anything.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::sent_file::{SentFile, unreadable};
use super::{Tab, frame, read};
use crate::console::Console;
use crate::failure::Failure;
use crate::frame::{Frame, Place, html, sentence};
use crate::hands::{Job, Refused, UploadId};
use crate::session::Signed;

/// The page.
#[derive(Template)]
#[template(path = "directory/import.html")]
pub(crate) struct ImportPage {
    frame: Frame,
    wrong: Option<String>,
}

fn page(signed: &Signed, wrong: Option<String>) -> ImportPage {
    ImportPage { frame: frame(signed, Tab::Import, "Import"), wrong }
}

/// Shows it.
pub(crate) async fn show(Extension(signed): Extension<Signed>) -> Response {
    html(&page(&signed, None))
}

/// Shows it for a directory, if that is the embedded one.
pub(crate) async fn show_of(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    let (_, _, bar) = read(console.store(), &signed, &id, Tab::Import).await?;
    super::editable(&bar)?;
    Ok(Redirect::to("/directories/import").into_response())
}

/// Takes a file in, and begins to look through it.
pub(crate) async fn receive(
    State(console): State<Console>,
    Extension(signed): Extension<Signed>,
    request: Request,
) -> Result<Response, Failure> {
    let mut form = SentFile::begin(request, &signed).await?;
    let (mut taken, mut replace) = (None, false);
    while let Some(mut field) = form.next().await? {
        match field.name() {
            Some("replace") => replace = true,
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let mut incoming =
                    if name.is_empty() { None } else { Some(console.hands().receive(&name).await) };
                // All of it is read in any case: a browser that is cut short does not show what is wrong.
                while let Some(chunk) = field.chunk().await.map_err(unreadable)? {
                    if let Some(Ok(open)) = &mut incoming
                        && let Err(refused) = open.write(&chunk).await
                    {
                        incoming = Some(Err(refused));
                    }
                }
                taken = match incoming {
                    Some(Ok(open)) => Some(open.finish().await),
                    Some(Err(refused)) => Some(Err(refused)),
                    None => None,
                };
            }
            Some(_) | None => {}
        }
    }
    let upload = match taken {
        Some(Ok(upload)) => upload,
        Some(Err(Refused::Because(why))) => return Ok(html(&page(&signed, Some(sentence(&why))))),
        Some(Err(refused @ Refused::Store(_))) => return Err(refused.into()),
        None => return Ok(html(&page(&signed, Some("Choose a file first.".to_owned())))),
    };
    begin(&console, upload, replace, true).await
}

/// Begins an import, or a look at what it would change.
pub(super) async fn begin(
    console: &Console,
    upload: UploadId,
    replace: bool,
    preview: bool,
) -> Result<Response, Failure> {
    let job = Job::Import { files: vec![upload.clone()], replace, preview };
    let job = console.hands().begin(job).await?;
    let query = if replace { "?replace=true" } else { "" };
    Ok(Redirect::to(&format!("/directories/imports/{}/{}{query}", upload.0, job.0)).into_response())
}

#[cfg(test)]
impl ImportPage {
    pub(crate) fn samples() -> crate::sample::Samples<Self> {
        use crate::sample::Sample;

        let no_file =
            |kind: Sample| format!("“{}.xls” is neither JSON nor CSV by its name.", kind.name(0, "people"));
        Sample::all_but(&[Sample::One, Sample::Thousands, Sample::Held], |kind| Self {
            frame: Frame::sample(kind, Place::Directories, "Import"),
            wrong: (kind != Sample::Empty).then(|| no_file(kind)),
        })
    }
}
