//! The parity table: `ContextVar`.

mod finalizers;
mod printing;
mod values;

use crate::objects::{CountsHashes, UnhashableText};
use crate::python::*;
use contextvars::{Arguments, Value};
use pyobj::std_host::{Order, Result, types};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn make(arguments: impl Into<Arguments>) -> Result {
    class("ContextVar").call(arguments)
}

#[test]
fn contextvar_without_a_positional_argument_is_refused() {
    for arguments in [
        Arguments::new(),
        keyword("name", "a"),
        keyword("default", 1),
    ] {
        assert_type_error(
            make(arguments),
            "ContextVar() takes exactly 1 positional argument (0 given)",
        );
    }
}

#[test]
fn contextvar_takes_its_default_by_keyword_only() {
    assert_type_error(
        make(["a", "b"]),
        "ContextVar() takes at most 1 positional argument (2 given)",
    );
}

#[test]
fn contextvar_takes_at_most_two_arguments() {
    for (arguments, given) in [
        (keyword("default", 1).keyword("foo", 2).arg("a"), 3),
        (keyword("default", 1).arg("a").arg("b"), 3),
        (keyword("d", 1).arg("a").arg("b").arg("c"), 4),
    ] {
        assert_type_error(
            make(arguments),
            &format!("ContextVar() takes at most 2 arguments ({given} given)"),
        );
    }
    assert_type_error(
        make(keyword("a", 1).keyword("b", 2).keyword("c", 3)),
        "ContextVar() takes at most 2 keyword arguments (3 given)",
    );
}

#[test]
fn contextvar_names_an_unexpected_keyword() {
    for (name, first) in [
        ("foo", Value::from("a")),
        ("", "a".into()),
        ("foo", 1.into()),
    ] {
        assert_type_error(
            make(keyword(name, 1).arg(first)),
            &format!("ContextVar() got an unexpected keyword argument '{name}'"),
        );
    }
}

#[test]
fn a_name_must_be_a_str() {
    for arguments in [Arguments::from([1]), keyword("default", 1).arg(Value::None)] {
        assert_type_error(make(arguments), "context variable name must be a str");
    }
}

#[test]
fn a_name_must_be_hashable() {
    assert_type_error(
        make([Value::object(UnhashableText)]),
        "unhashable type: 'UnhashableText'",
    );
}

#[test]
fn a_default_of_none_is_a_default() {
    assert_is(
        &get(&var_with_default("v", Value::None)).unwrap(),
        &Value::None,
    );
    let var = var("v");
    let error = get(&var).unwrap_err();
    assert_eq!(error.class().name(), "LookupError");
}

#[test]
fn a_variable_hashes_by_its_address_and_its_name() -> Result<()> {
    let name = Value::from("v");
    let var = make([&name])?;
    let pointer = (var.address() as u64).rotate_right(4) as i64;
    let expected = match pointer ^ name.hash()? {
        -1 => -2,
        hash => hash,
    };
    assert_eq!(var.hash()?, expected);
    Ok(())
}

#[test]
fn the_name_is_hashed_once_at_creation() -> Result<()> {
    let hashed = Arc::new(AtomicUsize::new(0));
    let var = make([Value::object(CountsHashes(Arc::clone(&hashed)))])?;
    assert_eq!(hashed.load(Ordering::Relaxed), 1);
    assert_eq!(var.hash()?, var.hash()?);
    set(&var, 1);
    assert_int(get(&var), 1);
    assert_eq!(hashed.load(Ordering::Relaxed), 1);
    Ok(())
}

#[test]
fn variables_are_equal_by_identity() -> Result<()> {
    let (a, b) = (var("v"), var("v"));
    assert!(a.equals(&a)? && !a.differs(&a)?);
    assert!(!a.equals(&b)? && a.differs(&b)?);
    assert_type_error(
        a.compare(Order::Less, &b),
        "'<' not supported between instances of \
         '_contextvars.ContextVar' and '_contextvars.ContextVar'",
    );
    Ok(())
}

#[test]
fn the_name_is_the_very_object_given() -> Result<()> {
    for name in [
        Value::from("v"),
        Value::object(CountsHashes(Arc::default())),
    ] {
        assert_is(&make([&name])?.get_attr("name")?, &name);
    }
    Ok(())
}

#[test]
fn the_name_is_read_only() {
    let var = var("v");
    assert_raises(
        var.set_attr("name", "w"),
        "AttributeError",
        "readonly attribute",
    );
    assert_raises(var.del_attr("name"), "AttributeError", "readonly attribute");
}

#[test]
fn other_attributes_can_be_neither_read_nor_set() {
    let var = var("v");
    assert_raises(
        var.get_attr("foo"),
        "AttributeError",
        "'_contextvars.ContextVar' object has no attribute 'foo'",
    );
    assert_raises(
        var.set_attr("foo", 1),
        "AttributeError",
        "'_contextvars.ContextVar' object has no attribute 'foo' \
         and no __dict__ for setting new attributes",
    );
    assert_raises(
        var.set_attr("get", 1),
        "AttributeError",
        "'_contextvars.ContextVar' object attribute 'get' is read-only",
    );
}

#[test]
fn contextvar_and_token_make_generic_aliases() -> Result<()> {
    let int = Value::from(&*types::INT);
    for name in ["ContextVar", "Token"] {
        let class = class(name);
        let alias = class.get_item(&int)?;
        assert_eq!(alias.repr()?, format!("_contextvars.{name}[int]"));
        assert_is(&alias.get_attr("__origin__")?, &class);
        assert_is(&alias.get_attr("__args__")?.get_item(&0.into())?, &int);
        assert_type_error(
            class.call_method("__class_getitem__", ()),
            &format!("{name}.__class_getitem__() takes exactly one argument (0 given)"),
        );
    }
    assert_type_error(
        var("v").get_item(&int),
        "'_contextvars.ContextVar' object is not subscriptable",
    );
    Ok(())
}

#[test]
fn get_takes_at_most_one_argument_and_no_keywords() {
    assert_type_error(
        var("v").call_method("get", [1, 2]),
        "get expected at most 1 argument, got 2",
    );
    assert_type_error(
        var("v").call_method("get", keyword("default", 3)),
        "ContextVar.get() takes no keyword arguments",
    );
}

#[test]
fn set_and_reset_take_exactly_one_argument_and_no_keywords() {
    for (name, argument) in [("set", "value"), ("reset", "token")] {
        for given in [0, 2] {
            assert_type_error(
                var("v").call_method(name, vec![Value::None; given]),
                &format!("ContextVar.{name}() takes exactly one argument ({given} given)"),
            );
        }
        assert_type_error(
            var("v").call_method(name, keyword(argument, 1)),
            &format!("ContextVar.{name}() takes no keyword arguments"),
        );
    }
}
