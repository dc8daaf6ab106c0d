//! Where SQLite and PostgreSQL read SQL differently.
//!
//! Every statement is one text, written as PostgreSQL reads it. SQLite understands nearly all of it: `$1` parameters
//! in any order, upserts with `excluded`, `RETURNING`, `WITH`, window functions, `value ->> 0`, `CAST(… AS BIGINT)`.
//! The exceptions are respelled here:
//!
//! | in the statement | on SQLite | why |
//! | --- | --- | --- |
//! | `json_rows($1)` | `jsonb_each($1)` | rows as one JSON parameter; a function of ours on PostgreSQL |
//! | `FOR UPDATE SKIP LOCKED`, `FOR UPDATE` | nothing | SQLite has one writer, and it is this transaction |
//!
//! `unhex(text)` is SQLite's own and a function of ours on PostgreSQL.
//!
//! Neither may be asked, because they answer differently: `lower` and `upper` beyond ASCII (fold in Rust), `LIKE`
//! (ASCII-insensitive on SQLite alone), `SUM` without `CAST(… AS BIGINT)` (PostgreSQL says NUMERIC), a NULL's place in
//! `ORDER BY` (say `NULLS FIRST` or `LAST`), and an upsert whose rows repeat a key (PostgreSQL refuses it).

use std::borrow::Cow;
use std::fmt::Write;

use super::bulk::Column;

/// Which database a transaction speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// In this order: the longer text first where one contains the other.
const SQLITE_SPELLING: [(&str, &str); 3] =
    [("json_rows(", "jsonb_each("), ("FOR UPDATE SKIP LOCKED", ""), ("FOR UPDATE", "")];

impl Dialect {
    /// The statement as this database reads it.
    pub(super) fn text(self, sql: &'static str) -> Cow<'static, str> {
        let mut text = Cow::Borrowed(sql);
        match self {
            Self::Postgres => {}
            Self::Sqlite => {
                for (from, to) in SQLITE_SPELLING {
                    if text.contains(from) {
                        text = Cow::Owned(text.replace(from, to));
                    }
                }
            }
        }
        text
    }

    /// Says whether this database was ever migrated.
    pub(crate) fn migration_table_exists(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "-- store::migrations::exists\n\
                 SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'migration')"
            }
            Self::Postgres => "-- store::migrations::exists\nSELECT to_regclass('migration') IS NOT NULL",
        }
    }

    /// Keeps other replicas from migrating until the transaction ends. On SQLite its beginning did that already.
    pub(crate) fn lock_schema(self) -> Option<&'static str> {
        match self {
            Self::Sqlite => None,
            // The number is "usher" in ASCII: nobody else's lock in the same database should have it.
            Self::Postgres => {
                Some("-- store::migrations::lock\nSELECT pg_advisory_xact_lock(CAST(504447395186 AS BIGINT))")
            }
        }
    }

    /// The statement, which unfolds rows that are the parameter after so many others, as one that is given each cell as
    /// a parameter: first those of the rows, in their order, and then the others.
    ///
    /// | in the statement | on SQLite |
    /// | --- | --- |
    /// | `json_rows($2)` | `(VALUES (?, ?, …), …)` |
    /// | `value ->> 0` | `column1` |
    /// | `$1` | `$129`, where the rows have 128 cells |
    ///
    /// The cells have no names, because SQLite looks each name up among all others.
    pub(super) fn sqlite_rows(sql: &'static str, n_values: usize, n_columns: usize, n_rows: usize) -> String {
        let row = format!("({})", vec!["?"; n_columns].join(", "));
        let rows = format!("(VALUES {})", vec![row; n_rows].join(", "));
        let text = sql.replace(&format!("json_rows(${})", n_values + 1), &rows);
        let text = renumbered(&text, "value ->> ", "column", 1);
        renumbered(&text, "$", "$", n_columns * n_rows)
    }

    /// The query, as one that answers with a single text: the cells of all rows, one after the other, each as its length
    /// in bytes, a colon, and itself; NULL as a colon alone.
    ///
    /// SQLite alone is asked like that. Its driver hands rows over one by one from another thread, which makes a page
    /// of 5,000 rows nine times slower than the same page as one value. Lengths, and not JSON, because much of what is
    /// stored is JSON itself, and quoting it costs more than reading it. A text has no bytes, so they travel as hex.
    pub(super) fn sqlite_page(sql: &'static str, columns: &[Column]) -> String {
        let mut cells = String::new();
        for (n, column) in columns.iter().enumerate() {
            let comma = if n == 0 { "" } else { ", " };
            match column {
                // `concat` takes NULL for the empty text.
                Column::Text(name) | Column::Int(name) => {
                    write!(cells, "{comma}octet_length({name}), ':', {name}")
                }
                Column::Bytes(name) => write!(
                    cells,
                    "{comma}CASE WHEN {name} IS NOT NULL THEN 2 * octet_length({name}) END, ':', hex({name})"
                ),
            }
            .expect("invariant: writing into a string cannot fail");
        }
        let rows = Self::Sqlite.text(sql);
        format!("SELECT coalesce(group_concat(concat({cells}), ''), '') FROM (\n{rows}\n)")
    }
}

/// The text with every number that stands behind `before` made larger by so much, and `after` in the place of `before`.
fn renumbered(text: &str, before: &str, after: &str, by: usize) -> String {
    let mut parts = text.split(before);
    let mut renumbered = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        match part[..part.len() - rest.len()].parse::<usize>() {
            Ok(number) => write!(renumbered, "{after}{}{rest}", number + by),
            Err(_) => write!(renumbered, "{before}{part}"),
        }
        .expect("invariant: writing into a string cannot fail");
    }
    renumbered
}
