//! Lists: filters, pages by index (RFC 7644 §3.4.2.4) and by cursor (RFC 9865), and the lies about them.
//!
//! A cursor names the last resource given, so that what comes and goes between two pages shifts nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::Refused;
use super::behaviour::Behaviour;
use super::filter::Filter;
use super::resources::{Kind, Number, Resources, Stored};
use super::rule::Mood;
use super::setup::{Paging, Setup};

/// What a list request asks for, and what it meets.
pub(super) struct Query<'a> {
    pub(super) kind: Kind,
    pub(super) parameters: &'a BTreeMap<String, String>,
    pub(super) setup: &'a Setup,
    pub(super) mood: &'a Mood,
    /// The number of the request: cursors that must differ are made of it.
    pub(super) request: u64,
}

impl Query<'_> {
    /// The page; `show` makes the resources as clients see them.
    pub(super) fn page(
        &self,
        resources: &Resources,
        show: impl Fn(&Stored) -> Value,
    ) -> Result<Value, Refused> {
        let found = self.found(resources)?;
        let is_by_cursor = match self.setup.paging {
            Paging::Index => false,
            Paging::Cursor => true,
            Paging::Both => self.parameters.contains_key("cursor"),
        };
        let (from, count) = (self.first_of(&found, is_by_cursor)?, self.count()?);
        let given = &found[from.min(found.len())..(from + count).min(found.len())];
        let shown: Vec<Value> = given.iter().filter_map(|&number| resources.get(number)).map(show).collect();
        let mut page = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": self.total(found.len()),
            "itemsPerPage": shown.len(),
            "Resources": shown,
        });
        if !is_by_cursor {
            page["startIndex"] =
                if self.mood.shows(&Behaviour::StartIndexIgnored) { 1 } else { self.start_index()? }.into();
        } else if let Some(cursor) = self.next_cursor(&found, from + count) {
            page["nextCursor"] = cursor.into();
        }
        Ok(page)
    }

    fn found(&self, resources: &Resources) -> Result<Vec<Number>, Refused> {
        let everyone = || resources.all(self.kind).map(|(number, _)| number).collect::<Vec<_>>();
        let Some(filter) = self.parameters.get("filter") else {
            let left_out = usize::from(self.mood.shows(&Behaviour::FirstLeftOut));
            return Ok(everyone().split_off(left_out.min(everyone().len())));
        };
        if self.mood.shows(&Behaviour::FilterIgnored) {
            return Ok(everyone());
        }
        if !self.setup.has_filter {
            return Err(Refused::new(400, "invalidFilter", "this app knows no filters"));
        }
        let Filter { attribute, value } = Filter::parse(filter)?;
        if self.mood.shows(&Behaviour::FilterFindsNothing) {
            return Ok(Vec::new());
        }
        Ok(resources.find(self.kind, attribute, &value))
    }

    /// The place in `found` at which the page begins.
    fn first_of(&self, found: &[Number], is_by_cursor: bool) -> Result<usize, Refused> {
        if self.mood.shows(&Behaviour::FirstPageForEver) {
            return Ok(0);
        }
        if is_by_cursor {
            let cursor = self.parameters.get("cursor").map_or("", String::as_str);
            let after = read_cursor(cursor)?;
            return Ok(found.partition_point(|&number| number <= after));
        }
        if self.mood.shows(&Behaviour::StartIndexIgnored) {
            return Ok(0);
        }
        Ok(usize::try_from(self.start_index()? - 1).unwrap_or(usize::MAX / 2))
    }

    /// A start before the first one is the first one.
    fn start_index(&self) -> Result<u64, Refused> {
        Ok(self.number("startIndex")?.unwrap_or(1).max(1).unsigned_abs())
    }

    /// How many at most. A negative count is none.
    fn count(&self) -> Result<usize, Refused> {
        let short =
            self.mood.find(|it| if let Behaviour::ShortPages(most) = it { Some(*most) } else { None });
        let most = short.unwrap_or(usize::MAX).min(self.setup.page_size);
        let asked = self.number("count")?.map(|count| usize::try_from(count).unwrap_or(0));
        Ok(asked.unwrap_or(most).min(most))
    }

    fn number(&self, name: &str) -> Result<Option<i64>, Refused> {
        let text = self.parameters.get(name);
        text.map(|text| {
            text.parse().map_err(|_| Refused::invalid_value(format!("{name} is not a number: {text}")))
        })
        .transpose()
    }

    fn total(&self, found: usize) -> u64 {
        let found = found as u64;
        if self.mood.shows(&Behaviour::FirstPageForEver) {
            return self.start_index().unwrap_or(1) + 2 * found;
        }
        let more =
            self.mood.find(|it| if let Behaviour::TotalTooLarge(more) = it { Some(*more) } else { None });
        found + more.unwrap_or(0)
    }

    /// The cursor of the page that begins at `next`; none after the last one.
    fn next_cursor(&self, found: &[Number], next: usize) -> Option<String> {
        if self.mood.shows(&Behaviour::FirstPageForEver) {
            return Some(format!("more-{}", self.request));
        }
        let asked = self.parameters.get("cursor").filter(|cursor| !cursor.is_empty());
        if let Some(cursor) = asked.filter(|_| self.mood.shows(&Behaviour::CursorRepeats)) {
            return Some(cursor.clone());
        }
        found.get(next)?;
        let last = next.checked_sub(1).and_then(|last| found.get(last)).copied().unwrap_or(0);
        Some(format!("after-{last}"))
    }
}

/// The number of the last resource given; 0 before the first page.
fn read_cursor(cursor: &str) -> Result<Number, Refused> {
    if cursor.is_empty() {
        return Ok(0);
    }
    let after = cursor.strip_prefix("after-").and_then(|number| number.parse().ok());
    after.ok_or_else(|| Refused::new(400, "invalidCursor", format!("this cursor was never given: {cursor}")))
}
