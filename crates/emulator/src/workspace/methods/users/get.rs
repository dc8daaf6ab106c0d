//! `directory.users.get`

use super::view::Viewer;
use crate::workspace::call::{Call, Handled, Reply};

pub(super) async fn run(call: &Call<'_>) -> Handled {
    let user = call.user(call.key("userKey")).await?;
    Ok(Reply::Body(Viewer::of(call).await?.view(&user)))
}
