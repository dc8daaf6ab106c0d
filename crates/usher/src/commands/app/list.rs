//! `usher app list`: the apps and their states.

use serde::Serialize;
use usher_store::{Store, app};

use super::view::AppView;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Answer, table};

/// Every app.
#[derive(Debug, Serialize)]
struct Apps {
    apps: Vec<AppView>,
}

/// Lists them.
pub(super) async fn run(context: &Context, store: &Store) -> Result<Exit, Failure> {
    let mut tx = store.read("usher::app_list").await?;
    let mut apps = Vec::new();
    for app in app::list(&mut tx).await? {
        apps.push(AppView::load(&mut tx, &app, context.now()).await?);
    }
    context.output.answer(&Apps { apps })?;
    Ok(Exit::Ok)
}

impl Answer for Apps {
    fn text(&self) -> String {
        if self.apps.is_empty() {
            return "There are no apps yet. Make one with `usher app add`.\n".to_owned();
        }
        table(&["APP", "TEMPLATE", "DIRECTORY", "STATUS", "ENDPOINT"], self.apps.iter().map(AppView::row))
    }
}
