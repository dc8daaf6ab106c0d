//! Who is signed in at the provider.

/// Somebody who is signed in at the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The provider's immutable id of them.
    pub subject: String,
    /// Their address; none: it is not told.
    pub email: Option<String>,
    /// Whether the provider vouches for the address.
    pub is_verified: bool,
    /// The domain of their organisation, as Google says it.
    pub hosted_domain: Option<String>,
}

impl Person {
    /// Somebody whose address is verified, and who belongs to no organisation.
    pub fn new(subject: &str, email: &str) -> Self {
        Self {
            subject: subject.to_owned(),
            email: Some(email.to_owned()),
            is_verified: true,
            hosted_domain: None,
        }
    }
}
