//! Model types in columns: written as [`Value`]s, read from a [`Row`] or refused with the column's name.
//!
//! Instants are microseconds, spans too; counts are never negative; what has a name in the model is stored under that
//! name; what has parts is JSON.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use usher_model::guard::Class;
use usher_model::id::{Email, GroupId, RemoteId, UserId};
use usher_model::time::Timestamp;

use crate::StoreError;
use crate::sql::{Row, Value};

/// A value as JSON text. What the model serializes has text keys, so this cannot fail.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Value {
    serde_json::to_string(value).expect("invariant: what is stored serializes").into()
}

pub(crate) fn opt_json<T: Serialize>(value: Option<&T>) -> Value {
    value.map_or(Value::Text(None), json)
}

pub(crate) fn instant(at: Timestamp) -> Value {
    at.as_micros().into()
}

pub(crate) fn opt_instant(at: Option<Timestamp>) -> Value {
    at.map(Timestamp::as_micros).into()
}

pub(crate) fn opt_span(span: Option<Duration>) -> Value {
    span.map(|span| i64::try_from(span.as_micros()).unwrap_or(i64::MAX)).into()
}

/// A count, or a limit; what is more than a database can count is as good as no limit.
pub(crate) fn count(n: u64) -> Value {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}

pub(crate) fn limit(n: usize) -> Value {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}

/// Users as the one parameter of `IN (SELECT value ->> 0 FROM json_rows($n))`.
pub(crate) fn users(users: &[UserId]) -> Value {
    Value::rows(users.iter().map(|user| [user.as_str().into()]))
}

/// Groups as such a parameter.
pub(crate) fn groups<'a>(groups: impl IntoIterator<Item = &'a GroupId>) -> Value {
    Value::rows(groups.into_iter().map(|group| [group.as_str().into()]))
}

/// The app's ids as such a parameter.
pub(crate) fn remote_ids(ids: &[RemoteId]) -> Value {
    Value::rows(ids.iter().map(|id| [id.as_str().into()]))
}

/// The classes of an operation as the sum of their bits.
pub(crate) fn class_bits(classes: &[Class]) -> i64 {
    classes.iter().fold(0, |bits, class| bits | bit(*class))
}

/// Stored: a class keeps its bit for ever.
fn bit(class: Class) -> i64 {
    match class {
        Class::Removals => 1,
        Class::Recreations => 2,
        Class::Renames => 4,
        Class::Clearings => 8,
    }
}

/// The classes whose bits are set.
pub(crate) fn classes_of(bits: i64) -> Vec<Class> {
    Class::ALL.into_iter().filter(|class| bits & bit(*class) != 0).collect()
}

/// Model types, read from a row.
impl Row {
    pub(crate) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        self.parsed(column, |text| serde_json::from_str(text))
    }

    pub(crate) fn opt_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, StoreError> {
        self.opt_text(column)?.map(|_| self.json(column)).transpose()
    }

    pub(crate) fn instant(&self, column: &str) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp::from_micros)
    }

    pub(crate) fn opt_instant(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp::from_micros))
    }

    pub(crate) fn opt_span(&self, column: &str) -> Result<Option<Duration>, StoreError> {
        Ok(self.opt_count(column)?.map(Duration::from_micros))
    }

    pub(crate) fn count(&self, column: &str) -> Result<u64, StoreError> {
        let negative = |_| self.wrong(column, "is negative and must not be");
        u64::try_from(self.int(column)?).map_err(negative)
    }

    pub(crate) fn opt_count(&self, column: &str) -> Result<Option<u64>, StoreError> {
        self.opt_int(column)?.map(|_| self.count(column)).transpose()
    }

    pub(crate) fn email(&self, column: &str) -> Result<Email, StoreError> {
        self.parsed(column, Email::parse)
    }

    pub(crate) fn opt_email(&self, column: &str) -> Result<Option<Email>, StoreError> {
        self.opt_text(column)?.map(|_| self.email(column)).transpose()
    }

    /// A value that is stored under a name, as `from_name` knows it.
    pub(crate) fn named<T>(
        &self,
        column: &str,
        from_name: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        self.parsed(column, |name| from_name(name).ok_or("no such name is known"))
    }

    pub(crate) fn classes(&self, column: &str) -> Result<Vec<Class>, StoreError> {
        self.int(column).map(classes_of)
    }
}
