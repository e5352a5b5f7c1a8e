//! Setting a variable for the length of a closure.

use crate::values::{int, line};
use contextvars::{Context, ContextVar};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn a_scope_restores_the_previous_binding() {
    Context::new()
        .run(|| {
            let var = ContextVar::new("v");
            assert_eq!(int(var.scoped(1, || var.get()).unwrap().unwrap()), 1);
            assert!(var.get().is_err());
            var.set(2);
            let nested = var.scoped(3, || {
                let inner = int(var.scoped(4, || var.get()).unwrap().unwrap());
                (inner, int(var.get().unwrap()))
            });
            assert_eq!(nested.unwrap(), (4, 3));
            assert_eq!(int(var.get().unwrap()), 2);
        })
        .unwrap();
}

#[test]
fn a_scope_undoes_what_its_body_sets() {
    Context::new()
        .run(|| {
            let var = ContextVar::with_default("v", 0);
            var.scoped(1, || drop(var.set(2))).unwrap();
            assert_eq!(int(var.get().unwrap()), 0);
        })
        .unwrap();
}

#[test]
fn a_scope_restores_also_if_its_body_unbinds_the_variable() {
    Context::new()
        .run(|| {
            let var = ContextVar::new("v");
            let token = var.set(1);
            var.reset(&token).unwrap();
            let outer = var.set(2);
            var.scoped(3, || var.reset(&outer).unwrap()).unwrap();
            assert_eq!(
                int(var.get().unwrap()),
                2,
                "the scope restores the previous value"
            );
        })
        .unwrap();
}

#[test]
fn a_scope_restores_on_a_panic() {
    Context::new()
        .run(|| {
            let var = ContextVar::with_default("v", 0);
            let panicked =
                catch_unwind(AssertUnwindSafe(|| var.scoped(1, || panic!("on purpose"))));
            assert!(panicked.is_err());
            assert_eq!(int(var.get().unwrap()), 0);
        })
        .unwrap();
}

#[test]
fn a_scope_fails_if_its_body_stays_in_another_context() {
    let (var, context) = (ContextVar::with_default("v", 0), Context::new());
    let refused = line(var.scoped(1, || context.enter().unwrap()));
    assert!(
        refused.starts_with("RuntimeError: cannot restore <ContextVar name='v'"),
        "{refused}"
    );
    assert_eq!(int(var.get().unwrap()), 0, "the other context is unchanged");
    context.exit().unwrap();
    assert_eq!(
        int(var.get().unwrap()),
        1,
        "the binding stays in the first context"
    );
}

#[test]
fn a_body_may_leave_the_context_and_enter_it_again() {
    let (var, context) = (ContextVar::with_default("v", 0), Context::new());
    context.enter().unwrap();
    var.scoped(1, || {
        context.exit().unwrap();
        context.enter().unwrap();
        assert_eq!(int(var.get().unwrap()), 1);
    })
    .unwrap();
    assert_eq!(int(var.get().unwrap()), 0);
    context.exit().unwrap();
}
