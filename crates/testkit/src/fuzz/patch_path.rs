//! Paths, as PATCH requests name what they change and as mappings name what they fill.
//!
//! What is read prints to a text that reads as the same; and every path of a mapping is one of a PATCH request, about
//! the same attribute, because the engine writes it into one.

use usher_model::attribute::path::AttributePath as MappedPath;
use usher_protocol::scim::path::PatchPath;

/// Checks one path.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    if let Ok(path) = PatchPath::parse(text) {
        assert_eq!(PatchPath::parse(&path.to_string()).as_ref(), Ok(&path), "printed and read again");
    }
    if let Ok(path) = MappedPath::parse(text) {
        check_mapped(&path);
    }
}

fn check_mapped(path: &MappedPath) {
    let again = MappedPath::parse(path.as_str());
    assert_eq!(again.as_ref().map(MappedPath::as_str), Ok(path.as_str()), "printed and read again");
    let written = match PatchPath::parse(path.as_str()) {
        Ok(written) => written,
        Err(error) => panic!("{path} is a path of a mapping and not of a PATCH: {error}"),
    };
    assert_eq!(written.to_string(), path.as_str(), "a PATCH names the attribute as the mapping does");
    assert_eq!(written.attribute().name(), path.attribute(), "and both are about the same");
    let sub = match &written {
        PatchPath::Attribute(attribute) => attribute.sub_attribute(),
        PatchPath::Values { sub_attribute, .. } => sub_attribute.as_deref(),
    };
    assert_eq!(sub, path.sub(), "and about the same part of it");

    let Ok(folded) = MappedPath::parse(&path.as_str().to_lowercase()) else { return };
    if folded == *path {
        assert!(
            folded.same_attribute(path) && folded.overlaps(path),
            "equal paths are of one attribute: {path}"
        );
        assert_eq!(folded.same_entry(path), path.entry_type().is_some(), "and of one entry: {path}");
    }
}
