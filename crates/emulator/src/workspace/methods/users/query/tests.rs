use serde_json::json;

use super::*;
use crate::workspace::directory::OrgUnit;

fn tree() -> Tree {
    let unit = |id: &str, name: &str, parent: Option<&str>| {
        let parent = parent.map(str::to_owned);
        std::sync::Arc::new(OrgUnit {
            id: id.to_owned(),
            name: name.to_owned(),
            parent,
            description: String::new(),
        })
    };
    Tree::new(vec![unit("0", "", None), unit("1", "Sales", Some("0")), unit("2", "North Sea", Some("1"))])
}

fn ada() -> User {
    let fields = json!({
        "primaryEmail": "ada@example.com",
        "aliases": ["countess@example.com"],
        "name": { "givenName": "Ada", "familyName": "King Lovelace", "fullName": "Ada King Lovelace" },
        "suspended": true,
        "organizations": [{ "title": "Analyst", "department": "Engines" }],
        "relations": [{ "type": "manager", "value": "babbage@example.com" }],
        "customSchemas": { "Shop": { "level": "12", "tags": [{ "value": "Blue" }] } },
    });
    let Value::Object(fields) = fields else { panic!() };
    User { id: "1".to_owned(), org_unit: "2".to_owned(), deleted_at: None, fields }
}

fn finds(query: &str) -> bool {
    Query::parse(query).unwrap().matches(&ada(), &tree())
}

#[test]
fn each_clause_has_to_hold() {
    for query in [
        "ada",
        "Ada",
        "king",
        "countess@",
        "givenName=ada",
        "givenName:a*",
        "familyName='King Lovelace'",
        "name:'king love'",
        "email:ada*",
        "email=countess@example.com",
        "isSuspended=true",
        "isAdmin=false givenName:ad* orgTitle=Analyst",
        "orgDepartment:gin",
        "manager=babbage@example.com",
        "orgUnitPath=/Sales",
        "orgUnitPath='/Sales/North Sea'",
        "orgUnitPath=/",
        "Shop.level>=12 Shop.level<100",
        "Shop.tags=blue",
    ] {
        assert!(finds(query), "{query}");
    }
    for query in [
        "lovelace",
        "givenName=ad",
        "isSuspended=false",
        "ada isAdmin=true",
        "orgUnitPath=/Nowhere",
        "Shop.level>12",
        "email=x@example.com",
    ] {
        assert!(!finds(query), "{query}");
    }
}

#[test]
fn what_is_no_query_is_refused() {
    for query in ["name='open", "nothing=1", "givenName="] {
        assert_eq!(Query::parse(query).unwrap_err().message, "Invalid Input: query", "{query}");
    }
}
