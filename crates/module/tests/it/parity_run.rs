//! The parity table: `Context.run`, entering and leaving.

use crate::objects::{Impostor, oops};
use crate::python::*;
use contextvars::{Arguments, Builtin, Context, ContextVar, Token, Value};
use pyobj::std_host::{Arity, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn already_entered(context: &Value) -> String {
    format!(
        "cannot enter context: <_contextvars.Context object at {}> is already entered",
        address(context)
    )
}

/// Asserts that no thread has entered the context.
#[track_caller]
fn assert_free(context: &Value) {
    assert_int(run(context, &lambda(|| Ok(1.into()))), 1);
}

#[test]
fn run_needs_a_callable() {
    let text = "run() missing 1 required positional argument";
    assert_type_error(context().call_method("run", ()), text);
    assert_type_error(
        context().call_method("run", keyword("callable", lambda(|| Ok(1.into())))),
        text,
    );
}

#[test]
fn run_passes_all_arguments_on_and_gives_the_result() -> Result<()> {
    let echo = Builtin::function("echo", Arity::Variadic, |arguments: Arguments| {
        let keywords = arguments.keywords.iter();
        let keywords =
            keywords.map(|(name, value)| Value::tuple([Value::from(name), value.clone()]));
        Ok(Value::tuple(
            arguments.positional.into_iter().chain(keywords),
        ))
    });
    let arguments = Arguments::new()
        .arg(echo)
        .arg(1)
        .arg(2)
        .keyword("self", 3)
        .keyword("callable", 4);
    let result = context().call_method("run", arguments)?;
    assert_eq!(result.repr()?, "(1, 2, ('self', 3), ('callable', 4))");
    Ok(())
}

#[test]
fn what_run_sets_stays_in_its_context() -> Result<()> {
    let (context, var) = (context(), var("v"));
    set(&var, 1);
    let seen = run(
        &context,
        &lambda({
            let var = var.clone();
            move || {
                let before = get(&var).is_err();
                set(&var, 2);
                Ok(Value::tuple([before.into(), get(&var)?]))
            }
        }),
    )?;
    assert_eq!(seen.repr()?, "(True, 2)");
    assert_int(get(&var), 1);
    assert_int(context.get_item(&var), 2);
    Ok(())
}

#[test]
fn an_exception_leaves_the_context_popped_and_goes_on() {
    let (context, var) = (context(), var("v"));
    let raised = oops();
    let result = run(
        &context,
        &lambda({
            let (var, raised) = (var.clone(), raised.clone());
            move || {
                set(&var, 1);
                Err(raised.clone())
            }
        }),
    );
    assert!(result.unwrap_err().is(&raised));
    assert!(get(&var).is_err());
    assert_int(context.get_item(&var), 1);
    assert_free(&context);
}

#[test]
fn a_panic_leaves_the_context_popped_and_goes_on() {
    let context = context();
    let panics = lambda(|| panic!("a bug"));
    let panic = catch_unwind(AssertUnwindSafe(|| run(&context, &panics))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"a bug"));
    assert!(current().is_none());
    assert_free(&context);
}

#[test]
fn run_of_what_is_not_callable_enters_raises_and_exits() {
    let context = context();
    assert_type_error(
        context.call_method("run", [1]),
        "'int' object is not callable",
    );
    assert_free(&context);

    let inside = run(
        &context,
        &lambda({
            let context = context.clone();
            move || context.call_method("run", [1])
        }),
    );
    assert_raises(inside, "RuntimeError", &already_entered(&context));
}

/// Runs in a context and enters it again by `again`. Checks that this is refused
/// and that the first run is not affected.
fn assert_refused_meanwhile(again: fn(&Value) -> Result) -> Result<()> {
    let (context, var) = (context(), var("v"));
    run(
        &context,
        &lambda({
            let (context, var) = (context.clone(), var.clone());
            move || {
                set(&var, 1);
                assert_raises(again(&context), "RuntimeError", &already_entered(&context));
                assert_int(get(&var), 1);
                Ok(Value::None)
            }
        }),
    )?;
    assert_free(&context);
    Ok(())
}

fn enter(context: &Value) -> Result {
    run(context, &lambda(|| Ok(Value::None)))
}

#[test]
fn a_context_cannot_be_entered_again_directly() -> Result<()> {
    assert_refused_meanwhile(enter)
}

#[test]
fn a_context_cannot_be_entered_again_from_another_one() -> Result<()> {
    let (context, other) = (context(), context());
    run(
        &context,
        &lambda({
            let (context, other) = (context.clone(), other.clone());
            move || {
                let again = lambda({
                    let context = context.clone();
                    move || run(&context, &lambda(|| Ok(Value::None)))
                });
                let refused = run(&other, &again);
                assert_raises(refused, "RuntimeError", &already_entered(&context));
                assert_is(&current().unwrap(), &context);
                Ok(Value::None)
            }
        }),
    )?;
    assert_free(&context);
    assert_free(&other);
    Ok(())
}

#[test]
fn a_context_cannot_be_entered_again_by_another_thread() -> Result<()> {
    assert_refused_meanwhile(|context| {
        std::thread::scope(|scope| scope.spawn(|| enter(context)).join().unwrap())
    })
}

#[test]
fn the_base_context_of_a_thread_cannot_be_entered_anywhere() {
    set(&var("v"), 1);
    let base = current().unwrap();
    assert_raises(enter(&base), "RuntimeError", &already_entered(&base));
    let elsewhere = std::thread::scope(|scope| scope.spawn(|| enter(&base)).join().unwrap());
    assert_raises(elsewhere, "RuntimeError", &already_entered(&base));
}

#[test]
fn exit_of_a_context_that_was_never_entered_is_refused() {
    let context = context();
    assert_raises(
        Context::from_object(&context).unwrap().exit(),
        "RuntimeError",
        &format!(
            "cannot exit context: <_contextvars.Context object at {}> has not been entered",
            address(&context)
        ),
    );
}

#[test]
fn exit_while_another_context_is_current_is_refused() -> Result<()> {
    let context = context();
    run(
        &context,
        &lambda({
            let context = context.clone();
            move || {
                let leave = lambda({
                    let context = context.clone();
                    move || {
                        let refused = Context::from_object(&context).unwrap().exit();
                        assert_raises(
                            refused,
                            "RuntimeError",
                            "cannot exit context: thread state references a different context object",
                        );
                        Ok(Value::None)
                    }
                });
                run(&self::context(), &leave)
            }
        }),
    )?;
    assert_free(&context);
    Ok(())
}

#[test]
fn get_makes_no_context_for_a_fresh_thread() {
    let var = var_with_default("v", 5);
    assert_int(get(&var), 5);
    assert!(current().is_none());
}

#[test]
fn set_and_reset_make_a_base_context_that_is_not_entered() {
    let var = var("v");
    let token = std::thread::scope(|scope| {
        let elsewhere = scope.spawn(|| {
            let token = set(&var, 1);
            let base = Context::from_object(&current().unwrap()).unwrap();
            assert!(!base.is_entered());
            assert_eq!(base.len(), 1);
            token
        });
        elsewhere.join().unwrap()
    });
    // The variable was not set on this thread.
    assert!(current().is_none());
    assert!(var.call_method("reset", [token]).is_err());
    let base = Context::from_object(&current().unwrap()).unwrap();
    assert!(base.is_empty() && !base.is_entered());
}

#[test]
fn where_leaving_fails_the_result_of_the_call_is_dropped() {
    let context = context();
    for outcome in [Ok(Value::from(1)), Err(oops())] {
        let leaves_by_itself = lambda({
            let context = context.clone();
            move || {
                Context::from_object(&context).unwrap().exit()?;
                outcome.clone()
            }
        });
        assert_raises(
            run(&context, &leaves_by_itself),
            "RuntimeError",
            &format!(
                "cannot exit context: <_contextvars.Context object at {}> has not been entered",
                address(&context)
            ),
        );
    }
    assert_free(&context);
}

/// CPython's C API checks its arguments like this. From Python, only an object that
/// claims to have the type reaches this check.
#[test]
fn an_object_of_the_wrong_kind_is_refused_by_the_name_of_the_right_one() -> Result<()> {
    contextvars();
    for (class, name, methods) in [
        (
            Context::class(),
            "Context",
            &["copy", "keys", "run"] as &[_],
        ),
        (ContextVar::class(), "ContextVar", &["get", "name"]),
        (Token::class(), "Token", &["__enter__", "var", "old_value"]),
    ] {
        let impostor = Value::object(Impostor(class));
        let text = format!("an instance of {name} was expected");
        for method in methods {
            let tried = impostor.get_attr(method).and_then(|method| method.call(()));
            assert_type_error(tried, &text);
        }
    }
    Ok(())
}
