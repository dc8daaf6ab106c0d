//! Writes down what an admin did, in the transaction that does it.

use serde_json::Value;
use usher_store::admin::action::{self, Action, Face};
use usher_store::{StoreError, Tx};

use crate::clock::new_id;
use crate::console::Console;

/// Who did something, and where they were.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By<'a> {
    pub(crate) who: &'a str,
    pub(crate) address: &'a str,
}

/// What was done, and to what.
#[derive(Clone, Debug)]
pub(crate) struct Deed<'a> {
    pub(crate) kind: &'static str,
    pub(crate) subject: &'a str,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
}

/// Writes it down.
pub(crate) async fn note(
    tx: &mut Tx,
    console: &Console,
    by: By<'_>,
    deed: Deed<'_>,
) -> Result<(), StoreError> {
    let Deed { kind, subject, before, after } = deed;
    let action = Action {
        id: new_id(console.clock()),
        at: console.now(),
        who: by.who.to_owned(),
        face: Face::Console,
        address: Some(by.address.to_owned()),
        kind: kind.to_owned(),
        subject: subject.to_owned(),
        before,
        after,
    };
    action::append(tx, &action).await
}
