//! The organisation, its units, domains and schemas.

use usher_model::access::Switch;

use super::*;

async fn path(home: &Home, user: &str) -> String {
    home.person(user).await.user.org_unit.to_string()
}

async fn units(home: &Home) -> BTreeMap<String, OrgUnit> {
    let units = home.directory.org_units().await.unwrap();
    units.iter().map(|unit| (unit.name.clone(), OrgUnit::clone(unit))).collect()
}

#[tokio::test]
async fn an_organisation_has_one_id_from_its_beginning_on() {
    let home = Home::new().await;
    let customer = home.directory.customer().await.unwrap();
    assert!(customer.id.starts_with('C'), "{customer:?}");
    let root = home.root().await;
    let mut changed = Customer::clone(&customer);
    changed.phone_number = Some("+49 1".to_owned());
    changed.postal_address = object(json!({"countryCode": "DE"}));
    home.does([Change::Customer(changed.clone())]).await;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let again = Embedded::open(home.store.clone(), clock, &SystemClock).await.unwrap();
    assert_eq!(*again.customer().await.unwrap(), changed);
    assert_eq!(again.org_units().await.unwrap()[0].id, root);
}

#[tokio::test]
async fn the_root_unit_is_always_there_and_can_be_described() {
    let home = Home::new().await;
    let root = OrgUnit { description: "everything".to_owned(), ..units(&home).await[""].clone() };
    home.does([Change::OrgUnit(root.clone())]).await;
    assert_eq!(home.directory.org_units().await.unwrap(), [Arc::new(root.clone())]);
    home.refuses([Change::OrgUnitGone(root.id)]).await;
}

#[tokio::test]
async fn whoever_is_in_a_unit_that_is_renamed_or_moved_goes_along_with_everybody_below() {
    let home = Home::new().await;
    let root = home.root().await;
    home.does([Change::OrgUnit(unit("s", "Sales", &root)), Change::OrgUnit(unit("o", "Other", &root))]).await;
    home.does([Change::OrgUnit(unit("e", "East", "s"))]).await;
    home.does([("1", "s"), ("2", "e"), ("3", "o")].map(|(id, at)| Change::User(user(id, at)))).await;
    assert_eq!((path(&home, "1").await.as_str(), path(&home, "2").await.as_str()), ("/Sales", "/Sales/East"));
    let before = home.person("2").await;

    home.does([Change::OrgUnit(unit("s", "Vertrieb", &root))]).await;
    assert_eq!(path(&home, "1").await, "/Vertrieb");
    assert_eq!(path(&home, "2").await, "/Vertrieb/East");
    assert_eq!(path(&home, "3").await, "/Other");
    assert_ne!(home.person("2").await.fingerprint(), before.fingerprint());
    assert_eq!(home.person("2").await.resource["orgUnitPath"], "/Vertrieb/East");
    assert_eq!(
        (home.read("1").await.org_unit, home.read("2").await.org_unit),
        ("s".to_owned(), "e".to_owned())
    );

    home.does([Change::OrgUnit(unit("s", "Vertrieb", "o"))]).await;
    assert_eq!(path(&home, "2").await, "/Other/Vertrieb/East");
    assert_eq!(units(&home).await["East"], unit("e", "East", "s"));
    assert_eq!(units(&home).await.len(), 4);
}

fn of(path: &str) -> OrgUnitPath {
    OrgUnitPath::parse(path).unwrap()
}

async fn switches(home: &Home, units: &[(&str, Switch)]) {
    let id = home.app().await.id;
    let mut tx = home.store.begin("tests::access").await.unwrap();
    for (unit, switch) in units {
        access::set_unit(&mut tx, &id, &of(unit), Some(*switch)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn switched(home: &Home) -> Vec<(OrgUnitPath, Switch)> {
    let id = home.app().await.id;
    let mut tx = home.store.read("tests::access").await.unwrap();
    access::access_list(&mut tx, &id).await.unwrap().units
}

#[tokio::test]
async fn what_an_app_says_of_a_unit_is_said_of_it_at_its_new_path() {
    let home = Home::new().await;
    home.adds_app().await;
    let root = home.root().await;
    home.does([Change::OrgUnit(unit("s", "Sales", &root))]).await;
    switches(&home, &[("/sales", Switch::On), ("/", Switch::Off)]).await;
    home.does([Change::OrgUnit(unit("s", "Vertrieb", &root))]).await;
    assert_eq!(switched(&home).await, [(of("/"), Switch::Off), (of("/Vertrieb"), Switch::On)]);
}

#[tokio::test]
async fn no_unit_inherits_what_an_app_says_of_another_that_was_at_its_path() {
    let home = Home::new().await;
    home.adds_app().await;
    let root = home.root().await;
    home.does([Change::OrgUnit(unit("a", "Away", &root)), Change::OrgUnit(unit("s", "Sales", &root))]).await;
    switches(&home, &[("/Away", Switch::On)]).await;
    home.does([Change::OrgUnitGone("a".to_owned())]).await;
    assert_eq!(switched(&home).await, [], "who was gone is said nothing of");

    // What was said of a path before this was so, or while nobody was there.
    switches(&home, &[("/Away", Switch::On), ("/New", Switch::On)]).await;
    home.does([Change::OrgUnit(unit("s", "Away", &root)), Change::OrgUnit(unit("n", "New", &root))]).await;
    assert_eq!(switched(&home).await, []);

    // Two that swap take what is theirs along.
    switches(&home, &[("/Away", Switch::Off), ("/New", Switch::On)]).await;
    home.does([Change::OrgUnit(unit("s", "New", &root)), Change::OrgUnit(unit("n", "Away", &root))]).await;
    assert_eq!(switched(&home).await, [(of("/Away"), Switch::On), (of("/New"), Switch::Off)]);
}

#[tokio::test]
async fn a_unit_goes_once_nobody_is_in_it_and_no_two_are_at_one_path() {
    let home = Home::new().await;
    let root = home.root().await;
    home.does([Change::OrgUnit(unit("s", "Sales", &root)), Change::User(user("1", "s"))]).await;
    home.refuses([Change::OrgUnitGone("s".to_owned())]).await;
    home.refuses([Change::OrgUnit(unit("t", "SALES", &root))]).await;
    home.refuses([Change::User(user("2", "nowhere"))]).await;
    home.does([Change::User(user("1", &root))]).await;
    home.does([Change::OrgUnitGone("s".to_owned())]).await;
    assert_eq!(units(&home).await.len(), 1);
}

#[tokio::test]
async fn a_unit_without_an_id_has_one_that_it_keeps_when_it_is_renamed() {
    let home = Home::new().await;
    let record = |path: &str| directory::OrgUnitRecord {
        path: OrgUnitPath::parse(path).unwrap(),
        resource: object(json!({"orgUnitPath": path})),
    };
    let imports = async |path: &str| {
        let mut tx = home.store.begin("tests::import").await.unwrap();
        directory::record_org_units(&mut tx, &home.directory.id, &[record(path)]).await.unwrap();
        tx.commit().await.unwrap();
    };
    imports("/Sales").await;
    let sales = units(&home).await["Sales"].clone();
    assert_eq!(units(&home).await["Sales"], sales);
    home.does([Change::OrgUnit(OrgUnit { name: "Vertrieb".to_owned(), ..sales.clone() })]).await;
    assert_eq!(units(&home).await["Vertrieb"].id, sales.id);
    imports("/Sales").await;
    assert_ne!(units(&home).await["Sales"].id, sales.id, "no id is given to another unit");
    assert_eq!(units(&home).await["Vertrieb"].id, sales.id);
}

#[tokio::test]
async fn the_first_domain_is_the_primary_one_and_stays_the_only_one() {
    let home = Home::new().await;
    let first = Domain { is_primary: true, ..domain("example.com") };
    home.does([Change::Domain(domain("example.org"))]).await;
    let domains = home.directory.domains().await.unwrap();
    assert_eq!(domains, [Arc::new(first.clone()), Arc::new(domain("example.org"))]);
    home.refuses([Change::Domain(Domain { is_primary: true, ..domain("example.org") })]).await;
    home.refuses([Change::DomainGone("example.com".to_owned())]).await;
    home.does([Change::DomainGone("example.org".to_owned())]).await;
    assert_eq!(home.directory.domains().await.unwrap(), [Arc::new(first)]);
}

#[tokio::test]
async fn the_first_domain_is_not_one_that_people_are_outside_of() {
    let home = Home::new().await;
    home.does([Change::DomainGone("example.com".to_owned()), Change::User(home.user("ada").await)]).await;
    let refused = home.commit([Change::Domain(domain("example.org"))]).await;
    assert!(matches!(refused, Err(NotCommitted::Refused(_))), "{refused:?}");
    home.does([Change::Domain(domain("example.com"))]).await;
}

#[tokio::test]
async fn schemas_come_back_by_name_and_go_by_id() {
    let home = Home::new().await;
    let schema = |id: &str, name: &str| Schema {
        id: id.to_owned(),
        name: name.to_owned(),
        fields: object(json!({"displayName": name, "fields": [{"fieldName": "f", "fieldType": "STRING"}]})),
    };
    home.does([Change::Schema(schema("1", "Work")), Change::Schema(schema("2", "Home"))]).await;
    let schemas = home.directory.schemas().await.unwrap();
    assert_eq!(schemas, [Arc::new(schema("2", "Home")), Arc::new(schema("1", "Work"))]);
    let mut changed = schema("1", "Work");
    changed.fields.insert("displayName".to_owned(), json!("At work"));
    home.does([Change::Schema(changed.clone()), Change::SchemaGone("2".to_owned())]).await;
    assert_eq!(home.directory.schemas().await.unwrap(), [Arc::new(changed)]);
}
