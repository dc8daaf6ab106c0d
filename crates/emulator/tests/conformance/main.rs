//! The emulator against the RFCs, over real HTTP: each check names its section, and either holds or is a deviation of
//! AWS's that was reviewed, with where it is known from.
//!
//! A check that neither holds nor is on the list of `deviations` is a defect of the emulator; one that holds and is on
//! the list is an entry to be struck off.

#![expect(unreachable_pub, reason = "the modules of a test are for each other")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

mod creating;
mod deviations;
mod discovery;
mod http;
mod listing;
mod patching;
mod reading;
mod scim2_cli;
mod server;
mod suite;
mod transport;

use std::collections::BTreeMap;

use crate::deviations::DEVIATIONS;
use crate::server::Server;
use crate::suite::Suite;

#[tokio::test]
async fn e2e_every_rule_of_the_rfcs_holds_or_is_a_reviewed_deviation() {
    let server = Server::start().await;
    let mut suite = Suite::new(&server);
    transport::check(&mut suite).await;
    discovery::check(&mut suite).await;
    creating::check(&mut suite).await;
    reading::check(&mut suite).await;
    listing::check(&mut suite).await;
    patching::check(&mut suite).await;
    let reviewed: BTreeMap<_, _> =
        DEVIATIONS.iter().map(|deviation| ((deviation.rfc, deviation.rule), deviation.known_from)).collect();
    assert_eq!(reviewed.len(), DEVIATIONS.len(), "no deviation is listed twice");
    let mut wrong = Vec::new();
    let mut met = 0;
    for finding in suite.findings() {
        let (rfc, rule) = (finding.rfc, finding.rule);
        match (&finding.observed, reviewed.get(&(rfc, rule))) {
            (None, None) => {}
            (Some(_), Some(_)) => met += 1,
            (Some(observed), None) => wrong.push(format!("{rfc}: {rule}: not so, but {observed}")),
            (None, Some(known_from)) => wrong.push(format!("{rfc}: {rule}: holds, against {known_from}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(met, DEVIATIONS.len(), "a deviation is listed that no check is about");
    server.stop().await;
}
