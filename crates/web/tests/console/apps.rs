//! The pages of an app: Google's procedures, step by step, and what is in the way of each.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use scraper::{Html, Selector};
use usher_model::access::Switch;
use usher_model::cause::{Delay, Deprovisioning};
use usher_model::directory::{Group, OrgUnitPath, User, UserState};
use usher_model::id::{AppId, DirectoryId, Email, GroupId, RunId, UserId};
use usher_model::time::Timestamp;
use usher_store::app;
use usher_store::directory::{self, GroupRecord, Person};
use usher_web::hands::{
    AccessOf, Advance, Consequence, Edit, Finished, Job, JobState, NotAuthorized, Planned,
};

use crate::browser::{Answer, Browser, House};

const APP: &str = "/apps/id-of-aws";
const ENDPOINT: &str = "https://scim.example.com/tenant/scim/v2";
const TOKEN: &str = "t0ken-that-nobody-sees";

/// A console with an app from the catalogue, and Ada's browser.
async fn with_app() -> (House, Browser) {
    let house = House::new().await;
    let mut ada = house.set_up().await;
    let added = ada.post_with_token("/apps/add", "/apps/add", &[("name", "aws"), ("template", "aws")]).await;
    assert_eq!(added.location(), APP, "{}", added.text);
    (house, ada)
}

/// Sends the form of a page with its hidden fields, and these besides.
async fn send(browser: &mut Browser, page: &str, action: &str, form: &[(&str, &str)]) -> Answer {
    let page = browser.get(page).await;
    let mut all: Vec<(&str, String)> = Vec::new();
    for name in ["token", "version"] {
        if page.text.contains(&format!("name=\"{name}\"")) {
            all.push((name, page.value(&format!("input[name={name}]"))));
        }
    }
    let all: Vec<_> =
        all.iter().map(|(name, value)| (*name, value.as_str())).chain(form.iter().copied()).collect();
    browser.post(action, &all).await
}

/// What the mapping page has in its fields, as a form sends it.
fn mapping_of(page: &Answer) -> Vec<(String, String)> {
    let page = Html::parse_document(&page.text);
    let fields = Selector::parse("input[name^='map:']").unwrap();
    page.select(&fields)
        .map(|field| (field.attr("name").unwrap().to_owned(), field.attr("value").unwrap().to_owned()))
        .collect()
}

async fn is_configured(house: &House) -> app::App {
    let mut tx = house.store.read("tests::app").await.unwrap();
    app::by_id(&mut tx, &AppId::new("id-of-aws")).await.unwrap().unwrap()
}

/// The set-up up to its last step.
async fn up_to_scope(ada: &mut Browser) {
    let token = format!("{APP}/set-up/token");
    assert_eq!(
        send(ada, &token, &token, &[("access_token", TOKEN)]).await.location(),
        format!("{APP}/set-up/endpoint")
    );
    let endpoint = format!("{APP}/set-up/endpoint");
    let checked = send(ada, &endpoint, &endpoint, &[("endpoint", ENDPOINT)]).await;
    assert_eq!(checked.location(), format!("{APP}/set-up/mapping"), "{}", checked.text);
    let mapping = format!("{APP}/set-up/mapping");
    let fields = mapping_of(&ada.get(&mapping).await);
    let form: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mapped = send(ada, &mapping, &mapping, &[&form[..], &[("do", "update")]].concat()).await;
    assert_eq!(mapped.location(), format!("{APP}/set-up/scope"), "{}", mapped.text);
    let scope = format!("{APP}/set-up/scope");
    let scoped = send(ada, &scope, &scope, &[("do", "update")]).await;
    assert_eq!(scoped.location(), format!("{APP}/set-up/deprovisioning"), "{}", scoped.text);
}

async fn set_up(ada: &mut Browser) {
    up_to_scope(ada).await;
    let last = format!("{APP}/set-up/deprovisioning");
    let form = [("suspended", "yes"), ("suspended-after", "7d"), ("app_off-after", "24h"), ("do", "finish")];
    assert_eq!(send(ada, &last, &last, &form).await.location(), APP);
}

#[tokio::test]
async fn the_set_up_asks_for_everything_in_the_order_of_googles_page_and_ends_with_an_app_that_is_off() {
    let (house, mut ada) = with_app().await;
    let page = ada.get(APP).await;
    assert!(page.text.contains("Configure autoprovisioning") && page.text.contains("Not configured"));
    set_up(&mut ada).await;
    assert_eq!(house.hands.authorized(), [(ENDPOINT.to_owned(), TOKEN.to_owned())]);
    let seven = Deprovisioning { suspended: Delay::parse("7d").ok(), ..Deprovisioning::default() };
    assert_eq!(
        house.hands.edits(),
        [
            Edit::Mapping(Vec::new()),
            Edit::Scope(Vec::new()),
            Edit::Deprovisioning { triggers: seven, hard_delete: None },
        ]
    );
    let page = ada.get(APP).await;
    assert!(page.text.contains("Usage information") && page.text.contains("Off"), "{}", page.text);
    assert!(!is_configured(&house).await.is_enabled);
    for path in [APP, &format!("{APP}/auto-provisioning"), &format!("{APP}/set-up/token"), "/audit-log"] {
        assert!(!ada.get(path).await.text.contains(TOKEN), "{path}");
    }
    let log = ada.get("/audit-log").await.text;
    for kind in ["app add", "app authorize", "app mapping", "app scope", "app deprovisioning"] {
        assert!(log.contains(kind), "{kind}: {log}");
    }
}

#[tokio::test]
async fn a_wrong_token_a_wrong_url_and_an_app_that_does_not_answer_are_each_told_and_nothing_is_stored() {
    let (house, mut ada) = with_app().await;
    let (token, endpoint) = (format!("{APP}/set-up/token"), format!("{APP}/set-up/endpoint"));
    for wrong in ["", "two words"] {
        let answer = send(&mut ada, &token, &token, &[("access_token", wrong)]).await;
        assert!(answer.text.contains("role=\"alert\""), "{}", answer.text);
    }
    let asked = send(&mut ada, &endpoint, &endpoint, &[("endpoint", ENDPOINT)]).await;
    assert!(asked.text.contains("The access token is not here any more."), "{}", asked.text);
    send(&mut ada, &token, &token, &[("access_token", TOKEN)]).await;
    for (said, told, leads_back) in [
        (
            NotAuthorized::Token("the app refused the access token (401)".into()),
            "The app refused the access token (401).",
            true,
        ),
        (
            NotAuthorized::Endpoint("what answers there is not a SCIM endpoint".into()),
            "is not a SCIM endpoint.",
            false,
        ),
        (NotAuthorized::Endpoint("it does not answer".into()), "It does not answer.", false),
        (
            NotAuthorized::OtherTenant { n_accounts: 3, known: "https://old".into() },
            "3 accounts are on record at https://old",
            false,
        ),
    ] {
        house.hands.next_authorization(Err(said));
        let answer = send(&mut ada, &endpoint, &endpoint, &[("endpoint", ENDPOINT)]).await;
        assert!(answer.text.contains(told), "{told}: {}", answer.text);
        assert_eq!(answer.text.contains("Enter another token"), leads_back, "{told}");
        assert!(!answer.text.contains(TOKEN));
    }
    assert!(!is_configured(&house).await.has_token);
    let checked = send(&mut ada, &endpoint, &endpoint, &[("endpoint", ENDPOINT)]).await;
    assert_eq!(checked.location(), format!("{APP}/set-up/mapping"));
    let again = send(&mut ada, &endpoint, &endpoint, &[("endpoint", ENDPOINT)]).await;
    assert!(again.text.contains("not here any more"), "the token was kept for one check that went well");
}

#[tokio::test]
async fn a_mandatory_attribute_that_is_not_mapped_and_no_deprovisioning_action_keep_the_set_up_from_going_on()
{
    let (house, mut ada) = with_app().await;
    let mapping = format!("{APP}/set-up/mapping");
    let mut fields = mapping_of(&ada.get(&mapping).await);
    let given = fields.iter_mut().find(|(name, _)| name == "map:name.givenName").unwrap();
    given.1.clear();
    let form: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = send(&mut ada, &mapping, &mapping, &[&form[..], &[("do", "update")]].concat()).await;
    assert!(
        answer.text.contains("The mandatory attribute First name (name.givenName) is not mapped"),
        "{}",
        answer.text
    );
    let wrong = [("map:userName", "user.name.givenName.shout()"), ("do", "update")];
    let answer = send(&mut ada, &mapping, &mapping, &wrong).await;
    assert!(answer.text.contains("role=\"alert\"") && answer.text.contains("shout"), "{}", answer.text);
    let last = format!("{APP}/set-up/deprovisioning");
    let answer = send(&mut ada, &last, &last, &[("do", "finish")]).await;
    assert!(answer.text.contains("Select at least one of these options."));
    assert!(house.hands.edits().is_empty(), "nothing was set");
}

#[tokio::test]
async fn the_slider_is_disabled_with_googles_note_until_the_app_is_on_for_somebody() {
    let (house, mut ada) = with_app().await;
    set_up(&mut ada).await;
    let page = ada.get(APP).await.text;
    assert!(page.contains("isn’t turned on for any users. Click User access"), "{page}");
    assert!(page.contains("disabled aria-describedby=\"slider-note\""));
    let access = format!("{APP}/access");
    let there = format!("{access}#unit-%2F");
    assert_eq!(send(&mut ada, &access, &access, &[("do", "on:/")]).await.location(), there);
    let edit = Edit::Access(AccessOf::Unit(OrgUnitPath::root(), Some(Switch::On)));
    assert_eq!(house.hands.edits().last(), Some(&edit));
    assert!(!ada.get(APP).await.text.contains("slider-note"));
}

#[tokio::test]
async fn whatever_takes_access_away_asks_first_where_provisioning_is_on_and_says_how_many_lose_it() {
    let (house, mut ada) = with_app().await;
    let people: Vec<_> = ["1", "2", "3"]
        .into_iter()
        .map(|id| {
            let user = User {
                id: UserId::new(id),
                primary_email: Email::parse(&format!("p{id}@example.com")).unwrap(),
                state: UserState::Active,
                org_unit: OrgUnitPath::parse(if id == "1" { "/" } else { "/Sales/East" }).unwrap(),
                is_guest: false,
            };
            Person::new(user, serde_json::Map::new())
        })
        .collect();
    let mut tx = house.store.begin("tests::people").await.unwrap();
    directory::record_people(&mut tx, &DirectoryId::new("embedded"), &people).await.unwrap();
    tx.commit().await.unwrap();
    let what = "p2@example.com: Their account at aws is suspended by the next run: app off.".to_owned();
    house.hands.say_of_people(Vec::new(), vec![Consequence { app: "aws".into(), what, is_loss: true }]);
    let access = format!("{APP}/access");
    let at = |anchor: &str| format!("{access}#unit-{anchor}");
    let n_edits = || house.hands.edits().len();
    for button in ["on:/", "off:/Sales", "on:/Sales"] {
        let there = at(if button == "on:/" { "%2F" } else { "%2FSales" });
        assert_eq!(send(&mut ada, &access, &access, &[("do", button)]).await.location(), there, "it is off");
    }
    let mut tx = house.store.begin("tests::on").await.unwrap();
    app::enable(&mut tx, &AppId::new("id-of-aws"), Timestamp::from_micros(5)).await.unwrap();
    tx.commit().await.unwrap();
    let before = n_edits();
    let asked = send(&mut ada, &access, &access, &[("do", "off:/Sales")]).await;
    assert_eq!((asked.heading().as_str(), n_edits()), ("Turn aws off for /Sales?", before));
    assert!(asked.text.contains("2 people lose access to aws;"), "{}", asked.text);
    assert!(asked.text.contains("p2@example.com: Their account at aws is suspended"), "{}", asked.text);
    let sales = OrgUnitPath::parse("/Sales").unwrap();
    assert_eq!(house.hands.switches(), [AccessOf::Unit(sales, Some(Switch::Off))]);
    assert_eq!(asked.attribute("dialog a", "href"), at("%2FSales"));
    let hidden = ["token", "version", "do", "sure"]
        .map(|name| (name, asked.value(&format!("dialog input[name={name}]"))));
    let hidden: Vec<_> = hidden.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(ada.post(&access, &hidden).await.location(), at("%2FSales"));
    assert_eq!(n_edits(), before + 1);
    for (button, there) in [("inherit:/Sales", at("%2FSales")), ("on:/Legal", at("%2FLegal"))] {
        let sent = send(&mut ada, &access, &access, &[("do", button)]).await;
        assert_eq!(sent.location(), there, "nobody loses anything");
    }
    let asked = send(&mut ada, &access, &access, &[("do", "inherit:/")]).await;
    assert_eq!(asked.heading(), "Let / inherit?");
    assert!(asked.text.contains("3 people lose access to aws;"), "{}", asked.text);
}

#[tokio::test]
async fn a_search_for_groups_shows_twenty_and_none_that_is_chosen_already() {
    let (house, mut ada) = with_app().await;
    let groups = (0..45).map(|n| {
        let email = Email::parse(&format!("cloud-{n:02}@example.com")).unwrap();
        let group = Group { id: GroupId::new(format!("g{n:02}")), email, name: "Cloud".into() };
        GroupRecord { group, resource: serde_json::Map::new() }
    });
    let mut tx = house.store.begin("tests::groups").await.unwrap();
    let groups: Vec<_> = groups.collect();
    directory::record_groups(&mut tx, &DirectoryId::new("embedded"), &groups).await.unwrap();
    tx.commit().await.unwrap();
    let offered = |answer: &Answer| {
        let pieces = answer.text.split("value=\"add:g").skip(1);
        pieces.map(|piece| piece[..2].parse::<usize>().unwrap()).collect::<Vec<_>>()
    };
    let scope = format!("{APP}/auto-provisioning/scope");
    let search = format!("{scope}/found");
    let chosen: Vec<String> = (0..25).map(|n| format!("g{n:02}")).collect();
    let chosen: Vec<(&str, &str)> = chosen.iter().map(|group| ("group", group.as_str())).collect();
    let found = send(&mut ada, &scope, &search, &[&chosen[..], &[("q", "CLOUD")]].concat()).await;
    assert_eq!(offered(&found), (25..45).collect::<Vec<_>>(), "{}", found.text);
    let found = send(&mut ada, &scope, &search, &[("q", "cloud-4")]).await;
    assert_eq!(offered(&found), (40..45).collect::<Vec<_>>());
    let access = format!("{APP}/access");
    let found = send(&mut ada, &access, &access, &[("q", "cloud"), ("do", "search")]).await;
    assert_eq!(found.text.matches("value=\"group:cloud-").count(), 20, "{}", found.text);
}

fn planned(house_version: i64, edit: Option<Edit>) -> JobState {
    JobState::Finished(Box::new(Finished::Planned(Planned {
        app: AppId::new("id-of-aws"),
        run: RunId::new("run"),
        version: house_version,
        edit,
        operations: std::iter::once((usher_model::operation::Kind::Create, 12)).collect(),
        groups: BTreeMap::default(),
        members_added: 0,
        members_removed: 0,
        n_failures: 0,
        failures: Vec::new(),
        skipped: BTreeMap::default(),
        n_leaving: 1,
        leaving: vec![("cy@example.com".into(), "leaving: in none of the groups".into())],
        held: Vec::new(),
    })))
}

#[tokio::test]
async fn before_it_is_turned_on_the_preview_is_shown_and_the_dialog_asks_once_more() {
    let (house, mut ada) = with_app().await;
    set_up(&mut ada).await;
    let access = format!("{APP}/access");
    send(&mut ada, &access, &access, &[("do", "on:/")]).await;
    house.hands.jobs_are(JobState::UnderWay(Advance::default()));
    let begun = send(&mut ada, APP, &format!("{APP}/turn-on"), &[]).await;
    assert_eq!(begun.location(), format!("{APP}/plans/job"));
    assert!(matches!(house.hands.jobs().as_slice(), [Job::Preview { edit: None, .. }]));
    assert!(ada.get(begun.location()).await.text.contains("<progress"), "it is under way");
    house.hands.jobs_are(planned(is_configured(&house).await.config_version, None));
    let plan = ada.get(&format!("{APP}/plans/job")).await.text;
    assert!(plan.contains("Create") && plan.contains("12") && plan.contains("Turn on"), "{plan}");
    assert!(plan.contains("cy@example.com") && plan.contains("Would lose their account later (1)"), "{plan}");
    assert!(!is_configured(&house).await.is_enabled, "a preview turns nothing on");
    let dialog = ada.get(&format!("{APP}/plans/job/turn-on")).await;
    assert_eq!(dialog.heading(), "Turn on auto-provisioning?");
    let ask = format!("{APP}/plans/job/turn-on");
    let on = send(&mut ada, &ask, &ask, &[]).await;
    assert_eq!(on.location(), format!("{APP}?done=turned-on"));
    assert!(ada.get(on.location()).await.text.contains("role=\"status\">Turned on.<"));
    assert!(is_configured(&house).await.is_enabled);
    let off = format!("{APP}/turn-off");
    assert_eq!(ada.get(&off).await.heading(), "Turn off auto-provisioning?");
    assert!(is_configured(&house).await.is_enabled, "asking turns nothing off");
    assert_eq!(send(&mut ada, &off, &off, &[]).await.location(), format!("{APP}?done=turned-off"));
    assert!(!is_configured(&house).await.is_enabled);
}

#[tokio::test]
async fn what_was_previewed_of_another_configuration_is_not_turned_on_nor_updated() {
    let (house, mut ada) = with_app().await;
    set_up(&mut ada).await;
    let edit = Edit::Scope(Vec::new());
    for (state, action) in [(planned(0, None), "turn-on"), (planned(0, Some(edit)), "update")] {
        house.hands.jobs_are(state);
        let n_edits = house.hands.edits().len();
        let page = format!("{APP}/plans/job");
        let answer = send(&mut ada, &page, &format!("{page}/{action}"), &[]).await;
        assert!(answer.text.contains("Somebody else changed this app"), "{action}: {}", answer.text);
        assert_eq!(house.hands.edits().len(), n_edits, "{action}");
    }
    assert!(!is_configured(&house).await.is_enabled);
}

#[tokio::test]
async fn of_two_admins_who_edit_at_once_the_second_is_told_and_nothing_is_overwritten() {
    let (house, mut ada) = with_app().await;
    set_up(&mut ada).await;
    let page = format!("{APP}/auto-provisioning/deprovisioning");
    let theirs = ada.get(&page).await.value("input[name=version]");
    let ours = [("deleted", "yes"), ("deleted-after", "30d"), ("do", "update")];
    let first = send(&mut ada, &page, &page, &ours).await;
    assert_eq!(first.location(), format!("{APP}/auto-provisioning?done=saved"));
    let token = ada.get(&page).await.value("input[name=token]");
    let late = [
        ("token", token.as_str()),
        ("version", &theirs),
        ("app_off", "yes"),
        ("app_off-after", "24h"),
        ("do", "update"),
    ];
    let second = ada.post(&page, &late).await;
    assert!(second.text.contains("Somebody else changed this app"), "{}", second.text);
    let settings = is_configured(&house).await.settings.unwrap();
    let thirty = Deprovisioning { deleted: Delay::parse("30d").ok(), ..Deprovisioning::default() };
    assert_eq!(settings.deprovisioning, thirty, "what the first set stands");
}

#[tokio::test]
async fn what_the_binary_refuses_is_told_in_its_words_and_is_no_line_of_the_audit_log() {
    let (house, mut ada) = with_app().await;
    set_up(&mut ada).await;
    house.hands.refuse_next("that would leave no trigger selected");
    let page = format!("{APP}/auto-provisioning/deprovisioning");
    let n_lines = ada.get("/audit-log").await.text.matches("<tr>").count();
    let answer =
        send(&mut ada, &page, &page, &[("deleted", "yes"), ("deleted-after", "1d"), ("do", "update")]).await;
    assert!(answer.text.contains("That would leave no trigger selected."), "{}", answer.text);
    assert_eq!(ada.get("/audit-log").await.text.matches("<tr>").count(), n_lines);
}

#[tokio::test]
async fn the_configuration_is_deleted_and_the_app_removed_once_a_dialog_was_answered() {
    let (house, mut ada) = with_app().await;
    set_up(&mut ada).await;
    let delete = format!("{APP}/auto-provisioning/delete");
    let asked = ada.get(&delete).await;
    assert!(asked.text.contains("will not be deprovisioned"), "{}", asked.text);
    assert!(is_configured(&house).await.settings.is_some());
    assert_eq!(send(&mut ada, &delete, &delete, &[]).await.location(), format!("{APP}?done=deleted"));
    assert!(is_configured(&house).await.settings.is_none());
    let page = ada.get(APP).await;
    assert!(page.text.contains("Configure autoprovisioning"), "{}", page.text);
    let remove = format!("{APP}/remove");
    assert_eq!(send(&mut ada, &remove, &remove, &[]).await.location(), "/apps?done=removed");
    assert_eq!(ada.get(APP).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn another_token_replaces_the_old_one_once_the_app_has_accepted_it() {
    let (house, mut ada) = with_app().await;
    set_up(&mut ada).await;
    let page = format!("{APP}/auto-provisioning/reauthorize");
    house
        .hands
        .next_authorization(Err(NotAuthorized::Token("the app refused the access token (401)".into())));
    let refused = send(&mut ada, &page, &page, &[("access_token", "another")]).await;
    assert!(refused.text.contains("The app refused the access token (401)."), "{}", refused.text);
    let done = send(&mut ada, &page, &page, &[("access_token", " another ")]).await;
    assert_eq!(done.location(), format!("{APP}/auto-provisioning?done=reauthorized"));
    assert_eq!(house.hands.authorized().last(), Some(&(ENDPOINT.to_owned(), "another".to_owned())));
}

#[tokio::test]
async fn the_directorys_metadata_is_a_file_with_one_real_certificate() {
    let (_house, mut ada) = with_app().await;
    let first = ada.get(&format!("{APP}/sso/metadata")).await;
    assert_eq!(first.headers["content-disposition"], "attachment; filename=\"UsherIDPMetadata.xml\"");
    let der = first.text.split("<ds:X509Certificate>").nth(1).unwrap().split('<').next().unwrap();
    assert!(
        der.len() > 800 && der.starts_with("MII"),
        "DER of a certificate with a key of 2,048 bits: {der}"
    );
    assert!(first.text.contains("entityID=\"http://127.0.0.1:8080/saml/embedded\""), "{}", first.text);
    assert_eq!(ada.get(&format!("{APP}/sso/metadata")).await.text, first.text, "it is made once");
    let page = format!("{APP}/sso");
    let wrong = send(&mut ada, &page, &page, &[("acs_url", "acs"), ("entity_id", "urn:x")]).await;
    assert!(wrong.text.contains("The ACS URL is not a web address"), "{}", wrong.text);
    let form =
        [("acs_url", "https://signin.example.com/acs"), ("entity_id", "https://signin.example.com/entity")];
    assert!(send(&mut ada, &page, &page, &form).await.text.contains("Saved."));
    assert!(ada.get(APP).await.text.contains("https://signin.example.com/acs"));
}
