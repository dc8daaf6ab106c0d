//! Parameters of statements.
//!
//! A NULL has a type here: SQLite takes any NULL for any column, PostgreSQL refuses a text NULL in a BIGINT column.
//! There are three types on purpose: instants are BIGINT microseconds, truth is BIGINT 0 or 1, JSON is TEXT.

use sqlx::Arguments;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;

/// One parameter.
///
/// A text's U+0000, which PostgreSQL cannot store, becomes U+FFFD on its way in, for both databases: an app may call an
/// account what it likes. JSON keeps it, escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map(str::to_owned).into()
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Text(None), Self::from)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(Some(number))
    }
}

/// Literals: a number without a type is an `i32`.
impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Int(Some(number.into()))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Int(Some(number.into()))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Int(Some(truth.into()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Some(bytes))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_vec()))
    }
}

impl From<Option<Vec<u8>>> for Value {
    fn from(bytes: Option<Vec<u8>>) -> Self {
        Self::Bytes(bytes)
    }
}

const FITS: &str = "invariant: text, integers and bytes can always be encoded";

pub(super) fn sqlite_arguments(values: impl IntoIterator<Item = Value>) -> SqliteArguments {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::Text(text) => Arguments::add(&mut arguments, text),
            Value::Int(number) => Arguments::add(&mut arguments, number),
            Value::Bytes(bytes) => Arguments::add(&mut arguments, bytes),
        }
        .expect(FITS);
    }
    arguments
}

pub(super) fn postgres_arguments(values: &[Value]) -> PgArguments {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Text(text) => Arguments::add(&mut arguments, text.as_deref()),
            Value::Int(number) => Arguments::add(&mut arguments, number),
            Value::Bytes(bytes) => Arguments::add(&mut arguments, bytes.as_deref()),
        }
        .expect(FITS);
    }
    arguments
}
