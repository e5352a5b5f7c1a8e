//! Values whose finalizers use the variable that was bound to them.

use crate::objects::OnDrop;
use crate::python::*;
use contextvars::Value;
use pyobj::std_host::Result;
use std::sync::mpsc::{Receiver, channel};

/// Returns a value with this finalizer, and a receiver of the finalizer's result.
fn finalized(finalizer: impl FnOnce() -> Result + Send + 'static) -> (Value, Receiver<Value>) {
    let (done, is_done) = channel();
    let value = OnDrop::value(move || done.send(finalizer().unwrap()).unwrap());
    (value, is_done)
}

/// Sets the variable to a value with this finalizer, and then sets it again. The first token is
/// dropped, so that only the binding holds the value. Returns the finalizer's result.
fn replace(var: &Value, finalizer: impl FnOnce() -> Result + Send + 'static) -> Value {
    let (value, is_done) = finalized(finalizer);
    drop(set(var, value));
    assert!(is_done.try_recv().is_err());
    drop(set(var, "next"));
    is_done.try_recv().unwrap()
}

#[test]
fn a_finalizer_may_set_the_variable_and_its_set_wins() {
    let var = var("v");
    replace(&var, {
        let var = var.clone();
        move || Ok(set(&var, "finalizer"))
    });
    assert_eq!(get(&var).unwrap().as_str(), Some("finalizer"));
}

#[test]
fn a_finalizer_that_runs_in_reset_may_set_the_variable_and_its_set_wins() -> Result<()> {
    let var = var("v");
    let (value, is_done) = finalized({
        let var = var.clone();
        move || {
            // The reset has already taken effect.
            assert!(get(&var).is_err());
            Ok(set(&var, "finalizer"))
        }
    });
    let token = set(&var, value);
    var.call_method("reset", [&token])?;
    is_done.try_recv().unwrap();
    assert_eq!(get(&var)?.as_str(), Some("finalizer"));
    Ok(())
}

#[test]
fn a_finalizer_may_reset_the_variable() {
    let var = var("v");
    let first = set(&var, "first");
    replace(&var, {
        let var = var.clone();
        move || var.call_method("reset", [first])
    });
    assert!(get(&var).is_err());
}

#[test]
fn a_finalizer_may_run_a_context_that_sets_the_variable() {
    let var = var("v");
    let context = context();
    replace(&var, {
        let (var, context) = (var.clone(), context.clone());
        move || {
            let set = lambda(move || Ok(set(&var, "inside")));
            run(&context, &set)
        }
    });
    assert_eq!(get(&var).unwrap().as_str(), Some("next"));
    assert_eq!(context.get_item(&var).unwrap().as_str(), Some("inside"));
}

#[test]
fn a_finalizer_may_copy_the_context_and_sees_the_new_value() {
    let var = var("v");
    let copy = replace(&var, || Ok(copy_context()));
    assert_eq!(copy.get_item(&var).unwrap().as_str(), Some("next"));
}

#[test]
fn a_finalizer_may_read_and_iterate_over_the_context() {
    let var = var("v");
    let seen = replace(&var, {
        let var = var.clone();
        move || {
            Ok(Value::tuple([
                get(&var)?,
                Value::list(list(&current().unwrap())),
            ]))
        }
    });
    let address = address(&var);
    let expected = format!("('next', [<ContextVar name='v' at {address}>])");
    assert_eq!(seen.repr().unwrap(), expected);
}
