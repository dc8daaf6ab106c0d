use super::*;

const LIST: Subject<'_> = Subject::Request { method: "directory.users.list", page: 3 };

#[test]
fn a_rule_is_about_its_page_and_its_method() {
    let mut faults = Faults::default();
    let rule = FaultRule { page: Some(3), ..FaultRule::always("directory.users.list", Fault::EmptyList) };
    faults.add(rule);
    assert_eq!(faults.strike(LIST, ""), Some(Fault::EmptyList));
    for (method, page) in [("directory.users.list", 2), ("directory.groups.list", 3)] {
        assert_eq!(faults.strike(Subject::Request { method, page }, ""), None);
    }
}

#[test]
fn faults_of_the_feed_are_about_activities_alone() {
    let mut faults = Faults::default();
    faults.add(FaultRule::always("SUSPEND_USER", Fault::FeedLost));
    assert_eq!(faults.strike(LIST, ""), None);
    assert_eq!(faults.strike(Subject::Activity { name: "SUSPEND_USER" }, ""), Some(Fault::FeedLost));
    assert_eq!(faults.strike(Subject::Activity { name: "CREATE_USER" }, ""), None);
    faults.clear();
    faults.add(FaultRule::always("SUSPEND_USER", Fault::LostRequest));
    assert_eq!(faults.strike(Subject::Activity { name: "SUSPEND_USER" }, ""), None);
}

#[test]
fn a_rule_for_the_next_two_ends_after_them() {
    let mut faults = Faults::default();
    let rule =
        FaultRule { when: When::Next { n: 2 }, ..FaultRule::always("directory.users.list", Fault::CutList) };
    faults.add(FaultRule { target: Some("query=".to_owned()), ..rule });
    let hits = ["/users?query=a", "/users", "/users?query=b", "/users?query=c"];
    let hits = hits.map(|target| faults.strike(LIST, target).is_some());
    assert_eq!(hits, [true, false, true, false]);
    assert!(faults.list().is_empty());
}
