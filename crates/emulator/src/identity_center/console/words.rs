//! Instants, spans and numbers as pages show them.

use std::time::Duration;

use usher_model::time::Timestamp;

const DAY_SECONDS: u64 = 24 * 60 * 60;

/// An instant to the second, in UTC.
pub(super) fn instant(at: Timestamp) -> String {
    let text = at.to_string();
    let second = text.get(..19).map(|second| second.replace('T', " "));
    second.map_or(text, |second| format!("{second} UTC"))
}

/// A span in whole days.
pub(super) fn days(span: Duration) -> String {
    match span.as_secs() / DAY_SECONDS {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        n => format!("{n} days"),
    }
}

/// How many, with a comma after each three digits.
pub(super) fn number(n: impl TryInto<u64>) -> String {
    let digits = n.try_into().unwrap_or(u64::MAX).to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What is wrong, as a page says it: with a capital letter.
pub(super) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    first + chars.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_spans_and_numbers_are_read_at_a_glance() {
        let at = Timestamp::parse("2026-11-30T02:50:07.5Z").unwrap();
        assert_eq!(instant(at), "2026-11-30 02:50:07 UTC");
        assert_eq!(days(Duration::from_hours(23)), "less than a day");
        assert_eq!(days(Duration::from_hours(24)), "1 day");
        assert_eq!(days(Duration::from_hours(24 * 365)), "365 days");
        let numbers = [0, 999, 1_000, 1_234_567].map(|n: u64| number(n));
        assert_eq!(numbers, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_sentence_begins_with_a_capital_letter() {
        let said = ["type ACCEPT to confirm", "“Milliseconds” is not a whole number", ""].map(sentence);
        assert_eq!(said, ["Type ACCEPT to confirm", "“Milliseconds” is not a whole number", ""]);
    }
}
