//! `get`, `set` and `reset`.

use crate::objects::Equal;
use crate::python::*;
use contextvars::{Context, Value};
use pyobj::DirectHandle;
use pyobj::std_host::Result;

fn reset(var: &Value, token: &Value) -> Result {
    var.call_method("reset", [token])
}

fn get_or(var: &Value, default: i64) -> Result {
    var.call_method("get", [default])
}

#[test]
fn get_gives_the_current_value_then_the_argument_then_the_default() -> Result<()> {
    let var = var_with_default("v", 5);
    assert_int(get(&var), 5);
    assert_int(get_or(&var, 3), 3);
    set(&var, 1);
    assert_int(get(&var), 1);
    assert_int(get_or(&var, 3), 1);

    let bare = self::var("w");
    assert_int(get_or(&bare, 3), 3);
    assert_is(&bare.call_method("get", [Value::None])?, &Value::None);
    Ok(())
}

#[test]
fn get_without_any_of_them_is_a_lookup_error_with_the_very_variable() {
    let var = var("v");
    let text = format!("<ContextVar name='v' at {}>", address(&var));
    let error = assert_raises(get(&var), "LookupError", &text);
    assert_argument(&error, &var);
}

#[test]
fn set_binds_in_the_current_context_and_gives_a_token() -> Result<()> {
    let var = var("v");
    let first = set(&var, 1);
    let second = set(&var, 2);
    assert_int(get(&var), 2);
    assert_is(&second.get_attr("var")?, &var);
    assert_int(second.get_attr("old_value"), 1);
    assert_is(
        &first.get_attr("old_value")?,
        &class("Token").get_attr("MISSING")?,
    );
    Ok(())
}

#[test]
fn reset_of_what_is_no_token_names_it() {
    let var = var("v");
    for (value, repr) in [
        (Value::from(1), "1".to_owned()),
        (
            var.clone(),
            format!("<ContextVar name='v' at {}>", address(&var)),
        ),
    ] {
        assert_type_error(
            reset(&var, &value),
            &format!("expected an instance of Token, got {repr}"),
        );
    }
}

#[test]
fn reset_restores_or_unbinds() -> Result<()> {
    let var = var("v");
    let first = set(&var, 1);
    let second = set(&var, 2);
    assert_is(&reset(&var, &second)?, &Value::None);
    assert_int(get(&var), 1);
    reset(&var, &first)?;
    assert!(get(&var).is_err());
    Ok(())
}

#[test]
fn reset_with_a_used_token_is_refused() -> Result<()> {
    let var = var("v");
    let token = set(&var, 1);
    reset(&var, &token)?;
    assert_raises(
        reset(&var, &token),
        "RuntimeError",
        &format!(
            "<Token used var=<ContextVar name='v' at {}> at {}> has already been used once",
            address(&var),
            address(&token)
        ),
    );
    Ok(())
}

#[test]
fn reset_with_a_token_of_another_variable_is_refused() -> Result<()> {
    let (var, other) = (var("v"), self::var("w"));
    let token = set(&var, 1);
    assert_raises(
        reset(&other, &token),
        "ValueError",
        &format!(
            "<Token var=<ContextVar name='v' at {}> at {}> was created by a different ContextVar",
            address(&var),
            address(&token)
        ),
    );
    // The token has not been used.
    reset(&var, &token)?;
    Ok(())
}

#[test]
fn reset_with_a_token_of_another_context_is_refused() -> Result<()> {
    let var = var("v");
    let token = set(&var, 1);
    run(
        &copy_context(),
        &lambda({
            let (var, token) = (var.clone(), token.clone());
            move || {
                assert_raises(
                    reset(&var, &token),
                    "ValueError",
                    &format!(
                        "<Token var=<ContextVar name='v' at {}> at {}> \
                     was created in a different Context",
                        address(&var),
                        address(&token)
                    ),
                );
                assert_int(get(&var), 1);
                Ok(Value::None)
            }
        }),
    )?;
    reset(&var, &token)?;
    Ok(())
}

#[test]
fn reset_looks_for_use_then_the_variable_then_the_context() -> Result<()> {
    let (var, other) = (var("v"), self::var("w"));
    let token = set(&var, 1);
    let elsewhere = {
        let (other, token) = (other.clone(), token.clone());
        lambda(move || reset(&other, &token))
    };
    // The wrong variable and the wrong context.
    let error = run(&context(), &elsewhere).unwrap_err();
    assert!(
        error
            .message()?
            .ends_with("was created by a different ContextVar")
    );
    // Used, the wrong variable and the wrong context.
    reset(&var, &token)?;
    let error = run(&context(), &elsewhere).unwrap_err();
    assert!(error.message()?.ends_with("has already been used once"));
    Ok(())
}

/// Only a collector that clears a context can unbind a variable before its token
/// does.
#[test]
fn unbinding_what_is_not_bound_is_a_lookup_error_and_spends_the_token() -> Result<()> {
    let (context, var) = (context(), var("v"));
    let set = var.get_attr("set")?;
    let token = context.call_method("run", [set, 1.into()])?;
    Context::from_object(&context).unwrap().payload().clear();

    let reset = var.get_attr("reset")?;
    let unbind = || context.call_method("run", [&reset, &token]);
    let text = format!("<ContextVar name='v' at {}>", address(&var));
    let error = assert_raises(unbind(), "LookupError", &text);
    assert_argument(&error, &var);
    assert_raises(
        unbind(),
        "RuntimeError",
        &format!("{} has already been used once", token.repr()?),
    );
    Ok(())
}

#[test]
fn out_of_order_resets_restore_what_each_token_saw() -> Result<()> {
    let var = var("v");
    let tokens = [1, 2, 3].map(|value| set(&var, value));
    reset(&var, &tokens[1])?;
    assert_int(get(&var), 1);
    reset(&var, &tokens[2])?;
    assert_int(get(&var), 2);
    reset(&var, &tokens[0])?;
    assert!(get(&var).is_err());
    Ok(())
}

#[test]
fn get_never_gives_a_stale_value() -> Result<()> {
    let var = var("v");
    let token = set(&var, 1);
    assert_int(get(&var), 1);
    set(&var, 2);
    assert_int(get(&var), 2);
    run(
        &copy_context(),
        &lambda({
            let var = var.clone();
            move || {
                assert_int(get(&var), 2);
                set(&var, 3);
                assert_int(get(&var), 3);
                assert!(run(&context(), &var.get_attr("get")?).is_err());
                assert_int(get(&var), 3);
                Ok(Value::None)
            }
        }),
    )?;
    assert_int(get(&var), 2);
    std::thread::scope(|scope| {
        let elsewhere = scope.spawn(|| {
            assert!(get(&var).is_err());
            set(&var, 4);
            assert_int(get(&var), 4);
        });
        elsewhere.join().unwrap();
    });
    assert_int(get(&var), 2);
    reset(&var, &token)?;
    assert!(get(&var).is_err());
    Ok(())
}

#[test]
fn comparing_contexts_goes_on_over_their_snapshots_while_a_comparison_changes_them() -> Result<()> {
    let vars = [var("a"), var("b")];
    let changes = {
        let vars = vars.clone();
        move |_: &Value| {
            // In the left context, which is current on this thread.
            for var in &vars {
                set(var, "changed");
            }
            Ok(true.into())
        }
    };
    let value = Value::object(Equal(changes));
    let left = context_with(&[(&vars[0], value.clone()), (&vars[1], value)]);
    let right = context_with(&[(&vars[0], 1), (&vars[1], 2)]);
    let equal = run(
        &left,
        &lambda({
            let left = left.clone();
            move || Ok(left.equals(&right)?.into())
        }),
    )?;
    assert_is(&equal, &true.into());
    assert_eq!(left.get_item(&vars[0])?.as_str(), Some("changed"));
    Ok(())
}
