//! Other people's text, made fit for one line of an operator's terminal.

/// The longest text of a remote server that is passed on, in characters.
pub(crate) const MAX_REMOTE_TEXT_CHARS: usize = 300;

/// One bounded line: control and direction-changing characters become spaces,
/// runs of white space one space, and what is too long ends in `…`.
pub(crate) fn one_line(text: &str) -> String {
    let clean: String = text.chars().take(MAX_REMOTE_TEXT_CHARS * 8).map(visible).collect();
    let words = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= MAX_REMOTE_TEXT_CHARS {
        return words;
    }
    let mut short: String = words.chars().take(MAX_REMOTE_TEXT_CHARS - 1).collect();
    short.push('…');
    short
}

fn visible(character: char) -> char {
    let turns =
        matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if character.is_control() || turns { ' ' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remote_text_cannot_drive_a_terminal() {
        assert_eq!(one_line("a\u{1b}[31m\r\nb\u{202e}c"), "a [31m b c");
    }

    #[test]
    fn remote_text_is_bounded() {
        let line = one_line(&"é".repeat(10_000));
        assert_eq!(line.chars().count(), MAX_REMOTE_TEXT_CHARS);
        assert!(line.ends_with('…'));
    }
}
