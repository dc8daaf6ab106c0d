use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::StoreError;
use crate::db::counting;

const TOKEN: Place<'_> = Place { table: "app", row: "a1", column: "token" };

fn ring(keys: &[u8]) -> Keyring {
    Keyring::new(keys.iter().map(|key| Key::new([*key; KEY_BYTES])).collect(), counting())
}

fn opened(ring: &Keyring, place: Place<'_>, sealed: &[u8]) -> Result<String, SecretError> {
    ring.open(place, sealed).map(|plain| plain.expose_secret().to_owned())
}

#[test]
fn a_secret_opens_where_it_was_sealed() {
    for plain in ["", "t0ken", "lang und ünïcode"] {
        let sealed = ring(&[1]).seal(TOKEN, &plain.into());
        assert_eq!(opened(&ring(&[1]), TOKEN, &sealed).unwrap(), plain);
    }
}

#[test]
fn a_secret_does_not_open_in_another_table_row_or_column() {
    let sealed = ring(&[1]).seal(TOKEN, &"t0ken".into());
    let elsewhere = [
        Place { row: "a2", ..TOKEN },
        Place { table: "directory", ..TOKEN },
        Place { column: "password", ..TOKEN },
        // The same letters, divided otherwise.
        Place { table: "appa", row: "1", column: "token" },
    ];
    for place in elsewhere {
        let tampered = SecretError::Tampered { place: place.to_string() };
        assert_eq!(opened(&ring(&[1]), place, &sealed), Err(tampered));
    }
}

#[test]
fn a_secret_that_was_altered_anywhere_or_cut_does_not_open() {
    let sealed = ring(&[1]).seal(TOKEN, &"t0ken".into());
    for at in 0..sealed.len() {
        let mut altered = sealed.clone();
        altered[at] ^= 1;
        assert!(opened(&ring(&[1]), TOKEN, &altered).is_err(), "byte {at}");
        assert!(opened(&ring(&[1]), TOKEN, &sealed[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn a_rotated_key_still_opens_and_no_longer_seals() {
    let old = ring(&[1]).seal(TOKEN, &"t0ken".into());
    let rotated = ring(&[2, 1]);
    assert_eq!(opened(&rotated, TOKEN, &old).unwrap(), "t0ken");
    let new = rotated.seal(TOKEN, &"t0ken".into());
    assert_eq!(opened(&ring(&[2]), TOKEN, &new).unwrap(), "t0ken");
    assert_eq!(
        opened(&ring(&[2]), TOKEN, &old),
        Err(SecretError::UnknownKey { place: "app.token of a1".to_owned() })
    );
}

#[test]
fn equal_secrets_are_sealed_differently() {
    let ring = ring(&[1]);
    assert_ne!(ring.seal(TOKEN, &"t0ken".into()), ring.seal(TOKEN, &"t0ken".into()));
}

#[test]
fn keys_do_not_print() {
    let key = Key::new([65; KEY_BYTES]);
    assert_eq!(format!("{key:?} {:?}", ring(&[65])), "Key(..) Keyring(1 keys)");
}

#[test]
fn a_key_file_reads_back_in_its_order() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    assert!(key_file::read(&path).unwrap().is_none());
    key_file::create(&path, &Key::new([1; KEY_BYTES])).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let first = std::fs::read_to_string(&path).unwrap();
    key_file::create(&path, &Key::new([2; KEY_BYTES])).unwrap();
    let second = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{second}\n{first}")).unwrap();
    let ids: Vec<_> = key_file::read(&path).unwrap().unwrap().iter().map(|key| key.id).collect();
    assert_eq!(ids, [Key::new([2; KEY_BYTES]).id, Key::new([1; KEY_BYTES]).id]);
}

#[test]
fn a_malformed_key_is_named_by_its_line_and_not_shown() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    key_file::create(&path, &Key::new([1; KEY_BYTES])).unwrap();
    let good = std::fs::read_to_string(&path).unwrap();
    for (text, line) in [
        (String::new(), 1),
        (format!("{good}s3cret\n"), 2),
        ("usher-key-1:c2hvcnQ=".to_owned(), 1),
        (good.replace("key-1", "key-2"), 1),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = key_file::read(&path).unwrap_err();
        assert!(
            matches!(&error, StoreError::KeyFileMalformed { line: said, .. } if *said == line),
            "{error:?}"
        );
        assert!(!error.to_string().contains("s3cret"));
    }
}
