//! One request to a method, once it is known whose it is; what its handler reads and what it does.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use usher_model::time::Timestamp;

use super::Inner;
use super::auth::{Caller, Who};
use super::catalog::Endpoint;
use super::channels::Notice;
use super::directory::{Change, Directory, Group, Holder, User, is_restorable};
use super::fault::Fault;
use super::feed::Event;
use super::page::PageToken;
use super::refusal::Refusal;
use super::settings::Settings;
use super::tree::Tree;
use crate::clock::Clock;

/// What is answered when all is well.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// 200 with a body.
    Body(Value),
    /// 204.
    Nothing,
}

/// What a handler answers.
pub(crate) type Handled = Result<Reply, Refusal>;

/// What an edit does, kept as a whole once its handler is through.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) changes: Vec<Change>,
    pub(crate) events: Vec<Event>,
    pub(crate) notices: Vec<Notice>,
}

/// One request to a method.
pub(crate) struct Call<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) endpoint: &'static Endpoint,
    pub(crate) path: BTreeMap<String, String>,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Map<String, Value>,
    pub(crate) caller: Caller,
    pub(crate) settings: Settings,
    pub(crate) now: Timestamp,
    pub(crate) fault: Option<Fault>,
    pub(crate) done: Done,
}

/// How long a page is, and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Paging {
    pub(crate) most: usize,
    pub(crate) token: Option<PageToken>,
    listing: String,
}

impl Paging {
    /// The page after this one, which ends with this place.
    pub(crate) fn next(&self, after: super::directory::Place, now: Timestamp) -> String {
        let page = self.token.as_ref().map_or(1, |token| token.page) + 1;
        PageToken::new(&self.listing, after, page, now).text()
    }
}

impl<'a> Call<'a> {
    pub(crate) fn directory(&self) -> &'a dyn Directory {
        &*self.inner.directory
    }

    pub(crate) fn clock(&self) -> &'a dyn Clock {
        &*self.inner.clock
    }

    /// What the path says.
    pub(crate) fn key(&self, name: &str) -> &str {
        self.path.get(name).map(String::as_str).unwrap_or_default()
    }

    /// What the query says.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.param(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Accepts the customer that is named.
    pub(crate) async fn check_customer(&self, named: &str) -> Result<(), Refusal> {
        let is_own = matches!(self.caller.who, Who::User(_));
        if named == "my_customer" {
            let none = Refusal::invalid_message("Invalid Input");
            return if is_own { Ok(()) } else { Err(none) };
        }
        let customer = self.directory().customer().await?;
        if named == customer.id { Ok(()) } else { Err(Refusal::forbidden()) }
    }

    /// The page that is asked for. A listing is told from others by its path and its parameters.
    pub(crate) fn paging(&self, usual: usize, most: usize) -> Result<Paging, Refusal> {
        let asked = self.param("maxResults").and_then(|text| text.parse().ok()).unwrap_or(usual);
        if asked == 0 {
            return Err(Refusal::invalid_parameter("maxResults", "Invalid value '0'."));
        }
        let mut listing = format!("{} {:?}", self.endpoint.id, self.path);
        for (name, value) in &self.query {
            let is_own = self.endpoint.parameters.contains_key(name);
            if is_own && !matches!(name.as_str(), "pageToken" | "maxResults" | "endTime") {
                listing = format!("{listing} {name}={value}");
            }
        }
        let token = self.param("pageToken").filter(|token| !token.is_empty());
        let token = token.map(|token| PageToken::accept(token, &listing, self.now)).transpose()?;
        let mut most = asked.min(most);
        if let Some(Fault::ShortPage { most: short }) = self.fault {
            most = most.min(short.max(1));
        }
        Ok(Paging { most, token, listing })
    }

    /// The organizational units.
    pub(crate) async fn tree(&self) -> Result<Tree, Refusal> {
        Ok(Tree::new(self.directory().org_units().await?))
    }

    /// Who holds an address; one in a name that stands for a domain is the same in the domain.
    pub(crate) async fn holder(&self, address: &str) -> Result<Option<Holder>, Refusal> {
        let address = address.to_lowercase();
        if let Some(holder) = self.directory().holder(&address).await? {
            return Ok(Some(holder));
        }
        let Some((local, domain)) = address.rsplit_once('@') else { return Ok(None) };
        for known in self.directory().domains().await? {
            if known.aliases.iter().any(|(alias, _)| alias == domain) {
                return Ok(self.directory().holder(&format!("{local}@{}", known.name)).await?);
            }
        }
        Ok(None)
    }

    /// Whether an address is in a domain of the organisation.
    pub(crate) async fn is_ours(&self, address: &str) -> Result<bool, Refusal> {
        let Some((_, domain)) = address.rsplit_once('@') else { return Ok(false) };
        let domain = domain.to_lowercase();
        let domains = self.directory().domains().await?;
        Ok(domains
            .iter()
            .any(|known| known.name == domain || known.aliases.iter().any(|(alias, _)| *alias == domain)))
    }

    /// A user by id, address or alias.
    pub(crate) async fn user(&self, key: &str) -> Result<Arc<User>, Refusal> {
        let missing = || Refusal::not_found("userKey");
        let id = if key.contains('@') {
            match self.holder(key).await? {
                Some(Holder::User(id)) => id,
                Some(Holder::Group(_)) => return Err(missing()),
                None if self.is_ours(key).await? => return Err(missing()),
                None => return Err(Refusal::forbidden()),
            }
        } else {
            key.to_owned()
        };
        let user = self.directory().user(&id).await?;
        if user.is_none() && !is_user_id(&id) {
            return Err(Refusal::bad_request("Type not supported: userKey"));
        }
        user.filter(|user| user.deleted_at.is_none()).ok_or_else(missing)
    }

    /// A group by id, address or alias.
    pub(crate) async fn group(&self, key: &str) -> Result<Arc<Group>, Refusal> {
        let missing = || Refusal::not_found("groupKey");
        let id = if key.contains('@') {
            match self.holder(key).await? {
                Some(Holder::Group(id)) => id,
                Some(Holder::User(_)) => return Err(missing()),
                None if self.is_ours(key).await? => return Err(missing()),
                None => return Err(Refusal::forbidden()),
            }
        } else {
            key.to_owned()
        };
        self.directory().group(&id).await?.ok_or_else(missing)
    }

    /// A deleted user who can still be restored.
    pub(crate) async fn deleted_user(&self, id: &str) -> Result<Option<Arc<User>>, Refusal> {
        let user = self.directory().user(id).await?;
        Ok(user.filter(|user| user.deleted_at.is_some_and(|at| is_restorable(at, self.now))))
    }

    /// Refuses an address that somebody other than this one holds, or that cannot be one here.
    pub(crate) async fn check_address(&self, address: &str, own: &str, what: &str) -> Result<(), Refusal> {
        if !is_address(address) {
            return Err(Refusal::invalid(what));
        }
        if !self.is_ours(address).await? {
            return Err(Refusal::no_domain());
        }
        match self.holder(address).await? {
            Some(Holder::User(id) | Holder::Group(id)) if id != own => Err(Refusal::duplicate()),
            Some(_) | None => Ok(()),
        }
    }
}

/// Whether a text can be an id of Google's. A directory that somebody else keeps may have others.
pub(crate) fn is_user_id(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text can be an address.
pub(crate) fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_local = |letter: char| letter.is_ascii_alphanumeric() || "._-'+".contains(letter);
    let is_domain = |letter: char| letter.is_ascii_alphanumeric() || ".-".contains(letter);
    (1..=64).contains(&local.len())
        && local.chars().all(is_local)
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && domain.contains('.')
        && domain.chars().all(is_domain)
}
