//! Imports of CSV in the columns of Google's bulk upload.

use super::import;

/// Checks one table.
pub fn check(input: &[u8]) {
    import::check("people.csv", input);
}
