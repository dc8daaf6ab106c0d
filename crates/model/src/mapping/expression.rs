//! Expressions in the Common Expression Language (CEL), over one variable, `user`: the Directory API's user.
//!
//! Beside CEL's operators, its macros (`has`, `all`, `exists`, `exists_one`, `map`, `filter`) and its optional fields
//! (`user.?organizations[0].title`), an expression may call [`FUNCTIONS`]. Absent is what an expression makes null, an
//! empty text, or an optional without a value; a field that is not there is an error, unless asked for with `has` or
//! `.?`.
//!
//! # Invariants
//!
//! 1. The result depends on the user alone: objects are walked in the order of their keys, and there is no clock.
//! 2. The work is bounded, because the evaluator itself knows no limit: what a round of a loop may make before anything
//!    is evaluated (`check`), and how many rounds there are meanwhile (`rounds`).

mod check;
mod object;
mod reads;
mod rounds;

use std::sync::{Arc, LazyLock};

use cel::common::ast::IdedExpr;
use cel::common::types::{CelString, STRING_TYPE};
use cel::common::value::CowVal;
use cel::{Context, Env, ExecutionError, Value as CelValue, extensions};
use serde_json::{Map, Value};

use self::check::{Check, Name};
use super::error::SourceError;
use super::fields::Fields;
use super::near;

/// The functions an expression may call, apart from the macros. Indices count characters.
///
/// Of texts: `size`, `contains`, `startsWith`, `endsWith`, `matches` (a regular expression of linear time),
/// `lowerAscii` and `upperAscii`, `lower` and `upper` (all letters of Unicode), `trim`, `replace`, `split`, `substring`,
/// `indexOf`, `lastIndexOf`, `charAt`, `reverse`. Of lists: `size`, `join`. Conversions: `string`, `int`, `uint`,
/// `double`, `bool`. Of optional values: `hasValue`, `value`, `or`, `orValue`.
pub const FUNCTIONS: [&str; 27] = [
    "bool",
    "charAt",
    "contains",
    "double",
    "endsWith",
    "hasValue",
    "indexOf",
    "int",
    "join",
    "lastIndexOf",
    "lower",
    "lowerAscii",
    "matches",
    "or",
    "orValue",
    "replace",
    "reverse",
    "size",
    "split",
    "startsWith",
    "string",
    "substring",
    "trim",
    "uint",
    "upper",
    "upperAscii",
    "value",
];

/// The variable.
const USER: &str = "user";

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(environment()));

fn environment() -> Env {
    let mut env = Env::stdlib();
    env.add_extension(extensions::strings).expect("invariant: nothing else declares the string functions");
    for (name, function) in [("lower", lower as _), ("upper", upper as _)] {
        env.add_member_overload(name, &format!("string.{name}()"), STRING_TYPE, Vec::new(), function)
            .expect("invariant: CEL has no functions of these names");
    }
    rounds::declare(&mut env);
    env
}

fn lower<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    with_text("lower", arguments, str::to_lowercase)
}

fn upper<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    with_text("upper", arguments, str::to_uppercase)
}

fn with_text<'b, 'v>(
    function: &str,
    arguments: Vec<CowVal<'b, 'v>>,
    change: fn(&str) -> String,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = arguments.into_iter().next();
    let text = text.as_ref().and_then(|text| text.downcast_ref::<CelString<'_>>());
    let text = text.ok_or_else(|| ExecutionError::function_error(function, "not called on a text"))?;
    Ok(CowVal::owned(CelString::from(change(text.inner()))))
}

/// A checked expression. Compiled once, evaluated for each user, by any thread.
#[derive(Debug)]
pub struct Expression {
    expression: IdedExpr,
    fields: Fields,
}

/// One user, as expressions see them. Made once per user, and only where an expression needs it.
pub struct UserContext(Context<'static, 'static>);

impl UserContext {
    /// Brings a Directory API user into the form that expressions read.
    pub fn new(user: &Map<String, Value>) -> Self {
        let mut context = Context::with_env(Arc::clone(&ENV));
        context.add_variable_as_val(USER, object::from_user(user));
        Self(context)
    }
}

impl Expression {
    /// Parses an expression, and refuses names that are not known and loops that could run away.
    pub fn compile(text: &str) -> Result<Self, SourceError> {
        let program = ENV.compile(text).map_err(|errors| syntax_error(text, &errors))?;
        let knows = |name: Name<'_>| match name {
            Name::Variable(name) if name == USER => Ok(()),
            Name::Variable(name) => Err(SourceError::UnknownName {
                name: name.to_owned(),
                near: near::names(name, [USER].into_iter()),
            }),
            Name::Function(name) if FUNCTIONS.contains(&name) => Ok(()),
            Name::Function(name) => {
                let near = near::names(name, FUNCTIONS.into_iter());
                Err(SourceError::UnknownFunction { name: name.to_owned(), near })
            }
        };
        let mut expression = program.expression().clone();
        Check::new(&knows).expression(&expression)?;
        let fields = reads::fields(&expression);
        rounds::bound(&mut expression);
        Ok(Self { expression, fields })
    }

    /// The fields of the user that it may look at.
    pub(super) fn fields(&self) -> Fields {
        self.fields.clone()
    }

    /// What the expression makes of a user; null where it makes nothing. The error is a sentence part that says why.
    pub fn evaluate(&self, user: &UserContext) -> Result<Value, String> {
        let value = CelValue::resolve_val(&self.expression, &user.0).map_err(|error| sentence(&error))?;
        object::to_json(value.as_ref())
    }
}

/// Why an evaluation failed. Values are not repeated: they are somebody's data, and may be long.
fn sentence(error: &ExecutionError) -> String {
    if let ExecutionError::NoSuchKey(name) = error {
        format!("there is no `{name}`")
    } else if let ExecutionError::IndexOutOfBounds(index) = error {
        format!("a list has no entry {}", index.json().unwrap_or_default())
    } else if let ExecutionError::NoSuchOverload(call) = error {
        format!("`{}` cannot be used on {}", call.function(), call.argument_types().join(" and "))
    } else if let ExecutionError::UnsupportedBinaryOperator(operator, _, _) = error {
        format!("`{operator}` cannot be used on values of these types")
    } else if let ExecutionError::FunctionError { function, message } = error {
        if function == rounds::FEW { message.clone() } else { format!("`{function}`: {message}") }
    } else if let ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) = error {
        "something is divided by zero".to_owned()
    } else {
        "a value is not of the type that is needed there".to_owned()
    }
}

/// The first thing that the parser did not understand. It counts columns from 1, as characters.
fn syntax_error(text: &str, errors: &cel::ParseErrors) -> SourceError {
    let Some(first) = errors.errors.first() else {
        return SourceError::Syntax { column: 1, message: "it is not an expression".to_owned() };
    };
    // Positions are line and column; a source has one line almost always.
    let (line, column) =
        (usize::try_from(first.pos.0).unwrap_or(1), usize::try_from(first.pos.1).unwrap_or(1));
    let before: usize = text.lines().take(line.saturating_sub(1)).map(|line| line.chars().count() + 1).sum();
    let message = first.msg.lines().next().unwrap_or_default();
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    if message.contains("'<EOF>'") {
        return SourceError::EndsEarly { column: text.chars().count() };
    }
    let message = unfit(message).unwrap_or_else(|| message.to_owned());
    SourceError::Syntax { column: before + column, message }
}

/// What the parser stumbled over, where it says that with a list of all that it would have taken.
fn unfit(message: &str) -> Option<String> {
    const PREFIXES: [&str; 4] = [
        "mismatched input '",
        "extraneous input '",
        "no viable alternative at input '",
        "token recognition error at: '",
    ];
    let rest = PREFIXES.iter().find_map(|prefix| message.strip_prefix(prefix))?;
    let found =
        rest.split_once("' expecting").map_or_else(|| rest.trim_end_matches('\''), |(found, _)| found);
    Some(format!("`{found}` does not fit there"))
}

#[cfg(test)]
mod tests;
