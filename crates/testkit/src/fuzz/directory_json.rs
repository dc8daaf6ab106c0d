//! Imports of JSON in the Directory API's form.

use super::import;

/// Checks one document.
pub fn check(input: &[u8]) {
    import::check("people.json", input);
}
