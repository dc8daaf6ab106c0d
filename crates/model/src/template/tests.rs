use super::*;

#[test]
fn every_template_is_found_by_its_key() {
    for template in Template::all() {
        assert_eq!(Template::by_key(template.key).map(|found| found.name), Some(template.name));
    }
    assert!(Template::by_key("AWS").is_none());
}

#[test]
fn the_default_mapping_maps_what_the_design_says_and_everything_mandatory() {
    for template in Template::all() {
        let mapping = template.default_mapping();
        assert_eq!(mapping.unmapped(template), Vec::new(), "{}", template.key);
        mapping.compile(template).unwrap();
        let lines: Vec<String> = mapping.iter().map(ToString::to_string).collect();
        assert_eq!(lines, DEFAULT_MAPPING, "printing gives the text back");
    }
}

#[test]
fn no_attribute_is_listed_twice_and_active_is_never_mapped() {
    for template in Template::all() {
        for (position, attribute) in template.attributes.iter().enumerate() {
            assert!(
                !template.attributes[..position].iter().any(|other| other.path == attribute.path),
                "{}",
                attribute.path
            );
            assert!(!attribute.path.is("active"), "active is decided");
            assert!(!attribute.label.is_empty(), "{}", attribute.path);
        }
    }
}

#[test]
fn aws_asks_for_what_its_developer_guide_says() {
    let aws = Template::by_key("aws").unwrap();
    let mandatory: Vec<&str> = aws.mandatory().map(|attribute| attribute.path.as_str()).collect();
    assert_eq!(mandatory, ["userName", "name.givenName", "name.familyName", "displayName"]);
    let limits = |path: &str| {
        let attribute = aws.attribute(&AttributePath::parse(path).unwrap()).unwrap();
        (attribute.max_chars, attribute.white_space)
    };
    assert_eq!(limits("userName"), (Some(128), false));
    assert_eq!(limits("externalId"), (Some(256), false));
    assert_eq!(limits("displayName"), (Some(1024), true));
    assert!(aws.attributes.iter().all(|attribute| !attribute.multi_valued), "lists hold one element");
}
