//! The SAML metadata of an identity provider (SAML 2.0 Metadata §2), read as far as the console does: is it metadata of a
//! provider, and whose?
//!
//! Not here: what stands in certificates, and signatures. The console shows neither, and nobody signs in here.

use roxmltree::{Document, Node};

/// The most characters of metadata.
const MAX_CHARS: usize = 75_000;
/// The namespace of SAML 2.0's metadata.
const SAML: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// What XML signatures call a certificate, and in which namespace.
const CERTIFICATE: (&str, &str) = ("http://www.w3.org/2000/09/xmldsig#", "X509Certificate");

/// Why metadata is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMetadata {
    /// Longer than the console takes.
    #[error("the metadata has {0} characters: AWS takes at most 75,000")]
    TooLong(usize),
    /// Not text.
    #[error("the file is not text in UTF-8: export the SAML metadata of the identity provider")]
    NotText,
    /// Not well-formed.
    #[error("the metadata is not well-formed XML: {0}")]
    NotXml(String),
    /// Well-formed, and something else.
    #[error("the metadata has no {0}: export the SAML metadata of the identity provider")]
    Missing(&'static str),
}

/// What is known of an identity provider from its metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its entity id, which the console calls the issuer URL.
    pub entity_id: String,
    /// Where people sign in.
    pub sign_in_url: String,
    /// How many certificates it names.
    pub n_certificates: usize,
}

impl Provider {
    /// Reads metadata.
    pub fn read(xml: &str) -> Result<Self, BadMetadata> {
        let n_chars = xml.chars().count();
        if n_chars > MAX_CHARS {
            return Err(BadMetadata::TooLong(n_chars));
        }
        let xml = xml.trim_start_matches('\u{feff}').trim();
        let document = Document::parse(xml).map_err(|error| BadMetadata::NotXml(error.to_string()))?;
        let root = document.root_element();
        let entity_id = root
            .has_tag_name((SAML, "EntityDescriptor"))
            .then(|| filled(root, "entityID"))
            .flatten()
            .ok_or(BadMetadata::Missing("EntityDescriptor with entityID"))?;
        let is_provider = |node: &Node<'_, '_>| node.has_tag_name((SAML, "IDPSSODescriptor"));
        let provider = root.children().find(is_provider).ok_or(BadMetadata::Missing("IDPSSODescriptor"))?;
        let mut services =
            provider.children().filter(|node| node.has_tag_name((SAML, "SingleSignOnService")));
        let sign_in_url = services
            .find_map(|service| filled(service, "Location"))
            .ok_or(BadMetadata::Missing("SingleSignOnService with Location"))?;
        let n_certificates = provider.descendants().filter(|node| node.has_tag_name(CERTIFICATE)).count();
        Ok(Self { entity_id, sign_in_url, n_certificates })
    }
}

/// The value of an attribute, unless there is nothing in it.
fn filled(node: Node<'_, '_>, attribute: &str) -> Option<String> {
    let value = node.attribute(attribute)?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"<?xml version="1.0"?><!-- Google -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">
  <md:IDPSSODescriptor>
    <md:KeyDescriptor><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>MIIC</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="b" Location="https://idp.example.com/sso?a=1&amp;b=2"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"#;

    #[test]
    fn metadata_of_a_provider_says_who_it_is_and_where_people_sign_in() {
        let provider = Provider {
            entity_id: "https://idp.example.com/saml".to_owned(),
            sign_in_url: "https://idp.example.com/sso?a=1&b=2".to_owned(),
            n_certificates: 1,
        };
        assert_eq!(Provider::read(GOOD), Ok(provider.clone()));
        assert_eq!(Provider::read(&format!("\u{feff}{GOOD}\n")), Ok(provider));
    }

    #[test]
    fn what_is_not_metadata_is_refused_and_the_reason_says_why() {
        let saml = |inside: &str| {
            format!(r#"<EntityDescriptor xmlns="{SAML}" entityID="x">{inside}</EntityDescriptor>"#)
        };
        for (xml, reason) in [
            ("", "not well-formed"),
            ("metadata", "not well-formed"),
            ("<a>", "not well-formed"),
            ("<a></b>", "not well-formed"),
            ("<a/>b", "not well-formed"),
            ("<a/><a/>", "not well-formed"),
            ("<!DOCTYPE a><a/>", "not well-formed"),
            ("<a/>", "no EntityDescriptor"),
            (r#"<EntityDescriptor entityID="no namespace"/>"#, "no EntityDescriptor"),
            (&saml("<SPSSODescriptor/>"), "no IDPSSODescriptor"),
            (&saml("<IDPSSODescriptor/>"), "no SingleSignOnService"),
            (
                &saml(r#"<IDPSSODescriptor><SingleSignOnService Location=""/></IDPSSODescriptor>"#),
                "no SingleSignOnService",
            ),
        ] {
            let refused = Provider::read(xml).unwrap_err().to_string();
            assert!(refused.contains(reason), "{xml}: {refused}");
        }
        assert_eq!(Provider::read(&"a".repeat(75_001)), Err(BadMetadata::TooLong(75_001)));
    }
}
