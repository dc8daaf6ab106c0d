//! What somebody else changed at the app since our last write.
//!
//! Three sides again: what we *sent*, what the app *returned* to it, and what an audit has *seen* since. Only what we
//! sent can drift: a value where we never wrote one is somebody's own, as it was before.

use super::Attributes;
use super::path::AttributePath;

/// The attributes that we sent and that the app shows otherwise than it returned them to our last write.
pub fn drifted(sent: &Attributes, returned: &Attributes, seen: &Attributes) -> Vec<AttributePath> {
    sent.paths().filter(|path| seen.get(path) != returned.get(path)).cloned().collect()
}

/// What we sent, as it would be if what was seen at these paths had been our own last write.
#[must_use]
pub fn as_if_sent(sent: &Attributes, drifted: &[AttributePath], seen: &Attributes) -> Attributes {
    let mut sent = sent.clone();
    for path in drifted {
        sent.remove(path);
        if let Some(value) = seen.get(path) {
            sent.insert(path.clone(), value.clone());
        }
    }
    sent
}

/// What the app returned to our own writes, once a write has shown `seen`: ours is remembered of the attributes that the
/// write was not about (`others`), so that what somebody else made of them can be told from what the app makes of our
/// values. The second value says whether any of them shows otherwise.
pub fn returned_despite(
    returned: &Attributes,
    others: &[AttributePath],
    seen: &Attributes,
) -> (Attributes, bool) {
    let mut ours = seen.clone();
    let mut is_drifted = false;
    for path in others {
        is_drifted |= seen.get(path) != returned.get(path);
        ours.remove(path);
        if let Some(value) = returned.get(path) {
            ours.insert(path.clone(), value.clone());
        }
    }
    (ours, is_drifted)
}

#[cfg(test)]
mod tests;
