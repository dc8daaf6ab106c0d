//! What groups cost, in requests.

use usher_emulator::identity_center::Operation;
use usher_testkit::builders::Directory;

use super::{Cloud, big_group, did_all};

#[tokio::test]
async fn the_first_hundred_go_with_the_group_and_the_rest_a_hundred_at_a_time() {
    for (n, patches) in [(1, 0), (100, 0), (101, 1), (200, 1), (201, 2)] {
        let cloud = Cloud::new(&big_group(n)).await;
        let report = cloud.sync().await;
        let writes = (n + 1 + patches) as u64;
        assert_eq!((report.requests.writes, report.n_failures), (writes, 0), "{n} people: {report:?}");
        assert_eq!((cloud.count(Operation::CreateGroup), cloud.count(Operation::PatchGroup)), (1, patches));
        assert_eq!(cloud.members("Big").len(), n);
        cloud.is_converged().await;
    }
}

#[tokio::test]
async fn whoever_joins_a_group_of_thousands_costs_one_write_and_a_few_reads() {
    let cloud = Cloud::new(&big_group(1_000)).await;
    cloud.sync().await;
    let addresses: Vec<String> = (2..=1_001).map(|number| format!("p{number}@example.com")).collect();
    let members: Vec<&str> = addresses.iter().map(String::as_str).collect();
    let everybody: Vec<String> = (1..=1_001).map(|number| format!("p{number}@example.com")).collect();
    let people = Directory::new("example.com").people(everybody.iter().map(String::as_str));
    cloud.world.has(&people.group("big@example.com", &members)).await;
    cloud.clear_log();
    let report = cloud.sync().await;
    assert_eq!(did_all(&report), "create 1, members_add 1, members_remove 1");
    assert_eq!(report.requests.writes, 3);
    assert_eq!(cloud.count(Operation::ListUsers), 0, "nobody reads the thousand for the sake of two");
    assert_eq!(cloud.count(Operation::ListGroups), 2);
    cloud.is_converged().await;
}

#[tokio::test]
async fn an_audit_costs_a_hundredth_of_users_of_groups_and_of_members() {
    let cloud = Cloud::new(&big_group(250)).await;
    cloud.sync().await;
    cloud.clear_log();
    let report = cloud.audit().await;
    // 250 people, one group, 250 members.
    assert_eq!((report.requests.reads, report.requests.writes), (3 + 1 + 3, 0), "{report:?}");
    assert_eq!(report.group_audit.unwrap().n_compared, 1);
}
