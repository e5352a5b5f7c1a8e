//! Threads that end with contexts on their stack.

use crate::named::{
    Context, Thread, assert_fails, context, fail, names, state, thread, when_dropped, with_current,
};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use threadstate::{Holder, ThreadId};

/// The ways in which a thread ends: by a return or by a panic.
const ENDS: [fn(); 2] = [|| (), || fail()];

/// Runs `work` on an OS thread that then ends by `end`, and joins it.
fn run_to_end(end: fn(), work: impl FnOnce(&Thread) + Send + 'static) {
    let worker = std::thread::spawn(move || {
        with_current(work);
        end();
    });
    // A panic on purpose, or a failed assertion.
    if let Err(payload) = worker.join() {
        assert_fails(|| std::panic::resume_unwind(payload));
    }
}

fn assert_enterable(contexts: &[Arc<Context>]) {
    let thread = thread();
    for context in contexts {
        assert_eq!(context.claim.holder(), Holder::Free);
        // The ended thread has dropped its handle, once.
        assert_eq!(Arc::strong_count(context), 1);
        thread.enter(&thread, Arc::clone(context)).unwrap();
    }
}

#[test]
fn contexts_of_an_ended_thread_can_be_entered() {
    for end in ENDS {
        let contexts = ["base", "a", "b", "c"].map(context);
        let [base, entered @ ..] = contexts.clone();
        run_to_end(end, |thread| {
            thread.install_base(base).unwrap();
            for context in entered {
                thread.enter(thread, context).unwrap();
            }
            assert_eq!(names(thread), ["base", "a", "b", "c"]);
        });
        assert_enterable(&contexts);
    }
}

#[test]
fn a_state_dropped_while_its_thread_unwinds_frees_its_contexts() {
    let contexts = ["base", "a", "b"].map(context);
    assert_fails(|| {
        let thread = thread();
        let [base, a, b] = contexts.clone();
        thread.install_base(base).unwrap();
        thread.enter(&thread, a).unwrap();
        thread.enter(&thread, b).unwrap();
        fail();
    });
    assert_enterable(&contexts);
}

#[test]
fn a_panic_in_the_drop_of_a_context_does_not_keep_the_others_claimed() {
    let contexts = ["base", "a"].map(context);
    let thread = thread();
    let [base, a] = contexts.clone();
    thread.install_base(base).unwrap();
    thread.enter(&thread, a).unwrap();
    thread.enter(&thread, context("b")).unwrap();
    when_dropped(&thread, || fail());
    assert_fails(|| drop(thread));
    assert_enterable(&contexts);
}

#[test]
fn the_stack_of_an_ended_thread_is_dropped_from_the_top_down() {
    for end in ENDS {
        let order = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&order);
        run_to_end(end, move |thread| {
            let note = |name| {
                let notes = Arc::clone(&notes);
                when_dropped(thread, move || notes.lock().unwrap().push(name));
            };
            thread.install_base(context("base")).unwrap();
            note("base");
            for name in ["a", "b", "c"] {
                thread.enter(thread, context(name)).unwrap();
                note(name);
            }
        });
        assert_eq!(*order.lock().unwrap(), ["c", "b", "a", "base"]);
    }
}

/// Returns a hook which sends the id, stack length and depth of the current thread, and
/// checks that it can enter and leave a context.
fn report(send: Sender<(ThreadId, usize, usize)>) -> impl FnOnce() + Send {
    move || {
        with_current(|thread| {
            let (stack, depth, _) = state(thread);
            send.send((thread.id(), stack.len(), depth)).unwrap();
            let own = context("own");
            thread.enter(thread, Arc::clone(&own)).unwrap();
            assert_eq!(names(thread), ["own"]);
            thread.exit(thread, &own).unwrap();
        });
    }
}

#[test]
fn contexts_dropped_at_the_end_find_an_empty_stack() {
    for end in ENDS {
        let (send, receive) = channel();
        let (send_id, receive_id) = channel();
        run_to_end(end, move |thread| {
            send_id.send(thread.id()).unwrap();
            thread.install_base(context("base")).unwrap();
            when_dropped(thread, report(send.clone()));
            thread.enter(thread, context("a")).unwrap();
            when_dropped(thread, report(send));
        });
        let ended = receive_id.try_recv().unwrap();
        let reports: Vec<_> = receive.try_iter().collect();
        assert_eq!(reports.len(), 2);
        for (id, stacked, depth) in reports {
            assert_eq!(id, ended);
            assert_eq!((stacked, depth), (0, 0));
        }
    }
}

#[test]
fn a_value_dropped_at_the_end_finds_an_empty_stack() {
    for end in ENDS {
        let (send, receive) = channel();
        run_to_end(end, move |thread| {
            // The thread has the last handle to the context, and so to the value in it.
            let last = context("last");
            last.value.set(report(send));
            thread.enter(thread, last).unwrap();
        });
        let reports: Vec<_> = receive.try_iter().collect();
        assert!(matches!(reports[..], [(_, 0, 0)]), "{reports:?}");
    }
}
