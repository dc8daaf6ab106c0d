//! Takes out of a text what an app would refuse and nobody would miss, and keeps count of it.
//!
//! What stays is AWS's class of free text: letters, marks, symbols, numbers, punctuation, tab, line feed, carriage
//! return, U+0020, U+00A0 and U+3000. Of the rest, special spaces become plain ones; control characters, format
//! characters (zero-width space and joiner, soft hyphen, marks of direction), line and paragraph separators and private
//! characters are taken out. An emoji made of several falls apart into them. What was never assigned is left to the
//! app, which may know a newer Unicode than we do.
//!
//! # Invariants
//!
//! 1. A text that needs nothing is not copied: a plan over a million people runs through here.
//! 2. Cleaning twice is cleaning once.
//! 3. Nothing is taken out unsaid ([`Cleaned`]). Form NFC is not said: it looks the same and means the same.

mod class;

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use self::class::{Class, class_of};
use crate::attribute::path::AttributePath;

/// What was done to the text of one attribute. Prints as a sentence, without its full stop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cleaned {
    /// The attribute.
    pub attribute: AttributePath,
    /// How many characters, by what they were.
    pub tally: Tally,
}

/// How many characters were taken out or replaced, by what they were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tally {
    /// Control characters that were taken out.
    pub controls: u32,
    /// Zero-width joiners that were taken out, as of emoji made of several.
    pub joiners: u32,
    /// Other characters that nobody sees, and that were taken out.
    pub invisibles: u32,
    /// Private characters that were taken out: they mean something to one font alone.
    pub privates: u32,
    /// Special spaces that became plain ones.
    pub spaces: u32,
}

impl Tally {
    /// Whether nothing was done.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn count(&mut self, class: Class) {
        let count = match class {
            Class::Plain => return,
            Class::Space => &mut self.spaces,
            Class::Control => &mut self.controls,
            Class::Joiner => &mut self.joiners,
            Class::Invisible => &mut self.invisibles,
            Class::Private => &mut self.privates,
        };
        *count = count.saturating_add(1);
    }
}

/// The text as the app takes it, or nothing where it is so already.
pub(super) fn cleaned(text: &str, tally: &mut Tally) -> Option<String> {
    if is_plain_ascii(text) || (first_unfit(text).is_none() && is_nfc(text)) {
        return None;
    }
    let kept = text.chars().filter_map(|character| {
        let class = class_of(character);
        tally.count(class);
        match class {
            Class::Plain => Some(character),
            Class::Space => Some(' '),
            Class::Control | Class::Joiner | Class::Invisible | Class::Private => None,
        }
    });
    Some(kept.nfc().collect())
}

/// The first character that cleaning would take out or replace.
pub(super) fn first_unfit(text: &str) -> Option<char> {
    if is_plain_ascii(text) {
        return None;
    }
    text.chars().find(|character| class_of(*character) != Class::Plain)
}

/// What nearly every text is.
fn is_plain_ascii(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'))
}

impl fmt::Display for Cleaned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { controls, joiners, invisibles, privates, spaces } = self.tally;
        let taken = [
            (controls, "control character"),
            (joiners, "joiner of emoji"),
            (invisibles, "invisible character"),
            (privates, "private character"),
        ];
        let taken: Vec<_> = taken.into_iter().filter(|(n, _)| *n > 0).collect();
        for (position, (n, what)) in taken.iter().enumerate() {
            let before = match position {
                0 => "",
                _ if position + 1 == taken.len() => " and ",
                _ => ", ",
            };
            write!(f, "{before}{}", counted(*n, what))?;
        }
        let n_taken: u32 = taken.iter().fold(0, |sum, (n, _)| sum.saturating_add(*n));
        if n_taken > 0 {
            write!(f, " {} taken out of {}", if n_taken == 1 { "was" } else { "were" }, self.attribute)?;
        }
        if spaces > 0 {
            let before = if n_taken > 0 { ", and " } else { "" };
            let plain = if spaces == 1 { "a plain one" } else { "plain ones" };
            let of = if n_taken > 0 { String::new() } else { format!(" of {}", self.attribute) };
            write!(f, "{before}{}{of} became {plain}", counted(spaces, "special space"))?;
        }
        Ok(())
    }
}

fn counted(n: u32, what: &str) -> String {
    match (n, what.split_once(" of ")) {
        (1, _) => format!("1 {what}"),
        (n, None) => format!("{n} {what}s"),
        (n, Some((what, of))) => format!("{n} {what}s of {of}"),
    }
}

#[cfg(test)]
mod tests;
