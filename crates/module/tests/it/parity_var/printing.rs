//! `repr(var)`.

use crate::objects::PrintsAs;
use crate::python::*;
use contextvars::{Arguments, Value};
use pyobj::std_host::{List, Result, Shared};

#[test]
fn repr_shows_name_default_and_address() -> Result<()> {
    for (var, shown) in [
        (var("v"), "name='v'"),
        (var("a'b"), "name=\"a'b\""),
        (var_with_default("v", 5), "name='v' default=5"),
        (var_with_default("v", Value::None), "name='v' default=None"),
        (var_with_default("v", "x'"), "name='v' default=\"x'\""),
    ] {
        let expected = format!("<ContextVar {shown} at {}>", address(&var));
        assert_eq!(var.repr()?, expected);
        assert_eq!(var.str()?, expected);
    }
    Ok(())
}

#[test]
fn a_repr_that_raises_replaces_what_was_being_reported() -> Result<()> {
    let var = var_with_default("v", Value::object(PrintsAs::default()));
    assert_raises(var.repr(), "ValueError", "oops");
    assert_raises(var.call_method("reset", [&var]), "ValueError", "oops");

    let token = set(&var, 1);
    let other = self::var("w");
    assert_raises(other.call_method("reset", [&token]), "ValueError", "oops");
    var.call_method("reset", [&token])?;
    assert_raises(var.call_method("reset", [&token]), "ValueError", "oops");
    Ok(())
}

#[test]
fn a_list_default_that_contains_the_variable_prints_as_an_ellipsis_inside() -> Result<()> {
    let default = List::from_iter([]);
    let var = var_with_default("v", default.clone());
    default.push(var.clone());
    let at = address(&var);
    assert_eq!(
        var.repr()?,
        format!(
            "<ContextVar name='v' default=[<ContextVar name='v' default=[...] at {at}>] at {at}>"
        )
    );
    // The cycle would leak.
    drop(default.take());
    Ok(())
}

#[test]
fn a_default_that_prints_the_variable_ends_in_recursion_error() -> Result<()> {
    let default = Shared::new(PrintsAs::default());
    let arguments = Arguments::from(["v"]).keyword("default", default.clone());
    let var = class("ContextVar").call(arguments)?;
    default.print_as(Some(var.clone()));
    assert_raises(
        var.repr(),
        "RecursionError",
        "maximum recursion depth exceeded while getting the repr of an object",
    );
    // The cycle would leak.
    default.print_as(None);
    Ok(())
}
