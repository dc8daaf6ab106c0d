//! The few filters that AWS knows: `eq`, and `and` in one form for users and one for groups.

use crate::identity_center::scim::refusal::{BAD_FILTER, Refusal};

/// A filter of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UserFilter {
    UserName(String),
    ExternalId(String),
    Id(String),
    Group(String),
    IdAndManager { id: String, manager: String },
}

/// A filter of groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GroupFilter {
    DisplayName(String),
    ExternalId(String),
    Id(String),
    Member(String),
    IdAndMember { id: String, member: String },
}

type Term = (String, String);

impl UserFilter {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let (first, second) = terms(text)?;
        match (first.0.as_str(), first.1, second) {
            ("username", value, None) => Ok(Self::UserName(value)),
            ("externalid", value, None) => Ok(Self::ExternalId(value)),
            ("id", value, None) => Ok(Self::Id(value)),
            ("groups.value", value, None) => Ok(Self::Group(value)),
            ("id", id, Some((name, manager))) if name == "manager" => Ok(Self::IdAndManager { id, manager }),
            ("manager", manager, Some((name, id))) if name == "id" => Ok(Self::IdAndManager { id, manager }),
            _ => Err(Refusal::bad_request(BAD_FILTER)),
        }
    }
}

impl GroupFilter {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let (first, second) = terms(text)?;
        match (first.0.as_str(), first.1, second) {
            ("displayname", value, None) => Ok(Self::DisplayName(value)),
            ("externalid", value, None) => Ok(Self::ExternalId(value)),
            ("id", value, None) => Ok(Self::Id(value)),
            ("members.value", value, None) => Ok(Self::Member(value)),
            // The list of filters says `member`, the example of a request `members`.
            ("id", id, Some((name, member))) if is_member(&name) => Ok(Self::IdAndMember { id, member }),
            (name, member, Some((id_name, id))) if is_member(name) && id_name == "id" => {
                Ok(Self::IdAndMember { id, member })
            }
            _ => Err(Refusal::bad_request(BAD_FILTER)),
        }
    }
}

fn is_member(name: &str) -> bool {
    matches!(name, "member" | "members")
}

/// One or two terms, names in lower case. An empty value is refused in general words, whatever it is of.
fn terms(text: &str) -> Result<(Term, Option<Term>), Refusal> {
    let bad = || Refusal::bad_request(BAD_FILTER);
    let (first, rest) = term(text.trim()).ok_or_else(bad)?;
    let second = if rest.is_empty() {
        None
    } else {
        let (and, rest) = rest.split_once(char::is_whitespace).ok_or_else(bad)?;
        let (second, rest) =
            term(rest.trim_start()).filter(|_| and.eq_ignore_ascii_case("and")).ok_or_else(bad)?;
        if !rest.is_empty() {
            return Err(bad());
        }
        Some(second)
    };
    let is_empty = first.1.is_empty() || second.as_ref().is_some_and(|second| second.1.is_empty());
    if is_empty { Err(Refusal::unparsable()) } else { Ok((first, second)) }
}

/// `attribute eq "value"`, and what follows it.
fn term(text: &str) -> Option<(Term, &str)> {
    let (name, rest) = text.split_once(char::is_whitespace)?;
    let (operator, rest) = rest.trim_start().split_once(char::is_whitespace)?;
    if !operator.eq_ignore_ascii_case("eq") {
        return None;
    }
    let rest = rest.trim_start();
    let end = end_of_text(rest)?;
    let value: String = serde_json::from_str(rest.get(..end)?).ok()?;
    let rest = rest.get(end..)?;
    if !rest.is_empty() && !rest.starts_with(char::is_whitespace) {
        return None;
    }
    Some(((name.to_ascii_lowercase(), value), rest.trim()))
}

/// Where a quoted text ends; a backslash takes the next character along.
pub(crate) fn end_of_text(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    let mut characters = text.char_indices();
    characters.next().filter(|(_, c)| *c == '"')?;
    for (at, c) in characters {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> UserFilter {
        UserFilter::IdAndManager { id: "i".to_owned(), manager: "m".to_owned() }
    }

    #[test]
    fn the_documented_filters_are_read() {
        let user = |text: &str| UserFilter::parse(text).unwrap();
        assert_eq!(user(r#"userName eq "a@b""#), UserFilter::UserName("a@b".to_owned()));
        assert_eq!(user(r#"USERNAME EQ "a \"b\" and c""#), UserFilter::UserName(r#"a "b" and c"#.to_owned()));
        assert_eq!(user(r#"externalId eq "1""#), UserFilter::ExternalId("1".to_owned()));
        assert_eq!(user(r#"groups.value eq "g""#), UserFilter::Group("g".to_owned()));
        assert_eq!(user(r#"id eq "i" and manager eq "m""#), pair());
        assert_eq!(user(r#"manager eq "m" and id eq "i""#), pair());
        let group = |text: &str| GroupFilter::parse(text).unwrap();
        let member = || GroupFilter::IdAndMember { id: "g".to_owned(), member: "u".to_owned() };
        assert_eq!(group(r#"displayName eq "Dev Ops""#), GroupFilter::DisplayName("Dev Ops".to_owned()));
        assert_eq!(group(r#"members.value eq "u""#), GroupFilter::Member("u".to_owned()));
        for text in [
            r#"id eq "g" and members eq "u""#,
            r#"id eq "g" and member eq "u""#,
            r#"members eq "u" and id eq "g""#,
        ] {
            assert_eq!(group(text), member(), "{text}");
        }
    }

    #[test]
    fn every_other_filter_is_refused_in_the_documented_words() {
        for text in [
            "",
            "userName",
            r"userName pr",
            r#"userName co "a""#,
            r"userName eq a",
            r#"userName eq "a"#,
            r#"userName eq "a"b"#,
            r#"emails.value eq "a""#,
            r#"active eq "true""#,
            r"active eq true",
            r#"userName eq "a" or userName eq "b""#,
            r#"userName eq "a" and externalId eq "b""#,
            r#"id eq "a" and manager eq "b" and id eq "c""#,
            r#"members eq "u""#,
        ] {
            assert_eq!(UserFilter::parse(text), Err(Refusal::bad_request("Invalid Filter format")), "{text}");
            assert_eq!(
                GroupFilter::parse(text),
                Err(Refusal::bad_request("Invalid Filter format")),
                "{text}"
            );
        }
    }

    #[test]
    fn an_empty_value_is_refused_in_general_words() {
        assert_eq!(GroupFilter::parse(r#"id eq "g" and members eq """#), Err(Refusal::unparsable()));
        assert_eq!(UserFilter::parse(r#"userName eq """#), Err(Refusal::unparsable()));
    }
}
