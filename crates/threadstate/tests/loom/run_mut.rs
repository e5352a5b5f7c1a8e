//! Entering by the only handle, which takes no atomic read-modify-write.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc as StdArc;
use threadstate::{Claim, Claimed, Event, Interpreter, Stack, Thread};

/// As `stack::Model`, with loom's `Arc` as handles.
struct Model;

// SAFETY: an `Arc` is a pointer, and the context in it stays where it is.
unsafe impl Stack for Model {
    type Vm<'a> = ();
    type Context = Arc<Context>;
    type State = Context;
    type Local = ();
    type Watcher = fn();

    fn state(context: &Arc<Context>) -> &Context {
        context
    }

    fn state_mut(context: &mut Arc<Context>) -> Option<&mut Context> {
        Arc::get_mut(context)
    }

    fn clone_context((): (), context: &Arc<Context>) -> Arc<Context> {
        Arc::clone(context)
    }

    fn call_watcher((): (), watcher: &fn(), _: Event, _: Option<&Arc<Context>>) {
        watcher()
    }
}

struct Context {
    claim: Claim,
    runs: AtomicU64,
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

fn context() -> Arc<Context> {
    Arc::new(Context {
        claim: Claim::new(),
        runs: AtomicU64::new(0),
    })
}

fn thread() -> Thread<Model> {
    Thread::new(&StdArc::new(Interpreter::new()))
}

/// Counts a run by two operations. They lose a count if two threads are inside at once, or
/// if one does not see what the last one did.
fn count(context: &Context) {
    let seen = context.runs.load(Ordering::Relaxed);
    context.runs.store(seen + 1, Ordering::Relaxed);
}

#[test]
fn run_mut_against_run() {
    // The other thread runs in the context and drops its handle meanwhile.
    loom::model(|| {
        let mut here = context();
        let there = Arc::clone(&here);
        let other = loom::thread::spawn(move || {
            let ran = thread().run((), &there, || count(&there)).is_ok();
            drop(there);
            ran
        });
        let inside = Arc::as_ptr(&here);
        // SAFETY: `here` lives until the end.
        let ran = thread().run_mut((), &mut here, || count(unsafe { &*inside }));
        let runs = [ran.is_ok(), other.join().unwrap()].map(u64::from);
        assert_eq!(here.runs.load(Ordering::Relaxed), runs.iter().sum::<u64>());
    });

    // Another thread cannot enter by a handle that is created during the run.
    loom::model(|| {
        let mut handle = context();
        let here = thread();
        let ran = here.run_mut((), &mut handle, || {
            let made = here.context(()).unwrap();
            let other = loom::thread::spawn(move || thread().run((), &made, || ()).is_ok());
            other.join().unwrap()
        });
        assert_eq!(ran, Ok(false));
    });
}
