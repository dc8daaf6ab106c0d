//! Several requests in one.

use usher_emulator::exchange::Request;

use crate::world::World;

#[test]
fn a_batch_is_answered_part_by_part() {
    let world = World::new();
    let body = "--b\r\nContent-Type: application/http\r\nContent-ID: <one>\r\n\r\n\
        GET /admin/directory/v1/users/admin@example.com?fields=primaryEmail HTTP/1.1\r\n\r\n\
        --b\r\nContent-Type: application/http\r\nContent-ID: <two>\r\n\r\n\
        POST /admin/directory/v1/groups HTTP/1.1\r\nContent-Type: application/json\r\n\r\n\
        {\"email\": \"team@example.com\"}\r\n\
        --b\r\nContent-Type: application/http\r\nContent-ID: <three>\r\n\r\n\
        GET /admin/directory/v1/users/no@example.com HTTP/1.1\r\n\r\n\
        --b--\r\n";
    let request = Request::new("POST", "/batch/admin/directory_v1")
        .with_header("Authorization", &format!("Bearer {}", world.token))
        .with_header("Content-Type", "multipart/mixed; boundary=\"b\"")
        .with_body(body);
    let answer = world.raw(request);
    assert_eq!(answer.status, 200);
    let text = answer.text();
    let boundary = answer.response.header("content-type").unwrap().split_once("boundary=").unwrap().1;
    let parts: Vec<&str> = text.split(&format!("--{boundary}")).collect();
    assert_eq!(parts.len(), 5);
    assert!(parts[1].contains("Content-ID: <response-one>") && parts[1].contains("HTTP/1.1 200 OK"));
    assert!(parts[1].contains("{\"primaryEmail\":\"admin@example.com\"}"));
    assert!(parts[2].contains("HTTP/1.1 200 OK") && parts[2].contains("team@example.com"));
    assert!(parts[3].contains("<response-three>") && parts[3].contains("HTTP/1.1 404 Not Found"));
    assert_eq!(parts[4].trim(), "--");
    world.get("~/groups/team@example.com").ok();
    assert_eq!(world.workspace.counters().of("directory.users.get"), 2);
}

#[test]
fn what_is_no_batch_is_refused() {
    let world = World::new();
    let send = |kind: &str, body: &str| {
        let request = Request::new("POST", "/batch").with_header("Content-Type", kind).with_body(body);
        world.raw(request).status
    };
    assert_eq!(send("application/json", "{}"), 400);
    assert_eq!(send("multipart/mixed; boundary=b", "--b--"), 400);
    assert_eq!(send("multipart/mixed; boundary=b", "--b\r\nnothing"), 400);
}
