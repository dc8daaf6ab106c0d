//! Bounds what an expression may do, from its text alone.
//!
//! The evaluator has no limit of its own, and a short text can ask for much: `[s].map(x, x + x)` again and again
//! doubles a value each time, loops inside loops multiply their lengths. So each part gets a *weight*, an upper bound
//! of how many times larger than the user its value may become, if a loop's list were as long as one; and the depth of
//! loops is bounded. How long lists really are is seen when they are there (`rounds`).
//!
//! Whatever walks over an expression is recursive, the evaluator too, so there is a limit to how deep its parts are
//! nested. The parser has its own, of brackets; this one is for `a + b + c` and `a.b.c`, which nest as well.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};

use super::super::error::SourceError;

/// How many times larger than the user any part of an expression may become.
pub(super) const MAX_WEIGHT: u64 = 1000;
/// How deep loops may be nested.
pub(super) const MAX_LOOP_DEPTH: usize = 2;
/// How deep the parts of an expression may be nested. On a thread of 2 MiB the evaluator stands about a thousand in a
/// release, and eighty in a debug build.
pub(super) const MAX_NESTING: usize = 60;
/// So many bytes of a literal count as one.
const LITERAL_BYTES_PER_WEIGHT: usize = 16;

/// A name that an expression uses.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name<'e> {
    /// A variable that no loop of the expression declares.
    Variable(&'e str),
    /// A function; operators are not asked about.
    Function(&'e str),
}

/// A walk over one expression.
pub(super) struct Check<'e> {
    knows: &'e dyn Fn(Name<'_>) -> Result<(), SourceError>,
    /// Variables of the loops around, with their weights.
    scope: Vec<(&'e str, u64)>,
    /// Of loops.
    depth: usize,
    /// Of everything.
    nesting: usize,
}

impl<'e> Check<'e> {
    pub(super) fn new(knows: &'e dyn Fn(Name<'_>) -> Result<(), SourceError>) -> Self {
        Self { knows, scope: Vec::new(), depth: 0, nesting: 0 }
    }

    /// The weight of an expression, if it and all its parts are allowed.
    pub(super) fn expression(&mut self, expression: &'e IdedExpr) -> Result<u64, SourceError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(SourceError::TooNested { limit: MAX_NESTING });
        }
        let weight = match &expression.expr {
            Expr::Unspecified => 1,
            Expr::Literal(literal) => literal_weight(literal),
            Expr::Ident(name) => self.variable(name)?,
            Expr::Select(select) => self.expression(&select.operand)?,
            Expr::List(list) => self.sum(&list.elements)?.saturating_add(1),
            Expr::Map(map) => self.entries(map.entries.iter().map(|entry| &entry.expr))?,
            Expr::Struct(object) => self.entries(object.entries.iter().map(|entry| &entry.expr))?,
            Expr::Call(call) => self.call(call)?,
            Expr::Comprehension(repeated) => self.comprehension(repeated)?,
        };
        self.nesting -= 1;
        if weight > MAX_WEIGHT { Err(SourceError::TooCostly) } else { Ok(weight) }
    }

    fn variable(&self, name: &str) -> Result<u64, SourceError> {
        match self.scope.iter().rev().find(|(known, _)| *known == name) {
            Some((_, weight)) => Ok(*weight),
            None => (self.knows)(Name::Variable(name)).map(|()| 1),
        }
    }

    fn sum(&mut self, parts: impl IntoIterator<Item = &'e IdedExpr>) -> Result<u64, SourceError> {
        parts.into_iter().try_fold(0_u64, |sum, part| Ok(sum.saturating_add(self.expression(part)?)))
    }

    fn entries(&mut self, entries: impl Iterator<Item = &'e EntryExpr>) -> Result<u64, SourceError> {
        entries.into_iter().try_fold(1_u64, |sum, entry| {
            let weight = match entry {
                EntryExpr::StructField(field) => self.expression(&field.value)?,
                EntryExpr::MapEntry(entry) => self.sum([&entry.key, &entry.value])?,
            };
            Ok(sum.saturating_add(weight))
        })
    }

    fn call(&mut self, call: &'e CallExpr) -> Result<u64, SourceError> {
        let name = call.func_name.as_str();
        if name.chars().all(|c| c.is_ascii_alphanumeric()) {
            (self.knows)(Name::Function(name))?;
        }
        let target = call.target.as_deref();
        let weights: Vec<u64> = target
            .into_iter()
            .chain(&call.args)
            .map(|part| self.expression(part))
            .collect::<Result<_, _>>()?;
        let sum = weights.iter().fold(0_u64, |sum, weight| sum.saturating_add(*weight));
        Ok(match name {
            operators::CONDITIONAL => weights.iter().skip(1).copied().max().unwrap_or(1),
            "replace" => weights.first().copied().unwrap_or(1).saturating_mul(growth(&call.args)),
            "join" => {
                weights.iter().fold(1, |product, weight| product.saturating_mul(weight.saturating_add(1)))
            }
            "contains" | "startsWith" | "endsWith" | "matches" | "size" | "indexOf" | "lastIndexOf"
            | "hasValue" => 1,
            _ if is_test(name) => 1,
            _ => sum.max(1),
        })
    }

    /// A loop: what it goes over, times what each round adds.
    fn comprehension(&mut self, repeated: &'e ComprehensionExpr) -> Result<u64, SourceError> {
        if matches!(repeated.iter_range.expr, Expr::Map(_)) {
            return Err(SourceError::Unordered);
        }
        let rounds = self.expression(&repeated.iter_range)?;
        let start = self.expression(&repeated.accu_init)?;
        self.depth += 1;
        if self.depth > MAX_LOOP_DEPTH {
            return Err(SourceError::TooDeep { limit: MAX_LOOP_DEPTH, actual: self.depth });
        }
        let outside = self.scope.len();
        self.scope.push((&repeated.iter_var, rounds));
        self.scope.extend(repeated.iter_var2.as_deref().map(|name| (name, rounds)));
        self.scope.push((&repeated.accu_var, 0));
        self.expression(&repeated.loop_cond)?;
        let round = self.expression(&repeated.loop_step)?;
        self.scope.truncate(outside);
        let whole = start.saturating_add(rounds.saturating_mul(round));
        self.scope.push((&repeated.accu_var, whole));
        let result = self.expression(&repeated.result)?;
        self.scope.truncate(outside);
        self.depth -= 1;
        Ok(result.max(whole))
    }
}

/// Operators whose result is true or false.
fn is_test(operator: &str) -> bool {
    [
        operators::EQUALS,
        operators::NOT_EQUALS,
        operators::GREATER,
        operators::GREATER_EQUALS,
        operators::LESS,
        operators::LESS_EQUALS,
        operators::LOGICAL_AND,
        operators::LOGICAL_OR,
        operators::LOGICAL_NOT,
        operators::IN,
    ]
    .contains(&operator)
}

/// By how much `replace(from, to)` may make a text longer.
fn growth(arguments: &[IdedExpr]) -> u64 {
    let bytes = |position: usize| arguments.get(position).and_then(literal_bytes);
    let factor = match (bytes(0), bytes(1)) {
        (Some(0), Some(to)) => to + 1,
        (Some(from), Some(to)) => to.div_ceil(from).max(1),
        (None, Some(to)) => to + 1,
        // The replacement may be as long as the text itself: nothing bounds that but refusing it.
        (_, None) => usize::MAX,
    };
    u64::try_from(factor).unwrap_or(u64::MAX)
}

fn literal_bytes(expression: &IdedExpr) -> Option<usize> {
    if let Expr::Literal(LiteralValue::String(text)) = &expression.expr {
        Some(text.inner().len())
    } else {
        None
    }
}

fn literal_weight(literal: &LiteralValue) -> u64 {
    let bytes = match literal {
        LiteralValue::String(text) => text.inner().len(),
        LiteralValue::Bytes(bytes) => bytes.inner().len(),
        LiteralValue::Boolean(_)
        | LiteralValue::Double(_)
        | LiteralValue::Int(_)
        | LiteralValue::Null
        | LiteralValue::UInt(_) => 0,
    };
    u64::try_from(bytes / LITERAL_BYTES_PER_WEIGHT).unwrap_or(u64::MAX).saturating_add(1)
}
