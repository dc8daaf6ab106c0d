use crate::import::entry::{ENTRIES_PER_BATCH, Piece};
use crate::import::outlet::Metered;

use super::*;

type Parse = fn(Metered<io::Cursor<Vec<u8>>>, &Outlet) -> Result<bool, ImportError>;

/// What a parser sends for these bytes.
fn pieces(bytes: &[u8], parse: Parse) -> Vec<Piece> {
    let (reader, outlet, mut batches) = Metered::of_bytes(bytes);
    assert!(parse(reader, &outlet).unwrap());
    drop(outlet);
    std::iter::from_fn(|| batches.blocking_recv()).map(|batch| batch.piece).collect()
}

#[test]
fn entries_travel_in_batches_and_a_kind_that_is_empty_is_still_named() {
    let users = vec!["{}"; 2 * ENTRIES_PER_BATCH].join(",\n");
    let sent = pieces(format!("{{\"users\": [{users}], \"groups\": []}}").as_bytes(), json::parse);
    let sizes: Vec<u64> = sent.iter().map(Piece::len).collect();
    let full = u64::try_from(ENTRIES_PER_BATCH).unwrap();
    assert_eq!(sizes, [full, full, 0, 0]);
    assert_eq!(sent[3], Piece::Groups(Vec::new()));
    let Piece::Users(second) = &sent[1] else { panic!("{:?}", sent[1]) };
    assert_eq!(second[0].line, full + 1);
}

#[test]
fn a_list_of_members_longer_than_a_batch_keeps_its_group() {
    let members = vec!["\"a@x.com\""; 2 * ENTRIES_PER_BATCH].join(",");
    let sent =
        pieces(format!("{{\"members\": {{\"e@x\": [], \"g@x\": [{members}]}}}}").as_bytes(), json::parse);
    let mut n_members = 0;
    for piece in &sent {
        let Piece::Members { groups, members } = piece else { panic!("{piece:?}") };
        assert!(groups.iter().any(|(_, group)| &**group == "g@x"));
        assert!(members.iter().all(|member| &*member.group == "g@x"));
        n_members += members.len();
    }
    assert_eq!(n_members, 2 * ENTRIES_PER_BATCH);
    assert!(sent.len() >= 2);
}

#[test]
fn whoever_stops_listening_stops_the_parser() {
    let parsers: [(Parse, &str); 2] = [
        (json::parse, "{\"users\": [{}], \"nonsense\": 1}"),
        (bulk_upload::parse, "Email Address\na@x.com\n"),
    ];
    for (parse, bytes) in parsers {
        let (reader, outlet, batches) = Metered::of_bytes(bytes.as_bytes());
        drop(batches);
        assert!(!parse(reader, &outlet).unwrap());
    }
}
