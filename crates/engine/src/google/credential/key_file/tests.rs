use serde_json::json;

use super::*;

const PEM: &str = include_str!("../../../../../emulator/tests/workspace/key.pem");
const SECRET: &str = "MIIs3cret";

fn whole() -> Map<String, Value> {
    let file = json!({
        "type": "service_account",
        "private_key_id": "kid-1",
        "private_key": PEM,
        "client_email": "usher@p.iam.gserviceaccount.com",
        "client_id": "100000000000000000001",
        "token_uri": "http://127.0.0.1:8082/token",
    });
    file.as_object().unwrap().clone()
}

fn parse(text: &str) -> Result<ServiceAccountKey, KeyFileError> {
    ServiceAccountKey::parse(&SecretString::from(text), Reachable::default())
}

/// The sentence about a file in which one field is another.
fn with(name: &str, value: Value) -> String {
    let mut file = whole();
    file.insert(name.to_owned(), value);
    said(&Value::Object(file).to_string())
}

fn said(text: &str) -> String {
    let said = parse(text).unwrap_err().to_string();
    assert!(!said.contains(SECRET) && !said.contains("BEGIN"), "{said}");
    said
}

#[test]
fn a_key_file_of_googles_console_signs() {
    let key = parse(&Value::Object(whole()).to_string()).unwrap();
    assert_eq!(key.account, "usher@p.iam.gserviceaccount.com");
    assert_eq!(key.token_uri.as_str(), "http://127.0.0.1:8082/token");
    let signed = key.key.sign(&json!({"sub": "a"})).unwrap();
    assert_eq!(signed.expose_secret().split('.').count(), 3);
}

#[test]
fn each_file_that_is_none_gets_its_own_sentence() {
    let file = |text: &str| said(text);
    let mut sentences = vec![
        file(SECRET),
        file(&format!("-----BEGIN PRIVATE KEY-----\n{SECRET}")),
        file(&" ".repeat(MAX_KEY_FILE_BYTES + 1)),
        file(&json!({"installed": {"client_secret": SECRET}}).to_string()),
        file(&json!({"type": "authorized_user", "refresh_token": SECRET}).to_string()),
        file(&json!({"type": "external_account", "audience": SECRET}).to_string()),
        file(&json!({"type": "impersonated_service_account"}).to_string()),
        file(&json!({"type": SECRET}).to_string()),
        with(
            "private_key",
            json!(format!("-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----")),
        ),
        with("private_key", json!("")),
        with("client_email", Value::Null),
        with("type", Value::Null),
        with("token_uri", json!("http://oauth2.example.com/token")),
        with("token_uri", json!("token")),
    ];
    assert!(sentences[0].starts_with("the key file is not a JSON object"), "{}", sentences[0]);
    assert!(sentences[5].contains("--keyless"), "{}", sentences[5]);
    assert!(sentences[6].contains("`impersonated_service_account`"), "{}", sentences[6]);
    assert!(sentences[12].contains("unencrypted"), "{}", sentences[12]);
    let n = sentences.len();
    sentences.sort_unstable();
    sentences.dedup();
    assert_eq!(sentences.len(), n, "{sentences:#?}");
}

#[test]
fn a_list_instead_of_a_file_is_not_json_of_one() {
    assert_eq!(parse("[]").unwrap_err(), KeyFileError::NotJson);
}
