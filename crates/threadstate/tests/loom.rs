//! Models that the model checker runs through every order of steps.
#![cfg(loom)]

use loom::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use threadstate::{Claim, Claimed, Event, Holder, Interpreter, Stack};

type Thread = threadstate::Thread<Model>;

struct Model;

impl Stack for Model {
    type Vm<'a> = ();
    type Context = Arc<Context>;
    type State = Context;
    type Local = ();
    type Watcher = fn();

    fn state(context: &Arc<Context>) -> &Context {
        context
    }

    fn clone_context(_: (), context: &Arc<Context>) -> Arc<Context> {
        Arc::clone(context)
    }

    fn call_watcher(_: (), call: &fn(), _: Event, _: Option<&Arc<Context>>) {
        call()
    }
}

/// What is done in it is ordered by nothing but the claim.
struct Context {
    claim: Claim,
    runs: AtomicU64,
}

impl Claimed for Context {
    fn claim(&self) -> &Claim {
        &self.claim
    }

    fn claim_mut(&mut self) -> &mut Claim {
        &mut self.claim
    }
}

impl Context {
    fn new() -> Arc<Self> {
        Arc::new(Context {
            claim: Claim::new(),
            runs: AtomicU64::new(0),
        })
    }

    /// Counts a run in two steps, which lose a count where two threads are
    /// inside at once, or where one does not see what the last one did.
    fn run(&self) {
        let seen = self.runs.load(Ordering::Relaxed);
        self.runs.store(seen + 1, Ordering::Relaxed);
    }
}

/// Runs `f` with a state of its own on each of two threads, and waits.
fn on_two_threads<R: 'static>(f: impl Fn(&Thread) -> R + Clone + 'static) -> [(Thread, R); 2] {
    let interpreter = Arc::new(Interpreter::new());
    let workers = [(); 2].map(|()| {
        let (interpreter, f) = (Arc::clone(&interpreter), f.clone());
        loom::thread::spawn(move || {
            let thread = Thread::new(&interpreter);
            let result = f(&thread);
            (thread, result)
        })
    });
    workers.map(|worker| worker.join().unwrap())
}

#[test]
fn enter_against_enter() {
    loom::model(nobody_leaves);
    loom::model(the_winner_leaves);
}

/// Exactly one gets in, and the other's state is as it was.
fn nobody_leaves() {
    let shared = Context::new();
    let threads = on_two_threads({
        let shared = Arc::clone(&shared);
        move |thread| {
            let before = thread.context_version();
            let won = thread.enter((), Arc::clone(&shared)).is_ok();
            if !won {
                assert!(thread.context(()).is_none());
                assert_eq!(thread.context_version(), before);
            }
            won
        }
    });
    let winners: Vec<_> = threads.iter().filter(|(_, won)| *won).collect();
    assert_eq!(winners.len(), 1, "exactly one enters");
    assert_eq!(
        shared.claim.holder(),
        Holder::EnteredBy(winners[0].0.id()),
        "the claim names the winner"
    );
}

/// Whoever enters after the other's exit sees all that the other did.
fn the_winner_leaves() {
    let shared = Context::new();
    let threads = on_two_threads({
        let shared = Arc::clone(&shared);
        move |thread| {
            let won = thread.enter((), Arc::clone(&shared)).is_ok();
            if won {
                shared.run();
                thread.exit((), &shared).unwrap();
            }
            won
        }
    });
    let wins = threads.iter().filter(|(_, won)| *won).count() as u64;
    assert!(wins >= 1, "at least one enters");
    assert_eq!(shared.runs.load(Ordering::Relaxed), wins, "no run is lost");
    assert_eq!(shared.claim.holder(), Holder::Nobody);
}
