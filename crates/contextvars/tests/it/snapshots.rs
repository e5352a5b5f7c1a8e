//! Runs in captured bindings.

use crate::plain;
use contextvars::engine::{
    self, Bindings, ContextState, Domain, Event, Interpreter, Local, PlainCounts, RunError, Stack,
    Thread, VarKey,
};
use std::cell::Cell;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

/// A host whose contexts stay on one thread, as those of a JavaScript engine do.
struct OneThread;

type Context = Rc<Object>;

/// The object of a context.
struct Object {
    state: ContextState<OneThread>,
    /// Counted by [`ALIVE`].
    _alive: Arc<()>,
}

impl Drop for Object {
    /// Runs in bindings, as a host's finalizer may.
    fn drop(&mut self) {
        if DROP_RUNS.replace(false) {
            current(|thread| within(thread, &engine::bindings(thread), || ()));
            DROP_RUNS.set(true);
        }
    }
}

// SAFETY: a handle is a counted pointer, and the state in the context does not move.
unsafe impl Stack for OneThread {
    type Vm<'a> = ();
    type Context = Context;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = Infallible;

    fn state(context: &Context) -> &ContextState<Self> {
        &context.state
    }

    fn state_mut(context: &mut Context) -> Option<&mut ContextState<Self>> {
        Some(&mut Rc::get_mut(context)?.state)
    }

    fn clone_context((): (), context: &Context) -> Context {
        Rc::clone(context)
    }

    fn call_watcher((): (), watcher: &Infallible, _: Event, _: Option<&Context>) {
        match *watcher {}
    }
}

impl Domain for OneThread {
    type Var = VarKey;
    type Value = Rc<i32>;
    type Kind = PlainCounts;

    fn key(var: &VarKey) -> VarKey {
        *var
    }

    fn clone_var((): (), var: &VarKey) -> VarKey {
        *var
    }
}

thread_local! {
    /// The number of contexts that were created.
    static MADE: Cell<usize> = const { Cell::new(0) };
    /// Whether the drop of a context runs in another one.
    static DROP_RUNS: Cell<bool> = const { Cell::new(false) };
    /// Its reference count is the number of live contexts of this thread plus one.
    static ALIVE: Arc<()> = Arc::new(());
}

threadstate::current_thread! {
    fn current<OneThread> = thread()
}

fn make(state: ContextState<OneThread>) -> Result<Context, RunError> {
    MADE.set(MADE.get() + 1);
    let _alive = ALIVE.with(Arc::clone);
    Ok(Rc::new(Object { state, _alive }))
}

fn thread() -> Thread<OneThread> {
    Thread::new(&Arc::new(Interpreter::new()))
}

fn get(thread: &Thread<OneThread>, var: VarKey) -> Option<i32> {
    engine::lookup(thread, var, |value| value.map(|value| **value))
}

fn set(thread: &Thread<OneThread>, var: VarKey, value: i32) {
    engine::set((), thread, &var, Rc::new(value), make).unwrap();
}

fn within<R>(
    thread: &Thread<OneThread>,
    bindings: &Bindings<OneThread>,
    body: impl FnOnce() -> R,
) -> R {
    engine::with_bindings((), thread, bindings.clone(), make, body).unwrap()
}

#[test]
fn captured_bindings_are_entered_repeatedly_and_nested() {
    let (thread, var) = (thread(), VarKey::next());
    assert!(engine::bindings(&thread).is_empty());
    set(&thread, var, 1);
    let captured = engine::bindings(&thread);
    set(&thread, var, 2);
    for _ in 0..3 {
        let seen = within(&thread, &captured, || {
            let inner = within(&thread, &captured, || {
                set(&thread, var, 3);
                get(&thread, var)
            });
            (inner, get(&thread, var))
        });
        assert_eq!(seen, (Some(3), Some(1)));
        assert_eq!(get(&thread, var), Some(2));
    }
}

#[test]
fn one_context_is_created_per_nesting_level() {
    let (thread, var) = (thread(), VarKey::next());
    let captured = engine::bindings(&thread);
    let made = MADE.get();
    for _ in 0..10 {
        within(&thread, &captured, || {
            set(&thread, var, 1);
            within(&thread, &captured, || set(&thread, var, 2));
        });
    }
    assert_eq!(MADE.get() - made, 2);
}

#[test]
fn a_context_with_another_handle_is_not_reused() {
    let (thread, var) = (thread(), VarKey::next());
    let captured = engine::bindings(&thread);
    let kept = within(&thread, &captured, || {
        set(&thread, var, 1);
        thread.context(()).unwrap()
    });
    within(&thread, &captured, || set(&thread, var, 2));
    assert_eq!(kept.state.find(var).map(|entry| ***entry.value()), Some(1));
}

#[test]
fn a_token_is_refused_in_another_run() {
    let (thread, var) = (thread(), VarKey::next());
    let captured = engine::bindings(&thread);
    let token = within(&thread, &captured, || {
        engine::set((), &thread, &var, Rc::new(1), make).unwrap()
    });
    let restored = within(&thread, &captured, || {
        set(&thread, var, 2);
        token.restore(&thread, &var)
    });
    assert_eq!(restored, Err(engine::NotRestored::OtherContext));
}

#[test]
fn a_value_set_in_a_run_is_dropped_at_its_end() {
    let (thread, var) = (thread(), VarKey::next());
    let captured = engine::bindings(&thread);
    let value = Rc::new(1);
    within(&thread, &captured, || {
        engine::set((), &thread, &var, Rc::clone(&value), make).unwrap();
    });
    assert_eq!(Rc::strong_count(&value), 1);
}

#[test]
fn a_panic_leaves_the_context_and_the_thread_stays_usable() {
    let (thread, var) = (thread(), VarKey::next());
    set(&thread, var, 1);
    let captured = engine::bindings(&thread);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        within(&thread, &captured, || {
            set(&thread, var, 2);
            panic!("on purpose");
        })
    }));
    let payload = panicked.unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"on purpose"));
    assert_eq!(get(&thread, var), Some(1));
    assert_eq!(within(&thread, &captured, || get(&thread, var)), Some(1));
}

#[test]
fn a_generator_keeps_the_bindings_that_it_sets() {
    let (thread, var) = (thread(), VarKey::next());
    set(&thread, var, 0);
    let mut generator = engine::bindings(&thread);
    for step in 0..3 {
        set(&thread, var, 100);
        let seen = engine::with_kept_bindings((), &thread, &mut generator, make, || {
            let seen = get(&thread, var);
            set(&thread, var, step + 1);
            seen
        });
        assert_eq!(seen, Ok(Some(step)));
        assert_eq!(get(&thread, var), Some(100));
    }
}

#[test]
fn captured_bindings_can_be_changed() {
    let (thread, var) = (thread(), VarKey::next());
    let mut bindings = engine::bindings(&thread);
    for value in 1..3 {
        let Ok(old) = engine::bind::<OneThread>((), &mut bindings, &var, Rc::new(value));
        assert_eq!(old.map(|old| ***old.value()), (value > 1).then_some(1));
    }
    assert_eq!(within(&thread, &bindings, || get(&thread, var)), Some(2));
    let Ok(_) = engine::unbind::<OneThread>(&mut bindings, var);
    assert_eq!(within(&thread, &bindings, || get(&thread, var)), None);
}

#[test]
fn several_threads_run_in_the_same_bindings_at_once() {
    type Shared = crate::plain::Plain<Arc<i32>>;
    let (here, var) = (plain::thread(), VarKey::next());
    let _token = plain::bind(&here, var, Arc::new(1));
    let captured = engine::bindings(&here);
    let both = std::sync::Barrier::new(2);
    let make = |state| Ok::<_, RunError>(Arc::new(state));
    let run = |thread: &Thread<Shared>| {
        engine::with_bindings((), thread, captured.clone(), make, || {
            both.wait();
            engine::lookup(thread, var, |value| value.map(|value| **value))
        })
    };
    let there = std::thread::scope(|scope| {
        let there = scope.spawn(|| run(&plain::thread()));
        assert_eq!(run(&here), Ok(Some(1)));
        there.join().unwrap()
    });
    assert_eq!(there, Ok(Some(1)));
}

#[test]
fn the_free_contexts_of_a_thread_are_dropped_at_its_end() {
    let alive = std::thread::spawn(|| {
        let alive = ALIVE.with(Arc::clone);
        current(|thread| within(thread, &engine::bindings(thread), || ()));
        assert_eq!(Arc::strong_count(&alive), 3);
        alive
    });
    assert_eq!(Arc::strong_count(&alive.join().unwrap()), 1);
}

#[test]
fn a_thread_ends_although_the_drop_of_a_context_runs_in_bindings() {
    let alive = std::thread::spawn(|| {
        let alive = ALIVE.with(Arc::clone);
        current(|thread| within(thread, &engine::bindings(thread), || ()));
        DROP_RUNS.set(true);
        alive
    });
    assert_eq!(Arc::strong_count(&alive.join().unwrap()), 1);
}
