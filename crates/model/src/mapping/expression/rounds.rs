//! Bounds how often a loop of an expression goes round, when it is evaluated.
//!
//! How long a list is, an expression's text does not say: `split('')` makes one of every letter, and a loop inside a
//! loop multiplies them. So what a loop goes over is handed through a function of ours, which refuses what is longer
//! than lists of a user are. How much one round may make is bounded beforehand, in `check`.

use std::mem;

use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr};
use cel::common::types::DYN_TYPE;
use cel::common::value::CowVal;
use cel::{Env, ExecutionError};

/// How many entries a loop may go over.
pub(super) const MAX_ROUNDS: i64 = 500;

/// The function's name, which nobody can type.
pub(super) const FEW: &str = "few!";

/// Declares the function.
pub(super) fn declare(env: &mut Env) {
    env.add_overload(FEW, FEW, vec![DYN_TYPE], few).expect("invariant: CEL has no function of this name");
}

/// Returns what it is given, if that has few entries.
fn few<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let range = arguments.into_iter().next();
    let range = range.ok_or_else(|| ExecutionError::function_error(FEW, "a loop goes over nothing"))?;
    let n = range.as_sizer().map_or(0, |sizer| *sizer.size().inner());
    if n > MAX_ROUNDS {
        let problem = format!("a loop goes over {n} entries, and at most {MAX_ROUNDS} are allowed");
        return Err(ExecutionError::function_error(FEW, problem));
    }
    Ok(range)
}

/// Hands what each loop goes over through the function.
pub(super) fn bound(expression: &mut IdedExpr) {
    match &mut expression.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => {}
        Expr::Select(select) => bound(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().for_each(bound),
        Expr::Map(map) => map.entries.iter_mut().for_each(|entry| bound_entry(&mut entry.expr)),
        Expr::Struct(object) => object.entries.iter_mut().for_each(|entry| bound_entry(&mut entry.expr)),
        Expr::Call(call) => call.target.as_deref_mut().into_iter().chain(&mut call.args).for_each(bound),
        Expr::Comprehension(repeated) => {
            bound(&mut repeated.accu_init);
            bound(&mut repeated.loop_cond);
            bound(&mut repeated.loop_step);
            bound(&mut repeated.result);
            bound(&mut repeated.iter_range);
            let range = mem::take(&mut repeated.iter_range);
            let (id, func_name) = (range.id, FEW.to_owned());
            let expr = Expr::Call(CallExpr { func_name, target: None, args: vec![range] });
            repeated.iter_range = IdedExpr { id, expr };
        }
    }
}

fn bound_entry(entry: &mut EntryExpr) {
    match entry {
        EntryExpr::StructField(field) => bound(&mut field.value),
        EntryExpr::MapEntry(entry) => [&mut entry.key, &mut entry.value].into_iter().for_each(bound),
    }
}
