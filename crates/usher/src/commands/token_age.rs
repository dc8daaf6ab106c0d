//! How an app's access token stands, as `status`, `app show` and `sync` tell it.

use usher_model::template::Template;
use usher_model::time::Timestamp;
use usher_store::app::App;

/// The end of a token, and what is to be said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenAge {
    /// When it ends, as far as that can be known.
    pub(crate) expires_at: Option<String>,
    /// What to do about its end: from 90 days before it on, and after it.
    pub(crate) warning: Option<String>,
}

impl TokenAge {
    /// The age of this app's token. An app without a token has none.
    pub(crate) fn of(app: &App, now: Timestamp) -> Self {
        let template = Template::by_key(&app.template).filter(|_| app.has_token);
        let Some(tokens) = template.map(|template| &template.tokens) else { return Self::default() };
        Self {
            expires_at: tokens.expires_at(app.token_created_at).map(|at| at.to_string()),
            warning: tokens.warning(&app.name, app.token_created_at, now),
        }
    }
}

/// That the app refused its token, and what to do about it; none where it did not.
pub(crate) fn refusal(app: &App) -> Option<String> {
    app.refused_at?;
    let template = Template::by_key(&app.template);
    let replace = template.map_or_else(|| "give it a new one".to_owned(), |it| it.tokens.replace(&app.name));
    Some(format!("the app refused its token (401); {replace}"))
}
