//! A panic in each drop of each operation: every value is dropped exactly once, and
//! contexts and threads stay usable.

use crate::values::{OnDrop, int};
use contextvars::{Context, ContextVar, Interpreter, Thread, Value, copy_context_on};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const VARIABLES: usize = 4;

type Operation = fn(&World);

/// Every operation that drops values. Each begins with a new context that binds each
/// variable to a different value.
const OPERATIONS: &[(&str, Operation)] = &[
    ("drop the context", |world| drop(world.context())),
    ("drop a context and its copies", |world| {
        let context = world.context();
        let copies = [context.copy(), context.copy(), context.copy()];
        drop(context);
        drop(copies);
    }),
    ("set", |world| {
        let context = world.context();
        let set = |var: &ContextVar| drop(var.set_on(&world.thread, world.value()));
        world.run(&context, || world.vars.iter().for_each(set));
    }),
    ("reset", |world| {
        let context = world.context();
        world.run(&context, || {
            for var in &world.vars {
                let token = var.set_on(&world.thread, world.value());
                var.reset_on(&world.thread, &token).unwrap();
            }
        });
    }),
    ("drop tokens", |world| {
        let context = world.context();
        world.run(&context, || {
            let set = |var: &ContextVar| var.set_on(&world.thread, world.value());
            let tokens: Vec<_> = world.vars.iter().map(set).collect();
            drop(tokens);
        });
    }),
    ("set for the length of a call", |world| {
        let context = world.context();
        world.run(&context, || {
            for var in &world.vars {
                let set = || drop(var.set_on(&world.thread, world.value()));
                var.scoped_on(&world.thread, world.value(), set).unwrap();
            }
        });
    }),
    ("displace what is being read", |world| {
        let context = world.context();
        world.run(&context, || {
            world.vars[0].with_on(&world.thread, |_| {
                for var in world.vars.iter().chain(&world.vars) {
                    drop(var.set_on(&world.thread, world.value()));
                }
            });
        });
    }),
    ("leave a context that is being read", |world| {
        let (outer, inner) = (world.context(), world.context());
        world.run(&outer, || {
            inner.enter_on(&world.thread).unwrap();
            world.vars[0].with_on(&world.thread, |_| {
                inner.exit_on(&world.thread).unwrap();
                drop(inner);
            });
        });
    }),
    ("end a run with the last copies", |world| {
        let context = world.context();
        world.run(&context, || {
            for _ in 0..3 {
                drop(copy_context_on(&world.thread));
            }
        });
        drop(context);
    }),
    ("drop a thread with the last copies", |world| {
        let thread = Thread::new(&Arc::new(Interpreter::new()));
        let context = world.context();
        context.enter_on(&thread).unwrap();
        for _ in 0..3 {
            drop(copy_context_on(&thread));
        }
        drop(context);
        drop(thread);
    }),
    ("drop a thread that is in several contexts", |world| {
        let thread = Thread::new(&Arc::new(Interpreter::new()));
        drop(world.vars[0].set_on(&thread, world.value()));
        for _ in 0..3 {
            world.context().enter_on(&thread).unwrap();
        }
        drop(thread);
    }),
    ("drop an iterator with the last bindings", |world| {
        let context = world.context();
        let mut bindings = context.iter();
        let first = bindings.next();
        drop(context);
        drop(first);
        drop(bindings);
    }),
    ("drop contexts that are bound in each other", |world| {
        let mut context = world.context();
        for _ in 0..3 {
            let next = world.context();
            world.run(&next, || drop(world.vars[0].set_on(&world.thread, context)));
            context = next;
        }
        drop(context);
    }),
    ("drop a context with containers", |world| {
        let context = world.context();
        world.run(&context, || {
            let pair = || [world.value(), world.value()];
            let nested = (0..60).fold(Value::None, |inner, _| {
                Value::tuple([world.value(), inner, Value::list(pair())])
            });
            drop(world.vars[0].set_on(&world.thread, nested));
        });
        drop(context);
    }),
];

/// The objects that an operation uses.
struct World {
    thread: Thread,
    vars: Vec<ContextVar>,
    items: Arc<Items>,
}

#[derive(Default)]
struct Items {
    made: AtomicUsize,
    dropped: AtomicUsize,
}

impl World {
    fn new() -> Self {
        World {
            thread: Thread::new(&Arc::new(Interpreter::new())),
            vars: (0..VARIABLES).map(|_| ContextVar::new("v")).collect(),
            items: Arc::default(),
        }
    }

    /// Returns a value whose drop is counted. Drop number `PANICS` panics.
    fn value(&self) -> Value {
        let items = Arc::clone(&self.items);
        items.made.fetch_add(1, Ordering::Relaxed);
        OnDrop::value(move || {
            let number = items.dropped.fetch_add(1, Ordering::Relaxed);
            if PANICS.get() == number {
                // Does not call the panic hook.
                resume_unwind(Box::new("a drop panics"));
            }
        })
    }

    fn context(&self) -> Context {
        let context = Context::new();
        self.run(&context, || {
            for var in &self.vars {
                drop(var.set_on(&self.thread, self.value()));
            }
        });
        context
    }

    fn run(&self, context: &Context, body: impl FnOnce()) {
        context.run_on(&self.thread, body).unwrap();
    }

    /// Checks that the thread and contexts are usable, and that every value was dropped once.
    fn end(self, case: &str) {
        assert_eq!(self.thread.depth(), 0, "{case}");
        let context = Context::new();
        for _ in 0..4 {
            self.run(&context, || {
                let first = self.vars[0].set_on(&self.thread, 1);
                drop(self.vars[0].set_on(&self.thread, 2));
                let copy = copy_context_on(&self.thread);
                self.vars[0].reset_on(&self.thread, &first).unwrap();
                assert!(self.vars[0].get_on(&self.thread).is_err(), "{case}");
                assert_eq!(int(copy.get(&self.vars[0]).unwrap()), 2, "{case}");
            });
        }
        let items = Arc::clone(&self.items);
        drop(self);
        let (made, dropped) = (&items.made, &items.dropped);
        assert_eq!(
            dropped.load(Ordering::Relaxed),
            made.load(Ordering::Relaxed),
            "{case}"
        );
    }
}

thread_local! {
    /// The number of the drop that panics.
    static PANICS: std::cell::Cell<usize> = const { std::cell::Cell::new(usize::MAX) };
}

#[test]
fn a_panic_in_any_drop_of_any_operation_leaves_all_valid() {
    for &(name, operation) in OPERATIONS {
        let world = World::new();
        operation(&world);
        let drops = world.items.dropped.load(Ordering::Relaxed);
        assert_ne!(drops, 0, "{name}");
        world.end(name);
        for position in (0..drops).step_by(if cfg!(miri) { 9 } else { 1 }) {
            let case = format!("{name}, drop {position} of {drops}");
            let world = World::new();
            PANICS.set(position);
            let run = AssertUnwindSafe(|| operation(&world));
            assert!(catch_unwind(run).is_err(), "{case}");
            PANICS.set(usize::MAX);
            world.end(&case);
        }
    }
}
