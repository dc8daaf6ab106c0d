use super::*;

/// A journal on a device that is always full.
fn full() -> Journal {
    let directory = tempfile::tempdir().unwrap();
    Journal {
        path: PathBuf::from("aws.jsonl"),
        file: File::options().append(true).open("/dev/full").unwrap(),
        failure: None,
        _lock: lock::take(&directory.path().join("aws.jsonl")).unwrap(),
    }
}

#[test]
fn after_a_write_that_failed_nothing_is_written_any_more() {
    let mut journal = full();
    let entry = serde_json::json!({"n": 1});
    let failure = journal.append(&entry).unwrap_err();
    assert_eq!(
        failure.to_string(),
        "cannot write the state file aws.jsonl: No space left on device (os error 28)"
    );
    let directory = tempfile::tempdir().unwrap();
    journal.file = File::create(directory.path().join("has-space")).unwrap();
    assert_eq!(journal.append(&entry), Err(failure.clone()));
    assert_eq!(journal.file.metadata().unwrap().len(), 0);
    assert_eq!(journal.failure(), Some(&failure));
}
