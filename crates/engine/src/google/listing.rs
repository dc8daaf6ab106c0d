//! Whole lists of a directory, page by page, in constant memory.
//!
//! # Invariants
//!
//! 1. A list ends with a page without a token, and with nothing else: whatever breaks it off is an error.
//! 2. A list ends: page tokens in a circle, empty pages without end, more pages than any directory has are errors.
//! 3. Every resource of a page has an id.
//! 4. Pages are as large as Google makes them, so that a list takes as few calls as it can: ⌈n/500⌉ for users and deleted
//!    users, ⌈n/200⌉ for groups and for members, one for each of the others.
//!
//! Not here: whether a list that ended is a whole one (Google has left people out and said so to nobody: reference
//! §1.14). That is for whoever compares it with the last one.

use usher_model::time::Timestamp;
use usher_protocol::cursors::SeenCursors;
use usher_protocol::directory::domain::Domain;
use usher_protocol::directory::group::Group;
use usher_protocol::directory::list::{Listed, Page};
use usher_protocol::directory::member::{Member, MemberKind};
use usher_protocol::directory::orgunit::OrgUnit;
use usher_protocol::directory::request::{self, UserFields};
use usher_protocol::directory::schema::Schema;
use usher_protocol::directory::user::User;
use usher_protocol::http::Request;
use usher_protocol::reports::activity::Activity;
use usher_protocol::reports::request as reports;

use super::client::GoogleClient;
use super::error::GoogleError;
use super::method::ApiMethod;

/// The most empty pages in a row.
const MAX_EMPTY: u32 = 20;
/// The most pages of a list: 50 million users.
const MAX_PAGES: u64 = 100_000;

/// A resource of a list, which is told from the others by its id.
pub trait Identified: Listed {
    /// Whether it can be told from others.
    fn has_id(&self) -> bool;
}

/// Makes the request of a page from its token; none is the first page's.
type Asking<'a> = dyn Fn(Option<&str>) -> Request + Send + Sync + 'a;

/// A list that is read page by page.
pub struct Pages<'a, T> {
    client: &'a GoogleClient,
    method: ApiMethod,
    request: Box<Asking<'a>>,
    ahead: Ahead,
    seen: SeenCursors,
    n_empty: u32,
    n_read: u64,
    of: std::marker::PhantomData<fn() -> T>,
}

/// What is to be read next.
enum Ahead {
    First,
    Page(String),
    Nothing,
    /// A page was asked for, and has not come.
    Broken,
}

impl<T> std::fmt::Debug for Pages<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages")
            .field("method", &self.method)
            .field("n_read", &self.n_read)
            .finish_non_exhaustive()
    }
}

impl<T: Identified> Pages<'_, T> {
    /// The next page; none when the list is over. A list that broke off, by an error or because nobody waited for a
    /// page, is never over: each further page is an error, and the list is begun anew.
    pub async fn next(&mut self) -> Result<Option<Page<T>>, GoogleError> {
        let method = self.method;
        let token = match std::mem::replace(&mut self.ahead, Ahead::Broken) {
            Ahead::Nothing => {
                self.ahead = Ahead::Nothing;
                return Ok(None);
            }
            Ahead::Broken => return Err(GoogleError::Broken { method }),
            Ahead::First => None,
            Ahead::Page(token) => Some(token),
        };
        let request = (self.request)(token.as_deref());
        let body = self.client.call(method, &request).await?;
        let page = Page::<T>::read(body).map_err(|error| GoogleError::List { method, error })?;
        self.turn(&page)?;
        Ok(Some(page))
    }

    /// Turns to what comes after a page.
    fn turn(&mut self, page: &Page<T>) -> Result<(), GoogleError> {
        let method = self.method;
        if !page.items.iter().all(Identified::has_id) {
            return Err(GoogleError::NoId { method });
        }
        self.n_read += 1;
        self.n_empty = if page.items.is_empty() { self.n_empty + 1 } else { 0 };
        let Some(token) = &page.next_page_token else {
            self.ahead = Ahead::Nothing;
            return Ok(());
        };
        if !self.seen.is_new(token) {
            return Err(GoogleError::Circle { method });
        }
        if self.n_empty >= MAX_EMPTY {
            return Err(GoogleError::Endless { method, n_empty: MAX_EMPTY });
        }
        if self.n_read >= MAX_PAGES {
            return Err(GoogleError::TooLong { method, n_pages: MAX_PAGES });
        }
        self.ahead = Ahead::Page(token.clone());
        Ok(())
    }
}

impl GoogleClient {
    /// Everybody but the deleted (`users.list`); with these fields, and custom schemas only if they are among them.
    pub fn users<'a>(&'a self, fields: &'a UserFields) -> Pages<'a, User> {
        self.pages(ApiMethod::UsersList, |token| request::users(self.customer_key(), fields, false, token))
    }

    /// Whoever was deleted and can still be restored (`users.list` with `showDeleted`).
    pub fn deleted_users<'a>(&'a self, fields: &'a UserFields) -> Pages<'a, User> {
        self.pages(ApiMethod::UsersList, |token| request::users(self.customer_key(), fields, true, token))
    }

    /// All groups (`groups.list`).
    pub fn groups(&self) -> Pages<'_, Group> {
        self.pages(ApiMethod::GroupsList, |token| request::groups(self.customer_key(), token))
    }

    /// The direct members of a group, by its id or address (`members.list`). A group that does not exist is
    /// [`GoogleError::NotFound`], and not an empty one.
    pub fn members<'a>(&'a self, group: &'a str) -> Pages<'a, Member> {
        self.pages(ApiMethod::MembersList, move |token| request::members(group, token))
    }

    /// All organizational units but the root (`orgunits.list`).
    pub fn org_units(&self) -> Pages<'_, OrgUnit> {
        self.pages(ApiMethod::OrgUnitsList, |_| request::org_units(self.customer_key()))
    }

    /// All domains (`domains.list`).
    pub fn domains(&self) -> Pages<'_, Domain> {
        self.pages(ApiMethod::DomainsList, |_| request::domains(self.customer_key()))
    }

    /// All custom schemas (`schemas.list`).
    pub fn schemas(&self) -> Pages<'_, Schema> {
        self.pages(ApiMethod::SchemasList, |_| request::schemas(self.customer_key()))
    }

    /// What administrators did since then, the newest first (`activities.list`). Entries come late and twice: whoever
    /// polls begins a while before the last poll, and drops what is known by its id.
    pub fn activities(&self, since: Timestamp) -> Pages<'_, Activity> {
        let since = jiff::Timestamp::from_microsecond(since.as_micros()).unwrap_or_default();
        self.pages(ApiMethod::ActivitiesList, move |token| reports::admin_activities(since, token))
    }

    fn pages<'a, T: Identified>(
        &'a self,
        method: ApiMethod,
        request: impl Fn(Option<&str>) -> Request + Send + Sync + 'a,
    ) -> Pages<'a, T> {
        Pages {
            client: self,
            method,
            request: Box::new(request),
            ahead: Ahead::First,
            seen: SeenCursors::default(),
            n_empty: 0,
            n_read: 0,
            of: std::marker::PhantomData,
        }
    }
}

impl Identified for User {
    fn has_id(&self) -> bool {
        self.id().is_some_and(is_there)
    }
}

impl Identified for Group {
    fn has_id(&self) -> bool {
        self.id.as_deref().is_some_and(is_there)
    }
}

impl Identified for Member {
    /// A whole customer may have none: there is only one.
    fn has_id(&self) -> bool {
        self.id.as_deref().is_some_and(is_there) || self.member_kind() == Some(MemberKind::Customer)
    }
}

impl Identified for OrgUnit {
    fn has_id(&self) -> bool {
        self.org_unit_id.as_deref().is_some_and(is_there)
    }
}

impl Identified for Domain {
    fn has_id(&self) -> bool {
        self.domain_name.as_deref().is_some_and(is_there)
    }
}

impl Identified for Schema {
    fn has_id(&self) -> bool {
        self.schema_id.as_deref().is_some_and(is_there)
    }
}

impl Identified for Activity {
    /// An entry without one cannot be read at all.
    fn has_id(&self) -> bool {
        true
    }
}

fn is_there(id: &str) -> bool {
    !id.is_empty()
}
