use super::*;

async fn refused(name: &str, content: impl AsRef<[u8]>) -> String {
    let mut desk = Desk::new().await;
    let file = desk.write(name, content);
    let error = desk.import_files(&[file], Import::default()).await.unwrap_err();
    assert!(!error.to_string().contains('\n'));
    desk.shorten(&error)
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named() {
    let mut desk = Desk::new().await;
    let missing = desk.files.path().join("missing.json");
    let error = desk.import_files(&[missing], Import::default()).await.unwrap_err();
    assert_eq!(desk.shorten(&error), "there is no file missing.json");
    let folder = desk.files.path().to_owned();
    let error = desk.import_files(&[folder], Import::default()).await.unwrap_err();
    assert!(matches!(error, ImportError::NotAFile { .. }), "{error}");
}

#[tokio::test]
async fn broken_json_is_named_with_line_and_column() {
    for (content, said) in [
        ("{\"users\": [\n{\"id\": \"u1\",}\n]}", "a.json, line 2, column 13: trailing comma"),
        (
            "{\"users\": [",
            "a.json, line 1, column 11: EOF while parsing a list; the file ends in the middle: was it cut off?",
        ),
        ("", "a.json, line 1, column 0: the file is empty"),
        ("{\"users\": [] } x", "a.json, line 1, column 16: trailing characters"),
        ("[]", "a.json, line 1, column 1: invalid type: sequence, expected an object with any of the keys"),
        ("{\"users\": {}}", "a.json, line 1, column 11: invalid type: map, expected a list of objects"),
        ("{\"users\": [7]}", "a.json, line 1, column 13: invalid type: integer `7`, expected an object"),
        (
            "{\"members\": []}",
            "a.json, line 1, column 13: invalid type: sequence, expected an object that gives",
        ),
        (
            "{\"members\": {\"g@x\": 7}}",
            "a.json, line 1, column 22: invalid type: integer `7`, expected a list",
        ),
        (
            "{\n\"people\": []}",
            "a.json, line 2, column 9: there is no kind of thing called \"people\"; the keys are users,",
        ),
    ] {
        let found = refused("a.json", content).await;
        assert!(found.starts_with(said), "{content:?}: {found}");
    }
}

#[tokio::test]
async fn an_entry_says_the_line_where_it_starts() {
    let content =
        "{\"users\": [\n{\"id\": \"u1\", \"primaryEmail\": \"u1@example.com\"},\n\n{\"id\":\n \"u2\"}]}";
    let said = refused("a.json", content).await;
    assert_eq!(said, "a.json, line 4: the user has no primaryEmail, and everybody needs one");
}

#[tokio::test]
async fn what_is_not_utf8_is_named_with_its_line() {
    let sentence = " is not UTF-8; save the file as UTF-8 and import it again";
    let latin = b"{\"users\": [\n{\"id\": \"\xe9\"}]}".as_slice();
    assert_eq!(refused("a.json", latin).await, format!("line 2 of a.json{sentence}"));
    let latin = b"Email Address,Department\na@example.com,Caf\xe9\n".as_slice();
    assert_eq!(refused("a.csv", latin).await, format!("line 2 of a.csv{sentence}"));
    assert_eq!(refused("a.csv", b"\xff\xfeE\0m\0").await, format!("line 1 of a.csv{sentence}"));
}

#[tokio::test]
async fn an_entry_without_end_is_refused_before_it_fills_the_memory() {
    let endless = format!("{{\"users\": [\n{{}},\n{{\"id\": \"{}", "x".repeat(3_000_000));
    let said = refused("a.json", endless).await;
    assert_eq!(said, "the entry at line 3 of a.json is larger than 1024 KiB; is its end missing?");
    let endless = format!("Email Address\na@example.com\n\"{}", "x".repeat(3_000_000));
    let said = refused("a.csv", endless).await;
    assert!(said.ends_with("of a.csv is larger than 1024 KiB; is its end missing?"), "{said}");
    let said = refused("a.csv", "x".repeat(3_000_000)).await;
    assert!(said.starts_with("the entry at line 1 of a.csv is larger"), "{said}");
}

#[tokio::test]
async fn every_column_of_googles_bulk_upload_is_known() {
    let mut desk = Desk::new().await;
    let header = "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],\
        Password Hash Function [UPLOAD ONLY],Org Unit Path [Required],New Primary Email [UPLOAD ONLY],\
        Status [READ ONLY],Last Sign In [READ ONLY],Recovery Email,Home Secondary Email,Work Secondary Email,\
        Recovery Phone [MUST BE IN THE E.164 FORMAT],Work Phone,Home Phone,Mobile Phone,Work Address,Home Address,\
        Employee ID,Employee Type,Employee Title,Manager Email,Department,Cost Center,2sv Enrolled [READ ONLY],\
        Building ID,Floor Name,Floor Section,Change Password at Next Sign-In,New Status [UPLOAD ONLY],\
        New Licenses [UPLOAD ONLY],Advanced Protection Program enrollment";
    let row = "Ada,Lovelace,ada@example.com,****,,/,,Active,never,r@example.org,h@example.org,w@example.org,+441,1,2,3,\
        \"1, High Street\",Home 2,E1,Employee,Countess,boss@example.com,Maths,CC1,False,B1,F1,S1,True,Suspended,,False";
    let report = desk.csv(&format!("\u{feff}{header}\r\n{row}\r\n\r\n")).await.unwrap();
    assert_eq!(report.users, added(1));
    let resource = desk.person("new2").await.resource;
    assert_eq!(
        Value::Object(resource),
        json!({
            "id": "new2", "primaryEmail": "ada@example.com", "orgUnitPath": "/",
            "name": {"givenName": "Ada", "familyName": "Lovelace", "fullName": "Ada Lovelace"},
            "recoveryEmail": "r@example.org", "recoveryPhone": "+441",
            "emails": [{"type": "home", "address": "h@example.org"}, {"type": "work", "address": "w@example.org"}],
            "phones": [{"type": "work", "value": "1"}, {"type": "home", "value": "2"},
                       {"type": "mobile", "value": "3"}],
            "addresses": [{"type": "work", "formatted": "1, High Street"}, {"type": "home", "formatted": "Home 2"}],
            "externalIds": [{"type": "organization", "value": "E1"}],
            "organizations": [{"type": "work", "primary": true, "description": "Employee", "title": "Countess",
                               "department": "Maths", "costCenter": "CC1"}],
            "relations": [{"type": "manager", "value": "boss@example.com"}],
            "locations": [{"type": "desk", "buildingId": "B1", "floorName": "F1", "floorSection": "S1"}],
            "changePasswordAtNextLogin": true,
            "suspended": true, "suspensionTime": "2026-11-23T09:00:00Z", "archived": false
        })
    );
}

#[tokio::test]
async fn a_cell_changes_one_value_of_a_list_and_an_empty_cell_nothing() {
    let mut desk = Desk::new().await;
    desk.json(json!({"users": [{"id": "u1", "primaryEmail": "u1@example.com",
        "emails": [{"address": "u1@example.com", "type": "work", "primary": true}],
        "phones": [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}],
        "organizations": [{"name": "Side job"}, {"primary": true, "title": "Dr"}]}]}))
        .await;
    let table = "email address;MOBILE PHONE;Department;First Name;Work Secondary Email;New Primary Email\n\
                 u1@example.com;3;Maths;;w@example.org;ada@example.com\n;;;;;\n";
    desk.csv(table).await.unwrap();
    let resource = desk.person("u1").await.resource;
    assert_eq!(resource["phones"], json!([{"type": "work", "value": "1"}, {"type": "mobile", "value": "3"}]));
    let organizations =
        json!([{"name": "Side job"}, {"primary": true, "title": "Dr", "department": "Maths"}]);
    assert_eq!(resource["organizations"], organizations);
    let emails = json!([{"address": "ada@example.com", "type": "work", "primary": true},
                        {"type": "work", "address": "w@example.org"}]);
    assert_eq!(resource["emails"], emails, "the primary one follows the account's address");
    assert!(!resource.contains_key("name"));
}

#[tokio::test]
async fn a_broken_table_is_named_with_its_line() {
    for (table, said) in [
        ("", "line 1: the table has no first line; it should name the columns"),
        ("First Name\nAda\n", "line 1: the column \"Email Address [Required]\" is missing"),
        (
            "Email Address,Shoe Size\n",
            "line 1: there is no column called \"Shoe Size\" in Google's bulk upload",
        ),
        ("Email Address,Email address [Required]\n", "line 1: there are two columns called"),
        (
            "Email Address,Department\na@x.com,A\nb@x.com\n",
            "line 3: the line has 1 cells, and the first line has 2",
        ),
        ("Email Address,Department\n\n,A\n", "line 3: the line has no \"Email Address\""),
        ("Email Address,New Status\na@x.com,Gone\n", "line 2: \"Gone\" under \"New Status\" is none of"),
        ("Email Address,Change Password at Next Sign-In\na@x.com,maybe\n", "line 2: \"maybe\" under"),
        ("Email Address,Department\n\nada,A\n", "line 3: `ada` is not an e-mail address"),
        (
            "Email Address,Org Unit Path\na@x.com,Sales\n",
            "line 2: `Sales` is not the path of an organizational",
        ),
    ] {
        let found = refused("a.csv", table).await;
        assert!(found.starts_with(&format!("a.csv, {said}")), "{table:?}: {found}");
    }
}

#[tokio::test]
async fn lines_are_counted_whatever_ends_them_and_over_quoted_cells() {
    for end in ["\n", "\r\n"] {
        let lines =
            ["Email Address,Work Address", "a@x.com,\"1 Street", "Town\"", "", "b@x.com,\"2\"", "c,3"];
        let said = refused("a.csv", lines.join(end)).await;
        assert!(said.starts_with("a.csv, line 6: `c` is not"), "{end:?}: {said}");
    }
}

#[tokio::test]
async fn a_quote_that_is_never_closed_is_named_by_its_line() {
    for end in ["", "\n", "\r\n", "\n\n"] {
        for table in ["Email Address,Work Address\na@x.com,1\nb@x.com,\"2", "Email Address\n\n\"b@x.com"] {
            let said = refused("a.csv", format!("{table}{end}")).await;
            assert_eq!(said, "a.csv, line 3: a quote is opened here and never closed", "{end:?}");
        }
    }
}

#[tokio::test]
async fn a_file_without_a_telling_name_is_told_by_its_first_character() {
    let mut desk = Desk::new().await;
    let one = desk.write("one", format!("\u{feff} {}", json!({"users": [user("u1")]})));
    let two = desk.write("two", "Email Address\nu2@example.com\n");
    let report = desk.import_files(&[one, two], Import::default()).await.unwrap();
    assert_eq!(report.users, added(2));
}

#[tokio::test]
async fn progress_ends_with_every_byte_and_entry() {
    let desk = Desk::new().await;
    let users: Vec<Value> = (0..2_001).map(|n| user(&format!("u{n}"))).collect();
    let content = json!({"users": users}).to_string();
    let file = desk.write("a.json", &content);
    let seen = std::sync::Mutex::new(Vec::new());
    let report = |progress| seen.lock().unwrap().push(progress);
    let mut new_id = || "d".to_owned();
    import(&desk.store, &[file], Import::default(), desk.now, &mut new_id, &report).await.unwrap();
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.len(), 3);
    let last = seen.last().copied().unwrap();
    assert_eq!((last.n_entries, last.total_bytes), (2_001, u64::try_from(content.len()).unwrap()));
    assert!(last.read_bytes <= last.total_bytes && last.read_bytes + 2 >= last.total_bytes, "{last:?}");
    assert!(seen.is_sorted_by_key(|progress| progress.read_bytes));
}
