use proptest::prelude::*;
use serde_json::json;

use super::*;

const PERSON: &str = "ada@example.com";

fn compiled(key: &str, lines: &[&str]) -> CompiledMapping {
    let template = Template::by_key(key).unwrap();
    let mut mapping = template.default_mapping();
    for line in lines {
        mapping.edit(line).unwrap();
    }
    mapping.compile(template).unwrap()
}

fn ada() -> Map<String, Value> {
    let user = json!({
        "id": "100",
        "primaryEmail": PERSON,
        "name": {"givenName": " Ada ", "familyName": "Byron", "fullName": "Ada Byron"},
        "organizations": [{"title": "Engineer", "department": "Maths", "primary": true}],
        "phones": [{"value": "+44 1", "type": "work"}],
    });
    user.as_object().unwrap().clone()
}

fn without(field: &str) -> Map<String, Value> {
    let mut user = ada();
    user.remove(field);
    user
}

#[test]
fn the_default_mapping_fills_what_the_design_says() {
    for key in ["aws", "scim"] {
        let attributes = compiled(key, &[]).evaluate(&ada(), PERSON).unwrap().attributes;
        let expected = json!({
            "displayName": "Ada Byron",
            "emails[type eq \"work\"].primary": true,
            "emails[type eq \"work\"].value": PERSON,
            "externalId": "100",
            "name.familyName": "Byron",
            "name.givenName": "Ada",
            "userName": PERSON,
        });
        assert_eq!(serde_json::to_value(&attributes).unwrap(), expected);
    }
}

#[test]
fn directory_attributes_constants_and_expressions_fill_attributes() {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let mapping = compiled(
        "scim",
        &[
            "title = user.organizations[0].title",
            "userType = \"Contractor\"",
            "nickName = user.name.givenName.trim().lower()",
            "phoneNumbers = user.phones",
            "locale = user.languages[0].languageCode",
            &format!("{ENTERPRISE}:department = user.?organizations[0].department"),
        ],
    );
    let attributes = mapping.evaluate(&ada(), PERSON).unwrap().attributes;
    let resource = Value::Object(attributes.to_resource());
    assert_eq!(resource["title"], json!("Engineer"));
    assert_eq!(resource["userType"], json!("Contractor"));
    assert_eq!(resource["nickName"], json!("ada"));
    assert_eq!(resource["phoneNumbers"], json!([{"value": "+44 1", "type": "work"}]));
    assert_eq!(resource[ENTERPRISE], json!({"department": "Maths"}));
    assert_eq!(resource.get("locale"), None, "absent in the directory, absent at the app");
}

#[test]
fn a_primary_mark_alone_makes_no_entry() {
    let mapping = compiled("scim", &["emails[type eq \"work\"].value = user.recoveryEmail"]);
    let attributes = mapping.evaluate(&ada(), PERSON).unwrap().attributes;
    assert!(!attributes.to_resource().contains_key("emails"));
}

#[test]
fn an_error_names_attribute_and_person_and_what_to_do() {
    let long =
        json!({"primaryEmail": format!("{}@example.com", "x".repeat(130)), "name": ada()["name"], "id": "1"});
    let table: [(&[&str], Map<String, Value>, &str); 6] = [
        (
            &[],
            without("name"),
            "First name (name.givenName) of ada@example.com is empty and the app requires it; fill in user.name.givenName in the directory or map name.givenName to something else",
        ),
        (
            &[],
            long.as_object().unwrap().clone(),
            "userName of ada@example.com does not fit: it has 142 characters and the app takes at most 128; correct user.primaryEmail in the directory or change the mapping",
        ),
        (
            &["userName = user.name.fullName"],
            ada(),
            "userName of ada@example.com does not fit: it has white space in it and the app allows none; correct user.name.fullName in the directory or change the mapping",
        ),
        (
            &["title = ['a', 'b']"],
            ada(),
            "title of ada@example.com does not fit: there are 2 values and the app takes one; choose one, as in `user.emails[0].address`; correct ['a', 'b'] in the directory or change the mapping",
        ),
        (
            &["title = user.relations[0].value + ''"],
            ada(),
            "the expression for title failed for ada@example.com: there is no `relations`; change it, as with `has(…)` where something may be missing",
        ),
        (
            &["displayName = -"],
            ada(),
            "Formatted name (displayName) of ada@example.com cannot be filled in, because nothing is mapped to it and the app requires it; map displayName",
        ),
    ];
    for (lines, user, sentence) in table {
        assert_eq!(compiled("aws", lines).evaluate(&user, PERSON).unwrap_err().to_string(), sentence);
    }
}

#[test]
fn a_compiled_mapping_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<CompiledMapping>();
}

/// Any JSON that a directory could hold, and worse.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("(value|type|address|primary|[a-z]{1,3})", inner, 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_the_directory_holds_makes_attributes_or_an_error(value in any_json()) {
        let mapping = compiled("scim", &[
            "title = user.notes",
            "roles = user.keywords",
            "nickName = has(user.notes) ? string(size(string(user.id))) : ''",
        ]);
        let mut user = ada();
        user.insert("notes".to_owned(), value.clone());
        user.insert("keywords".to_owned(), value);
        if let Ok(mapped) = mapping.evaluate(&user, PERSON) {
            let again = mapping.evaluate(&user, PERSON).unwrap();
            prop_assert_eq!(&again, &mapped, "the same user makes the same attributes");
            let attributes = mapped.attributes;
            let projected = Attributes::project(attributes.paths(), &attributes.to_resource());
            prop_assert_eq!(projected, attributes);
        }
    }
}

#[test]
fn what_is_read_of_a_user_for_an_expression_is_enough_for_it() {
    let sources = [
        "nickName = user.name.givenName.trim().lower()",
        "nickName = has(user.nickname) ? user.nickname : user.name.fullName",
        "nickName = user.?organizations[0].title.orValue('none')",
        "nickName = user.phones.map(phone, phone.value + user.id).join(',')",
        "nickName = user.missing + '!'",
        "nickName = size(user) > 3 ? 'many' : 'few'",
    ];
    for source in sources {
        let mapping = compiled("scim", &[source]);
        let whole = ada();
        let read = mapping.read(&Value::Object(whole.clone()).to_string()).unwrap();
        let as_text = |mapped: Result<Mapped, MappingError>| mapped.map_err(|error| error.to_string());
        assert_eq!(
            as_text(mapping.evaluate(&read, PERSON)),
            as_text(mapping.evaluate(&whole, PERSON)),
            "{source}"
        );
    }
    let mapping = compiled("scim", &["nickName = user.phones[0].value + ''"]);
    let fields: Vec<_> = mapping.user_fields().unwrap().iter().map(String::as_str).collect();
    assert_eq!(fields, ["id", "name", "phones", "primaryEmail"]);
    assert_eq!(compiled("scim", &["nickName = string(size(user))"]).user_fields(), None);
}
