//! A context as a mapping, for Rust code and through the host's protocols.

use crate::values::{Equal, int, line};
use contextvars::{Context, ContextVar, Exception, Value, copy_context};
use pyobj::ExceptionKind;
use pyobj::std_host::Order;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn context_of(bindings: &[(&ContextVar, Value)]) -> Context {
    let context = Context::new();
    context
        .run(|| {
            for (var, value) in bindings {
                var.set(value);
            }
        })
        .unwrap();
    context
}

#[test]
fn rust_code_looks_up_counts_and_iterates() {
    let vars: Vec<ContextVar> = (0..50).map(|_| ContextVar::new("v")).collect();
    let bindings: Vec<_> = vars.iter().zip((0..50).map(Value::from)).collect();
    let context = context_of(&bindings);
    assert_eq!((context.len(), context.is_empty()), (50, false));
    assert!(vars.iter().all(|var| context.contains(var)));
    assert!(!context.contains(&ContextVar::with_default("w", 1)));
    assert!(context.get(&ContextVar::with_default("w", 1)).is_none());

    let mut iterator = context.iter();
    let mut seen = HashMap::new();
    for left in (0..50).rev() {
        let (var, value) = iterator.next().unwrap();
        assert_eq!(iterator.len(), left);
        seen.insert(Value::from(&var).address(), int(value));
    }
    assert!(iterator.next().is_none() && iterator.next().is_none());
    for (number, var) in vars.iter().enumerate() {
        assert_eq!(seen[&Value::from(var).address()], number as i64);
    }
    assert_eq!(context.keys().len(), 50);
    assert_eq!(context.values().map(int).sum::<i64>(), (0..50).sum());
    assert_eq!((&context).into_iter().count(), 50);
}

#[test]
fn an_iterator_is_not_affected_by_later_sets() {
    let (a, b) = (ContextVar::new("a"), ContextVar::new("b"));
    let context = context_of(&[(&a, 1.into())]);
    let mut iterator = context.iter();
    context.run(|| (a.set(2), b.set(3))).unwrap();
    assert_eq!(iterator.next().map(|(_, value)| int(value)), Some(1));
    assert!(iterator.next().is_none());
}

#[test]
fn a_key_that_is_not_a_variable_is_refused_with_its_repr() {
    let context = Value::from(Context::new());
    let expected = "TypeError: a ContextVar key was expected, got 'x'";
    assert_eq!(line(context.get_item(&"x".into())), expected);
    assert_eq!(line(context.contains(&"x".into())), expected);
}

#[test]
fn an_unbound_variable_raises_key_error_with_the_variable() {
    let var = ContextVar::with_default("v", 1);
    let refused = Value::from(Context::new())
        .get_item(&Value::from(&var))
        .unwrap_err();
    assert!(refused.is_a(ExceptionKind::KeyError));
    assert!(refused.args()[0].is(&Value::from(&var)));
}

#[test]
fn items_cannot_be_set_or_deleted_through_the_mapping() {
    let (context, var) = (
        Value::from(Context::new()),
        Value::from(ContextVar::new("v")),
    );
    assert_eq!(
        line(context.set_item(&var, 1)),
        "TypeError: '_contextvars.Context' object does not support item assignment",
    );
    // If the key is a number, CPython tries the sequence slots first.
    assert_eq!(
        line(context.del_item(&var)),
        "TypeError: '_contextvars.Context' object does not support item deletion",
    );
    assert_eq!(
        line(context.del_item(&1.into())),
        "TypeError: '_contextvars.Context' object doesn't support item deletion",
    );
}

#[test]
fn a_context_is_unhashable_and_true_when_it_binds_something() {
    let var = ContextVar::new("v");
    let context = Context::new();
    let value = Value::from(&context);
    assert_eq!(
        line(value.hash()),
        "TypeError: unhashable type: '_contextvars.Context'"
    );
    assert!(!value.truth().unwrap());
    context.run(|| var.set(1)).unwrap();
    assert!(value.truth().unwrap());
}

#[test]
fn contexts_are_equal_when_they_bind_equal_values_to_the_same_variables() {
    let (a, b) = (ContextVar::new("v"), ContextVar::new("v"));
    let one = context_of(&[(&a, 1.into())]);
    assert!(one.equals(&context_of(&[(&a, 1.0.into())])).unwrap());
    assert!(!one.equals(&context_of(&[(&a, 2.into())])).unwrap());
    assert!(!one.equals(&context_of(&[(&b, 1.into())])).unwrap());
    assert!(
        !one.equals(&context_of(&[(&a, 1.into()), (&b, 1.into())]))
            .unwrap()
    );
    assert!(one.equals(&one.copy()).unwrap());
    let (one, other) = (Value::from(one), Value::from(1));
    assert!(!one.equals(&other).unwrap());
    assert!(one.differs(&other).unwrap());
    assert_eq!(
        line(one.compare(Order::Less, &one)),
        "TypeError: '<' not supported between instances of '_contextvars.Context' and \
         '_contextvars.Context'",
    );
}

#[test]
fn another_type_decides_whether_it_equals_a_context() {
    let context = Value::from(Context::new());
    assert!(context.equals(&Equal::value(|| Ok(true.into()))).unwrap());
    assert!(!context.equals(&Equal::value(|| Ok(false.into()))).unwrap());
}

#[test]
fn an_iterator_object_returns_each_variable_once_and_keeps_its_length() {
    let vars: Vec<ContextVar> = (0..3).map(|_| ContextVar::new("v")).collect();
    let bindings: Vec<_> = vars.iter().zip((0..3).map(Value::from)).collect();
    let context = context_of(&bindings);
    let iterator = Value::from(&context).iter().unwrap();
    let mut seen = Vec::new();
    while let Some(var) = iterator.next().unwrap() {
        assert!(
            vars.iter().any(|known| Value::from(known).is(&var)),
            "the same variable object"
        );
        assert!(!seen.contains(&var.address()));
        seen.push(var.address());
        assert_eq!(iterator.length().unwrap(), 3);
    }
    assert_eq!(seen.len(), 3);
    assert!(iterator.next().unwrap().is_none());
}

#[test]
fn identical_values_are_equal_without_a_call() {
    let var = ContextVar::new("v");
    let value = Equal::value(|| panic!("asked"));
    let nan = Value::from(f64::NAN);
    for value in [value, nan] {
        let left = context_of(&[(&var, value.clone())]);
        assert!(left.equals(&context_of(&[(&var, value)])).unwrap());
    }
}

#[test]
fn a_failing_comparison_is_propagated() {
    let var = ContextVar::new("v");
    let failing = || Equal::value(|| Err(Exception::text(ExceptionKind::ValueError, "on purpose")));
    let left = context_of(&[(&var, failing())]);
    let right = context_of(&[(&var, failing())]);
    assert_eq!(line(left.equals(&right)), "ValueError: on purpose");
}

#[test]
fn a_comparison_that_changes_both_contexts_compares_the_old_bindings() {
    let vars: Vec<ContextVar> = (0..20).map(|_| ContextVar::new("v")).collect();
    let (left, right) = (Context::new(), Context::new());
    let calls = Arc::new(AtomicUsize::new(0));
    for context in [&left, &right] {
        for var in &vars {
            let (left, right) = (left.clone(), right.clone());
            let (vars, calls) = (vars.clone(), Arc::clone(&calls));
            let value = Equal::value(move || {
                calls.fetch_add(1, Ordering::SeqCst);
                for context in [&left, &right] {
                    context
                        .run(|| vars.iter().for_each(|var| drop(var.set(0))))
                        .unwrap();
                }
                Ok(true.into())
            });
            context.run(|| var.set(value)).unwrap();
        }
    }
    assert!(left.equals(&right).unwrap());
    assert_eq!(calls.load(Ordering::SeqCst), 20);
    assert_eq!(left.values().map(int).sum::<i64>(), 0);
}

#[test]
fn copies_are_independent_both_ways() {
    let var = ContextVar::new("v");
    let context = context_of(&[(&var, 1.into())]);
    let copy = context.copy();
    context.run(|| var.set(2)).unwrap();
    copy.run(|| var.set(3)).unwrap();
    assert_eq!(context.get(&var).map(int), Some(2));
    assert_eq!(copy.get(&var).map(int), Some(3));
    let snapshot = copy.run(copy_context).unwrap();
    assert_eq!(snapshot.get(&var).map(int), Some(3));
}
