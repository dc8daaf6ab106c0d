//! A fault as its form says it.

use crate::identity_center::console::form::Form;
use crate::identity_center::fault::{Fault, FaultRule};
use crate::identity_center::scim::route::Operation;
use crate::when::When;

/// Every operation, in the order in which the form has them.
pub(super) const OPERATIONS: [Operation; 15] = [
    Operation::CreateUser,
    Operation::GetUser,
    Operation::ListUsers,
    Operation::PutUser,
    Operation::PatchUser,
    Operation::DeleteUser,
    Operation::CreateGroup,
    Operation::GetGroup,
    Operation::ListGroups,
    Operation::PatchGroup,
    Operation::DeleteGroup,
    Operation::ServiceProviderConfig,
    Operation::ListResourceTypes,
    Operation::ListSchemas,
    Operation::GetSchema,
];

/// The rule that a form says, or what is wrong with it.
pub(super) fn read(form: &Form) -> Result<FaultRule, String> {
    let operation = |name: &str| {
        let known = OPERATIONS.into_iter().find(|operation| operation.name() == name);
        known.ok_or_else(|| format!("there is no operation `{name}`"))
    };
    Ok(FaultRule {
        fault: fault(form)?,
        operations: form.all("operation").map(operation).collect::<Result<_, _>>()?,
        when: when(form)?,
    })
}

fn fault(form: &Form) -> Result<Fault, String> {
    Ok(match form.field("fault") {
        "lost-answer" => Fault::LostAnswer,
        "lost-request" => Fault::LostRequest,
        "too-many-requests" => Fault::TooManyRequests {
            retry_after_seconds: optional(form, "retry-after", "Retry-After in seconds")?,
        },
        "too-many-requests-until" => Fault::TooManyRequestsUntil {
            seconds: needed(form, "until", "Retry-After as a date in so many seconds")?,
        },
        "server-error" => Fault::ServerError,
        "slow" => Fault::Slow { millis: needed(form, "millis", "Milliseconds")? },
        "stale-read" => Fault::StaleRead { seconds: optional(form, "stale", "Seconds ago")? },
        "short-page" => Fault::ShortPage { most: needed(form, "most", "Most resources on a page")? },
        "bad-request-with-effect" => Fault::BadRequestWithEffect,
        "no-effect" => Fault::NoEffect,
        "edit" => Fault::Edit {
            edit: serde_json::from_str(form.field("edit"))
                .map_err(|error| format!("the edit by another hand is not what is expected: {error}"))?,
        },
        "" => return Err("choose what happens".to_owned()),
        other => return Err(format!("there is no fault `{other}`")),
    })
}

fn when(form: &Form) -> Result<When, String> {
    Ok(match form.field("when") {
        "always" => When::Always,
        "next" => When::Next { n: needed(form, "next", "The next so many")? },
        "every" => When::Every { nth: needed(form, "every", "Every nth")? },
        "at" => When::At { nth: needed(form, "at", "The nth alone")? },
        "chance" => {
            let per_mille = needed(form, "per-mille", "In how many of a thousand")?;
            if per_mille > 1_000 {
                return Err("a chance of more than 1,000 in a thousand is none".to_owned());
            }
            When::Chance { per_mille, seed: optional(form, "seed", "Seed")?.unwrap_or(0) }
        }
        "" => return Err("choose how often it happens".to_owned()),
        other => return Err(format!("there is no `{other}`: choose how often it happens")),
    })
}

/// The number of a field that has to have one.
fn needed<N: std::str::FromStr>(form: &Form, name: &str, label: &str) -> Result<N, String> {
    optional(form, name, label)?.ok_or_else(|| format!("fill in “{label}”: a whole number"))
}

/// The number of a field; none: it was left empty.
fn optional<N: std::str::FromStr>(form: &Form, name: &str, label: &str) -> Result<Option<N>, String> {
    match form.field(name).trim() {
        "" => Ok(None),
        text => match text.parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(format!("“{label}” is not a whole number that can be taken: {text}")),
        },
    }
}
