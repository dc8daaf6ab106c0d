//! How a Google Workspace is read, and what signs in to it.

use secrecy::{ExposeSecret, SecretString};

use super::*;

#[rstest]
#[tokio::test]
async fn a_workspace_keeps_how_it_is_read_and_its_credential_sealed(
    #[values(Db::Sqlite, Db::Postgres)] db: Db,
) {
    let home = db.fresh().await;
    let store = home.open().await;
    let mut tx = store.begin("tests::google").await.unwrap();
    let (google, other) = (DirectoryId::new("g1"), DirectoryId::new("g2"));
    for (id, name) in [(&google, "google"), (&other, "another")] {
        let made = directory::insert_google(&mut tx, id, name, NOW).await.unwrap();
        assert_eq!((made.name.as_str(), made.kind), (name, DirectoryKind::Google));
        assert_eq!(directory::google(&mut tx, id).await.unwrap(), None);
    }
    let how = |customer: Option<&str>| directory::Google {
        customer: customer.map(str::to_owned),
        api_root: None,
        credential_set_at: NOW,
    };
    let secret = |text: &str| SecretString::from(text.to_owned());
    for (id, customer, credential) in
        [(&google, None, "first"), (&other, None, "another"), (&google, Some("C1"), "second")]
    {
        let how = how(customer);
        directory::set_google(&mut tx, store.keyring(), id, &how, &secret(credential)).await.unwrap();
        assert_eq!(directory::google(&mut tx, id).await.unwrap(), Some(how));
    }
    let kept = directory::google_credential(&mut tx, store.keyring(), &google).await.unwrap();
    assert_eq!(kept.expose_secret(), "second");
    let taken = directory::insert_google(&mut tx, &DirectoryId::new("g3"), "google", NOW).await;
    assert!(taken.is_err(), "no two directories have one name");
}
