use serde_json::json;

use super::*;

fn user() -> Map<String, Value> {
    let user = json!({
        "primaryEmail": "Ada.Byron@Example.com",
        "name": {"givenName": "Ada", "familyName": "Býron", "fullName": null},
        "isAdmin": true,
        "organizations": [{"title": "Lead", "primary": true}, {"title": "Poet"}],
        "customSchemas": {"b": {"x": 1}, "a": {"y": 2.5}, "c": {}},
        "aliases": [],
        "password": "secret",
    });
    user.as_object().unwrap().clone()
}

fn evaluate(text: &str) -> Result<Value, String> {
    Expression::compile(text).unwrap().evaluate(&UserContext::new(&user()))
}

#[test]
fn expressions_compute_from_the_user() {
    let table = [
        ("user.name.givenName + ' ' + user.name.familyName.upper()", json!("Ada BÝRON")),
        ("user.primaryEmail.lowerAscii().split('@')[0]", json!("ada.byron")),
        ("user.primaryEmail.replace('.', '_').substring(0, 5)", json!("Ada_B")),
        ("user.organizations.filter(o, has(o.primary)).map(o, o.title)[0]", json!("Lead")),
        ("user.organizations.map(o, o.title).join(', ')", json!("Lead, Poet")),
        ("user.organizations[0]", json!({"title": "Lead", "primary": true})),
        ("user.isAdmin ? 'admin' : 'member'", json!("admin")),
        ("user.organizations.exists(o, o.title == 'Poet')", json!(true)),
        ("user.customSchemas.b.x + 1", json!(2)),
        ("user.customSchemas.a.y * 2.0", json!(5.0)),
        ("size(user.organizations)", json!(2)),
        ("[{'value': 'x', 'type': 'work'}]", json!([{"value": "x", "type": "work"}])),
        ("user.primaryEmail.matches('(?i)@example[.]com$')", json!(true)),
        ("'title' in user.organizations[0]", json!(true)),
    ];
    for (text, expected) in table {
        assert_eq!(evaluate(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_may_be_missing_can_be_asked_for() {
    let table = [
        ("has(user.phones)", json!(false)),
        ("has(user.password)", json!(false)),
        ("has(user.name.fullName)", json!(false)),
        ("has(user.name) && has(user.name.givenName)", json!(true)),
        ("user.?phones[0].value", json!(null)),
        ("user.?phones.orValue([])", json!([])),
        ("user.?name.?givenName.orValue('nobody')", json!("Ada")),
        ("user.customSchemas.?z.?x.orValue('none')", json!("none")),
        ("user.customSchemas.c == user.customSchemas.c", json!(true)),
    ];
    for (text, expected) in table {
        assert_eq!(evaluate(text), Ok(expected), "{text}");
    }
}

#[test]
fn an_expression_that_fails_says_why() {
    let table = [
        ("user.phones[0].value", "there is no `phones`"),
        ("user.name + 1", "`add` cannot be used on values of these types"),
        ("user.id + 1", "there is no `id`"),
        ("user.organizations[2].title", "a list has no entry 2"),
        ("user.isAdmin.lower()", "`lower` cannot be used on bool"),
        ("user.primaryEmail.substring(5, 2)", "`substring`: invalid substring range. start: 5, end: 2"),
        ("1 / 0", "something is divided by zero"),
        ("1.0 / 0.0", "the result is inf"),
        ("b'bytes'", "the result is a bytes, which no attribute can be"),
    ];
    for (text, message) in table {
        assert_eq!(evaluate(text), Err(message.to_owned()), "{text}");
    }
}

#[test]
fn objects_are_walked_in_the_order_of_their_keys() {
    for _ in 0..20 {
        assert_eq!(evaluate("user.customSchemas.map(name, name).join(',')"), Ok(json!("a,b,c")));
    }
    assert_eq!(Expression::compile("{'b': 1, 'a': 2}.map(k, k)").unwrap_err(), SourceError::Unordered);
}

#[test]
fn an_expression_that_could_run_away_is_refused() {
    let doubled = format!("[user.id]{}", ".map(x, x + x)".repeat(20));
    assert_eq!(Expression::compile(&doubled).unwrap_err(), SourceError::TooCostly);
    let items = "1,".repeat(40) + "1";
    let product = format!("[{items}].map(a, [{items}].map(b, b))");
    assert_eq!(Expression::compile(&product).unwrap_err(), SourceError::TooCostly);
    let replaced = "user.id.replace('', '0123456789').replace('', '0123456789').replace('', '0123456789')";
    assert_eq!(Expression::compile(replaced).unwrap_err(), SourceError::TooCostly);
    let unbounded = "user.id.replace('a', user.primaryEmail)";
    assert_eq!(Expression::compile(unbounded).unwrap_err(), SourceError::TooCostly);
    let nested = "user.emails.map(a, user.emails.map(b, user.emails.map(c, c)))";
    assert_eq!(Expression::compile(nested).unwrap_err(), SourceError::TooDeep { limit: 2, actual: 3 });
}

#[test]
fn an_expression_that_would_exhaust_the_stack_is_refused() {
    let nested = |before: &str, n: usize, after: &str| format!("{}1{}", before.repeat(n), after.repeat(n));
    let allowed =
        [nested("", 50, " + 1"), nested("[", 50, "]"), nested("(", 50, ")"), nested("", 50, "in [1]")];
    for text in allowed {
        let expression = Expression::compile(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        expression.evaluate(&UserContext::new(&user())).ok();
    }
    let refused =
        [nested("", 950, "+1"), nested("", 300, ".trim()"), nested("", 600, "[0]"), nested("", 600, ".?a")];
    for text in refused {
        assert_eq!(Expression::compile(&text).unwrap_err(), SourceError::TooNested { limit: 60 }, "{text}");
    }
    for text in [nested("[", 900, "]"), nested("(", 900, ")"), "(".repeat(1900), "true?1:".repeat(250)] {
        assert!(matches!(Expression::compile(&text), Err(SourceError::Syntax { .. })), "{text}");
    }
}

#[test]
fn what_is_wrong_is_said_without_a_list_of_all_that_could_stand_there() {
    for (text, said) in [
        ("user.id +", "the expression ends too early, at character 9: write what is missing there"),
        ("user.name.map(n", "the expression ends too early, at character 15: write what is missing there"),
        ("user.id ) + 'a'", "at character 9: `)` does not fit there"),
    ] {
        assert_eq!(Expression::compile(text).unwrap_err().to_string(), said, "{text}");
    }
}

#[test]
fn a_loop_over_more_entries_than_a_user_has_is_refused() {
    let too_long = "user.?notes.orValue('').split('').map(c, c)";
    let mut user = user();
    user.insert("notes".to_owned(), "x".repeat(500).into());
    let evaluate = |text: &str, user: &Map<String, Value>| {
        Expression::compile(text).unwrap().evaluate(&UserContext::new(user))
    };
    assert_eq!(evaluate(too_long, &user).map(|list| list.as_array().unwrap().len()), Ok(500));
    user.insert("notes".to_owned(), "x".repeat(501).into());
    let problem = "a loop goes over 501 entries, and at most 500 are allowed";
    for text in [
        too_long,
        "user.notes.split('').all(a, user.notes.split('').all(b, true))",
        "user.emails.exists(e, user.notes.split('').exists(c, c == 'y'))",
        "{'a': [user.notes.split('').filter(c, true)]}.a[0].size()",
    ] {
        user.insert("emails".to_owned(), json!([{}]));
        assert_eq!(evaluate(text, &user), Err(problem.to_owned()), "{text}");
    }
    assert_eq!(evaluate("user.notes.split('').size()", &user), Ok(json!(501)), "only loops are bounded");
}

#[test]
fn what_people_really_write_is_not_refused() {
    let umlauts = "user.name.familyName.replace('ä', 'ae').replace('ö', 'oe').replace('ü', 'ue').replace('ß', 'ss').replace('é', 'e')";
    let chain = "user.organizations.filter(o, has(o.primary) && o.primary).map(o, o.title).filter(t, t != '').join(', ').trim()";
    let nested = "user.organizations.filter(o, user.emails.exists(e, e.type == o.type)).map(o, o.title)";
    for text in [umlauts, chain, nested] {
        Expression::compile(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn unknown_functions_of_the_language_are_refused_up_front() {
    for text in ["user.id.format([1])", "type(user)", "duration('1h')", "optional.of(1)", "now()"] {
        let error = Expression::compile(text).unwrap_err();
        let known = matches!(error, SourceError::UnknownFunction { .. } | SourceError::UnknownName { .. });
        assert!(known, "{text}: {error}");
    }
    for function in FUNCTIONS {
        assert!(near::names(function, FUNCTIONS.into_iter()).contains(&function.to_owned()));
    }
}

#[test]
fn expressions_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Expression>();
}
