//! The family of contexts that most tests use: a context has a name.

use std::cell::Cell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, LazyLock, Mutex};
use threadstate::{
    Activation, Claim, Claimed, ContextVersion, Event, Holder, Interpreter, Leave, Stack,
};

pub type Thread = threadstate::Thread<Named>;
pub type Watcher = Arc<dyn Fn(&Thread, Event, Option<&Arc<Context>>) + Send + Sync>;

/// The family. The `Vm` passes the thread that has switched to watchers.
pub struct Named;

// SAFETY: an `Arc` is a pointer, and the context in it stays where it is.
unsafe impl Stack for Named {
    type Vm<'a> = &'a Thread;
    type Context = Arc<Context>;
    type State = Context;
    type Local = Left;
    type Watcher = Watcher;

    fn state(context: &Arc<Context>) -> &Context {
        context
    }

    fn state_mut(context: &mut Arc<Context>) -> Option<&mut Context> {
        Arc::get_mut(context)
    }

    fn clone_context(_: &Thread, context: &Arc<Context>) -> Arc<Context> {
        Arc::clone(context)
    }

    fn call_watcher(
        thread: &Thread,
        watcher: &Watcher,
        event: Event,
        current: Option<&Arc<Context>>,
    ) {
        watcher(thread, event, current);
    }
}

/// Counts the contexts that were left.
#[derive(Default)]
pub struct Left(Cell<usize>);

impl Left {
    pub fn get(&self) -> usize {
        self.0.get()
    }
}

impl Leave<Context> for Left {
    fn leave(&self, _: Activation, context: &Context) {
        assert_ne!(context.claim.holder(), Holder::Free, "freed too early");
        self.0.set(self.0.get() + 1);
    }
}

#[derive(Debug)]
pub struct Context {
    pub claim: Claim,
    pub name: &'static str,
    /// Dropped with the context, like a value bound in it.
    pub value: Hook,
}

pub fn context(name: &'static str) -> Arc<Context> {
    Arc::new(Context {
        claim: Claim::new(),
        name,
        value: Hook::default(),
    })
}

impl Claimed for Context {
    type Word = AtomicU64;

    fn claim(&self) -> &Claim {
        &self.claim
    }

    fn claim_mut(&mut self) -> &mut Claim {
        &mut self.claim
    }
}

/// Calls its closure when it is dropped.
#[derive(Default)]
pub struct Hook(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl Hook {
    pub fn new(act: impl FnOnce() + Send + 'static) -> Self {
        let hook = Hook::default();
        hook.set(act);
        hook
    }

    pub fn set(&self, act: impl FnOnce() + Send + 'static) {
        *self.0.lock().unwrap() = Some(Box::new(act));
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        let act = self.0.get_mut().unwrap().take();
        if let Some(act) = act {
            act();
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook(..)")
    }
}

/// Sets the hook of the thread's current context.
pub fn when_dropped(thread: &Thread, act: impl FnOnce() + Send + 'static) {
    thread.with_current(|current| current.unwrap().context().value.set(act));
}

/// Creates a thread with a new interpreter.
pub fn thread() -> Thread {
    Thread::new(&Arc::new(Interpreter::new()))
}

static MAIN: LazyLock<Arc<Interpreter<Named>>> = LazyLock::new(Default::default);

threadstate::current_thread! {
    /// Calls `f` with the state of the calling OS thread. Its interpreter has no watchers.
    pub fn with_current<Named> = Thread::new(&MAIN)
}

/// Calls `f` with the state of a new OS thread: the test runner may run several tests on one.
pub fn on_new_thread(f: impl FnOnce(&Thread) + Send) {
    std::thread::scope(|scope| {
        let worker = scope.spawn(|| with_current(f));
        worker
            .join()
            .unwrap_or_else(|payload| panic::resume_unwind(payload));
    });
}

/// Returns the name of the current context.
pub fn current(thread: &Thread) -> Option<&'static str> {
    thread.context(thread).map(|context| context.name)
}

/// Returns the names on the stack, from the bottom up.
pub fn names(thread: &Thread) -> Vec<&'static str> {
    let mut names = Vec::new();
    thread.for_each_context(|context| names.push(context.name));
    names.reverse();
    names
}

/// Returns all observable state of a thread.
pub fn state(thread: &Thread) -> (Vec<&'static str>, usize, ContextVersion) {
    (names(thread), thread.depth(), thread.context_version())
}

/// Returns how many switches the thread has made since `before`.
pub fn switches_since(thread: &Thread, before: ContextVersion) -> u128 {
    thread.context_version().get() - before.get()
}

/// Panics without a message on standard error.
pub fn fail() -> ! {
    panic::resume_unwind(Box::new("on purpose"))
}

/// Calls `act`, which must panic by [`fail`].
pub fn assert_fails<R>(act: impl FnOnce() -> R) {
    let Err(payload) = panic::catch_unwind(AssertUnwindSafe(act)) else {
        panic!("nothing panicked");
    };
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"on purpose"));
}
