//! Names as apps compare them.

use unicode_normalization::UnicodeNormalization;

/// The form in which two user names or addresses are compared: Unicode NFKC, then lower case.
///
/// Adoption and the search for conflicts use it, because a `userName` is not case-exact (RFC 7643 §4.1.1) and an app
/// may refuse as a duplicate what only looks different. Folding twice changes nothing.
pub fn fold(name: &str) -> String {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // Lower-casing may leave a text that composes again, hence the second normalization.
    name.nfkc().flat_map(char::to_lowercase).nfkc().collect()
}

#[cfg(test)]
mod tests;
