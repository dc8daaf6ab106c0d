use proptest::prelude::*;
use serde_json::json;

use super::schema::{AttributeKind, Mutability, Returned, Schema, Uniqueness};
use super::*;
use crate::scim::characteristics;

/// As IAM Identity Center documents it.
fn aws() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "documentationUri": "https://docs.aws.amazon.com/singlesignon/latest/userguide/manage-your-identity-source-idp.html",
        "authenticationSchemes": [{"type": "oauthbearertoken", "name": "OAuth Bearer Token", "primary": true}],
        "patch": {"supported": true},
        "bulk": {"supported": false, "maxOperations": 1, "maxPayloadSize": 1_048_576},
        "filter": {"supported": true, "maxResults": 50},
        "changePassword": {"supported": false},
        "sort": {"supported": false},
        "etag": {"supported": false}
    })
}

#[test]
fn awss_configuration_says_nothing_of_paging() {
    let config = ServiceProviderConfig::read(&aws()).unwrap();
    assert_eq!(
        config,
        ServiceProviderConfig {
            patch: true,
            filter: true,
            filter_max_results: Some(50),
            ..ServiceProviderConfig::default()
        }
    );
}

#[test]
fn the_pagination_of_rfc_9865_is_read() {
    let mut body = aws();
    body["pagination"] = json!({
        "cursor": true, "index": true, "defaultPaginationMethod": "cursor",
        "defaultPageSize": 100, "maxPageSize": 250, "cursorTimeout": 3600
    });
    let config = ServiceProviderConfig::read(&body).unwrap();
    let pagination = config.pagination.clone().unwrap();
    assert!(pagination.cursor && pagination.index);
    assert_eq!(pagination.default_pagination_method.as_deref(), Some("cursor"));
    assert_eq!(pagination.max_page_size, Some(250));
    assert_eq!(ServiceProviderConfig::read(&config.to_json()), Ok(config));
}

#[test]
fn something_else_is_not_a_configuration_without_features() {
    for body in [json!({}), json!([]), json!({"patch": true}), json!({"error": "no"})] {
        assert!(ServiceProviderConfig::read(&body).is_err(), "{body}");
    }
}

#[test]
fn a_resource_type_reads_as_it_was_written() {
    let user = ResourceType {
        name: "User".to_owned(),
        endpoint: "/Users".to_owned(),
        schema: crate::scim::USER_SCHEMA.to_owned(),
        schema_extensions: vec![(crate::scim::ENTERPRISE_USER_SCHEMA.to_owned(), true)],
    };
    assert_eq!(ResourceType::read(&user.to_json()), Ok(user));
    assert!(ResourceType::read(&json!({"name": "User"})).is_err());
}

#[test]
fn the_core_schemas_are_those_of_the_rfc() {
    let user = core_schemas::user();
    let names: Vec<_> = user.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "userName",
            "name",
            "displayName",
            "nickName",
            "profileUrl",
            "title",
            "userType",
            "preferredLanguage",
            "locale",
            "timezone",
            "active",
            "password",
            "emails",
            "phoneNumbers",
            "ims",
            "photos",
            "addresses",
            "groups",
            "entitlements",
            "roles",
            "x509Certificates",
        ]
    );
    let user_name = user.attribute("username").unwrap();
    assert!(user_name.required && !user_name.case_exact);
    assert_eq!(user_name.uniqueness, Uniqueness::Server);
    assert_eq!(user.attribute("active").unwrap().kind, AttributeKind::Boolean);
    assert_eq!(user.attribute("password").unwrap().returned, Returned::Never);
    assert_eq!(user.attribute("groups").unwrap().mutability, Mutability::ReadOnly);
    assert_eq!(user.attribute("emails.type").unwrap().canonical_values, ["work", "home", "other"]);
    let group = core_schemas::group();
    assert_eq!(group.attribute("members.value").unwrap().mutability, Mutability::Immutable);
    let manager = core_schemas::enterprise_user();
    assert_eq!(manager.attribute("manager.$ref").unwrap().reference_types, ["User"]);
    assert_eq!(manager.attributes.len(), 6);
}

#[test]
fn what_we_know_of_attributes_agrees_with_the_core_schemas() {
    for schema in [core_schemas::user(), core_schemas::group(), core_schemas::enterprise_user()] {
        for attribute in &schema.attributes {
            assert_eq!(
                characteristics::multi_valued(&attribute.name),
                attribute.multi_valued,
                "{}",
                attribute.name
            );
            assert_eq!(
                characteristics::boolean(None, &attribute.name),
                attribute.kind == AttributeKind::Boolean,
                "{}",
                attribute.name
            );
            for part in &attribute.sub_attributes {
                let boolean = characteristics::boolean(Some(&attribute.name), &part.name);
                assert_eq!(boolean, part.kind == AttributeKind::Boolean, "{}.{}", attribute.name, part.name);
            }
        }
    }
}

#[test]
fn schemas_read_as_they_were_written() {
    for schema in [core_schemas::user(), core_schemas::group(), core_schemas::enterprise_user()] {
        assert_eq!(Schema::read(&schema.to_json()), Ok(schema));
    }
}

#[test]
fn unknown_keywords_take_the_rfcs_default() {
    let schema = Schema::read(&json!({"id": "urn:x", "attributes": [
        {"name": "a", "type": "thing", "mutability": "READONLY", "multiValued": "true"}, {"type": "string"}]}));
    let schema = schema.unwrap();
    assert_eq!(schema.attributes.len(), 1);
    assert_eq!(schema.attributes[0].kind, AttributeKind::String);
    assert_eq!(schema.attributes[0].mutability, Mutability::ReadOnly);
    assert!(schema.attributes[0].multi_valued);
}

/// JSON whose names are those that the readers look for, with anything in them.
fn body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 5, |inner| {
        let names = [
            "id",
            "name",
            "attributes",
            "subAttributes",
            "type",
            "multiValued",
            "patch",
            "filter",
            "maxResults",
            "supported",
            "pagination",
            "cursor",
            "endpoint",
            "schema",
            "schemaExtensions",
            "required",
        ];
        let name = proptest::sample::select(names.to_vec()).prop_map(str::to_owned);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..5)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_and_read_the_same(body in body()) {
        if let Ok(schema) = Schema::read(&body) {
            prop_assert_eq!(Schema::read(&schema.to_json()), Ok(schema));
        }
        if let Ok(config) = ServiceProviderConfig::read(&body) {
            let again = ServiceProviderConfig::read(&config.to_json()).unwrap();
            prop_assert_eq!(again.pagination, config.pagination);
        }
        if let Ok(resource_type) = ResourceType::read(&body) {
            prop_assert_eq!(ResourceType::read(&resource_type.to_json()), Ok(resource_type));
        }
    }
}
