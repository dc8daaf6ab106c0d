//! A user as the API shows one.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::email;
use crate::workspace::call::Call;
use crate::workspace::directory::{Domain, User};
use crate::workspace::refusal::Refusal;
use crate::workspace::tree::Tree;
use crate::workspace::wire;

/// What only administrators see.
const FOR_ADMINS: [&str; 20] = [
    "agreedToTerms",
    "archivalTime",
    "archived",
    "changePasswordAtNextLogin",
    "creationTime",
    "deletionTime",
    "includeInGlobalAddressList",
    "ipWhitelisted",
    "isAdmin",
    "isDelegatedAdmin",
    "isEnforcedIn2Sv",
    "isEnrolledIn2Sv",
    "isMailboxSetup",
    "lastLoginTime",
    "notes",
    "recoveryEmail",
    "recoveryPhone",
    "suspended",
    "suspensionReason",
    "suspensionTime",
];

/// Which custom fields are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Custom {
    None,
    /// Of these schemas.
    Of(Vec<String>),
    All,
}

/// What showing users takes.
pub(crate) struct Viewer {
    tree: Tree,
    domains: Vec<Arc<Domain>>,
    customer: String,
    custom: Custom,
    is_public: bool,
}

impl Viewer {
    /// As the request's query wants them.
    pub(crate) async fn of(call: &Call<'_>) -> Result<Self, Refusal> {
        let custom = match call.param("projection") {
            Some(projection) if projection.eq_ignore_ascii_case("full") => Custom::All,
            Some(projection) if projection.eq_ignore_ascii_case("custom") => {
                let names = call.param("customFieldMask").unwrap_or_default();
                if names.is_empty() {
                    return Err(Refusal::required("customFieldMask"));
                }
                Custom::Of(names.split(',').map(|name| name.trim().to_owned()).collect())
            }
            _ => Custom::None,
        };
        let is_public = call.param("viewType").is_some_and(|view| view.eq_ignore_ascii_case("domain_public"));
        Self::new(call, custom, is_public).await
    }

    /// As answers to edits show them.
    pub(crate) async fn full(call: &Call<'_>) -> Result<Self, Refusal> {
        Self::new(call, Custom::All, false).await
    }

    async fn new(call: &Call<'_>, custom: Custom, is_public: bool) -> Result<Self, Refusal> {
        Ok(Self {
            tree: call.tree().await?,
            domains: call.directory().domains().await?,
            customer: call.directory().customer().await?.id.clone(),
            custom,
            is_public,
        })
    }

    pub(crate) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The user.
    pub(crate) fn view(&self, user: &User) -> Value {
        let mut view = user.fields.clone();
        let addresses = std::iter::once(user.email()).chain(user.aliases());
        let non_editable = email::non_editable(addresses, &self.domains);
        view.insert("emails".to_owned(), email::shown(user, &non_editable));
        if !non_editable.is_empty() {
            view.insert("nonEditableAliases".to_owned(), json!(non_editable));
        }
        view.insert("kind".to_owned(), json!("admin#directory#user"));
        view.insert("id".to_owned(), json!(user.id));
        view.insert("customerId".to_owned(), json!(self.customer));
        view.insert("orgUnitPath".to_owned(), json!(self.tree.path(&user.org_unit)));
        if let Some(at) = user.deleted_at {
            view.insert("deletionTime".to_owned(), json!(wire::instant(at)));
        }
        let etag = wire::etag(&json!(view));
        self.customize(&mut view);
        if self.is_public {
            for name in FOR_ADMINS {
                view.remove(name);
            }
        }
        view.insert("etag".to_owned(), json!(etag));
        Value::Object(view)
    }

    fn customize(&self, view: &mut Map<String, Value>) {
        match &self.custom {
            Custom::All => {}
            Custom::None => {
                view.remove("customSchemas");
            }
            Custom::Of(names) => {
                let Some(schemas) = view.get_mut("customSchemas").and_then(Value::as_object_mut) else {
                    return;
                };
                schemas.retain(|schema, _| names.contains(schema));
                if schemas.is_empty() {
                    view.remove("customSchemas");
                }
            }
        }
    }
}
