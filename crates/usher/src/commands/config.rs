//! `usher config`: what is in force, and what may be written.

use schemars::schema_for;

use crate::config::{Config, in_force};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::output::print;

/// Says what is in force. A configuration that is wrong was refused before.
pub(crate) fn check(context: &Context) -> Result<Exit, Failure> {
    context.output.answer(&in_force(&context.config, context.file.as_deref(), &context.overrides))?;
    Ok(Exit::Ok)
}

/// Prints the JSON Schema of the file.
pub(crate) fn schema(context: &Context) -> Result<Exit, Failure> {
    let schema = schema_for!(Config);
    let text = if context.output.is_json {
        serde_json::to_string(&schema)?
    } else {
        serde_json::to_string_pretty(&schema)?
    };
    print(&format!("{text}\n"))?;
    Ok(Exit::Ok)
}
