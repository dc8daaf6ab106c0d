//! Thousands of rows in one statement.
//!
//! In: [`Value::rows`] makes one JSON parameter, and the statement unfolds it, for both databases, with
//!
//! ```sql
//! -- store::members::upsert
//! INSERT INTO member (id, n, mark)
//! SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), unhex(value ->> 2) FROM json_rows($1) WHERE true
//! ON CONFLICT (id) DO UPDATE SET n = excluded.n, mark = excluded.mark
//! ```
//!
//! (`WHERE true` keeps SQLite from reading `ON CONFLICT` as a join.) Where the rows are wide, [`Tx::execute_rows`] hands
//! them to the same statement as SQLite reads them best. Out: [`Tx::page`] for walks in key order:
//! `WHERE id > $1 ORDER BY id LIMIT $2`, with the last key of a page starting the next.

use sqlx::{AssertSqlSafe, Row as _};

use super::fault::Driver;
use super::row::{Answer, Cell, Row};
use super::{Connection, Dialect, Tx, Value, fault, name_of, value};
use crate::StoreError;

/// How many rows go into one statement, and into one page: at 5,000 neither database gets faster with more.
pub(crate) const ROWS_PER_STATEMENT: usize = 5_000;

/// How many rows SQLite is given at once: each number is a statement of its own, prepared once, so there are few.
const SQLITE_ROWS: [usize; 3] = [64, 8, 1];

/// A column of a page, and what it holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    Text(&'static str),
    Int(&'static str),
    Bytes(&'static str),
}

impl Column {
    fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Int(name) | Self::Bytes(name) => name,
        }
    }
}

impl Value {
    /// Rows as the one parameter that `json_rows($n)` unfolds: `value ->> 0` is a row's first cell.
    ///
    /// Integers come out with `CAST(value ->> 1 AS BIGINT)`, bytes with `unhex(value ->> 2)`.
    pub(crate) fn rows<const N: usize>(rows: impl IntoIterator<Item = [Value; N]>) -> Self {
        let mut text = String::from("[");
        for (n, row) in rows.into_iter().enumerate() {
            text.push_str(if n == 0 { "[" } else { ",[" });
            for (n, cell) in row.iter().enumerate() {
                text.push_str(if n == 0 { "" } else { "," });
                cell.write_json(&mut text);
            }
            text.push(']');
        }
        text.push(']');
        Self::Text(Some(text))
    }

    /// As a statement finds it in a row that it unfolds: bytes are hex there.
    fn unfolded(self) -> Self {
        match self {
            Self::Bytes(bytes) => Self::Text(bytes.as_deref().map(to_hex)),
            Self::Text(_) | Self::Int(_) => self,
        }
    }

    fn write_json(&self, into: &mut String) {
        match self {
            Self::Text(None) | Self::Int(None) | Self::Bytes(None) => into.push_str("null"),
            Self::Text(Some(text)) => into.push_str(&quoted(text)),
            Self::Int(Some(number)) => into.push_str(&number.to_string()),
            Self::Bytes(Some(bytes)) => into.push_str(&quoted(&to_hex(bytes))),
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("invariant: a text can be written as JSON")
}

impl Tx {
    /// Runs a statement over rows of any number, which it unfolds with `json_rows($n)`; `$n` is the parameter after
    /// `values`. Returns how many rows it inserted or changed.
    ///
    /// SQLite is given the cells as parameters of their own, 64 rows at a time: to write them as JSON and to read them
    /// back costs as much as everything else that an insert does.
    pub(crate) async fn execute_rows<const N: usize>(
        &mut self,
        sql: &'static str,
        values: &[Value],
        rows: Vec<[Value; N]>,
    ) -> Result<u64, StoreError> {
        let (mut rows, mut n_touched) = (rows.into_iter(), 0);
        while rows.len() > 0 {
            let at_once = match self.dialect() {
                Dialect::Postgres => ROWS_PER_STATEMENT,
                Dialect::Sqlite => *SQLITE_ROWS.iter().find(|n| **n <= rows.len()).unwrap_or(&1),
            };
            n_touched += self.execute_some(sql, values, rows.by_ref().take(at_once).collect()).await?;
        }
        Ok(n_touched)
    }

    async fn execute_some<const N: usize>(
        &mut self,
        sql: &'static str,
        values: &[Value],
        rows: Vec<[Value; N]>,
    ) -> Result<u64, StoreError> {
        if self.dialect() == Dialect::Postgres {
            return self.execute(sql, &[values, &[Value::rows(rows)]].concat()).await;
        }
        let text = Dialect::sqlite_rows(sql, values.len(), N, rows.len());
        let cells = rows.into_iter().flatten().map(Value::unfolded).chain(values.iter().cloned());
        let done = match self.connection() {
            Connection::Sqlite(tx) => {
                let query = sqlx::query_with(AssertSqlSafe(text), value::sqlite_arguments(cells));
                let done = Box::pin(query.execute(&mut **tx)).await;
                done.map(|done| done.rows_affected()).map_err(Driver::Pooled)
            }
            Connection::Memory(tx) => tx.execute(&text, &cells.collect::<Vec<_>>()).map_err(Driver::Memory),
            Connection::Postgres(_) => unreachable!("invariant: it was asked above"),
        };
        done.map_err(|error| fault::of_statement(name_of(sql), error))
    }

    /// One page of a long list, in the order of the query, which must have a `LIMIT` of at most
    /// [`ROWS_PER_STATEMENT`] and whose columns are `columns`, in their order.
    pub(crate) async fn page(
        &mut self,
        sql: &'static str,
        columns: &[Column],
        values: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let name = name_of(sql);
        match self.connection() {
            Connection::Postgres(_) => self.rows(sql, values).await,
            Connection::Sqlite(tx) => {
                let text = AssertSqlSafe(Dialect::sqlite_page(sql, columns));
                let query = sqlx::query_with(text, value::sqlite_arguments(values.iter().cloned()));
                let answer = Box::pin(query.fetch_one(&mut **tx)).await;
                let answer = answer.map_err(|error| fault::of_statement(name, error))?;
                let page: String = answer.try_get(0).map_err(|error| fault::of_statement(name, error))?;
                rows_of_page(name, page, columns)
            }
            Connection::Memory(tx) => {
                let answer = tx.rows(name, &Dialect::sqlite_page(sql, columns), values)?;
                let page = answer.first().map_or(Ok(""), |row| row.text(0))?;
                rows_of_page(name, page.to_owned(), columns)
            }
        }
    }
}

/// The rows of a page as [`Dialect::sqlite_page`] writes them.
pub(super) fn rows_of_page(
    name: &'static str,
    page: String,
    columns: &[Column],
) -> Result<Vec<Row>, StoreError> {
    let mut answer = Answer::new(name, columns.iter().map(|column| column.name().to_owned()).collect(), page);
    let mut at = 0;
    while at < answer.text().len() {
        for column in columns {
            let (cell, end) =
                next_cell(answer.text(), at, *column).map_err(|problem| answer.wrong(problem))?;
            answer.push(cell);
            at = end;
        }
    }
    Ok(answer.into_rows())
}

/// The cell that begins at `at`, and where it ends; or what is wrong with it.
fn next_cell(page: &str, at: usize, column: Column) -> Result<(Cell, usize), &'static str> {
    let colon = page.as_bytes()[at..].iter().position(|byte| *byte == b':').ok_or(GARBLED)?;
    let start = at + colon + 1;
    if colon == 0 {
        return Ok((Cell::Null, start));
    }
    let length: usize = page[at..start - 1].parse().map_err(|_| GARBLED)?;
    let end = start + length;
    let text = page.get(start..end).ok_or(GARBLED)?;
    let cell = match column {
        Column::Text(_) => Cell::Text(start..end),
        Column::Int(_) => Cell::Int(text.parse().map_err(|_| "is no integer of 64 bits")?),
        Column::Bytes(_) => Cell::Bytes(from_hex(text).ok_or("is not hex")?),
    };
    Ok((cell, end))
}

const GARBLED: &str = "is garbled: its length is missing or wrong";

fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let nibble = |digit: u8| char::from(digit).to_digit(16).and_then(|n| u8::try_from(n).ok());
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect();
    if rest.is_empty() { bytes } else { None }
}
