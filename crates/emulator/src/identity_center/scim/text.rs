//! Which texts are taken: the character classes and lengths of Identity Center.

use std::sync::LazyLock;

use regex::Regex;

/// A class of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// Letters, marks, symbols, numbers, punctuation, and white space of the plain kind.
    Free,
    /// The same without white space.
    Solid,
}

static FREE: LazyLock<Regex> =
    LazyLock::new(|| class(r"\A[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r\u{20}\u{a0}\u{3000}]*\z"));
static SOLID: LazyLock<Regex> = LazyLock::new(|| class(r"\A[\p{L}\p{M}\p{S}\p{N}\p{P}]*\z"));

fn class(pattern: &str) -> Regex {
    Regex::new(pattern).expect("invariant: the classes are well-formed")
}

impl Text {
    /// Whether every character is of the class.
    pub(crate) fn holds(self, text: &str) -> bool {
        // Nearly every text is of printable ASCII, and the expressions cost more than that.
        match self {
            Self::Free => text.bytes().all(|byte| matches!(byte, b' '..=b'~')) || FREE.is_match(text),
            Self::Solid => text.bytes().all(|byte| byte.is_ascii_graphic()) || SOLID.is_match(text),
        }
    }

    /// The pattern, as AWS's messages show it.
    pub(crate) fn pattern(self) -> &'static str {
        match self {
            Self::Free => r"[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r \u00A0\u3000]+",
            Self::Solid => r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_white_space_is_free_text_and_never_solid() {
        for text in ["a b", "a\tb", "a\nb", "a\rb", "a\u{a0}b", "a\u{3000}b"] {
            assert!(Text::Free.holds(text), "{text:?}");
            assert!(!Text::Solid.holds(text), "{text:?}");
        }
    }

    #[test]
    fn control_format_and_other_white_space_characters_are_in_no_class() {
        let refused = [
            '\0', '\u{b}', '\u{1b}', '\u{7f}', '\u{85}', '\u{ad}', '\u{200b}', '\u{200d}', '\u{feff}',
            '\u{2028}', '\u{2029}', '\u{2003}', '\u{202f}', '\u{e000}', '\u{378}',
        ];
        for c in refused {
            for class in [Text::Free, Text::Solid] {
                assert!(!class.holds(&format!("a{c}")), "{c:?} {class:?}");
            }
        }
    }

    #[test]
    fn letters_of_any_script_marks_symbols_numbers_and_plain_emoji_pass() {
        for text in ["Ada", "Åsa", "田中", "e\u{301}", "½", "€", "<>;:%", "🎉", "o'neill+x@example.com"]
        {
            assert!(Text::Solid.holds(text), "{text:?}");
        }
        assert!(!Text::Free.holds("👩\u{200d}💻"), "a joined emoji holds a format character");
    }
}
