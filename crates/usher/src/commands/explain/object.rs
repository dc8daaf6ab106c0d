//! An explanation for scripts.

use serde::Serialize;
use serde_json::{Map, Value, json};
use usher_engine::explain::Explanation;
use usher_engine::groups::explain::{Membership, Next};
use usher_model::entitlement::Standing;
use usher_model::operation::Operation;
use usher_store::account::{AccountRecord, RecordState};
use usher_store::group::member::MemberStanding;

use crate::commands::pin;

use super::{Explained, drifts, history, standing};

impl Serialize for Explained {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Explanation {
            app,
            user,
            standing: stands,
            in_scope,
            in_domain,
            mapped,
            cleaned,
            account,
            operation,
            reason,
            hold,
            events,
            ..
        } = &self.explanation;
        let attributes = mapped.as_ref().ok().map(|attributes| {
            attributes.iter().map(|(path, value)| (path.to_string(), value.clone())).collect::<Map<_, _>>()
        });
        json!({
            "app": app.name,
            "user": {
                "id": user.id,
                "email": user.primary_email,
                "state": user.state,
                "unit": user.org_unit,
                "guest": user.is_guest,
            },
            "decision": {
                "operation": operation.as_ref().map(Operation::kind),
                "why": reason.to_string(),
                "reason": reason,
            },
            "held": hold.as_ref().map(|hold| json!({
                "hold": hold.id,
                "why": hold.tripped.to_string(),
                "since": hold.opened_at.to_string(),
            })),
            "entitled": matches!(stands, Standing::Entitled),
            "standing": standing(stands),
            "access": {"unit": self.explanation.unit, "decided_by": self.deciding, "group": self.group()},
            "in_scope": in_scope,
            "in_domain": in_domain,
            "attributes": attributes,
            "mapping_error": mapped.as_ref().err(),
            "made_to_fit": cleaned.iter().map(|cleaned| json!({
                "attribute": cleaned.attribute,
                "taken_out_or_replaced": cleaned.tally,
                "why": cleaned.to_string(),
            })).collect::<Vec<_>>(),
            "account": account.as_ref().map(account_value),
            "groups": groups_value(&self.explanation.groups),
            "events": history::values(events),
        })
        .serialize(serializer)
    }
}

/// The app's groups that somebody is in, and those that they should be in and are not yet.
fn groups_value(groups: &[Membership]) -> Value {
    let is_in = |of: &&Membership| of.standing.is_some_and(|standing| standing != MemberStanding::Missing);
    let (there, not_yet): (Vec<_>, Vec<_>) = groups.iter().partition(is_in);
    let value = |of: &Membership| {
        let next = match of.next {
            Next::Stays => None,
            Next::Joins => Some("joins"),
            Next::JoinsWithAccount => Some("joins_with_account"),
            Next::NotNow => Some("not_now"),
            Next::GroupPinned => Some("group_pinned"),
            Next::Leaves => Some("leaves"),
        };
        json!({
            "group": of.email,
            "id": of.group,
            "standing": of.standing.map(MemberStanding::as_str),
            "next": next,
            "waits": of.waits.as_ref().map(|waits| json!({
                "why": waits.failure.to_string(),
                "retry_at": waits.retry_at.to_string(),
            })),
        })
    };
    json!({
        "in": there.into_iter().map(value).collect::<Vec<_>>(),
        "not_yet": not_yet.into_iter().map(value).collect::<Vec<_>>(),
    })
}

fn account_value(record: &AccountRecord) -> Value {
    let state = match record.intent {
        Some(_) => "unknown",
        None => record.state.as_str(),
    };
    json!({
        "state": state,
        "remote_id": record.remote_id,
        "user_name": record.user_name,
        "suspended_by_us": record.state == RecordState::Suspended && record.suspended_by_us,
        "switched_on": record.state == RecordState::Active && record.suspended_by_us,
        "causes": record.causes.triggers().into_iter().map(|trigger| json!({
            "trigger": trigger,
            "since": record.causes.since(trigger).map(|at| at.to_string()),
        })).collect::<Vec<_>>(),
        "failure": record.failing.as_ref().map(|failing| json!({
            "why": failing.failure.to_string(),
            "attempts": failing.n_attempts,
            "retry_at": failing.retry_at.to_string(),
        })),
        "pin": record.pin.as_ref().map(pin::object),
        "choice": record.choice,
        "changed_there": drifts(record).iter().map(ToString::to_string).collect::<Vec<_>>(),
        "decided_again_at": record.wake_at.map(|at| at.to_string()),
    })
}
