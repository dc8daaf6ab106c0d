//! What the endpoint says of itself.

use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn the_configuration_is_the_documented_one_and_tells_nothing_of_cursors() {
    let config = World::new().scim("GET", "/ServiceProviderConfig", "").await.json();
    assert_eq!(config["patch"], json!({"supported": true}));
    assert_eq!(config["bulk"], json!({"supported": false, "maxOperations": 1, "maxPayloadSize": 1_048_576}));
    assert_eq!(config["filter"], json!({"supported": true, "maxResults": 50}));
    for switch in ["changePassword", "sort", "etag"] {
        assert_eq!(config[switch], json!({"supported": false}), "{switch}");
    }
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert!(config.get("documentationUri").is_some());
    assert_eq!(config.get("pagination"), None);
}

#[tokio::test]
async fn there_are_two_resource_types_with_their_location() {
    let types = World::new().scim("GET", "/ResourceTypes", "").await.json();
    assert_eq!(types["totalResults"], 2);
    assert_eq!(types["Resources"][0]["endpoint"], "/Users");
    let extension =
        json!([{"schema": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "required": true}]);
    assert_eq!(types["Resources"][0]["schemaExtensions"], extension);
    assert_eq!(types["Resources"][1]["endpoint"], "/Groups");
    assert!(types["Resources"][1]["meta"]["location"].is_string());
}

#[tokio::test]
async fn there_are_three_schemas_and_each_can_be_read_alone() {
    let world = World::new();
    let schemas = world.scim("GET", "/Schemas", "").await.json();
    assert_eq!(schemas["totalResults"], 3);
    for schema in schemas["Resources"].as_array().unwrap() {
        let urn = schema["id"].as_str().unwrap();
        let alone = world.scim("GET", &format!("/Schemas/{urn}"), "").await;
        assert_eq!((alone.status, &alone.json()), (200, schema));
        assert_eq!(schema["meta"]["location"], format!("/v2/Schemas/{urn}"));
    }
    assert_eq!(world.scim("GET", "/Schemas/urn:other", "").await.status, 404);

    let user = world.scim("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "").await.json();
    let attribute = |name: &str| {
        let all = user["attributes"].as_array().unwrap();
        all.iter().find(|attribute| attribute["name"] == name).cloned().unwrap_or_default()
    };
    let user_name = attribute("userName");
    assert_eq!(
        (&user_name["required"], &user_name["uniqueness"], &user_name["caseExact"]),
        (&json!(true), &json!("server"), &json!(false))
    );
    assert_eq!(attribute("displayName")["required"], false);
    assert_eq!(attribute("groups")["mutability"], "readOnly");
    assert!(attribute("password").is_null());
}
