//! Forms, as OAuth's endpoints take them (`application/x-www-form-urlencoded`). All that is in one is secret.

use secrecy::SecretString;

/// The content type.
pub(crate) const CONTENT_TYPE: &str = "application/x-www-form-urlencoded";

/// A form's body.
pub(crate) fn encoded(fields: &[(&'static str, String)]) -> SecretString {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    form.finish().into()
}
