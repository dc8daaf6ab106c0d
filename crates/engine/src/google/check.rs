//! What of a directory works: scope by scope, call by call, and for what does not, what an administrator clicks.
//!
//! Each call is made once, for one resource, so that a check of a million people costs as much as one of ten. Nothing is
//! changed: push channels are not tried.

use usher_protocol::directory::group::Group;
use usher_protocol::directory::list::{Listed, Page};
use usher_protocol::directory::request::{self, UserFields};
use usher_protocol::directory::user::User;
use usher_protocol::http::Request;
use usher_protocol::oauth::SCOPES;
use usher_protocol::reports::request as reports;

use super::client::{GoogleClient, OpenError};
use super::error::GoogleError;
use super::lookup::Membership;
use super::method::ApiMethod;
use super::sign_in::error::SignInError;
use super::sign_in::{OwnForm, SignIn};

/// How a directory stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The service account.
    pub account: String,
    /// The administrator whom it acts as; none: it acts for itself.
    pub admin: Option<String>,
    /// Why nobody is signed in at all, in a sentence.
    pub sign_in: Option<String>,
    /// How the scopes are given that are missing, where some are; in a sentence.
    pub delegation: Option<String>,
    /// Google's id of the customer whose directory it is, if Google says.
    pub customer: Option<String>,
    /// The id of somebody in it, if anybody was listed.
    pub somebody: Option<String>,
    /// Every scope that is asked for.
    pub scopes: Vec<ScopeCheck>,
    /// Every method that reads.
    pub calls: Vec<CallCheck>,
}

/// How one scope stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeCheck {
    /// Its name, without its beginning.
    pub scope: &'static str,
    /// How it stands.
    pub found: Found,
}

/// How one method stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCheck {
    /// Which one.
    pub method: ApiMethod,
    /// How it stands.
    pub found: Found,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It works.
    Works,
    /// It does not: what is wrong, and what mends it, in a sentence.
    Fails(String),
    /// It was not tried: why.
    NotTried(String),
}

impl Check {
    /// Whether all that was tried works. What could not be tried for want of something to ask about does no harm.
    pub fn is_fine(&self) -> bool {
        let works = |found: &Found| !matches!(found, Found::Fails(_));
        self.sign_in.is_none()
            && self.delegation.is_none()
            && self.scopes.iter().all(|scope| works(&scope.found))
            && self.calls.iter().all(|call| works(&call.found))
    }
}

/// Checks a directory.
pub async fn check(sign_in: SignIn, customer: Option<&str>) -> Result<Check, OpenError> {
    let account = sign_in.credential.account().to_owned();
    let admin = sign_in.credential.admin().map(str::to_owned);
    // A customer that cannot be asked about is said before anybody signs in.
    GoogleClient::open(sign_in.clone(), Vec::new(), customer)?;
    let Delegated { sign_in: refused, delegation, each: scopes } = delegated(&sign_in).await;
    let granted: Vec<_> =
        scopes.iter().filter(|scope| scope.found == Found::Works).map(|scope| scope.scope).collect();
    let client = GoogleClient::open(sign_in, granted.clone(), customer)?;
    let mut calls =
        Calls { client: &client, granted, silent: None, customer: None, somebody: None, done: Vec::new() };
    if refused.is_some() {
        calls.silent = Some("nobody is signed in");
    }
    calls.make().await;
    let Calls { customer, somebody, done: calls, .. } = calls;
    Ok(Check { account, admin, sign_in: refused, delegation, customer, somebody, scopes, calls })
}

/// What may be asked for.
struct Delegated {
    sign_in: Option<String>,
    delegation: Option<String>,
    each: Vec<ScopeCheck>,
}

/// Asks for all scopes together, and for each by itself where that is refused: Google does not say which one it is.
async fn delegated(sign_in: &SignIn) -> Delegated {
    let all = |found: &Found| {
        SCOPES.iter().map(|scope| ScopeCheck { scope, found: found.clone() }).collect::<Vec<_>>()
    };
    let not_tried = Found::NotTried("nobody is signed in".to_owned());
    let refused = match sign_in.token(&SCOPES, OwnForm::default()).await {
        Ok(_) => return Delegated { sign_in: None, delegation: None, each: all(&Found::Works) },
        Err(error @ SignInError::NotDelegated { .. }) => error.to_string(),
        Err(error) => {
            return Delegated { sign_in: Some(error.to_string()), delegation: None, each: all(&not_tried) };
        }
    };
    let mut each = Vec::new();
    for scope in SCOPES {
        let found = match sign_in.token(&[scope], OwnForm::default()).await {
            Ok(_) => Found::Works,
            Err(SignInError::NotDelegated { .. }) => Found::Fails("it is not delegated".to_owned()),
            Err(error) => Found::Fails(error.to_string()),
        };
        each.push(ScopeCheck { scope, found });
    }
    if each.iter().any(|scope| scope.found == Found::Works) {
        return Delegated { sign_in: None, delegation: Some(refused), each };
    }
    Delegated { sign_in: Some(refused), delegation: None, each }
}

/// The calls, one after the other.
struct Calls<'a> {
    client: &'a GoogleClient,
    granted: Vec<&'static str>,
    /// Why nothing is asked any more. Where Google does not answer, each call would wait as long again.
    silent: Option<&'static str>,
    /// Whose directory it is.
    customer: Option<String>,
    somebody: Option<String>,
    done: Vec<CallCheck>,
}

impl Calls<'_> {
    async fn make(&mut self) {
        let client = self.client;
        let customer = client.customer_key();
        let fields = UserFields::of(["customerId"]);
        let said = self.one(ApiMethod::CustomersGet, client.customer()).await;
        self.customer = said.map(|customer| customer.id);
        self.one(ApiMethod::DomainsList, single(client, ApiMethod::DomainsList, request::domains(customer)))
            .await;
        self.one(
            ApiMethod::OrgUnitsList,
            single(client, ApiMethod::OrgUnitsList, request::org_units(customer)),
        )
        .await;
        self.one(ApiMethod::SchemasList, single(client, ApiMethod::SchemasList, request::schemas(customer)))
            .await;
        let users =
            first::<User>(client, ApiMethod::UsersList, request::users(customer, &fields, false, None));
        let user = self.one(ApiMethod::UsersList, users).await.flatten();
        // Whoever may not ask for the customer hears of it from anybody's resource.
        let whose = user.as_ref().and_then(User::customer_id);
        self.customer = self.customer.take().or_else(|| whose.map(str::to_owned));
        let user = user.as_ref().and_then(User::id);
        self.somebody = user.map(str::to_owned);
        let groups = first::<Group>(client, ApiMethod::GroupsList, request::groups(customer, None));
        let group = self.one(ApiMethod::GroupsList, groups).await.flatten();
        let group = group.as_ref().and_then(|group| group.id.as_deref());
        self.of_user(user, &fields).await;
        self.of_group(group, user).await;
        let now = jiff::Timestamp::from_microsecond(client.sign_in().clock.now().as_micros());
        let activities = reports::admin_activities(now.unwrap_or_default(), None);
        self.one(ApiMethod::ActivitiesList, single(client, ApiMethod::ActivitiesList, activities)).await;
    }

    async fn of_user(&mut self, user: Option<&str>, fields: &UserFields) {
        let Some(user) = user else {
            return self.skip(ApiMethod::UsersGet, "no user was listed to ask about");
        };
        let client = self.client;
        self.one(ApiMethod::UsersGet, client.user_by_id(user, fields)).await;
    }

    async fn of_group(&mut self, group: Option<&str>, user: Option<&str>) {
        let none = "no group was listed to ask about";
        let (client, method) = (self.client, ApiMethod::MembersList);
        let Some(group) = group else {
            self.skip(method, none);
            return self.skip(ApiMethod::MembersHasMember, none);
        };
        self.one(method, single(client, method, request::members(group, None))).await;
        let method = ApiMethod::MembersHasMember;
        match user {
            Some(user) => {
                self.one::<Membership>(method, client.has_member(group, user)).await;
            }
            None => self.skip(method, "no user was listed to ask about"),
        }
    }

    /// Makes a call if its scope is there, and writes down what was found.
    async fn one<T>(
        &mut self,
        method: ApiMethod,
        call: impl Future<Output = Result<T, GoogleError>>,
    ) -> Option<T> {
        if let Some(why) = self.silent {
            self.skip(method, why);
            return None;
        }
        if !self.granted.contains(&method.scope()) {
            self.skip(method, &format!("the scope {} is not delegated", method.scope()));
            return None;
        }
        match call.await {
            Ok(answer) => {
                self.done.push(CallCheck { method, found: Found::Works });
                Some(answer)
            }
            Err(error) => {
                if error.is_passing() {
                    self.silent = Some("Google did not answer the call before");
                }
                self.done.push(CallCheck { method, found: Found::Fails(error.to_string()) });
                None
            }
        }
    }

    fn skip(&mut self, method: ApiMethod, why: &str) {
        self.done.push(CallCheck { method, found: Found::NotTried(why.to_owned()) });
    }
}

/// A call whose answer does not matter.
async fn single(client: &GoogleClient, method: ApiMethod, request: Request) -> Result<(), GoogleError> {
    client.call(method, &cheap(request)).await.map(drop)
}

/// The first resource of a list, if there is one.
async fn first<T: Listed>(
    client: &GoogleClient,
    method: ApiMethod,
    request: Request,
) -> Result<Option<T>, GoogleError> {
    let body = client.call(method, &cheap(request)).await?;
    let page = Page::read(body).map_err(|error| GoogleError::List { method, error })?;
    Ok(page.items.into_iter().next())
}

/// The same for one resource, where it is a list of pages.
fn cheap(mut request: Request) -> Request {
    for (name, value) in &mut request.query {
        if name == "maxResults" {
            "1".clone_into(value);
        }
    }
    request
}
