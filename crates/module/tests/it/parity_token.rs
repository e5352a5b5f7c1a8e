//! The parity table: `Token`.

use crate::objects::oops;
use crate::python::*;
use contextvars::{Arguments, Value};
use pyobj::std_host::{Result, run_with};

fn already_used(var: &Value, token: &Value) -> String {
    format!(
        "<Token used var=<ContextVar name='v' at {}> at {}> has already been used once",
        address(var),
        address(token)
    )
}

#[test]
fn tokens_cannot_be_created_by_calling_their_class() {
    for arguments in [
        Arguments::new(),
        Arguments::from([1]),
        keyword("a", 1),
        keyword("a", 1).arg(1),
    ] {
        assert_raises(
            class("Token").call(arguments),
            "RuntimeError",
            "Tokens can only be created by ContextVars",
        );
    }
}

#[test]
fn repr_shows_the_variable_and_whether_the_token_is_used() -> Result<()> {
    let var = var_with_default("v", 5);
    let token = set(&var, 1);
    let shown = format!(
        "var=<ContextVar name='v' default=5 at {}> at {}>",
        address(&var),
        address(&token)
    );
    assert_eq!(token.repr()?, format!("<Token {shown}"));
    var.call_method("reset", [&token])?;
    assert_eq!(token.repr()?, format!("<Token used {shown}"));
    Ok(())
}

#[test]
fn a_token_is_not_hashable() {
    let token = set(&var("v"), 1);
    assert_type_error(token.hash(), "unhashable type: '_contextvars.Token'");
}

#[test]
fn var_and_old_value_are_the_very_objects() -> Result<()> {
    let var = var("v");
    let value = Value::list([1]);
    let first = set(&var, value.clone());
    let second = set(&var, 2);
    assert_is(&first.get_attr("var")?, &var);
    assert_is(&second.get_attr("old_value")?, &value);
    let missing = class("Token").get_attr("MISSING")?;
    assert_is(&first.get_attr("old_value")?, &missing);
    Ok(())
}

#[test]
fn var_and_old_value_are_not_writable() {
    let token = set(&var("v"), 1);
    for name in ["var", "old_value"] {
        let text = format!("attribute '{name}' of '_contextvars.Token' objects is not writable");
        assert_raises(token.set_attr(name, 1), "AttributeError", &text);
        assert_raises(token.del_attr(name), "AttributeError", &text);
    }
}

#[test]
fn missing_is_one_truthy_object_of_a_type_of_its_own() -> Result<()> {
    let missing = class("Token").get_attr("MISSING")?;
    assert_is(&set(&var("a"), 1).get_attr("old_value")?, &missing);
    assert_is(&set(&var("b"), 1).get_attr("old_value")?, &missing);
    assert_eq!(missing.repr()?, "<Token.MISSING>");
    assert_eq!(missing.str()?, "<Token.MISSING>");
    assert!(missing.truth()?);

    let class = Value::from(missing.class());
    assert_eq!(class.get_attr("__module__")?.as_str(), Some("Token"));
    assert_eq!(class.get_attr("__qualname__")?.as_str(), Some("MISSING"));
    assert_type_error(class.call(()), "cannot create 'Token.MISSING' instances");
    Ok(())
}

#[test]
fn with_a_token_gives_the_token_and_resets_at_the_end() -> Result<()> {
    let var = var("v");
    set(&var, 1);
    let token = set(&var, 2);
    let inside = run_with(&token, |entered| {
        assert_is(&entered, &token);
        get(&var)
    })?;
    assert_eq!(inside.unwrap().as_int(), Some(2));
    assert_int(get(&var), 1);
    assert!(token.repr()?.starts_with("<Token used "));
    Ok(())
}

#[test]
fn an_exception_in_the_block_is_raised_on_after_the_reset() {
    let var = var("v");
    set(&var, 1);
    let raised = oops();
    let result: Result<Option<()>> = run_with(&set(&var, 2), |_| Err(raised.clone()));
    let error = result.unwrap_err();
    assert!(error.is(&raised) && error.context().is_none());
    assert_int(get(&var), 1);
}

#[test]
fn entering_a_token_twice_raises_at_the_second_exit() -> Result<()> {
    let var = var("v");
    let token = set(&var, 1);
    run_with(&token, |_| Ok(()))?;
    let mut entered = false;
    let second = run_with(&token, |_| {
        entered = true;
        Ok(())
    });
    assert!(entered);
    assert_raises(second, "RuntimeError", &already_used(&var, &token));
    Ok(())
}

#[test]
fn a_reset_inside_the_block_makes_the_exit_raise() {
    let var = var("v");
    let token = set(&var, 1);
    let block = run_with(&token, |token| var.call_method("reset", [token]));
    let error = assert_raises(block, "RuntimeError", &already_used(&var, &token));
    assert!(error.context().is_none());
}

#[test]
fn an_exit_that_raises_has_the_exception_of_the_block_as_its_context() {
    let var = var("v");
    let token = set(&var, 1);
    let raised = oops();
    let block: Result<Option<()>> = run_with(&token, |token| {
        var.call_method("reset", [token])?;
        Err(raised.clone())
    });
    let error = assert_raises(block, "RuntimeError", &already_used(&var, &token));
    assert!(error.context().unwrap().is(&raised));
}

#[test]
fn a_block_that_ends_in_another_context_raises_at_the_exit() -> Result<()> {
    let var = var("v");
    let token = set(&var, 1);
    let leave = {
        let token = token.clone();
        lambda(move || run_with(&token, |_| Ok(Value::None)).map(Option::unwrap_or_default))
    };
    let error = run(&context(), &leave).unwrap_err();
    assert!(
        error
            .message()?
            .ends_with("was created in a different Context")
    );
    Ok(())
}

#[test]
fn exit_takes_three_arguments_and_enter_none() {
    let token = set(&var("v"), 1);
    assert_type_error(
        token.call_method("__exit__", ()),
        "__exit__ expected 3 arguments, got 0",
    );
    assert_type_error(
        token.call_method("__exit__", [1, 2, 3, 4]),
        "__exit__ expected 3 arguments, got 4",
    );
    assert_type_error(
        token.call_method("__enter__", [1]),
        "Token.__enter__() takes no arguments (1 given)",
    );
}

#[test]
fn exit_gives_none_so_that_exceptions_go_on() -> Result<()> {
    let token = set(&var("v"), 1);
    let arguments = [Value::None, Value::None, Value::None];
    assert_is(&token.call_method("__exit__", arguments)?, &Value::None);
    Ok(())
}
