//! What things are called: ids that cannot be mixed up, and addresses.
//!
//! A user's key is the directory's immutable id, never the address: addresses
//! are renamed, swapped and recycled. A remote id is the app's and opaque.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the id as it was given; ids are opaque and never interpreted.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A directory's immutable id of a user (Google: 21 digits). Never an address.
    UserId
}
text_id! {
    /// A directory's immutable id of a group.
    GroupId
}
text_id! {
    /// The app's own id of an account (`id` of RFC 7643 §3.1). Opaque: some apps use e-mail addresses.
    RemoteId
}
text_id! {
    /// Usher's id of an app.
    AppId
}
text_id! {
    /// Usher's id of a directory.
    DirectoryId
}
text_id! {
    /// Usher's id of a run.
    RunId
}
text_id! {
    /// Usher's id of a hold.
    HoldId
}
text_id! {
    /// Usher's id of somebody who may sign in to its console.
    AdminId
}

/// An e-mail address, in lower case, as Google's directory keeps it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Email(String);

/// A text that cannot be an e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an e-mail address: it needs a name, an @ and a domain, and no white space")]
pub struct NotAnEmail(String);

/// The longest address, in characters (RFC 5321 §4.5.3.1.3, less the angle brackets).
const EMAIL_MAX_CHARS: usize = 254;

impl Email {
    /// Reads an address and brings it to lower case.
    ///
    /// Deliverability is not judged: what a directory calls an address is one, if it has the shape.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let refuse = || NotAnEmail(text.chars().filter(|c| !c.is_control()).take(80).collect());
        let (name, domain) = text.rsplit_once('@').ok_or_else(refuse)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control();
        if name.is_empty() || domain.is_empty() || !text.chars().all(plain) || domain.contains('@') {
            return Err(refuse());
        }
        if text.chars().count() > EMAIL_MAX_CHARS {
            return Err(refuse());
        }
        Ok(Self(text.to_lowercase()))
    }

    /// The address in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the last @.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_compare_without_case() {
        assert_eq!(Email::parse("Ada@Example.com"), Email::parse("ada@example.COM"));
        assert_eq!(Email::parse("ada@example.com").unwrap().domain(), "example.com");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "ada", "@example.com", "ada@", "a da@example.com", "ada@example.com\n"] {
            assert!(Email::parse(text).is_err(), "{text:?}");
        }
    }
}
