//! The shortest row of ops that still breaks a rule.

use super::op::Op;
use super::{Ground, Play, Played};

/// How often a row is played at most to make it shorter.
const AT_MOST: usize = 4_000;

/// Leaves ops out, many at once and then one by one, as long as a rule stays broken; and what that came to.
pub async fn shrink(ground: &Ground, play: &Play) -> (Play, Played) {
    let mut least = play.clone();
    let mut played = least.play(ground).await;
    let (mut n_plays, mut length) = (0, (least.ops.len() / 2).max(1));
    while played.broken.is_some() && n_plays < AT_MOST {
        let mut at = 0;
        let mut is_shorter = false;
        while at < least.ops.len() && n_plays < AT_MOST {
            let mut ops = least.ops.clone();
            ops.drain(at..(at + length).min(ops.len()));
            let shorter = Play { seed: least.seed, ops };
            n_plays += 1;
            let again = shorter.play(ground).await;
            if is_alike(&played, &again) {
                (least, played, is_shorter) = (shorter, again, true);
            } else {
                at += length;
            }
        }
        if length > 1 {
            length /= 2;
        } else if !is_shorter {
            break;
        }
    }
    (least, played)
}

/// Whether the same is wrong: by the first words, for ids and numbers differ.
fn is_alike(one: &Played, other: &Played) -> bool {
    let words = |played: &Played| played.broken.as_ref().map(|broken| kind(broken));
    words(one) == words(other)
}

/// What a broken rule is told by, without names and numbers.
pub fn kind(broken: &str) -> String {
    let first = broken.lines().next().unwrap_or_default();
    let first = first.split(" should be ").next().unwrap_or_default();
    let words = first.split_whitespace().filter(|word| !word.chars().any(|letter| letter.is_ascii_digit()));
    words.take(12).collect::<Vec<_>>().join(" ")
}

/// The fields of ops whose values are cases of a type, which `Debug` does not name.
const TYPES: [(&str, &str); 10] = [
    ("request", "Request"),
    ("fate", "Fate"),
    ("listing", "Listing"),
    ("policy", "Drifts"),
    ("hand", "Hand"),
    ("does", "GroupHand"),
    ("which", "Which"),
    ("fault", "Fault"),
    ("on", "On"),
    ("when", "When"),
];

fn named(op: &Op) -> String {
    let mut text = format!("Op::{op:?}").replace("span: ", "span: Span::");
    for (field, kind) in TYPES {
        let before = format!(" {field}: ");
        let mut parts = text.split(&before);
        let mut named = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let is_case = part.starts_with(|letter: char| letter.is_ascii_uppercase());
            let of = if is_case { format!("{kind}::") } else { String::new() };
            named.extend([before.as_str(), of.as_str(), part]);
        }
        text = named;
    }
    text
}

/// A play as it can be pasted among the reproductions.
pub fn literal(play: &Play) -> String {
    let ops: Vec<_> = play.ops.iter().map(|op| format!("            {},\n", named(op))).collect();
    format!("Play {{\n        seed: {},\n        ops: vec![\n{}        ],\n    }}", play.seed, ops.concat())
}
