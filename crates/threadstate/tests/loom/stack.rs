//! The family of the models: contexts that lose runs if two threads are inside at once.

use loom::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use threadstate::{Claim, Claimed, Event, Interpreter, Stack};

pub type Thread = threadstate::Thread<Model>;

pub struct Model;

// SAFETY: an `Arc` is a pointer, and the context in it stays where it is.
unsafe impl Stack for Model {
    /// The number of the thread.
    type Vm<'a> = usize;
    type Context = Arc<Context>;
    type State = Context;
    type Local = ();
    type Watcher = Arc<Calls>;

    fn state(context: &Arc<Context>) -> &Context {
        context
    }

    fn clone_context(_: usize, context: &Arc<Context>) -> Arc<Context> {
        Arc::clone(context)
    }

    fn call_watcher(thread: usize, calls: &Arc<Calls>, _: Event, _: Option<&Arc<Context>>) {
        calls.0[thread].fetch_add(1, Ordering::Relaxed);
    }
}

/// How often each of two threads has called a watcher. These atomics are std's and not loom's, so
/// that they order nothing in the model.
#[derive(Default)]
pub struct Calls([AtomicUsize; 2]);

impl Calls {
    pub fn by(&self, thread: usize) -> usize {
        self.0[thread].load(Ordering::Relaxed)
    }
}

/// A context. Only the claim orders what is done in it.
pub struct Context {
    pub claim: Claim,
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

impl Context {
    pub fn new() -> Arc<Self> {
        Arc::new(Context {
            claim: Claim::new(),
            runs: AtomicU64::new(0),
        })
    }

    /// Counts a run by two operations. They lose a count if two threads are
    /// inside at once, or if one does not see what the last one did.
    pub fn run(&self) {
        let seen = self.runs.load(Ordering::Relaxed);
        self.runs.store(seen + 1, Ordering::Relaxed);
    }

    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }
}

/// Calls `f` on each of two threads, with the thread's state and number, and joins them.
pub fn on_two_threads<R: 'static>(
    f: impl Fn(&Thread, usize) -> R + Clone + 'static,
) -> [(Thread, R); 2] {
    let interpreter = Arc::new(Interpreter::new());
    let workers = [0, 1].map(|number| {
        let (interpreter, f) = (Arc::clone(&interpreter), f.clone());
        loom::thread::spawn(move || {
            let thread = Thread::new(&interpreter);
            let result = f(&thread, number);
            (thread, result)
        })
    });
    workers.map(|worker| worker.join().unwrap())
}
