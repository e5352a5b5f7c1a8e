//! Traversal of each object by a collector, over a host with `VisitedCounts`.

use crate::hosts::TestHost;
use crate::hosts::vm_reference::VmReference;
use crate::session::{new_context, new_var, run};
use crate::toy_hosts::Guarded;
use crate::values::Counted;
use contextvars::engine::collect::{Pass, Visits};
use contextvars::host::{ContextCell, IterCell, IterKind, Reference, TokenCell, VarCell, Visitor};
use contextvars::{Context, ContextVar};
use pyobj::{DirectHandle, Handle, Host};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

type Value = <VmReference as Host>::Value;
type Var = Guarded<VarCell<VmReference>>;
type Bound = contextvars::host::Thread<VmReference>;

/// A collector's pass, and the addresses of the visited objects.
struct Traversal {
    visits_contents: fn(&Visits, Pass) -> bool,
    pass: Pass,
    visited: Vec<usize>,
}

impl Traversal {
    fn new(visits_contents: fn(&Visits, Pass) -> bool) -> Self {
        thread_local! {
            static NEXT: Cell<Pass> = const { Cell::new(Pass::FIRST) };
        }
        let pass = NEXT.get();
        NEXT.set(pass.next());
        Traversal {
            visits_contents,
            pass,
            visited: Vec::new(),
        }
    }

    /// Returns the addresses visited since the last call, sorted.
    fn take(&mut self) -> Vec<usize> {
        self.visited.sort_unstable();
        std::mem::take(&mut self.visited)
    }
}

impl Visitor<VmReference> for Traversal {
    fn reference(&mut self, reference: Reference<'_, VmReference>) {
        self.visited.push(VmReference::attach(|vm| match reference {
            Reference::Value(value) => VmReference::address(value),
            Reference::Var(var) => VmReference::address(&var.to_value(vm)),
            Reference::Context(context) => VmReference::address(&context.to_value(vm)),
        }));
    }

    fn node(&mut self, head: &Visits) -> bool {
        (self.visits_contents)(head, self.pass)
    }
}

fn addresses<const N: usize>(values: [Value; N]) -> Vec<usize> {
    let mut addresses: Vec<usize> = values.iter().map(VmReference::address).collect();
    addresses.sort_unstable();
    addresses
}

fn value() -> Value {
    VmReference::attach(|vm| VmReference::object(vm, 1_i64))
}

fn as_value(var: &Var) -> Value {
    VmReference::attach(|vm| var.to_value(vm))
}

#[test]
fn a_variable_shows_its_name_and_default() {
    run::<VmReference, _>(|vm, _| {
        let (name, default) = (VmReference::text(vm, "v"), value());
        for default in [None, Some(default)] {
            let cell = VarCell::new(vm, name.clone(), default.clone());
            let Ok(cell) = cell else { panic!("a text") };
            let mut traversal = Traversal::new(Visits::mark);
            cell.visit(&mut traversal);
            let mut expected = addresses([name.clone()]);
            expected.extend(default.iter().map(VmReference::address));
            expected.sort_unstable();
            assert_eq!(traversal.take(), expected);
        }
    });
}

/// A context that binds a variable, a copy, a token and an iterator that hold the binding, too.
struct Owners {
    contexts: [<VmReference as contextvars::host::ContextHost>::Context; 2],
    token: <VmReference as contextvars::host::ContextHost>::Token,
    iterator: IterCell<VmReference>,
    /// The addresses of the variable and the value.
    bound: Vec<usize>,
}

fn owners() -> Owners {
    run::<VmReference, _>(|vm, thread| {
        let (var, bound) = (new_var::<VmReference>(vm), value());
        let context = new_context::<VmReference>(vm);
        let set = |value| VarCell::set(vm, thread, &var, value);
        let token = ContextCell::run(vm, thread, &context, || {
            let (Ok(_), Ok(token)) = (set(bound.clone()), set(value())) else {
                panic!("there is memory")
            };
            assert!(VarCell::reset(vm, thread, &var, &token).is_ok());
            token
        });
        let copy = context.payload().copy();
        let (Ok(token), Ok(copy)) = (token, Handle::allocate(vm, copy)) else {
            panic!("entered, and there is memory")
        };
        let iterator = IterCell::new(IterKind::Keys, context.payload());
        Owners {
            contexts: [context, copy],
            token,
            iterator,
            bound: addresses([as_value(&var), bound]),
        }
    })
}

impl Owners {
    /// Visits each owner, and returns the addresses that each visit has reached.
    fn visit(&self, traversal: &mut Traversal) -> [Vec<usize>; 4] {
        let [a, b] = &self.contexts;
        [
            {
                a.payload().visit(traversal);
                traversal.take()
            },
            {
                b.payload().visit(traversal);
                traversal.take()
            },
            {
                self.token.with_payload(|token| token.visit(traversal));
                traversal.take()
            },
            {
                self.iterator.visit(traversal);
                traversal.take()
            },
        ]
    }
}

#[test]
fn a_binding_is_counted_when_its_last_owner_has_been_visited() {
    let owners = owners();
    let [a, b, token, iterator] = owners.visit(&mut Traversal::new(Visits::count));
    assert_eq!([a, b, token], [const { Vec::new() }; 3]);
    assert_eq!(iterator, owners.bound);

    // Another owner in native code, which is not visited: the binding must not count as dead.
    let cell = owners.contexts[0].payload().copy();
    let visited = owners.visit(&mut Traversal::new(Visits::count));
    assert_eq!(visited, [const { Vec::new() }; 4]);
    drop(cell);
    let [.., iterator] = owners.visit(&mut Traversal::new(Visits::count));
    assert_eq!(iterator, owners.bound);
}

#[test]
fn a_binding_is_marked_once_whatever_shares_it() {
    let owners = owners();
    let [a, b, token, iterator] = owners.visit(&mut Traversal::new(Visits::mark));
    assert_eq!(a, owners.bound);
    assert_eq!([b, token, iterator], [const { Vec::new() }; 3]);
}

#[test]
fn a_token_of_a_variable_that_was_not_bound_shows_the_variable() {
    run::<VmReference, _>(|vm, thread| {
        let var = new_var::<VmReference>(vm);
        let Ok(token) = VarCell::set(vm, thread, &var, value()) else {
            panic!("there is memory")
        };
        let mut traversal = Traversal::new(Visits::mark);
        token.with_payload(|token: &TokenCell<VmReference>| token.visit(&mut traversal));
        assert_eq!(traversal.take(), addresses([as_value(&var)]));
    });
}

#[test]
fn random_histories_show_each_binding_once() {
    run::<VmReference, _>(|vm, thread: &Bound| {
        let vars: Vec<Var> = (0..40).map(|_| new_var::<VmReference>(vm)).collect();
        let mut contexts = vec![new_context::<VmReference>(vm)];
        let mut random = 1_u64;
        let mut below = |bound: usize| {
            random = random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (random >> 33) as usize % bound
        };
        for _ in 0..if cfg!(miri) { 40 } else { 2_000 } {
            let context = contexts[below(contexts.len())].clone_in(vm);
            match below(4) {
                0 if contexts.len() < 20 => {
                    let copy = Handle::allocate(vm, context.payload().copy());
                    contexts.extend(copy);
                }
                1 if contexts.len() > 1 => {
                    let dropped = below(contexts.len());
                    contexts.swap_remove(dropped);
                }
                _ => {
                    let var = &vars[below(vars.len())];
                    let set = || VarCell::set(vm, thread, var, value()).is_ok();
                    assert!(matches!(
                        ContextCell::run(vm, thread, &context, set),
                        Ok(true)
                    ));
                }
            }
            // A context that was removed from the list has no other owner.
            drop(context);
            // The bound values, by the mapping protocol.
            let mut bound: Vec<usize> = Vec::new();
            for context in &contexts {
                let iterator = IterCell::new(IterKind::Values, context.payload());
                while let Some(leaf) = iterator.next() {
                    bound.push(VmReference::address(leaf.value()));
                }
            }
            bound.sort_unstable();
            bound.dedup();
            for visits_contents in [Visits::count, Visits::mark] {
                let mut traversal = Traversal::new(visits_contents);
                for context in &contexts {
                    context.payload().visit(&mut traversal);
                }
                let vars: Vec<usize> = vars
                    .iter()
                    .map(|var| addresses([as_value(var)])[0])
                    .collect();
                let mut visited = traversal.take();
                visited.retain(|address| !vars.contains(address));
                assert_eq!(visited, bound);
            }
        }
    });
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
    // The caller of `run` owns the handle of `inner`.
    assert_eq!(owned.len(), 1);
    assert!(owned[0].is(&outer));
    outer.exit().unwrap();
}
