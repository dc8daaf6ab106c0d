//! Rows of an answer, the same from both databases.
//!
//! An answer's cells are decoded once, when it arrives; its texts stay in one piece, and its rows share them. Reading a
//! cell names it by column, and an error says which statement, row and column it was and what was wrong, because a value
//! that the code does not expect was written by somebody.

use std::fmt::Display;
use std::ops::Range;
use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

use crate::StoreError;
use crate::sql::fault;

/// What is wrong with a cell that is neither text nor integer nor bytes.
pub(super) const UNKNOWN_TYPE: &str = "has a type we do not use: CAST it to TEXT or BIGINT";

/// One row. Columns are named, or counted from 0.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    answer: Arc<Answer>,
    /// Its place in the answer, from 0.
    place: usize,
}

/// Everything that a statement answered.
#[derive(Debug)]
pub(super) struct Answer {
    statement: &'static str,
    columns: Vec<String>,
    /// The texts of all rows, one after the other.
    text: String,
    /// The cells of all rows, one after the other.
    cells: Vec<Cell>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    /// Where in the answer's text it is.
    Text(Range<usize>),
    Int(i64),
    Bytes(Vec<u8>),
}

impl Cell {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Text(_) => "text",
            Self::Int(_) => "an integer",
            Self::Bytes(_) => "bytes",
        }
    }
}

impl Answer {
    /// An answer whose rows are still to come.
    pub(super) fn new(statement: &'static str, columns: Vec<String>, text: String) -> Self {
        Self { statement, columns, text, cells: Vec::new() }
    }

    /// Adds the next cell.
    pub(super) fn push(&mut self, cell: Cell) {
        self.cells.push(cell);
    }

    /// Its text, as far as it has come.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Adds a text to the answer's, and says where it is.
    pub(super) fn add_text(&mut self, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }

    /// The error for the cell that would come next.
    pub(super) fn wrong(&self, problem: impl Into<String>) -> StoreError {
        let (row, column) = (self.cells.len() / self.columns.len(), self.cells.len() % self.columns.len());
        self.wrong_at(row, &self.columns[column], problem)
    }

    fn wrong_at(&self, row: usize, column: impl Display, problem: impl Into<String>) -> StoreError {
        StoreError::Column {
            doing: self.statement.to_owned(),
            row: row + 1,
            column: column.to_string(),
            problem: problem.into(),
        }
    }

    /// The rows, all of whose cells are there.
    pub(super) fn into_rows(self) -> Vec<Row> {
        let n_rows = self.cells.len() / self.columns.len().max(1);
        let answer = Arc::new(self);
        (0..n_rows).map(|place| Row { answer: Arc::clone(&answer), place }).collect()
    }
}

/// How a column is named: by its name, or by its place.
pub(crate) trait ColumnIndex: Display + Copy {
    fn place(self, columns: &[String]) -> Option<usize>;
}

impl ColumnIndex for &str {
    fn place(self, columns: &[String]) -> Option<usize> {
        columns.iter().position(|column| column == self)
    }
}

impl ColumnIndex for usize {
    fn place(self, columns: &[String]) -> Option<usize> {
        (self < columns.len()).then_some(self)
    }
}

impl Row {
    pub(crate) fn text(&self, column: impl ColumnIndex) -> Result<&str, StoreError> {
        self.opt_text(column)?.ok_or_else(|| self.null(column))
    }

    pub(crate) fn opt_text(&self, column: impl ColumnIndex) -> Result<Option<&str>, StoreError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Text(range) => Ok(Some(&self.answer.text[range.clone()])),
            cell @ (Cell::Int(_) | Cell::Bytes(_)) => Err(self.mistyped(column, cell, "text")),
        }
    }

    pub(crate) fn int(&self, column: impl ColumnIndex) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| self.null(column))
    }

    pub(crate) fn opt_int(&self, column: impl ColumnIndex) -> Result<Option<i64>, StoreError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Int(number) => Ok(Some(*number)),
            cell @ (Cell::Text(_) | Cell::Bytes(_)) => Err(self.mistyped(column, cell, "an integer")),
        }
    }

    pub(crate) fn bytes(&self, column: impl ColumnIndex) -> Result<&[u8], StoreError> {
        self.opt_bytes(column)?.ok_or_else(|| self.null(column))
    }

    pub(crate) fn opt_bytes(&self, column: impl ColumnIndex) -> Result<Option<&[u8]>, StoreError> {
        match self.cell(column)? {
            Cell::Null => Ok(None),
            Cell::Bytes(bytes) => Ok(Some(bytes)),
            cell @ (Cell::Text(_) | Cell::Int(_)) => Err(self.mistyped(column, cell, "bytes")),
        }
    }

    /// Truth is stored as 0 or 1.
    pub(crate) fn truth(&self, column: impl ColumnIndex) -> Result<bool, StoreError> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.wrong(column, "is neither 0 nor 1")),
        }
    }

    /// The text of a column, as `parse` understands it.
    pub(crate) fn parsed<T, E: Display>(
        &self,
        column: impl ColumnIndex,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, StoreError> {
        parse(self.text(column)?).map_err(|problem| self.wrong(column, format!("cannot be read: {problem}")))
    }

    /// The error for a column that holds what it must not. `problem` goes on after the column's name.
    pub(crate) fn wrong(&self, column: impl Display, problem: impl Into<String>) -> StoreError {
        self.answer.wrong_at(self.place, column, problem)
    }

    fn cell(&self, column: impl ColumnIndex) -> Result<&Cell, StoreError> {
        let columns = &self.answer.columns;
        let place = column.place(columns).ok_or_else(|| self.wrong(column, "is not in the answer"))?;
        Ok(&self.answer.cells[self.place * columns.len() + place])
    }

    fn null(&self, column: impl Display) -> StoreError {
        self.wrong(column, "is NULL and must not be")
    }

    fn mistyped(&self, column: impl Display, cell: &Cell, expected: &str) -> StoreError {
        self.wrong(column, format!("holds {} where {expected} belongs", cell.kind()))
    }
}

pub(super) fn from_sqlite(statement: &'static str, rows: &[SqliteRow]) -> Result<Vec<Row>, StoreError> {
    from_driver(statement, rows, sqlite_cell)
}

pub(super) fn from_postgres(statement: &'static str, rows: &[PgRow]) -> Result<Vec<Row>, StoreError> {
    from_driver(statement, rows, postgres_cell)
}

/// A cell of a driver's row, put into the answer; none if its type is one that we do not use.
type Decode<R> = fn(&mut Answer, &R, usize) -> Result<Option<Cell>, sqlx::Error>;

fn from_driver<R: sqlx::Row>(
    statement: &'static str,
    rows: &[R],
    decode: Decode<R>,
) -> Result<Vec<Row>, StoreError> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let columns: Vec<String> = first.columns().iter().map(|column| column.name().to_owned()).collect();
    let n_columns = columns.len();
    let mut answer = Answer::new(statement, columns, String::new());
    answer.cells.reserve(rows.len() * n_columns);
    for row in rows {
        for index in 0..n_columns {
            let cell = decode(&mut answer, row, index);
            let cell = cell.map_err(|error| fault::of_statement(statement, error))?;
            let unknown = || answer.wrong(UNKNOWN_TYPE);
            let cell = cell.ok_or_else(unknown)?;
            answer.push(cell);
        }
    }
    Ok(answer.into_rows())
}

/// SQLite types values, not columns: what is there decides.
fn sqlite_cell(answer: &mut Answer, row: &SqliteRow, index: usize) -> Result<Option<Cell>, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Some(Cell::Null));
    }
    Ok(match raw.type_info().name() {
        "TEXT" => Some(Cell::Text(answer.add_text(row.try_get_unchecked(index)?))),
        "INTEGER" | "BOOLEAN" => Some(Cell::Int(row.try_get_unchecked(index)?)),
        "BLOB" => Some(Cell::Bytes(row.try_get_unchecked(index)?)),
        _ => None,
    })
}

/// Literals and `EXISTS` have types of their own on PostgreSQL; here they are integers, as on SQLite.
fn postgres_cell(answer: &mut Answer, row: &PgRow, index: usize) -> Result<Option<Cell>, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Some(Cell::Null));
    }
    Ok(match raw.type_info().name() {
        "TEXT" | "VARCHAR" | "NAME" | "UNKNOWN" => {
            Some(Cell::Text(answer.add_text(row.try_get_unchecked(index)?)))
        }
        "INT8" => Some(Cell::Int(row.try_get(index)?)),
        "INT4" => Some(Cell::Int(row.try_get::<i32, _>(index)?.into())),
        "BOOL" => Some(Cell::Int(row.try_get::<bool, _>(index)?.into())),
        "BYTEA" => Some(Cell::Bytes(row.try_get(index)?)),
        _ => None,
    })
}
