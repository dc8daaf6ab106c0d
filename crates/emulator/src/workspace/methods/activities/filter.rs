//! `filters=`: parameters of events, as `USER_EMAIL==ada@example.com,NEW_VALUE<>x`.

use std::cmp::Ordering;

use crate::workspace::feed::Activity;
use crate::workspace::refusal::Refusal;

/// One relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    name: String,
    relation: &'static str,
    value: String,
}

/// The longer first: `<=` begins with `<`.
const RELATIONS: [&str; 6] = ["<=", "==", ">=", "<>", "<", ">"];

/// Reads relations that all have to hold.
pub(super) fn parse(text: &str) -> Result<Vec<Filter>, Refusal> {
    let one = |part: &str| {
        let end = part.find(['<', '=', '>'])?;
        let (name, rest) = part.split_at(end);
        let relation = RELATIONS.into_iter().find(|relation| rest.starts_with(relation))?;
        let value = rest.strip_prefix(relation)?;
        let is_whole = !name.is_empty() && !value.is_empty();
        is_whole.then(|| Filter { name: name.to_owned(), relation, value: value.to_owned() })
    };
    let filters: Option<Vec<Filter>> = text.split(',').map(one).collect();
    filters.ok_or_else(|| Refusal::invalid_parameter("filters", format!("Invalid filter: {text}")))
}

impl Filter {
    /// Whether an activity is as the relation wants it; one without the parameter never is.
    pub(super) fn holds(&self, activity: &Activity) -> bool {
        let Some(value) = activity.parameter(&self.name) else { return false };
        let ordering = value.cmp(&self.value);
        match self.relation {
            "==" => ordering == Ordering::Equal,
            "<>" => ordering != Ordering::Equal,
            "<" => ordering == Ordering::Less,
            "<=" => ordering != Ordering::Greater,
            ">" => ordering == Ordering::Greater,
            _ => ordering != Ordering::Less,
        }
    }
}
