use super::*;

fn app() -> App {
    App {
        id: AppId::new("a"),
        name: "aws".to_owned(),
        template: "aws".to_owned(),
        directory: DirectoryId::new("d"),
        settings: Some(Settings::default()),
        mapping: Vec::new(),
        endpoint: None,
        has_token: false,
        token_set_at: None,
        token_created_at: None,
        is_enabled: true,
        on: On::default(),
        config_version: 0,
        refused_at: None,
        quarantine: None,
        listed_at: None,
        groups_listed_at: None,
        shows_members: false,
        accepted_people: None,
        next_run_at: None,
        created_at: Timestamp::default(),
        n_open_holds: 0,
    }
}

#[test]
fn a_status_names_first_what_stops_most() {
    let quarantine = Quarantine { why: "403".to_owned(), n: 1, until: Timestamp::default() };
    let mut app = App { n_open_holds: 1, ..app() };
    assert_eq!(app.status(), Status::Held);
    app.quarantine = Some(quarantine);
    assert_eq!(app.status(), Status::Quarantined);
    app.refused_at = Some(Timestamp::default());
    assert_eq!(app.status(), Status::NeedsReauthorization);
    app.is_enabled = false;
    assert_eq!(app.status(), Status::NotConfigured, "it was never on, and has neither token nor trigger");
    app.on.micros = 1;
    assert_eq!(app.status(), Status::Inactive);
    app.settings = None;
    assert_eq!(app.status(), Status::NotConfigured);
    assert_eq!(self::app().status(), Status::Active);
}

#[test]
fn the_clock_of_provisioning_runs_only_while_it_is_on() {
    let at = |seconds| Timestamp::default() + Duration::from_secs(seconds);
    let off = App { on: On { enabled_at: None, micros: 5_000_000 }, ..app() };
    assert_eq!(off.provisioning_on(at(100)), Duration::from_secs(5));
    let on = App { on: On { enabled_at: Some(at(90)), micros: 5_000_000 }, ..app() };
    assert_eq!(on.provisioning_on(at(100)), Duration::from_secs(15));
    assert_eq!(on.provisioning_on(at(80)), Duration::from_secs(5), "a clock that was set back takes nothing");
}

#[test]
fn a_run_begins_by_itself_where_its_time_has_come_and_nothing_is_in_the_way() {
    let at = |seconds| Timestamp::default() + Duration::from_secs(seconds);
    let due = App { next_run_at: Some(at(10)), ..app() };
    assert_eq!([at(9), at(10), at(11)].map(|now| due.is_due(now)), [false, true, true]);
    assert!(!App { next_run_at: None, ..due.clone() }.is_due(at(10)));
    assert!(!App { is_enabled: false, ..due.clone() }.is_due(at(10)));
    assert!(!App { refused_at: Some(at(1)), ..due.clone() }.is_due(at(10)));
    let quarantine = Quarantine { why: "403".to_owned(), n: 1, until: at(20) };
    let quarantined = App { quarantine: Some(quarantine), ..due };
    assert_eq!([at(19), at(20)].map(|now| quarantined.is_due(now)), [false, true]);
}
