//! Rows of an answer, the same from both databases.
//!
//! Cells are decoded once, when the answer arrives; reading one names it by column, and an error says which statement,
//! row and column it was and what was wrong, because a value that the code does not expect was written by somebody.

use std::fmt::Display;
use std::sync::Arc;

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};

use crate::StoreError;
use crate::sql::fault;

/// One row. Columns are named, or counted from 0.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    statement: &'static str,
    /// Its place in the answer, from 1, for messages.
    place: usize,
    columns: Arc<[String]>,
    cells: Vec<Cell>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Text(String),
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
            Cell::Text(text) => Ok(Some(text)),
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
        StoreError::Column {
            doing: self.statement.to_owned(),
            row: self.place,
            column: column.to_string(),
            problem: problem.into(),
        }
    }

    fn cell(&self, column: impl ColumnIndex) -> Result<&Cell, StoreError> {
        let place = column.place(&self.columns).ok_or_else(|| self.wrong(column, "is not in the answer"))?;
        Ok(&self.cells[place])
    }

    fn null(&self, column: impl Display) -> StoreError {
        self.wrong(column, "is NULL and must not be")
    }

    fn mistyped(&self, column: impl Display, cell: &Cell, expected: &str) -> StoreError {
        self.wrong(column, format!("holds {} where {expected} belongs", cell.kind()))
    }
}

/// Builds rows of cells, each of which may have been unreadable.
pub(super) fn from_cells<R, C>(
    statement: &'static str,
    columns: &Arc<[String]>,
    rows: R,
) -> Result<Vec<Row>, StoreError>
where
    R: Iterator<Item = C>,
    C: Iterator<Item = Result<Cell, &'static str>>,
{
    let mut done = Vec::with_capacity(rows.size_hint().0);
    for (n, cells) in rows.enumerate() {
        let cells_of_row = Vec::with_capacity(columns.len());
        let mut row = Row { statement, place: n + 1, columns: columns.clone(), cells: cells_of_row };
        for (cell, column) in cells.zip(columns.iter()) {
            let cell = cell.map_err(|problem| row.wrong(column, problem))?;
            row.cells.push(cell);
        }
        done.push(row);
    }
    Ok(done)
}

pub(super) fn from_sqlite(statement: &'static str, rows: &[SqliteRow]) -> Result<Vec<Row>, StoreError> {
    from_driver(statement, rows, sqlite_cell)
}

pub(super) fn from_postgres(statement: &'static str, rows: &[PgRow]) -> Result<Vec<Row>, StoreError> {
    from_driver(statement, rows, postgres_cell)
}

fn from_driver<R: sqlx::Row>(
    statement: &'static str,
    rows: &[R],
    decode: fn(&R, usize) -> Result<Option<Cell>, sqlx::Error>,
) -> Result<Vec<Row>, StoreError> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    let columns: Arc<[String]> = first.columns().iter().map(|column| column.name().to_owned()).collect();
    let mut done = Vec::with_capacity(rows.len());
    for (n, row) in rows.iter().enumerate() {
        let mut read = Row { statement, place: n + 1, columns: columns.clone(), cells: Vec::new() };
        for (index, column) in columns.iter().enumerate() {
            let cell = decode(row, index).map_err(|error| fault::of_statement(statement, error))?;
            let unknown = || read.wrong(column, "has a type we do not use: CAST it to TEXT or BIGINT");
            let cell = cell.ok_or_else(unknown)?;
            read.cells.push(cell);
        }
        done.push(read);
    }
    Ok(done)
}

/// SQLite types values, not columns: what is there decides.
fn sqlite_cell(row: &SqliteRow, index: usize) -> Result<Option<Cell>, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Some(Cell::Null));
    }
    Ok(match raw.type_info().name() {
        "TEXT" => Some(Cell::Text(row.try_get_unchecked(index)?)),
        "INTEGER" | "BOOLEAN" => Some(Cell::Int(row.try_get_unchecked(index)?)),
        "BLOB" => Some(Cell::Bytes(row.try_get_unchecked(index)?)),
        _ => None,
    })
}

/// Literals and `EXISTS` have types of their own on PostgreSQL; here they are integers, as on SQLite.
fn postgres_cell(row: &PgRow, index: usize) -> Result<Option<Cell>, sqlx::Error> {
    let raw = row.try_get_raw(index)?;
    if raw.is_null() {
        return Ok(Some(Cell::Null));
    }
    Ok(match raw.type_info().name() {
        "TEXT" | "VARCHAR" | "NAME" | "UNKNOWN" => Some(Cell::Text(row.try_get_unchecked(index)?)),
        "INT8" => Some(Cell::Int(row.try_get(index)?)),
        "INT4" => Some(Cell::Int(row.try_get::<i32, _>(index)?.into())),
        "BOOL" => Some(Cell::Int(row.try_get::<bool, _>(index)?.into())),
        "BYTEA" => Some(Cell::Bytes(row.try_get(index)?)),
        _ => None,
    })
}
