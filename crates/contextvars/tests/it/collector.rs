//! What each object shows a cycle collector.

use crate::values::Counted;
use contextvars::host::{IterCell, IterKind, Reference};
use contextvars::{Context, ContextVar, Std, Value};
use pyobj::DirectHandle;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The addresses of the objects that `visit` shows.
fn shown(visit: impl FnOnce(&mut dyn FnMut(Reference<'_, Std>))) -> Vec<usize> {
    let mut addresses = Vec::new();
    visit(&mut |reference| {
        addresses.push(match reference {
            Reference::Value(value) => value.address(),
            Reference::Var(var) => Value::from(var).address(),
            Reference::Context(context) => Value::from(context).address(),
        });
    });
    addresses.sort_unstable();
    addresses
}

fn addresses<const N: usize>(values: [Value; N]) -> Vec<usize> {
    let mut addresses: Vec<usize> = values.iter().map(Value::address).collect();
    addresses.sort_unstable();
    addresses
}

#[test]
fn a_variable_shows_its_name_and_default() {
    let default = Value::list([1]);
    let var = ContextVar::with_default("v", default.clone());
    let cell = var.payload();
    assert_eq!(
        shown(|visit| cell.visit(visit)),
        addresses([var.name().clone(), default])
    );
    let bare = ContextVar::new("w");
    assert_eq!(
        shown(|visit| bare.payload().visit(visit)),
        addresses([bare.name().clone()])
    );
}

#[test]
fn a_context_shows_what_it_alone_binds_and_nothing_shared() {
    let (a, b) = (ContextVar::new("a"), ContextVar::new("b"));
    let (first, second) = (Value::list([1]), Value::list([2]));
    let context = Context::new();
    context.run(|| drop(a.set(&first))).unwrap();
    let show = |context: &Context| shown(|visit| context.payload().visit(visit));
    assert_eq!(show(&context), addresses([Value::from(&a), first.clone()]));

    let copy = context.copy();
    assert_eq!(show(&context), [], "the binding has two owners now");
    assert_eq!(show(&copy), []);
    copy.run(|| drop(b.set(&second))).unwrap();
    assert_eq!(show(&copy), addresses([Value::from(&b), second]));
    drop(copy);
    assert_eq!(show(&context), addresses([Value::from(&a), first]));
}

#[test]
fn an_iterator_shows_its_snapshot_once_the_context_is_gone() {
    let (var, value) = (ContextVar::new("v"), Value::list([1]));
    let context = Context::new();
    context.run(|| drop(var.set(&value))).unwrap();
    let iterator = IterCell::new(IterKind::Keys, context.payload());
    assert_eq!(shown(|visit| iterator.visit(visit)), []);
    drop(context);
    assert_eq!(
        shown(|visit| iterator.visit(visit)),
        addresses([Value::from(&var), value])
    );
}

#[test]
fn a_token_shows_its_variable_and_an_old_value_of_its_own() {
    let (var, old) = (ContextVar::new("v"), Value::list([1]));
    let context = Context::new();
    let token = context
        .run(|| {
            drop(var.set(&old));
            var.set(2)
        })
        .unwrap();
    assert_eq!(
        shown(|visit| token.payload().visit(visit)),
        addresses([Value::from(&var), old]),
    );
    context.run(|| var.reset(&token)).unwrap().unwrap();
    // The binding is the context's as well now.
    assert_eq!(shown(|visit| token.payload().visit(visit)), []);

    let first = context.run(|| ContextVar::new("w").set(1)).unwrap();
    assert_eq!(
        shown(|visit| first.payload().visit(visit)),
        addresses([Value::from(first.var())]),
    );
}

#[test]
fn each_reference_is_shown_by_exactly_one_owner() {
    // Random histories of copies and sets: whatever is shown by all contexts
    // together is shown as often as it is referred to, or less.
    let vars: Vec<ContextVar> = (0..40).map(|_| ContextVar::new("v")).collect();
    let mut contexts = vec![Context::new()];
    let mut random = 1_u64;
    let mut below = |bound: usize| {
        random = random
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (random >> 33) as usize % bound
    };
    for _ in 0..if cfg!(miri) { 50 } else { 2_000 } {
        let context = contexts[below(contexts.len())].clone();
        match below(4) {
            0 if contexts.len() < 20 => contexts.push(context.copy()),
            1 if contexts.len() > 1 => {
                let dropped = below(contexts.len());
                contexts.swap_remove(dropped);
            }
            _ => {
                let var = &vars[below(vars.len())];
                context.run(|| drop(var.set(Value::list([1])))).unwrap();
            }
        }
        let mut all: Vec<usize> = Vec::new();
        for context in &contexts {
            context.payload().visit(&mut |reference| {
                if let Reference::Value(value) = reference {
                    all.push(value.address());
                }
            });
        }
        let shown = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), shown, "a value was shown twice");
    }
}

#[test]
fn clearing_a_dead_context_drops_its_bindings() {
    let live = Arc::new(AtomicUsize::new(0));
    let (context, var) = (Context::new(), ContextVar::new("v"));
    context
        .run(|| drop(var.set(Counted::value(&live))))
        .unwrap();
    // A cycle: the context binds a variable to itself.
    let cycle = ContextVar::new("cycle");
    context.run(|| drop(cycle.set(&context))).unwrap();
    context.payload().clear();
    assert!(context.is_empty());
    assert_eq!(live.load(Ordering::SeqCst), 0);
}

#[test]
fn a_context_that_a_thread_is_in_is_not_cleared() {
    let (context, var) = (Context::new(), ContextVar::new("v"));
    context
        .run(|| {
            drop(var.set(1));
            context.payload().clear();
            assert!(var.get().is_ok());
        })
        .unwrap();
    assert_eq!(context.len(), 1);
}

#[test]
fn a_thread_shows_its_stack() {
    let (outer, inner) = (Context::new(), Context::new());
    let stack = || {
        let (mut all, mut owned) = (Vec::new(), Vec::new());
        contextvars::with_thread(|thread| {
            thread.for_each_context(|context| all.push(context.clone()));
            thread.for_each_owned_context(|context| owned.push(context.clone()));
        });
        (all, owned)
    };
    outer.enter().unwrap();
    let (all, owned) = inner.run(stack).unwrap();
    assert_eq!(all.len(), 2);
    assert!(all[0].is(&inner) && all[1].is(&outer));
    // Who runs in `inner` holds it.
    assert_eq!(owned.len(), 1);
    assert!(owned[0].is(&outer));
    outer.exit().unwrap();
}
