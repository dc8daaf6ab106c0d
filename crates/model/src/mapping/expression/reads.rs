//! Which fields of the user an expression looks at, from its text alone.
//!
//! Known is a field that is named where the user is: `user.name`, `has(user.name)`, `user.?name`, `user["name"]`. An
//! expression that does anything else with the user as a whole may look at every field.

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};

use super::USER;
use crate::mapping::fields::Fields;

/// The fields that an expression may look at. It was checked, so it is not nested too deeply for this.
pub(super) fn fields(expression: &IdedExpr) -> Fields {
    let mut names = BTreeSet::new();
    if walk(expression, &mut names) { Fields::Only(names) } else { Fields::All }
}

/// Adds the fields of one part; whether they are known.
fn walk(part: &IdedExpr, names: &mut BTreeSet<String>) -> bool {
    if let Some(field) = field(&part.expr) {
        names.insert(field.to_owned());
        return true;
    }
    match &part.expr {
        Expr::Unspecified | Expr::Literal(_) => true,
        Expr::Ident(name) => name != USER,
        Expr::Select(select) => walk(&select.operand, names),
        Expr::List(list) => list.elements.iter().all(|element| walk(element, names)),
        Expr::Map(map) => map.entries.iter().all(|entry| walk_entry(&entry.expr, names)),
        Expr::Struct(object) => object.entries.iter().all(|entry| walk_entry(&entry.expr, names)),
        Expr::Call(call) => walk_call(call, names),
        Expr::Comprehension(repeated) => walk_loop(repeated, names),
    }
}

fn walk_entry(entry: &EntryExpr, names: &mut BTreeSet<String>) -> bool {
    match entry {
        EntryExpr::StructField(field) => walk(&field.value, names),
        EntryExpr::MapEntry(entry) => walk(&entry.key, names) && walk(&entry.value, names),
    }
}

fn walk_call(call: &CallExpr, names: &mut BTreeSet<String>) -> bool {
    call.target.as_deref().into_iter().chain(&call.args).all(|part| walk(part, names))
}

fn walk_loop(repeated: &ComprehensionExpr, names: &mut BTreeSet<String>) -> bool {
    // A loop's own variable of this name would be something else than the user.
    let declares = [Some(&repeated.iter_var), repeated.iter_var2.as_ref(), Some(&repeated.accu_var)];
    let is_hidden = declares.into_iter().flatten().any(|name| name == USER);
    let parts = [
        &repeated.iter_range,
        &repeated.accu_init,
        &repeated.loop_cond,
        &repeated.loop_step,
        &repeated.result,
    ];
    !is_hidden && parts.into_iter().all(|part| walk(part, names))
}

/// The field of the user that a part names, if that is all it does with the user.
fn field(part: &Expr) -> Option<&str> {
    match part {
        Expr::Select(select) if is_user(&select.operand) => Some(&select.field),
        Expr::Call(call) if is_named(&call.func_name) => match call.args.as_slice() {
            [operand, name] if is_user(operand) => text(name),
            _ => None,
        },
        Expr::Unspecified
        | Expr::Literal(_)
        | Expr::Ident(_)
        | Expr::Select(_)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Call(_)
        | Expr::Comprehension(_) => None,
    }
}

fn is_named(operator: &str) -> bool {
    [operators::OPT_SELECT, operators::INDEX, operators::OPT_INDEX].contains(&operator)
}

fn is_user(part: &IdedExpr) -> bool {
    matches!(&part.expr, Expr::Ident(name) if name == USER)
}

fn text(part: &IdedExpr) -> Option<&str> {
    if let Expr::Literal(LiteralValue::String(text)) = &part.expr { Some(text.inner()) } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::Expression;
    use super::*;

    fn read(text: &str) -> Fields {
        Expression::compile(text).unwrap().fields()
    }

    fn only(names: &[&str]) -> Fields {
        Fields::Only(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_field_that_is_named_at_the_user_is_known() {
        assert_eq!(read("user.name.givenName + ' ' + user.primaryEmail"), only(&["name", "primaryEmail"]));
        assert_eq!(read("has(user.archived) ? 'a' : 'b'"), only(&["archived"]));
        assert_eq!(read("user.?organizations[0].title.orValue('')"), only(&["organizations"]));
        assert_eq!(read("user['phones'][0].value"), only(&["phones"]));
        assert_eq!(
            read("user.emails.filter(mail, mail.primary).map(mail, mail.address + user.id).join(',')"),
            only(&["emails", "id"])
        );
        assert_eq!(read("'constant'"), only(&[]));
    }

    #[test]
    fn whoever_uses_the_user_as_a_whole_may_look_at_anything() {
        for text in [
            "user",
            "size(user) > 3",
            "user.map(name, name).join(',')",
            "[user][0].id",
            "user[user.id]",
            "'id' in user",
            "[1].map(user, user)[0]",
        ] {
            assert_eq!(read(text), Fields::All, "{text}");
        }
    }
}
