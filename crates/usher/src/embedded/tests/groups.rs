//! Groups and who is in them.

use super::*;

async fn members(home: &Home, group: &str, most: usize) -> Vec<Membership> {
    let mut members: Vec<Membership> = Vec::new();
    loop {
        let after = members.last().map(|last| last.member.id.clone());
        let page = home.directory.members(group, after.as_deref(), most).await.unwrap();
        assert!(page.len() <= most);
        if page.is_empty() {
            return members;
        }
        members.extend(page);
    }
}

fn ids(members: &[Membership]) -> Vec<&str> {
    members.iter().map(|membership| membership.member.id.as_str()).collect()
}

#[tokio::test]
async fn a_group_comes_back_as_it_was_written_and_lists_go_by_address() {
    let home = Home::new().await;
    let mut written = group("team");
    written.fields.insert("aliases".to_owned(), json!(["crew@example.com"]));
    written.fields.insert("description".to_owned(), json!("all of us"));
    home.does([Change::Group(written.clone())]).await;
    assert_eq!(*home.directory.group("team").await.unwrap().unwrap(), written);
    assert_eq!(home.holder("crew@example.com").await, Some(Holder::Group("team".to_owned())));
    home.does(["c", "a", "b"].map(|id| Change::Group(group(id)))).await;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = home.directory.groups(after.as_ref(), 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.place());
        found.extend(page.iter().map(|group| group.id.clone()));
    }
    assert_eq!(found, ["a", "b", "c", "team"]);
}

#[tokio::test]
async fn members_of_every_kind_come_once_in_the_order_of_their_ids_in_pages_of_any_size() {
    let home = Home::new().await;
    let customer = home.directory.customer().await.unwrap().id.clone();
    home.does([Change::Group(group("g")), Change::Group(group("nested"))]).await;
    home.does([Change::User(home.user("1").await), Change::User(home.user("9").await)]).await;
    let outside = ["a@elsewhere.example", "b@elsewhere.example", "c@elsewhere.example"];
    let everyone = member(&customer, MemberKind::Customer);
    home.does(outside.map(|address| joins("g", external(address)))).await;
    home.does(["9", "1"].map(|id| joins("g", member(id, MemberKind::User)))).await;
    home.does([joins("g", member("nested", MemberKind::Group)), joins("g", everyone)]).await;
    let mut expected: Vec<String> = outside.map(derived_id).to_vec();
    expected.extend(["1", "9", "nested", &customer].map(str::to_owned));
    expected.sort();
    for most in [1, 2, 3, 100] {
        assert_eq!(ids(&members(&home, "g", most).await), expected, "{most}");
    }
    assert_eq!(home.directory.count_members("g").await.unwrap(), 7);
    assert_eq!(home.directory.count_members("nested").await.unwrap(), 0);
}

#[tokio::test]
async fn a_member_is_known_by_the_address_and_the_state_of_whoever_it_is() {
    let home = Home::new().await;
    home.does([Change::Group(group("g")), Change::Group(group("nested"))]).await;
    let suspended = with(home.user("1").await, "suspended", json!(true));
    let archived = with(home.user("2").await, "archived", json!(true));
    home.does([Change::User(suspended), Change::User(archived)]).await;
    let outsider = Member {
        role: "MANAGER".to_owned(),
        delivery: "DIGEST".to_owned(),
        ..external("x@elsewhere.example")
    };
    home.does([
        joins("g", member("1", MemberKind::User)),
        joins("g", member("2", MemberKind::User)),
        joins("g", member("nested", MemberKind::Group)),
        joins("g", outsider.clone()),
    ])
    .await;
    for (id, email, status) in [
        ("1", "1@example.com", "SUSPENDED"),
        ("2", "2@example.com", "ARCHIVED"),
        ("nested", "nested@example.com", "ACTIVE"),
        (&outsider.id, "x@elsewhere.example", "ACTIVE"),
    ] {
        let found = home.directory.member("g", id).await.unwrap().unwrap();
        assert_eq!((found.email.as_deref(), found.status), (Some(email), status));
    }
    let found = home.directory.member("g", &outsider.id).await.unwrap().unwrap();
    assert_eq!(found.member, outsider);
    assert_eq!(home.directory.member("g", "3").await.unwrap(), None);
    assert_eq!(home.directory.member("nested", &outsider.id).await.unwrap(), None);
}

#[tokio::test]
async fn another_role_or_delivery_replaces_the_one_before_and_leaving_ends_one_membership() {
    let home = Home::new().await;
    home.does(["g", "h"].map(|id| Change::Group(group(id)))).await;
    home.does([Change::User(home.user("1").await)]).await;
    let outsider = external("x@elsewhere.example");
    for id in ["g", "h"] {
        home.does([joins(id, member("1", MemberKind::User)), joins(id, outsider.clone())]).await;
    }
    let owner =
        Member { role: "OWNER".to_owned(), delivery: "NONE".to_owned(), ..member("1", MemberKind::User) };
    home.does([joins("g", owner.clone())]).await;
    assert_eq!(home.directory.member("g", "1").await.unwrap().unwrap().member, owner);
    assert_eq!(home.directory.member("h", "1").await.unwrap().unwrap().member.role, "MEMBER");
    for id in ["1", &outsider.id] {
        assert_eq!(home.directory.groups_of(id).await.unwrap(), ["g", "h"]);
        home.does([Change::MemberGone { group: "g".to_owned(), member: id.to_owned() }]).await;
        assert_eq!(home.directory.groups_of(id).await.unwrap(), ["h"]);
        assert_eq!(home.directory.member("g", id).await.unwrap(), None);
    }
    assert_eq!(home.directory.groups_of("nobody").await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_group_that_goes_takes_its_members_its_memberships_and_its_address_along() {
    let home = Home::new().await;
    home.does(["outer", "inner"].map(|id| Change::Group(group(id)))).await;
    home.does([Change::User(home.user("1").await)]).await;
    home.does([joins("outer", member("inner", MemberKind::Group))]).await;
    home.does([joins("inner", member("1", MemberKind::User))]).await;
    assert_eq!(home.directory.groups_of("inner").await.unwrap(), ["outer"]);
    home.does([Change::GroupGone("inner".to_owned())]).await;
    assert_eq!(home.directory.group("inner").await.unwrap(), None);
    assert_eq!(home.directory.count_members("outer").await.unwrap(), 0);
    assert_eq!(home.directory.groups_of("1").await.unwrap(), Vec::<String>::new());
    assert_eq!(home.holder("inner@example.com").await, None);
}

#[tokio::test]
async fn nobody_is_a_member_who_is_not_there_and_of_no_group_that_is_not() {
    let home = Home::new().await;
    home.does([Change::Group(group("g")), Change::User(home.user("1").await)]).await;
    home.refuses([joins("g", member("2", MemberKind::User))]).await;
    home.refuses([joins("g", member("h", MemberKind::Group))]).await;
    home.refuses([joins("h", member("1", MemberKind::User))]).await;
    assert_eq!(home.directory.count_members("g").await.unwrap(), 0);
}
