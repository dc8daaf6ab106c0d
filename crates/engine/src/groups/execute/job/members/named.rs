//! Who it was whom the app refused.

use usher_model::group::operation::Leaver;
use usher_model::group::reason::GroupFailure;

use super::super::failure_of;
use crate::calls::CallError;
use crate::work::Work;

/// A failure that names the members whom the app refused.
pub(super) async fn named(
    work: &Work<'_>,
    refused: &[(Leaver, CallError)],
    error: &CallError,
    is_added: bool,
) -> GroupFailure {
    const NAMED: usize = 5;
    let users: Vec<_> = refused.iter().filter_map(|(member, _)| member.user.clone()).take(NAMED).collect();
    let emails = async {
        let mut tx = work.store.read("engine::groups::refused").await?;
        usher_store::account::of(&mut tx, work.app(), &users).await
    };
    let emails = emails.await.unwrap_or_default();
    let named: Vec<_> = refused
        .iter()
        .take(NAMED)
        .map(|(member, _)| {
            let record = member.user.as_ref().and_then(|user| emails.get(user));
            let email = record.and_then(|record| record.email.as_ref()).map(ToString::to_string);
            email.unwrap_or_else(|| format!("the account {}", member.account))
        })
        .collect();
    let more = match refused.len() - named.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let what = if is_added { "as members" } else { "to leave" };
    let said = format!("the app refuses {}{more} {what}", named.join(", "));
    GroupFailure::Members { message: format!("{} ({said})", failure_of(error)) }
}
