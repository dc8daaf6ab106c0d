use proptest::prelude::*;

use super::*;

/// What becomes of a text, and what is said of it.
fn clean(text: &str) -> (String, String) {
    let mut tally = Tally::default();
    let kept = cleaned(text, &mut tally).unwrap_or_else(|| text.to_owned());
    let attribute = AttributePath::parse("displayName").unwrap();
    (kept, Cleaned { attribute, tally }.to_string())
}

#[test]
fn what_nobody_sees_is_taken_out_and_counted_by_what_it_was() {
    let table = [
        ("Ada\u{7} Byron\u{0}", "Ada Byron", "2 control characters were taken out of displayName"),
        ("Ada\u{85}Byron", "AdaByron", "1 control character was taken out of displayName"),
        ("A\u{200B}da\u{FEFF}", "Ada", "2 invisible characters were taken out of displayName"),
        ("By\u{AD}ron", "Byron", "1 invisible character was taken out of displayName"),
        ("\u{202E}Ada\u{2069}", "Ada", "2 invisible characters were taken out of displayName"),
        ("Ada\u{2028}\u{2029}", "Ada", "2 invisible characters were taken out of displayName"),
        ("Ada \u{F8FF}", "Ada ", "1 private character was taken out of displayName"),
        ("Ada\u{2003}Byron", "Ada Byron", "1 special space of displayName became a plain one"),
        ("A\u{202F}B\u{2009}C", "A B C", "2 special spaces of displayName became plain ones"),
        (
            "A\u{1}\u{200B}\u{200D}\u{2003}",
            "A ",
            "1 control character, 1 joiner of emoji and 1 invisible character were taken out of displayName, and 1 special space became a plain one",
        ),
    ];
    for (text, kept, said) in table {
        assert_eq!(clean(text), (kept.to_owned(), said.to_owned()), "{text:?}");
    }
}

#[test]
fn an_emoji_made_of_several_falls_apart_and_a_plain_one_stays() {
    let family = "Ada 👩\u{200D}👩\u{200D}👧";
    let said = "2 joiners of emoji were taken out of displayName";
    assert_eq!(clean(family), ("Ada 👩👩👧".to_owned(), said.to_owned()));
    assert_eq!(clean("Ada 🚀 ❤\u{FE0F}"), ("Ada 🚀 ❤\u{FE0F}".to_owned(), String::new()));
}

#[test]
fn texts_are_brought_into_one_form_which_is_not_said() {
    assert_eq!(clean("Bjo\u{308}rn"), ("Bj\u{F6}rn".to_owned(), String::new()));
    // What stood between a letter and its mark is gone, and they join.
    assert_eq!(clean("o\u{200B}\u{308}").0, "\u{F6}");
}

#[test]
fn a_text_that_fits_is_not_copied() {
    let mut tally = Tally::default();
    for text in ["", "Ada Byron", "Zoë Müller-Łódź", "山田\u{3000}太郎", "a\tb\r\nc\u{A0}d", "O’Neill № 5"]
    {
        assert_eq!(cleaned(text, &mut tally), None, "{text:?}");
        assert_eq!(first_unfit(text), None, "{text:?}");
    }
    assert!(tally.is_empty());
}

#[test]
fn the_first_character_that_does_not_fit_is_named() {
    assert_eq!(first_unfit("a\u{200B}b\u{7}"), Some('\u{200B}'));
    assert_eq!(first_unfit("a\u{7F}"), Some('\u{7F}'));
}

proptest! {
    #[test]
    fn cleaning_twice_is_cleaning_once(text in any::<String>()) {
        let (once, _) = clean(&text);
        prop_assert_eq!(first_unfit(&once), None);
        let mut tally = Tally::default();
        prop_assert_eq!(cleaned(&once, &mut tally), None);
        prop_assert!(tally.is_empty());
    }
}
