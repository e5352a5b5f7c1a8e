//! The parity table: `Context`.

mod equality;
mod iterators;

use crate::python::*;
use contextvars::{Arguments, Value};
use pyobj::std_host::{Order, Result, types, weakref};

#[test]
fn context_without_arguments_is_empty() -> Result<()> {
    for arguments in [Arguments::new(), Arguments::from(Vec::new())] {
        let context = class("Context").call(arguments)?;
        assert_eq!(context.length()?, 0);
        assert!(list(&context).is_empty());
    }
    Ok(())
}

#[test]
fn context_takes_no_arguments_at_all() {
    for arguments in [
        Arguments::from([1]),
        keyword("a", 1),
        keyword("a", 1).arg(1),
    ] {
        assert_type_error(
            class("Context").call(arguments),
            "Context() does not accept any arguments",
        );
    }
}

#[test]
fn repr_names_the_type_and_the_address() -> Result<()> {
    let context = context();
    let expected = format!("<_contextvars.Context object at {}>", address(&context));
    assert_eq!(context.repr()?, expected);
    assert_eq!(context.str()?, expected);
    Ok(())
}

#[test]
fn a_context_is_not_hashable() {
    assert_type_error(context().hash(), "unhashable type: '_contextvars.Context'");
}

#[test]
fn only_contexts_can_be_referenced_weakly() -> Result<()> {
    let context = context();
    let reference = weakref(&context)?;
    assert_is(&reference.call(())?, &context);
    drop(context);
    assert_is(&reference.call(())?, &Value::None);

    let var = var("v");
    assert_type_error(
        weakref(&var),
        "cannot create weak reference to '_contextvars.ContextVar' object",
    );
    assert_type_error(
        weakref(&set(&var, 1)),
        "cannot create weak reference to '_contextvars.Token' object",
    );
    Ok(())
}

#[test]
fn a_key_must_be_a_variable() {
    let context = context();
    for (key, repr) in [(Value::from(1), "1"), (Value::from("a"), "'a'")] {
        let text = format!("a ContextVar key was expected, got {repr}");
        assert_type_error(context.get_item(&key), &text);
        assert_type_error(context.contains(&key), &text);
        assert_type_error(context.call_method("get", [&key]), &text);
    }
}

#[test]
fn an_unset_variable_is_a_key_error_with_the_very_variable() -> Result<()> {
    let var = var_with_default("v", 5);
    let text = format!("<ContextVar name='v' default=5 at {}>", address(&var));
    let error = assert_raises(context().get_item(&var), "KeyError", &text);
    assert_argument(&error, &var);
    assert!(!context().contains(&var)?);
    Ok(())
}

#[test]
fn get_of_an_unset_variable_gives_none_or_the_argument_and_never_its_default() -> Result<()> {
    let var = var_with_default("v", 5);
    let context = context();
    assert_is(&context.call_method("get", [&var])?, &Value::None);
    assert_int(context.call_method("get", [&var, &Value::from(3)]), 3);
    Ok(())
}

#[test]
fn get_of_a_bound_variable_gives_its_value() -> Result<()> {
    let var = var("v");
    let context = context_with(&[(&var, 7)]);
    assert_int(context.call_method("get", [&var]), 7);
    assert_int(context.call_method("get", [&var, &Value::from(3)]), 7);
    assert_int(context.get_item(&var), 7);
    assert!(context.contains(&var)?);
    Ok(())
}

#[test]
fn get_takes_one_or_two_arguments() {
    let (context, var) = (context(), var("v"));
    assert_type_error(
        context.call_method("get", ()),
        "get expected at least 1 argument, got 0",
    );
    assert_type_error(
        context.call_method("get", [var, 1.into(), 2.into()]),
        "get expected at most 2 arguments, got 3",
    );
}

#[test]
fn get_takes_no_keywords() {
    assert_type_error(
        context().call_method("get", keyword("default", 3).arg(var("v"))),
        "Context.get() takes no keyword arguments",
    );
}

#[test]
fn len_counts_the_bindings_and_bool_tells_whether_there_are_any() -> Result<()> {
    let (a, b) = (var("a"), var("b"));
    for (context, length) in [
        (context(), 0),
        (context_with(&[(&a, 1)]), 1),
        (context_with(&[(&a, 1), (&b, 2), (&a, 3)]), 2),
    ] {
        assert_eq!(context.length()?, length);
        assert_eq!(context.truth()?, length > 0);
    }
    Ok(())
}

#[test]
fn keys_values_items_and_copy_take_no_arguments() {
    let context = context();
    for name in ["keys", "values", "items", "copy"] {
        assert_type_error(
            context.call_method(name, [1]),
            &format!("Context.{name}() takes no arguments (1 given)"),
        );
        assert_type_error(
            context.call_method(name, keyword("a", 1)),
            &format!("Context.{name}() takes no keyword arguments"),
        );
    }
}

#[test]
fn contexts_have_no_order() {
    let context = context();
    for (order, symbol) in [
        (Order::Less, "<"),
        (Order::LessEqual, "<="),
        (Order::Greater, ">"),
        (Order::GreaterEqual, ">="),
    ] {
        assert_type_error(
            context.compare(order, &context),
            &format!(
                "'{symbol}' not supported between instances of \
                 '_contextvars.Context' and '_contextvars.Context'"
            ),
        );
    }
}

#[test]
fn items_can_be_neither_assigned_nor_deleted() {
    let (context, var) = (context(), var("v"));
    assert_type_error(
        context.set_item(&var, 1),
        "'_contextvars.Context' object does not support item assignment",
    );
    assert_type_error(
        context.del_item(&var),
        "'_contextvars.Context' object does not support item deletion",
    );
    assert_type_error(
        context.del_item(&1.into()),
        "'_contextvars.Context' object doesn't support item deletion",
    );
}

#[test]
fn a_copy_is_independent_on_both_sides() -> Result<()> {
    let (a, b) = (var("a"), var("b"));
    let context = context_with(&[(&a, 1)]);
    let copy = context.call_method("copy", ())?;
    assert!(copy.equals(&context)?);
    assert!(!copy.is(&context));

    run(
        &context,
        &lambda({
            let a = a.clone();
            move || Ok(set(&a, 2))
        }),
    )?;
    run(
        &copy,
        &lambda({
            let b = b.clone();
            move || Ok(set(&b, 3))
        }),
    )?;
    assert_int(context.get_item(&a), 2);
    assert!(!context.contains(&b)?);
    assert_int(copy.get_item(&a), 1);
    assert_int(copy.get_item(&b), 3);
    Ok(())
}

#[test]
fn a_copy_of_an_entered_context_is_not_entered() -> Result<()> {
    let context = context();
    let copied = run(
        &context,
        &lambda({
            let context = context.clone();
            move || {
                let copy = context.call_method("copy", ())?;
                // If the copy were entered, this would be refused.
                run(&copy, &lambda(|| Ok(Value::from(1))))?;
                Ok(copy)
            }
        }),
    )?;
    assert_int(run(&copied, &lambda(|| Ok(Value::from(2)))), 2);
    Ok(())
}

#[test]
fn context_cannot_be_subscripted() {
    assert_type_error(
        class("Context").get_item(&Value::from(&*types::INT)),
        "type '_contextvars.Context' is not subscriptable",
    );
}

/// `pickle`, `copy.copy` and `copy.deepcopy` begin with this call.
#[test]
fn contexts_variables_and_tokens_can_be_neither_pickled_nor_copied() {
    let var = var("v");
    for (object, name) in [
        (context(), "Context"),
        (var.clone(), "ContextVar"),
        (set(&var, 1), "Token"),
    ] {
        assert_type_error(
            object.call_method("__reduce_ex__", [4]),
            &format!("cannot pickle '_contextvars.{name}' object"),
        );
    }
}
