//! The parity table: the module.

use crate::python::*;
use contextvars::{Context, ContextVar, Token, Value};
use module::Module;
use pyobj::std_host::Result;

#[test]
fn contextvars_with_underscore_has_the_four_names_and_a_doc() -> Result<()> {
    let native = module::import("_contextvars")?;
    assert_eq!(
        native.downcast_ref::<Module>().unwrap().dir(),
        [
            "Context",
            "ContextVar",
            "Token",
            "__doc__",
            "__name__",
            "copy_context"
        ]
    );
    assert_eq!(
        native.get_attr("__doc__")?.as_str(),
        Some("Context Variables")
    );
    assert_eq!(native.get_attr("__name__")?.as_str(), Some("_contextvars"));
    assert_eq!(native.repr()?, "<module '_contextvars' (built-in)>");
    Ok(())
}

#[test]
fn contextvars_has_the_same_four_objects_and_lists_them_in_a_tuple() -> Result<()> {
    let native = module::import("_contextvars")?;
    let public = contextvars();
    let all = public.get_attr("__all__")?;
    assert_eq!(
        all.repr()?,
        "('Context', 'ContextVar', 'Token', 'copy_context')"
    );
    for name in list(&all) {
        let name = name.as_str().unwrap();
        assert_is(&public.get_attr(name)?, &native.get_attr(name)?);
    }
    assert_eq!(public.get_attr("__name__")?.as_str(), Some("contextvars"));
    assert_is(&public.get_attr("__doc__")?, &Value::None);
    Ok(())
}

#[test]
fn the_classes_belong_to_the_module_with_the_underscore() -> Result<()> {
    for name in ["Context", "ContextVar", "Token"] {
        let class = class(name);
        let module = class.get_attr("__module__")?;
        assert_eq!(module.as_str(), Some("_contextvars"));
        assert_eq!(class.get_attr("__qualname__")?.as_str(), Some(name));
        assert_eq!(class.repr()?, format!("<class '_contextvars.{name}'>"));
    }
    Ok(())
}

#[test]
fn none_of_the_classes_can_be_derived_from() {
    for (class, name) in [
        (Context::class(), "Context"),
        (ContextVar::class(), "ContextVar"),
        (Token::class(), "Token"),
    ] {
        assert_type_error(
            class.subclass("Mine"),
            &format!("type '_contextvars.{name}' is not an acceptable base type"),
        );
    }
}

#[test]
fn copy_context_gives_a_new_context_with_the_bindings_of_the_current_one() -> Result<()> {
    let var = var("v");
    set(&var, 1);
    let copy = copy_context();
    assert!(!copy.is(&current().unwrap()));
    assert_eq!(copy.length()?, 1);
    assert_int(copy.get_item(&var), 1);

    set(&var, 2);
    assert_int(copy.get_item(&var), 1);
    assert_int(copy_context().get_item(&var), 2);
    Ok(())
}

#[test]
fn copy_context_makes_an_empty_current_context_where_the_thread_has_none() -> Result<()> {
    assert!(current().is_none());
    let copy = copy_context();
    assert_eq!(copy.length()?, 0);
    let made = current().unwrap();
    assert_eq!(made.length()?, 0);
    assert!(!made.is(&copy));
    Ok(())
}

#[test]
fn copy_context_takes_no_arguments() {
    let copy_context = class("copy_context");
    assert_type_error(
        copy_context.call([1]),
        "_contextvars.copy_context() takes no arguments (1 given)",
    );
    for arguments in [keyword("a", 1), keyword("a", 1).arg(1)] {
        assert_type_error(
            copy_context.call(arguments),
            "_contextvars.copy_context() takes no keyword arguments",
        );
    }
}

#[test]
fn attributes_of_the_classes_cannot_be_set_or_deleted() {
    for name in ["Context", "ContextVar", "Token"] {
        let text = |attribute| {
            format!("cannot set '{attribute}' attribute of immutable type '_contextvars.{name}'")
        };
        assert_type_error(class(name).set_attr("x", 1), &text("x"));
        assert_type_error(class(name).del_attr("get"), &text("get"));
    }
}

#[test]
fn the_classes_run_and_copy_context_have_no_docstring_and_other_methods_do() -> Result<()> {
    let contextvars = contextvars();
    for name in ["Context", "ContextVar", "Token", "copy_context"] {
        let object = contextvars.get_attr(name)?;
        assert_is(&object.get_attr("__doc__")?, &Value::None);
    }
    let run = class("Context").get_attr("run")?;
    assert_is(&run.get_attr("__doc__")?, &Value::None);
    for (class_name, methods) in [
        (
            "Context",
            &["get", "copy", "keys", "values", "items"] as &[_],
        ),
        ("ContextVar", &["get", "set", "reset", "__class_getitem__"]),
        ("Token", &["__enter__", "__exit__", "__class_getitem__"]),
    ] {
        for name in methods {
            let method = class(class_name).get_attr(name)?;
            let doc = method.get_attr("__doc__")?;
            assert!(doc.as_str().is_some_and(|doc| !doc.is_empty()), "{name}");
        }
    }
    Ok(())
}

/// `inspect.signature` reads these. It raises `ValueError` if there is no
/// text, or if a default has no Python expression.
#[test]
fn signatures_are_those_of_cpython() -> Result<()> {
    for (class_name, name, signature) in [
        ("Context", "run", None),
        ("Context", "get", Some("($self, key, default=None, /)")),
        ("Context", "copy", Some("($self, /)")),
        ("Context", "keys", Some("($self, /)")),
        ("Context", "values", Some("($self, /)")),
        ("Context", "items", Some("($self, /)")),
        (
            "ContextVar",
            "get",
            Some("($self, default=<unrepresentable>, /)"),
        ),
        ("ContextVar", "set", Some("($self, value, /)")),
        ("ContextVar", "reset", Some("($self, token, /)")),
        (
            "ContextVar",
            "__class_getitem__",
            Some("($type, object, /)"),
        ),
        ("Token", "__enter__", Some("($self, /)")),
        ("Token", "__exit__", Some("($self, type, val, tb, /)")),
        ("Token", "__class_getitem__", Some("($type, object, /)")),
    ] {
        let method = class(class_name).get_attr(name)?;
        let text = method.get_attr("__text_signature__")?;
        assert_eq!(text.as_str(), signature, "{class_name}.{name}");
    }
    let copy_context = class("copy_context").get_attr("__text_signature__")?;
    assert_eq!(copy_context.as_str(), Some("($module, /)"));
    Ok(())
}

#[test]
fn methods_refuse_to_be_called_on_foreign_objects() -> Result<()> {
    for (class_name, name, this, foreign) in [
        ("Context", "get", Value::from(1), "int"),
        ("Context", "run", Value::from("a"), "str"),
        ("Context", "keys", var("v"), "_contextvars.ContextVar"),
        ("ContextVar", "get", Value::from(1), "int"),
        ("ContextVar", "set", context(), "_contextvars.Context"),
        ("ContextVar", "reset", Value::None, "NoneType"),
        ("Token", "__enter__", var("v"), "_contextvars.ContextVar"),
    ] {
        assert_type_error(
            class(class_name).get_attr(name)?.call([this]),
            &format!(
                "descriptor '{name}' for '_contextvars.{class_name}' objects \
                 doesn't apply to a '{foreign}' object"
            ),
        );
    }
    assert_type_error(
        class("Context").get_attr("get")?.call(()),
        "unbound method Context.get() needs an argument",
    );
    Ok(())
}
