//! The metadata of an identity provider, looked at as far as the console does: is it SAML metadata of a provider?
//!
//! Not here: an XML parser. Elements are balanced and named; what stands in certificates is nobody's concern here.

/// The most characters of metadata.
const MAX_CHARS: usize = 75_000;

/// Why metadata is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMetadata {
    /// Longer than the console takes.
    #[error("the metadata has {0} characters: AWS takes at most 75,000")]
    TooLong(usize),
    /// Not well-formed.
    #[error("the metadata is not well-formed XML: {0}")]
    NotXml(String),
    /// Well-formed, and something else.
    #[error("the metadata has no {0}: export the SAML metadata of the identity provider")]
    Missing(&'static str),
}

/// Checks metadata and gives the provider's entity id.
pub(crate) fn entity_id(xml: &str) -> Result<String, BadMetadata> {
    let n_chars = xml.chars().count();
    if n_chars > MAX_CHARS {
        return Err(BadMetadata::TooLong(n_chars));
    }
    let mut open: Vec<&str> = Vec::new();
    let (mut entity, mut has_provider, mut has_address) = (None, false, false);
    let mut has_root = false;
    let mut rest = xml.trim_start_matches('\u{feff}').trim();
    while let Some(start) = rest.find('<') {
        let between = rest.get(..start).unwrap_or_default();
        if open.is_empty() && !between.trim().is_empty() {
            return Err(BadMetadata::NotXml("there is text outside of the first element".to_owned()));
        }
        let (tag, after) = tag_at(rest.get(start..).unwrap_or_default())?;
        rest = after;
        let Tag::Element { name, attributes, kind } = tag else { continue };
        match kind {
            Kind::End => {
                if open.pop() != Some(name) {
                    return Err(BadMetadata::NotXml(format!("</{name}> closes what is not open")));
                }
                continue;
            }
            Kind::Start if open.is_empty() && has_root => {
                return Err(BadMetadata::NotXml("there is a second first element".to_owned()));
            }
            Kind::Start => open.push(name),
            Kind::Empty => {}
        }
        has_root = true;
        match name.rsplit(':').next().unwrap_or(name) {
            "EntityDescriptor" => entity = attribute(attributes, "entityID"),
            "IDPSSODescriptor" => has_provider = true,
            "SingleSignOnService" => has_address |= attribute(attributes, "Location").is_some(),
            _ => {}
        }
    }
    if let Some(name) = open.last() {
        return Err(BadMetadata::NotXml(format!("<{name}> is not closed")));
    }
    if !rest.trim().is_empty() || !has_root {
        return Err(BadMetadata::NotXml("there is text outside of the first element".to_owned()));
    }
    let entity = entity
        .filter(|entity| !entity.is_empty())
        .ok_or(BadMetadata::Missing("EntityDescriptor with entityID"))?;
    if !has_provider {
        return Err(BadMetadata::Missing("IDPSSODescriptor"));
    }
    if !has_address {
        return Err(BadMetadata::Missing("SingleSignOnService with Location"));
    }
    Ok(entity)
}

enum Tag<'a> {
    Element {
        name: &'a str,
        attributes: &'a str,
        kind: Kind,
    },
    /// A comment, a declaration, a processing instruction.
    Other,
}

enum Kind {
    Start,
    End,
    Empty,
}

/// The tag at the beginning of the text, and what follows it.
fn tag_at(text: &str) -> Result<(Tag<'_>, &str), BadMetadata> {
    let unended = |what: &str| BadMetadata::NotXml(format!("{what} does not end"));
    if let Some(comment) = text.strip_prefix("<!--") {
        let (_, rest) = comment.split_once("-->").ok_or_else(|| unended("a comment"))?;
        return Ok((Tag::Other, rest));
    }
    if let Some(instruction) = text.strip_prefix("<?") {
        let (_, rest) = instruction.split_once("?>").ok_or_else(|| unended("an instruction"))?;
        return Ok((Tag::Other, rest));
    }
    if text.starts_with("<!") {
        return Err(BadMetadata::NotXml("document types are refused".to_owned()));
    }
    let (inside, rest) =
        text.get(1..).and_then(|text| text.split_once('>')).ok_or_else(|| unended("a tag"))?;
    let (inside, kind) = match (inside.strip_prefix('/'), inside.strip_suffix('/')) {
        (Some(inside), _) => (inside, Kind::End),
        (None, Some(inside)) => (inside, Kind::Empty),
        (None, None) => (inside, Kind::Start),
    };
    let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || ":_-.".contains(c)) {
        return Err(BadMetadata::NotXml(format!(
            "`{}` is not a name",
            name.chars().take(40).collect::<String>()
        )));
    }
    Ok((Tag::Element { name, attributes, kind }, rest))
}

/// The value of an attribute of a tag.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, following) = after.get(1..)?.split_once(quote)?;
        if key.trim() == name {
            return Some(value.to_owned());
        }
        rest = following;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"<?xml version="1.0"?><!-- Google -->
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">
  <md:IDPSSODescriptor><md:SingleSignOnService Binding="b" Location="https://idp.example.com/sso"/></md:IDPSSODescriptor>
</md:EntityDescriptor>"#;

    #[test]
    fn metadata_of_a_provider_names_it() {
        assert_eq!(entity_id(GOOD), Ok("https://idp.example.com/saml".to_owned()));
    }

    #[test]
    fn what_is_not_metadata_is_refused_and_the_reason_says_why() {
        for (xml, reason) in [
            ("", "text outside"),
            ("metadata", "text outside"),
            ("<a>", "<a> is not closed"),
            ("<a></b>", "closes what is not open"),
            ("<a/>b", "text outside"),
            ("<a/><a></a><b>", "second first"),
            ("<!DOCTYPE a><a/>", "document types are refused"),
            ("<a/>", "no EntityDescriptor"),
            (
                r#"<EntityDescriptor entityID="x"><SPSSODescriptor/></EntityDescriptor>"#,
                "no IDPSSODescriptor",
            ),
            (
                r#"<EntityDescriptor entityID="x"><IDPSSODescriptor/></EntityDescriptor>"#,
                "no SingleSignOnService",
            ),
        ] {
            let refused = entity_id(xml).unwrap_err().to_string();
            assert!(refused.contains(reason), "{xml}: {refused}");
        }
        assert_eq!(entity_id(&"a".repeat(75_001)), Err(BadMetadata::TooLong(75_001)));
    }
}
