//! Lists: by index, by cursor, by POST.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::suite::{Suite, has_type, n_resources};

pub async fn check(suite: &mut Suite) {
    by_index(suite).await;
    by_cursor(suite).await;
}

async fn by_index(suite: &mut Suite) {
    suite.user("list-1").await;
    suite.user("list-2").await;
    let all = suite.get("/Users").await;
    let n = n_resources(&all).unwrap();
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]);
    suite.rule(
        "RFC 7644 §3.4.2",
        "a list has the schema of lists",
        all.body["schemas"] == schemas,
        &all.body["schemas"],
    );
    let one = suite.get("/Users?count=1").await;
    suite.rule("RFC 7644 §3.4.2.4", "a page holds at most count", n_resources(&one) == Some(1), &one);
    suite.rule(
        "RFC 7644 §3.4.2.4",
        "itemsPerPage is how many there are",
        one.body["itemsPerPage"] == 1,
        &one,
    );
    suite.rule(
        "RFC 7644 §3.4.2",
        "totalResults is how many there are in all",
        one.body["totalResults"] == json!(n),
        &one,
    );
    let second = suite.get("/Users?count=1&startIndex=2").await;
    let holds = second.body["Resources"] != one.body["Resources"] && second.body["startIndex"] == 2;
    suite.rule("RFC 7644 §3.4.2.4", "startIndex goes on", holds, &second.body);
    let zero = suite.get("/Users?count=0").await;
    suite.rule(
        "RFC 7644 §3.4.2.4",
        "a count of 0 gives the total alone",
        n_resources(&zero) == Some(0),
        &zero,
    );
    let negative = suite.get("/Users?count=-1").await;
    suite.rule(
        "RFC 7644 §3.4.2.4",
        "a negative count is read as 0",
        n_resources(&negative) == Some(0),
        &negative,
    );
    let body = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;
    let search = suite.send("POST", "/Users/.search", body).await;
    suite.rule("RFC 7644 §3.4.3", "a list can be asked for by POST", search.status == 200, &search);
}

async fn by_cursor(suite: &mut Suite) {
    let all = suite.get("/Users").await;
    let everybody: BTreeSet<String> = ids(&all.body).into_iter().collect();
    let mut seen = Vec::new();
    let mut page = suite.get("/Users?cursor&count=3").await;
    suite.rule("RFC 9865 §2", "an empty cursor asks for the first page", page.status == 200, &page);
    let holds = n_resources(&page).is_some_and(|n| n <= 3);
    suite.rule("RFC 9865 §2", "a page holds at most count", holds, &page);
    suite.rule(
        "RFC 9865 §2",
        "a page that is not the last has nextCursor",
        page.body["nextCursor"].is_string(),
        &page,
    );
    let first = page.body["nextCursor"].as_str().unwrap_or_default().to_owned();
    loop {
        seen.extend(ids(&page.body));
        let Some(next) = page.body["nextCursor"].as_str() else { break };
        page = suite.get(&format!("/Users?count=3&cursor={}", encoded(next))).await;
    }
    let distinct: BTreeSet<String> = seen.iter().cloned().collect();
    let holds = distinct == everybody && seen.len() == distinct.len();
    suite.rule(
        "RFC 9865 §2",
        "cursors lead to every resource once, and the last page has none",
        holds,
        seen.len(),
    );
    let wrong = suite.get("/Users?cursor=not-a-cursor").await;
    suite.rule("RFC 9865 §2", "a cursor that is none is a 400", wrong.status == 400, &wrong);
    suite.rule("RFC 9865 §2", "it is of type invalidCursor", has_type(&wrong, "invalidCursor"), &wrong);
    let other = suite.get(&format!("/Users?cursor={}&filter=userName+eq+%22a%22", encoded(&first))).await;
    suite.rule("RFC 9865 §2", "a cursor of another query is refused", other.status == 400, &other);
    let many = suite.get("/Users?cursor&count=1000").await;
    suite.rule(
        "RFC 9865 §2",
        "a count that is too large is lowered or a 400",
        many.status == 200 || many.status == 400,
        &many,
    );
}

fn ids(list: &Value) -> Vec<String> {
    let resources = list["Resources"].as_array().unwrap();
    resources.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

fn encoded(cursor: &str) -> String {
    cursor.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").replace(':', "%3A")
}
