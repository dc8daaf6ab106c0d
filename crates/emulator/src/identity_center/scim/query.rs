//! The parameters of a list. Others are not looked at, as `startIndex` is not by AWS.

use url::form_urlencoded;

use crate::identity_center::scim::refusal::Refusal;
use crate::identity_center::settings::{Settings, Tolerance};

/// The most resources of a page, and how many there are unless another number is asked for.
const MAX_COUNT: usize = 100;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// Present, even if empty: the list goes by cursor.
    pub(crate) cursor: Option<String>,
    count: Option<String>,
    pub(crate) filter: Option<String>,
}

impl Query {
    /// Reads what follows the question mark. The first of several counts.
    pub(crate) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let at = match name.as_ref() {
                "cursor" => &mut query.cursor,
                "count" => &mut query.count,
                "filter" => &mut query.filter,
                _ => continue,
            };
            at.get_or_insert(value.into_owned());
        }
        query
    }

    /// How many resources are asked for.
    pub(crate) fn count(&self, settings: &Settings) -> Result<usize, Refusal> {
        let Some(count) = &self.count else { return Ok(MAX_COUNT) };
        let count: usize = count.parse().map_err(|_| Refusal::unparsable())?;
        match (count, settings.oversized_count) {
            (1..=MAX_COUNT, _) => Ok(count),
            (0, _) | (_, Tolerance::Refuse) => Err(Refusal::unparsable()),
            (_, Tolerance::Accept) => Ok(MAX_COUNT),
        }
    }
}
