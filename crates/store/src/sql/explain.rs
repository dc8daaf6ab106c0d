//! How SQLite would go about a statement. Its choices do not depend on what the tables hold, because nobody gathers
//! statistics of them.

use std::fmt::Write;

use super::{Column, Dialect};
use crate::db::Db;

/// The steps that SQLite takes for a statement, or for a page of it, one a line.
pub(crate) async fn explain(sql: &'static str, page: Option<&[Column]>) -> String {
    let home = Db::Sqlite.fresh().await;
    let store = home.open().await;
    let mut tx = store.read("tests::explain").await.unwrap();
    let text = match page {
        Some(columns) => Dialect::sqlite_page(sql, columns),
        None => Dialect::Sqlite.text(sql).into_owned(),
    };
    let text: &'static str = format!("-- tests::explain\nEXPLAIN QUERY PLAN\n{text}").leak();
    let mut steps = String::new();
    for row in tx.rows(text, &[]).await.unwrap() {
        writeln!(steps, "{}", row.text("detail").unwrap()).unwrap();
    }
    steps
}

/// Asserts that a statement reads no table as a whole, nor all of an app or a directory.
pub(crate) async fn assert_reads_by_key(sql: &'static str, page: Option<&[Column]>) {
    let steps = explain(sql, page).await;
    let is_whole = |step: &str| {
        let all_of_one = ["(app=?)", "(directory=?)"].iter().any(|key| step.contains(key));
        // A list that is given, or the rows of another step.
        let is_made =
            ["jsonb_each", "(subquery", "page", "found", "leaving", "of_directory", "on_record", "who"];
        let scans =
            step.strip_prefix("SCAN ").is_some_and(|what| !is_made.iter().any(|made| what.starts_with(made)));
        all_of_one || scans || step.contains("AUTOMATIC")
    };
    let whole: Vec<&str> = steps.lines().filter(|step| is_whole(step)).collect();
    assert!(whole.is_empty(), "{whole:#?} of\n{sql}\n{steps}");
}
