use super::*;

const PEM: &str = include_str!("../../../../emulator/tests/workspace/key.pem");

fn key_file() -> SecretString {
    serde_json::json!({
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "kid-1",
        "private_key": PEM,
        "client_email": "usher@p.iam.gserviceaccount.com",
        "client_id": "100000000000000000001",
        "token_uri": "https://oauth2.googleapis.com/token",
    })
    .to_string()
    .into()
}

fn each() -> [Credential; 3] {
    let reachable = Reachable::default();
    [
        Credential::delegated(&key_file(), "admin@x.org", reachable).unwrap(),
        Credential::role(&key_file(), reachable).unwrap(),
        Credential::keyless("usher@p.iam.gserviceaccount.com", "admin@x.org").unwrap(),
    ]
}

#[test]
fn a_credential_is_the_same_once_it_was_sealed() {
    for credential in each() {
        let sealed = credential.seal();
        let again = Credential::unseal(&sealed, Reachable::default()).unwrap();
        assert_eq!(again.seal().expose_secret(), sealed.expose_secret());
        assert_eq!(format!("{again:?}"), format!("{credential:?}"));
        assert_eq!((again.account(), again.admin()), (credential.account(), credential.admin()));
    }
}

#[test]
fn no_credential_shows_its_key() {
    let secret = PEM.lines().nth(1).unwrap();
    for credential in each() {
        let shown = format!("{credential:?} {credential:#?} {:?}", credential.seal());
        assert!(!shown.contains(secret) && !shown.contains("PRIVATE KEY"), "{shown}");
    }
}

#[test]
fn whoever_acts_and_is_acted_as_has_an_address() {
    let said = |account: &str, admin: &str| Credential::keyless(account, admin).unwrap_err().to_string();
    let account = "usher@p.iam.gserviceaccount.com";
    assert!(said(account, "admin").starts_with("the administrator `admin` is not an e-mail address"));
    assert!(said(account, account).contains("is a service account: name a person"));
    assert!(said("usher", "admin@x.org").starts_with("`usher` is not a service account's address"));
    assert!(said("ann@x.org", "admin@x.org").contains("is not a service account's address"));
    assert!(said("../x@p.iam.gserviceaccount.com", "admin@x.org").contains("is not a service account's"));
}

#[test]
fn what_was_kept_and_is_none_says_so_without_a_word_of_it() {
    let text = SecretString::from(r#"{"kind":"delegated","key_file":"s3cret"}"#);
    let said = Credential::unseal(&text, Reachable::default()).unwrap_err().to_string();
    assert_eq!(said, "what is kept of the directory's credential cannot be read: give the credential again");
}
