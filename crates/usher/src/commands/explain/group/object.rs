//! An explanation of a group, for scripts.

use serde::Serialize;
use serde_json::{Map, Value, json};
use usher_engine::groups::explain::{Decision, GroupExplanation};
use usher_model::group::operation::GroupKind;
use usher_store::group::GroupRecord;
use usher_store::group::member::{MemberStanding, NamedMember};

use super::{ExplainedGroup, changed_there, history};
use crate::commands::pin;

impl Serialize for ExplainedGroup {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let GroupExplanation { app, id, email, group, wanted, selected, hold, record, events, .. } =
            &self.explanation;
        let attributes = wanted.as_ref().and_then(|wanted| wanted.as_ref().ok()).map(|attributes| {
            attributes.iter().map(|(path, value)| (path.to_string(), value.clone())).collect::<Map<_, _>>()
        });
        let name_error = wanted.as_ref().and_then(|wanted| wanted.as_ref().err());
        json!({
            "app": app.name,
            "group": {
                "id": id,
                "email": email,
                "name": group.as_ref().map(|group| &group.name),
                "in_directory": group.is_some(),
            },
            "decision": self.decision_value(),
            "held": hold.as_ref().map(|hold| json!({
                "hold": hold.id,
                "why": hold.tripped.to_string(),
                "since": hold.opened_at.to_string(),
            })),
            "selected": selected.is_some(),
            "selected_because": selected.as_ref().map(ToString::to_string),
            "attributes": attributes,
            "name_error": name_error,
            "at_app": record.as_ref().map(record_value),
            "members": self.members_value(),
            "events": history::values(events),
        })
        .serialize(serializer)
    }
}

impl ExplainedGroup {
    fn decision_value(&self) -> Value {
        let Decision::Decided { steps, reason, name } = &self.explanation.decision else {
            return json!({"operations": [], "why": self.decision(), "reason": null, "name_failure": null});
        };
        let operation = |kind: GroupKind, why: String| json!({"operation": kind, "why": why});
        let operations: Vec<Value> =
            steps.iter().filter_map(|(step, why)| Some(operation(step.kind()?, why.to_string()))).collect();
        json!({
            "operations": operations,
            "why": reason.to_string(),
            "reason": reason,
            "name_failure": self.name_failure(name.as_deref()),
        })
    }

    fn members_value(&self) -> Value {
        let GroupExplanation { differ, foreign, missing, .. } = &self.explanation;
        let named = |members: &[NamedMember]| members.iter().map(named).collect::<Vec<_>>();
        json!({
            "there": self.n_there(),
            "to_add": differ.add,
            "to_remove": differ.remove,
            "kept": self.n_members(MemberStanding::Kept),
            "foreign": self.n_members(MemberStanding::Foreign),
            "missing": self.n_members(MemberStanding::Missing),
            "first_foreign": named(foreign),
            "first_missing": named(missing),
        })
    }
}

fn named(member: &NamedMember) -> Value {
    let email = member.user.as_ref().and_then(|(_, email)| email.as_ref());
    json!({"account": member.account, "user": email, "user_name": member.user_name})
}

fn record_value(record: &GroupRecord) -> Value {
    let state = if record.intent.is_some() || record.is_unread { "unknown" } else { record.state.as_str() };
    let drifts = changed_there(&record.sent, &record.returned, record.drifted.as_ref());
    json!({
        "state": state,
        "remote_id": record.remote_id,
        "display_name": record.returned.get(&usher_model::group::name::display_name()),
        "read_at": record.read_at.map(|at| at.to_string()),
        "left_at": record.left_at.map(|at| at.to_string()),
        "failures": record.failing.iter().map(|(kind, failing)| json!({
            "operation": kind,
            "why": failing.failure.to_string(),
            "attempts": failing.n_attempts,
            "retry_at": failing.retry_at.to_string(),
        })).collect::<Vec<_>>(),
        "pin": record.pin.as_ref().map(pin::object),
        "choice": record.choice,
        "changed_there": drifts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "decided_again_at": record.wake_at.map(|at| at.to_string()),
    })
}
