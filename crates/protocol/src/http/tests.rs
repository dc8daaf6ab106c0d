use proptest::prelude::*;

use super::*;

#[test]
fn an_id_cannot_leave_its_segment() {
    let request = Request::new(Method::Get, ["Users", "a/../b?c#d%2F@example.com"]);
    assert_eq!(request.relative_url(), "Users/a%2F..%2Fb%3Fc%23d%252F%40example.com");
}

#[test]
fn the_empty_cursor_is_kept() {
    let request = Request::new(Method::Get, ["Users"]).with_query("cursor", "").with_query("count", "100");
    assert_eq!(request.relative_url(), "Users?cursor=&count=100");
}

#[test]
fn cursors_and_filters_are_encoded() {
    let request = Request::new(Method::Get, ["Groups"])
        .with_query("cursor", "VG+z/=:_")
        .with_query("filter", r#"userName eq "a&b""#);
    assert_eq!(request.relative_url(), "Groups?cursor=VG%2Bz%2F%3D%3A_&filter=userName%20eq%20%22a%26b%22");
}

#[test]
fn a_base_joins_with_and_without_its_slash() {
    let request = Request::new(Method::Get, ["Groups", "1"]);
    assert_eq!(request.url("https://h/t/scim/v2"), "https://h/t/scim/v2/Groups/1");
    assert_eq!(request.url("https://h/t/scim/v2/"), "https://h/t/scim/v2/Groups/1");
}

proptest! {
    #[test]
    fn segments_hold_unreserved_characters_only(id in "\\PC{0,40}") {
        let url = Request::new(Method::Get, ["Users", id.as_str()]).relative_url();
        let rest = url.strip_prefix("Users/").expect("the first segment stands first");
        prop_assert!(rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
    }
}
