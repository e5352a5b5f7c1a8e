//! The process's table.

use crate::objects::oops;
use crate::python::{assert_is, assert_raises};
use contextvars::{Std, Value};
use module::{Module, append_inittab, import, is_builtin, names};
use std::sync::Arc;

#[test]
fn the_process_knows_both_modules_from_the_start() {
    for name in ["_contextvars", "contextvars"] {
        assert!(is_builtin(name));
        assert!(names().iter().any(|known| &**known == name));
        assert_is(&import(name).unwrap(), &import(name).unwrap());
        assert!(append_inittab(name, |_| Ok(Value::None)).is_err());
    }
    assert!(!is_builtin("asyncio"));
    assert!(names().is_sorted());
}

#[test]
fn imports_on_every_thread_return_the_same_module() {
    let here = import("contextvars").unwrap();
    let there = std::thread::spawn(|| import("contextvars").unwrap());
    assert_is(&there.join().unwrap(), &here);
}

#[test]
fn an_unknown_module_raises_module_not_found_error() {
    let error = import("no_such_module").unwrap_err();
    assert_eq!(error.class().full_name(), "ModuleNotFoundError");
    let message = error.message().unwrap();
    assert!(
        message.starts_with("No module named 'no_such_module'; the inittab has '_contextvars', ")
    );
}

#[test]
fn a_module_that_imports_itself_raises_import_error() {
    append_inittab("narcissus", |table| Ok(table.import(Std, "narcissus")?)).unwrap();
    assert_raises(
        import("narcissus"),
        "ImportError",
        "cannot import module while it is being initialised: narcissus imports narcissus; \
         import it later, in the function that needs it",
    );
}

/// The initialiser uses the process's table, not its argument.
#[test]
fn a_module_that_imports_itself_through_the_process_raises_import_error() {
    append_inittab("echo", |_| import("echo")).unwrap();
    let error = import("echo").unwrap_err();
    assert_eq!(error.class().full_name(), "ImportError");
}

#[test]
fn an_import_raises_the_exception_of_the_initialiser() {
    let raised = oops();
    let raises = {
        let raised = raised.clone();
        move |_: &_| Err(raised.clone())
    };
    append_inittab("raises", raises).unwrap();
    assert!(import("raises").unwrap_err().is(&raised));
}

#[test]
fn an_appended_module_is_imported_like_the_others() {
    append_inittab("appended", |table| {
        let native = table.import(Std, "_contextvars")?;
        let module = Module::new("appended").with_attr("Context", native.get_attr("Context")?);
        Ok(Value::object(module))
    })
    .unwrap();
    assert!(is_builtin("appended"));
    assert!(names().contains(&Arc::from("appended")));
    let class = import("appended").unwrap().get_attr("Context").unwrap();
    assert_is(&class, &Value::from(contextvars::Context::class()));
}
