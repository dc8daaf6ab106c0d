//! The main job at its size, with groups: 10,000 people in 1,000 groups of 100 memberships each on average.

use serde_json::{Value, json};
use usher_emulator::identity_center::Operation;
use usher_emulator::identity_center::settings::Settings;
use usher_engine::import::Import;
use usher_testkit::builders::{Directory, id_of};

use super::{Cloud, all_groups, did_all};

const PEOPLE: usize = 10_000;
const GROUPS: usize = 1_000;
const MEMBERSHIPS: usize = 100_000;

/// How many members each group has: from 1 to 1,000, and as many altogether as there are to be.
fn sizes() -> Vec<usize> {
    let mut sizes: Vec<usize> = (0..GROUPS)
        .map(|n| match n % 100 {
            0 => 1_000,
            1..=9 => 250,
            10 => 101,
            11 => 100,
            _ => 70,
        })
        .collect();
    // The last ones make up the difference.
    let total: usize = sizes.iter().sum();
    let mut left = MEMBERSHIPS - total;
    for size in sizes.iter_mut().rev() {
        let more = left.min(100 - (*size).min(100));
        *size += more;
        left -= more;
    }
    assert_eq!((left, sizes.iter().sum::<usize>()), (0, MEMBERSHIPS));
    sizes
}

fn company(sizes: &[usize]) -> Value {
    let addresses: Vec<String> = (0..PEOPLE).map(|n| format!("p{n}@example.com")).collect();
    let mut json = Directory::new("example.com").people(addresses.iter().map(String::as_str)).json();
    let ids: Vec<String> = addresses.iter().map(|address| id_of(address)).collect();
    for (n, size) in sizes.iter().enumerate() {
        let first = n * 97;
        let address = format!("g{n}@example.com");
        let member = |at: usize| json!({"id": ids[at % PEOPLE], "role": "MEMBER", "type": "USER"});
        json["members"][&address] = (first..first + size).map(member).collect();
        let group = json!({"id": id_of(&address), "email": address, "name": format!("Group {n}")});
        json["groups"].as_array_mut().unwrap().push(group);
    }
    json
}

#[tokio::test]
async fn e2e_a_first_sync_writes_one_request_for_each_person_and_group_and_further_hundred_members() {
    let sizes = sizes();
    let first = Directory::new("example.com").people(["p0@example.com"]);
    let cloud = Cloud::with(&first, all_groups(), Settings::default().unlimited()).await;
    cloud.world.import(&company(&sizes), Import::default()).await;
    let report = cloud.sync().await;
    let further: usize = sizes.iter().map(|size| size.div_ceil(100).saturating_sub(1)).sum();
    assert_eq!(report.n_failures, 0, "{:?}", report.failures);
    assert_eq!(did_all(&report), format!("create {PEOPLE}, group_create {GROUPS}, members_add {further}"));
    assert_eq!(report.members.added, MEMBERSHIPS as u64);
    assert_eq!(report.requests.writes, (PEOPLE + GROUPS + further) as u64, "not one more");
    assert_eq!(cloud.count(Operation::PatchGroup), further);

    // An audit costs a hundredth of people, of groups, and of the members of each.
    cloud.world.wait(std::time::Duration::from_mins(1));
    let pages: usize = sizes.iter().map(|size| size.div_ceil(100)).sum();
    let report = cloud.audit().await;
    assert_eq!(report.requests.writes, 0, "{report:?}");
    assert_eq!(report.requests.reads, (PEOPLE.div_ceil(100) + GROUPS.div_ceil(100) + pages) as u64);
    assert_eq!(report.group_audit.unwrap().n_compared, GROUPS as u64);
}
