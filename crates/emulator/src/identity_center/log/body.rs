//! What the log keeps of a body: its beginning, as text, without passwords.

use serde_json::Value;

/// The most characters of a body.
const MAX_CHARS: usize = 4_000;
/// Said in the place of a password.
const HIDDEN: &str = "(not kept)";
/// Said in the place of a body that could not be read and may have a password in it.
const NOT_KEPT: &str = "(not kept: it is no JSON, and names a password)";

/// A body as the log keeps it; none: there was none.
pub(crate) fn kept(body: &[u8]) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let text = String::from_utf8_lossy(body);
    let text = if text.to_ascii_lowercase().contains("password") {
        match serde_json::from_str(&text) {
            Ok(json) => without_passwords(json).to_string(),
            Err(_) => NOT_KEPT.to_owned(),
        }
    } else {
        text.into_owned()
    };
    Some(match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    })
}

/// The same with something else in the place of each password, and of what a PATCH makes one.
fn without_passwords(json: Value) -> Value {
    match json {
        Value::Object(mut object) => {
            let is_path = |path: &Value| path.as_str().is_some_and(is_password);
            if object.get("path").is_some_and(is_path) {
                object.insert("value".to_owned(), HIDDEN.into());
            }
            let hidden = |(name, value): (String, Value)| {
                let value = if is_password(&name) { HIDDEN.into() } else { without_passwords(value) };
                (name, value)
            };
            Value::Object(object.into_iter().map(hidden).collect())
        }
        Value::Array(list) => list.into_iter().map(without_passwords).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => json,
    }
}

fn is_password(name: &str) -> bool {
    name.to_ascii_lowercase().contains("password")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_as_it_came_and_a_long_one_is_cut() {
        assert_eq!(kept(b""), None);
        assert_eq!(kept(br#"{"a" : 1}"#).as_deref(), Some(r#"{"a" : 1}"#));
        let long = kept("é".repeat(5_000).as_bytes()).unwrap();
        assert_eq!(long.chars().count(), 4_001);
    }

    #[test]
    fn no_password_is_kept_wherever_it_stands() {
        for body in [
            r#"{"userName": "ada", "password": "s3cret"}"#,
            r#"{"Operations": [{"op": "replace", "path": "password", "value": "s3cret"}]}"#,
            r#"{"Operations": [{"op": "replace", "value": {"Password": "s3cret"}}]}"#,
            r#"{"password": "s3cret""#,
        ] {
            assert!(!kept(body.as_bytes()).unwrap().contains("s3cret"), "{body}");
        }
    }
}
