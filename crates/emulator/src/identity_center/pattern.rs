//! Paths with names in them: `/admin/tenants/{tenant}`.

use std::collections::BTreeMap;

use url::form_urlencoded;

/// The ids that a path has where the pattern has names; none: the path is another one.
pub(crate) fn ids(pattern: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    let mut ids = BTreeMap::new();
    let mut given = path.split('/');
    for expected in pattern.split('/') {
        let given = given.next()?;
        match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) if !given.is_empty() => {
                ids.insert(name, decoded(given));
            }
            Some(_) => return None,
            None if given == expected => {}
            None => return None,
        }
    }
    given.next().is_none().then_some(ids)
}

/// A part of a path without its percent signs.
fn decoded(part: &str) -> String {
    // What a query calls a space is a plus sign in a path.
    let part = part.replace('+', "%2B");
    form_urlencoded::parse(part.as_bytes()).map(|(name, _)| name.into_owned()).next().unwrap_or_default()
}
