//! Forms, as OAuth's endpoints take them (`application/x-www-form-urlencoded`). All that is in one is secret.

use secrecy::{ExposeSecret, SecretString};

/// The content type.
pub(crate) const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// A form's body.
pub(crate) fn encoded(fields: &[(&'static str, String)]) -> SecretString {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish().into()
}

/// A secret as a form spells it, so that an answer that repeats the form does not show it.
pub(crate) fn spelt(secret: &SecretString) -> SecretString {
    url::form_urlencoded::byte_serialize(secret.expose_secret().as_bytes()).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_spelt_as_in_the_form() {
        let secret = SecretString::from("a+b/c=".to_owned());
        let body = encoded(&[("subject_token", "a+b/c=".to_owned())]);
        assert!(body.expose_secret().contains(spelt(&secret).expose_secret()));
    }
}
