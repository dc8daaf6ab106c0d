//! What is around every page: its title, who is signed in, where in the console it is.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use usher_model::admin::{Right, Role};
use usher_model::time::Timestamp;
use usher_store::event::EventKind;

use crate::failure::Failure;
use crate::session::Signed;

/// A place of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Apps,
    Admins,
    AuditLog,
    Account,
    Users,
    Groups,
    Units,
    Directories,
}

/// What is around a page.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) title: String,
    pub(crate) email: String,
    pub(crate) role: Role,
    /// What forms carry.
    pub(crate) token: String,
    pub(crate) place: Place,
}

impl Frame {
    pub(crate) fn new(signed: &Signed, place: Place, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            email: signed.email.to_string(),
            role: signed.role,
            token: signed.form_token(),
            place,
        }
    }

    pub(crate) fn is_at(&self, place: Place) -> bool {
        self.place == place
    }

    /// Whether they may release holds, retry and run.
    pub(crate) fn operates(&self) -> bool {
        self.role.has(Right::Operate)
    }

    pub(crate) fn configures(&self) -> bool {
        self.role.has(Right::Configure)
    }

    #[cfg(test)]
    pub(crate) fn sample(kind: crate::sample::Sample, place: Place, title: &str) -> Self {
        let email = kind.address("ada@example.com");
        Self { title: title.to_owned(), email, role: Role::SuperAdmin, token: "token".to_owned(), place }
    }

    /// The same around what somebody sees who may change nothing.
    #[cfg(test)]
    pub(crate) fn of_auditor(self) -> Self {
        Self { role: Role::Auditor, ..self }
    }
}

/// A page.
pub(crate) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        // The page of a failure says nothing that could fail.
        Err(error) => Failure::internal(error).into_response(),
    }
}

/// A number with its thousands set apart.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number with what it counts.
pub(crate) fn number_of(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// Whether a character turns the direction of writing of what stands after it (Unicode TR9 §2.1, §2.4), so that a name could pass
/// for another one.
pub(crate) fn is_turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What is said of a name that has one.
pub(crate) const TURNED: &str = "There is an invisible character in this that turns the direction of writing (such as U+202E): \
                                 type it without.";

/// A text in which such a character is written out.
pub(crate) fn unturned(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars() {
        if is_turning(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A sentence of a program: with a capital letter, unless it begins with a name such as `userName`, and a full stop, unless it
/// ends as a question does.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim_end_matches('.');
    let end = if text.ends_with(['?', '!', '…']) { "" } else { "." };
    let first = text.split(' ').next().unwrap_or_default();
    if !first.chars().all(|c| c.is_lowercase() || matches!(c, ',' | ':' | ';' | '-')) {
        return format!("{text}{end}");
    }
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}{end}", chars.as_str())
}

/// What happened to an account, as Google calls it; adoptions are ours.
pub(crate) fn event_name(kind: EventKind) -> &'static str {
    kind.google_name().unwrap_or("Adopt User")
}

/// An instant as pages show it: to the minute, in UTC.
pub(crate) fn instant(at: Timestamp) -> String {
    at.minute()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_begins_with_a_capital_letter_and_names_stay_as_they_are() {
        let said = [
            "the app is off",
            "name.familyName is empty.",
            "userName is taken",
            "3 are held",
            "did you mean it?",
        ]
        .map(sentence);
        assert_eq!(
            said,
            [
                "The app is off.",
                "name.familyName is empty.",
                "userName is taken.",
                "3 are held.",
                "Did you mean it?"
            ]
        );
    }

    #[test]
    fn what_turns_the_direction_of_writing_is_written_out() {
        assert_eq!(unturned("Ada \u{202e}norj\u{2069} דנה"), "Ada \\u{202e}norj\\u{2069} דנה");
        assert!(!['\u{200e}', '\u{200f}', 'א', ' '].into_iter().any(is_turning));
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn instants_are_shown_to_the_minute() {
        let at = Timestamp::parse("2026-11-30T02:50:07.5Z").unwrap();
        assert_eq!(instant(at), "2026-11-30 02:50 UTC");
    }
}
