//! What a directory takes in from elsewhere: files that are uploaded, and a Google Workspace.

use usher_web::hands::{Checked, CheckedLine, Finished, Imported, ImportedKind, Job, JobState};

use super::*;

#[tokio::test]
async fn a_file_is_looked_through_before_it_is_imported_and_both_are_written_down() {
    let (house, mut ada) = office().await;
    let page = "/directories/import";
    let without = ada.post_file(None, page, &[("file", "people.json", "{}")]).await;
    assert_eq!(without.status, StatusCode::FORBIDDEN, "no token, and nothing is taken in");
    assert_eq!(house.hands.taken(), None);
    let wrong = ada.post_file(Some(page), page, &[("file", "people.xls", "x")]).await;
    assert!(wrong.text.contains("people.xls is not JSON by its name."), "{}", wrong.text);
    let sent =
        ada.post_file(Some(page), page, &[("replace", "", "true"), ("file", "people.json", "{}")]).await;
    assert_eq!(sent.location(), "/directories/imports/file/job?replace=true");
    assert_eq!(house.hands.taken().unwrap(), b"{}");
    let Job::Import { replace: true, preview: true, .. } = house.hands.jobs()[0] else { panic!() };
    let kinds =
        vec![ImportedKind { name: "users", added: 3, updated: 0, deleted: 2, restored: 0, unchanged: 1 }];
    let imported = |is_preview| {
        let warnings = vec!["line 4: nobody has this manager".into()];
        JobState::Finished(Box::new(Finished::Imported(Imported {
            is_preview,
            kinds: kinds.clone(),
            warnings,
            n_warnings: 1,
        })))
    };
    house.hands.jobs_are(imported(true));
    let preview = ada.get(sent.location()).await;
    assert!(preview.text.contains("What the import would change"), "{}", preview.text);
    assert!(
        preview.text.contains("Line 4: nobody has this manager.") || preview.text.contains("line 4: nobody")
    );
    assert!(
        preview.text.contains("2 users would be deleted here; their timers start at the apps."),
        "{}",
        preview.text
    );
    let begun = ada
        .post_with_token(sent.location(), "/directories/imports/file/job/import", &[("replace", "true")])
        .await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
    let Job::Import { replace: true, preview: false, .. } = house.hands.jobs()[1] else { panic!() };
    house.hands.jobs_are(imported(false));
    assert!(ada.get(begun.location()).await.text.contains("Imported."));
    let log = ada.get("/audit-log").await.text;
    assert!(log.contains("directory import") && log.contains("people.json"), "{log}");
    house.hands.jobs_are(JobState::Failed("people.json: line 3: `x` is no e-mail address".into()));
    let failed = ada.get(begun.location()).await.text;
    assert!(failed.contains("line 3") && failed.contains("Nothing of the file was imported"), "{failed}");
}

#[tokio::test]
async fn a_google_workspace_is_added_with_a_key_that_is_never_shown_and_checked_scope_by_scope() {
    let (house, mut ada) = office().await;
    let page = "/directories/add-google";
    let fields = [
        ("name", "", "google"),
        ("admin", "", "admin@example.com"),
        ("customer", "", ""),
        ("api_root", "", ""),
    ];
    let lacking = ada.post_file(Some(page), page, &fields).await;
    assert!(lacking.text.contains("Choose the key file"), "{}", lacking.text);
    let key = ("key", "key.json", "{\"private_key\": \"s3cret\"}");
    let sent = ada.post_file(Some(page), page, &[&fields[..], &[key]].concat()).await;
    assert_eq!(sent.location(), "/directories/checks/job");
    let Job::AddGoogle(new) = &house.hands.jobs()[0] else { panic!() };
    assert_eq!(
        (new.name.as_str(), new.admin.as_str(), &new.customer),
        ("google", "admin@example.com", &None)
    );
    assert!(!format!("{new:?}").contains("s3cret"));
    let line = |name: &str, works, why: Option<&str>| CheckedLine {
        name: name.into(),
        works,
        why: why.map(str::to_owned),
    };
    house.hands.jobs_are(JobState::Finished(Box::new(Finished::Checked(Checked {
        directory: None,
        name: "google".into(),
        account: "usher@x.iam".into(),
        admin: Some("admin@example.com".into()),
        works: false,
        refused: Some("google is not added: nobody is listed".into()),
        sign_in: None,
        delegation: Some("add this scope in the Admin console".into()),
        scopes: vec![line("admin.directory.user.readonly", Some(false), Some("not delegated"))],
        calls: vec![line("users.list", None, Some("no scope"))],
        warnings: Vec::new(),
    }))));
    let checked = ada.get(sent.location()).await.text;
    for word in [
        "Google is not added: nobody is listed.",
        "usher@x.iam acts as admin@example.com.",
        "Fails",
        "not delegated",
        "Not tried",
        "Add this scope in the Admin console.",
    ] {
        assert!(checked.contains(word), "{word}: {checked}");
    }
    let log = ada.get("/audit-log").await.text;
    assert!(log.contains("directory add") && !log.contains("s3cret"), "{log}");
}

#[tokio::test]
async fn a_mirror_is_shown_and_not_edited() {
    let (house, mut ada) = office().await;
    let mut tx = house.store.begin("tests::mirror").await.unwrap();
    let id = DirectoryId::new("m1");
    directory::insert_google(&mut tx, &id, "google", Timestamp::from_micros(1)).await.unwrap();
    directory::record_people(&mut tx, &id, [&person("p1", "Mia", "Mirror", UserState::Active)])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let users = ada.get("/directories/m1/users").await.text;
    assert!(
        users.contains("Mia Mirror") && users.contains("read only") && !users.contains("new-user"),
        "{users}"
    );
    let page = ada.get("/directories/m1/users/p1").await.text;
    assert!(!page.contains("/change/"), "{page}");
    let path = "/directories/m1/users/p1/change/delete";
    let token = ada.get("/").await.value("input[name=token]");
    let refused = ada.post(path, &[("token", &token)]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text.contains("mirror of a Google Workspace"), "{}", refused.text);
    assert!(house.hands.directory_edits().is_empty());
    let list = ada.get("/directories").await.text;
    assert!(
        list.contains("Kept by Usher")
            && list.contains("Google Workspace")
            && list.contains("not listed yet"),
        "{list}"
    );
}
