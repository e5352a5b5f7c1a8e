//! What the models stack: contexts whose runs would be lost if two were inside at once.

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
    type Watcher = Arc<Told>;

    fn state(context: &Arc<Context>) -> &Context {
        context
    }

    fn clone_context(_: usize, context: &Arc<Context>) -> Arc<Context> {
        Arc::clone(context)
    }

    fn call_watcher(thread: usize, told: &Arc<Told>, _: Event, _: Option<&Arc<Context>>) {
        told.0[thread].fetch_add(1, Ordering::Relaxed);
    }
}

/// How often each of two threads has told a watcher of a switch. No part of the model, so that it
/// orders nothing.
#[derive(Default)]
pub struct Told([AtomicUsize; 2]);

impl Told {
    pub fn by(&self, thread: usize) -> usize {
        self.0[thread].load(Ordering::Relaxed)
    }
}

/// What is done in it is ordered by nothing but the claim.
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

    /// Counts a run in two steps, which lose a count where two threads are
    /// inside at once, or where one does not see what the last one did.
    pub fn run(&self) {
        let seen = self.runs.load(Ordering::Relaxed);
        self.runs.store(seen + 1, Ordering::Relaxed);
    }

    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }
}

/// Runs `f` with a state of its own, and its number, on each of two threads, and waits.
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
