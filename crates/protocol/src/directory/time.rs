//! Instants as the Directory API writes them: RFC 3339 (`creationTime` of a
//! user), or milliseconds since 1970 as a string (`creationTime` of a domain).

use jiff::Timestamp;
use serde_json::Value;

/// Reads an instant. `None` where the value is neither form.
pub fn read(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => parse(text),
        Value::Number(number) => Timestamp::from_millisecond(number.as_i64()?).ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Reads an instant from its text.
pub fn parse(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(milliseconds) => Timestamp::from_millisecond(milliseconds).ok(),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_the_same_instant() {
        let expected = Timestamp::from_second(1_600_000_000).ok();
        assert_eq!(parse("2020-09-13T12:26:40.000Z"), expected);
        assert_eq!(parse("1600000000000"), expected);
        assert_eq!(read(&1_600_000_000_000_i64.into()), expected);
    }

    #[test]
    fn anything_else_is_none() {
        for text in ["", "yesterday", "2020-09-13", "99999999999999999999", "9223372036854775807"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
