//! Walks through a list, page by page, and knows whether it saw all of it.
//!
//! The pager sends nothing: [`Pager::next`] gives the request to send,
//! [`Pager::accept`] takes the answer. Nothing may be removed on the strength
//! of an incomplete listing, so a listing that ends early is an error, never a
//! short list.
//!
//! # Invariants
//!
//! 1. It ends: every page brings a resource not on the page before, or a new
//!    cursor, and there is a limit to the number of pages.
//! 2. [`Pager::is_complete`] is true only after the server itself said that
//!    there is no more, and nothing that it said contradicts that.
//! 3. It holds the ids of two pages, however long the list is.
//!
//! What no client can see: a resource deleted and another one created between
//! two pages of index paging may shift a third one past us. Whoever misses
//! somebody in a complete listing still asks for them by id.

use crate::cursors::SeenCursors;
use crate::http::{Request, Response};
use crate::scim::ResourceKind;
use crate::scim::failure::Failure;
use crate::scim::filter::Filter;
use crate::scim::list::{ListResponse, NotAList};
use crate::scim::request::{self, Page};
use crate::scim::resource::{Resource, ResourceId, UnusableId};

mod seen;

use seen::SeenIds;

/// How a server pages its lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paging {
    /// `startIndex` and `totalResults` (RFC 7644 §3.4.2.4).
    Index,
    /// `cursor` and `nextCursor` (RFC 9865).
    Cursor,
    /// The same, at a server that cuts a listing off unsaid where it does not see the cursor (AWS): an answer that
    /// was paged by index proves nothing, however short it is.
    CursorAlone,
}

/// The most pages that a listing may have, unless told otherwise.
pub const MAX_PAGES: u32 = 50_000;

/// What to list, and how.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Users or groups.
    pub kind: ResourceKind,
    /// The mode that this server knows.
    pub paging: Paging,
    /// How many resources to ask for at once; at least 1.
    pub page_size: u32,
    /// Only those that meet it. It is repeated on every page (RFC 9865 §2.2).
    pub filter: Option<Filter>,
    /// The most pages to read; [`MAX_PAGES`] unless there is a reason.
    pub max_pages: u32,
}

/// Why a page was not taken. After all of them but [`PageError::Refused`] the
/// listing is over, and incomplete.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// The server refused. The same page may be asked for again.
    #[error(transparent)]
    Refused(#[from] Failure),
    /// The body is not a list.
    #[error(transparent)]
    NotAList(#[from] NotAList),
    /// A resource has no id.
    #[error("the app listed a {0} without an id")]
    MissingId(ResourceKind),
    /// A resource has an id that cannot be used.
    #[error(transparent)]
    UnusableId(#[from] UnusableId),
    /// The page holds nothing but what was seen already.
    #[error("the listing is incomplete: page {page} of the app's list repeats an earlier page")]
    Repeated {
        /// The page's number, counted from 1.
        page: u32,
    },
    /// The page leads to itself or back to an earlier one.
    #[error("the listing is incomplete: page {page} of the app's list leads back to an earlier page")]
    CursorRepeated {
        /// The page's number, counted from 1.
        page: u32,
    },
    /// Another page came than was asked for.
    #[error(
        "the listing is incomplete: the app was asked for the page at {asked} and sent the one at {sent}"
    )]
    StartIndexIgnored {
        /// The `startIndex` of the request.
        asked: u64,
        /// The `startIndex` of the answer.
        sent: u64,
    },
    /// A page without a cursor, from a server that paged by index: what
    /// is behind it cannot be known.
    #[error("the listing is incomplete: the app ignored the cursor and sent a page of {got} without another")]
    CursorIgnored {
        /// How many resources were on the page.
        got: u64,
    },
    /// Resources went away while the list was read, so that others may have
    /// moved to pages already read.
    #[error("the listing is incomplete: the app's list shrank from {before} to {after} while it was read")]
    Shrank {
        /// The total that an earlier page gave.
        before: u64,
        /// The total that this page gave.
        after: u64,
    },
    /// The list ended before its total was reached.
    #[error("the listing is incomplete: the app has {total} and listed {listed}")]
    Incomplete {
        /// The server's `totalResults`.
        total: u64,
        /// How many different ones came.
        listed: u64,
    },
    /// The list has more pages than we are willing to read.
    #[error("the listing is incomplete: the app's list has more than {limit} pages")]
    TooManyPages {
        /// The limit.
        limit: u32,
    },
}

/// Where a listing stands.
#[derive(Clone, Debug)]
enum State {
    /// This page is next.
    At(Page),
    /// Everything was there by the server's count. This page has to be empty
    /// to prove it.
    Proving(Page),
    Complete,
    Failed,
}

/// A listing in progress.
#[derive(Clone, Debug)]
pub struct Pager {
    listing: Listing,
    state: State,
    pages: u32,
    listed: u64,
    total: Option<u64>,
    ids: SeenIds,
    cursors: SeenCursors,
}

impl Pager {
    /// A listing that has not begun.
    pub fn new(listing: Listing) -> Self {
        let first = match listing.paging {
            Paging::Index => Page::Index(1),
            Paging::Cursor | Paging::CursorAlone => Page::Cursor(String::new()),
        };
        Self {
            listing,
            state: State::At(first),
            pages: 0,
            listed: 0,
            total: None,
            ids: SeenIds::default(),
            cursors: SeenCursors::default(),
        }
    }

    /// The request for the next page; `None` when the listing is over. It is
    /// the same request until an answer was accepted.
    pub fn next(&self) -> Option<Request> {
        match &self.state {
            State::At(page) | State::Proving(page) => {
                let Listing { kind, page_size, filter, .. } = &self.listing;
                Some(request::list(*kind, page, (*page_size).max(1), filter.as_ref()))
            }
            State::Complete | State::Failed => None,
        }
    }

    /// Whether the list was read to its end, and the end was where the server said.
    pub fn is_complete(&self) -> bool {
        matches!(self.state, State::Complete)
    }

    /// How many different resources came so far.
    pub fn listed(&self) -> u64 {
        self.listed
    }

    /// The total that the server gave last. AWS gives none with cursors.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Takes the answer to the request that [`Pager::next`] gave. Resources
    /// that an earlier page brought already are left out.
    pub fn accept(&mut self, response: &Response) -> Result<Vec<Resource>, PageError> {
        let asked = match &self.state {
            State::Proving(_) if matches!(response.status, 400 | 404) => {
                // Past the end there is no page: some servers say so with an error.
                self.state = State::Complete;
                return Ok(Vec::new());
            }
            State::At(page) | State::Proving(page) => page.clone(),
            State::Complete | State::Failed => return Ok(Vec::new()),
        };
        if !response.is_success() {
            return Err(Failure::read(response).into());
        }
        let result = self.take(&asked, response);
        if result.is_err() {
            self.state = State::Failed;
        }
        result
    }

    fn take(&mut self, asked: &Page, response: &Response) -> Result<Vec<Resource>, PageError> {
        let page = ListResponse::read(&response.body_json().ok_or(NotAList::NotAnObject)?)?;
        self.pages += 1;
        self.check_start(asked, &page)?;
        self.check_total(&page)?;
        let ids = ids_of(self.listing.kind, &page.resources)?;
        let new = self.ids.turn(&ids);
        if !ids.is_empty() && !new.contains(&true) {
            return Err(PageError::Repeated { page: self.pages });
        }
        self.listed += new.iter().map(|new| u64::from(*new)).sum::<u64>();
        self.state = match asked {
            Page::Index(start) => self.after_index(*start, &page)?,
            Page::Cursor(_) => self.after_cursor(&page)?,
        };
        if self.pages >= self.listing.max_pages && !self.is_complete() {
            return Err(PageError::TooManyPages { limit: self.listing.max_pages });
        }
        let resources = page.resources.into_iter().zip(new);
        Ok(resources.filter_map(|(resource, new)| new.then_some(resource)).collect())
    }

    /// A server that answers with another page than was asked for does not know `startIndex`.
    fn check_start(&self, asked: &Page, page: &ListResponse) -> Result<(), PageError> {
        match (asked, page.start_index) {
            // Past the end there is no place, and servers write what they like.
            (Page::Index(_), Some(_)) if page.resources.is_empty() => Ok(()),
            (Page::Index(asked), Some(sent)) if sent != *asked && self.pages > 1 => {
                Err(PageError::StartIndexIgnored { asked: *asked, sent })
            }
            (Page::Index(_) | Page::Cursor(_), _) => Ok(()),
        }
    }

    fn check_total(&mut self, page: &ListResponse) -> Result<(), PageError> {
        let Some(after) = page.total_results else { return Ok(()) };
        let before = self.total.replace(after);
        match before {
            Some(before) if after < before => Err(PageError::Shrank { before, after }),
            Some(_) | None => Ok(()),
        }
    }

    /// Index paging ends where the total is reached, or at an empty page.
    ///
    /// A last page as full as we asked for is followed by one more request: a
    /// server that truncates and calls what it sent the total (AWS without a
    /// cursor) sends its first page again, a truthful one sends nothing.
    fn after_index(&self, start: u64, page: &ListResponse) -> Result<State, PageError> {
        let got = page.resources.len() as u64;
        let next = Page::Index(start.saturating_add(got));
        match self.total {
            Some(total) if self.listed < total && got == 0 => {
                Err(PageError::Incomplete { total, listed: self.listed })
            }
            _ if got == 0 => Ok(State::Complete),
            Some(total) if self.listed < total => Ok(State::At(next)),
            Some(_) if got >= u64::from(self.listing.page_size) => Ok(State::Proving(next)),
            Some(_) => Ok(State::Complete),
            None => Ok(State::At(next)),
        }
    }

    /// Cursor paging ends at a page without a cursor, be the page full, short
    /// or empty.
    fn after_cursor(&mut self, page: &ListResponse) -> Result<State, PageError> {
        if let Some(cursor) = &page.next_cursor {
            if !self.cursors.is_new(cursor) {
                return Err(PageError::CursorRepeated { page: self.pages });
            }
            return Ok(State::At(Page::Cursor(cursor.clone())));
        }
        let got = page.resources.len() as u64;
        let may_be_cut = match self.listing.paging {
            // A total alone is RFC 9865's choice; a place in an index is not.
            Paging::CursorAlone => page.start_index.is_some(),
            Paging::Cursor | Paging::Index => {
                let paged_by_index = page.start_index.is_some() || page.total_results.is_some();
                paged_by_index && got > 0 && got >= u64::from(self.listing.page_size)
            }
        };
        if self.pages == 1 && may_be_cut {
            return Err(PageError::CursorIgnored { got });
        }
        match self.total {
            Some(total) if self.listed < total => Err(PageError::Incomplete { total, listed: self.listed }),
            Some(_) | None => Ok(State::Complete),
        }
    }
}

fn ids_of(kind: ResourceKind, resources: &[Resource]) -> Result<Vec<ResourceId>, PageError> {
    resources
        .iter()
        .map(|resource| Ok(ResourceId::parse(resource.id().ok_or(PageError::MissingId(kind))?)?))
        .collect()
}

#[cfg(test)]
mod tests;
