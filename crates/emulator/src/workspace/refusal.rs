//! Google's errors: an envelope with a status, a reason that programs read, and a sentence.

use serde_json::{Value, json};

use super::directory::{NotCommitted, Unavailable};

/// Where a request is refused.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    /// What in the request it is about, and whether that is a `parameter` or a `header`.
    location: Option<Box<(String, &'static str)>>,
    /// Google's newer name of the status, where it is said.
    code: Option<&'static str>,
    details: Option<Box<Value>>,
}

impl Refusal {
    pub(crate) fn new(status: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self { status, reason, message: message.into(), location: None, code: None, details: None }
    }

    fn named(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    fn at(self, name: &str, what: &'static str) -> Self {
        Self { location: Some(Box::new((name.to_owned(), what))), ..self }
    }

    /// 404; what is not found is named as Google names it: `userKey`, `groupKey`, …
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(404, "notFound", format!("Resource Not Found: {what}"))
    }

    /// 404 of an organizational unit.
    pub(crate) fn no_org_unit() -> Self {
        Self::new(404, "notFound", "Org unit not found")
    }

    /// 404 of a domain that an address is in.
    pub(crate) fn no_domain() -> Self {
        Self::new(404, "notFound", "Domain not found.")
    }

    /// 400 about a value.
    pub(crate) fn invalid(what: &str) -> Self {
        Self::new(400, "invalid", format!("Invalid Input: {what}"))
    }

    /// 400 with a sentence of its own.
    pub(crate) fn invalid_message(message: impl Into<String>) -> Self {
        Self::new(400, "invalid", message)
    }

    /// 400 about a parameter.
    pub(crate) fn invalid_parameter(name: &str, message: impl Into<String>) -> Self {
        Self::new(400, "invalidParameter", message).at(name, "parameter")
    }

    /// 400 of a page token that is not, or not any more, one.
    pub(crate) fn page_token() -> Self {
        Self::invalid("pageToken").at("pageToken", "parameter")
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "badRequest", message)
    }

    /// 400 of something that has to be said.
    pub(crate) fn required(what: &str) -> Self {
        Self::new(400, "required", format!("Missing required field: {what}"))
    }

    pub(crate) fn duplicate() -> Self {
        Self::new(409, "duplicate", "Entity already exists.")
    }

    pub(crate) fn condition(message: impl Into<String>) -> Self {
        Self::new(412, "conditionNotMet", message)
    }

    /// 401 without any credential.
    pub(crate) fn login_required() -> Self {
        Self::new(401, "required", "Login Required.").at("Authorization", "header").named("UNAUTHENTICATED")
    }

    /// 401 with a credential that is none.
    pub(crate) fn credentials() -> Self {
        Self::new(401, "authError", "Invalid Credentials")
            .at("Authorization", "header")
            .named("UNAUTHENTICATED")
    }

    /// 403 of a token without the scope.
    pub(crate) fn scopes(method: &str) -> Self {
        let message = "Request had insufficient authentication scopes.";
        let mut refusal = Self::new(403, "insufficientPermissions", message).named("PERMISSION_DENIED");
        refusal.details = Some(Box::new(json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": { "service": "admin.googleapis.com", "method": method },
        }])));
        refusal
    }

    /// 403 of somebody who may not.
    pub(crate) fn forbidden() -> Self {
        Self::new(403, "forbidden", "Not Authorized to access this resource/api")
    }

    pub(crate) fn not_implemented(method: &str) -> Self {
        Self::new(501, "notImplemented", format!("The emulator has no {method}."))
    }

    /// The envelope.
    pub(crate) fn body(&self) -> Vec<u8> {
        let mut error = json!({ "message": self.message, "domain": "global", "reason": self.reason });
        if let (Some(location), Some(error)) = (&self.location, error.as_object_mut()) {
            let (location, what) = &**location;
            error.insert("location".to_owned(), json!(location));
            error.insert("locationType".to_owned(), json!(what));
        }
        let mut envelope = json!({ "code": self.status, "message": self.message, "errors": [error] });
        if let Some(envelope) = envelope.as_object_mut() {
            if let Some(code) = self.code {
                envelope.insert("status".to_owned(), json!(code));
            }
            if let Some(details) = &self.details {
                envelope.insert("details".to_owned(), Value::clone(details));
            }
        }
        serde_json::to_vec(&json!({ "error": envelope })).expect("invariant: an error is JSON")
    }
}

impl From<NotCommitted> for Refusal {
    fn from(why: NotCommitted) -> Self {
        match why {
            NotCommitted::Unavailable(unavailable) => unavailable.into(),
            NotCommitted::Refused(sentence) => Self::condition(sentence),
        }
    }
}

impl From<Unavailable> for Refusal {
    fn from(_: Unavailable) -> Self {
        Self::new(503, "backendError", "Service unavailable. Please try again")
    }
}
