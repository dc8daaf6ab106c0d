//! The few classes of characters that cleaning tells apart, by Unicode's general categories.

/// What a character is, as far as cleaning has to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// It prints, or is a plain space, a tab, a line feed or a carriage return.
    Plain,
    /// A space of another width (Zs).
    Space,
    /// A control character (Cc).
    Control,
    /// The zero-width joiner, which makes one emoji of several.
    Joiner,
    /// A format character (Cf), or a line or paragraph separator (Zl, Zp).
    Invisible,
    /// A private character (Co), or a code point that is never a character.
    Private,
}

/// The format characters (Cf) of Unicode 16.0 above U+00AD, the joiner among them; first and last of each range.
const FORMAT: [(char, char); 20] = [
    ('\u{0600}', '\u{0605}'),
    ('\u{061C}', '\u{061C}'),
    ('\u{06DD}', '\u{06DD}'),
    ('\u{070F}', '\u{070F}'),
    ('\u{0890}', '\u{0891}'),
    ('\u{08E2}', '\u{08E2}'),
    ('\u{180E}', '\u{180E}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{2064}'),
    ('\u{2066}', '\u{206F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FFF9}', '\u{FFFB}'),
    ('\u{110BD}', '\u{110BD}'),
    ('\u{110CD}', '\u{110CD}'),
    ('\u{13430}', '\u{1343F}'),
    ('\u{1BCA0}', '\u{1BCA3}'),
    ('\u{1D173}', '\u{1D17A}'),
    ('\u{E0001}', '\u{E0001}'),
    ('\u{E0020}', '\u{E007F}'),
];

/// The class of a character.
pub(super) fn class_of(character: char) -> Class {
    match character {
        ' '..='~' | '\t' | '\n' | '\r' | '\u{A0}' | '\u{3000}' => Class::Plain,
        '\u{200D}' => Class::Joiner,
        '\u{AD}' | '\u{2028}' | '\u{2029}' => Class::Invisible,
        _ if character.is_control() => Class::Control,
        _ if character.is_whitespace() => Class::Space,
        _ if is_format(character) => Class::Invisible,
        _ if is_private(character) => Class::Private,
        _ => Class::Plain,
    }
}

fn is_format(character: char) -> bool {
    character >= FORMAT[0].0 && FORMAT.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

fn is_private(character: char) -> bool {
    match character {
        '\u{E000}'..='\u{F8FF}' | '\u{F0000}'.. | '\u{FDD0}'..='\u{FDEF}' => true,
        // The last two of each plane.
        _ => u32::from(character) & 0xFFFE == 0xFFFE,
    }
}
