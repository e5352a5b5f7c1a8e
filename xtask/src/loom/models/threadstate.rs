//! The models of the context stack.

use super::Model;
use crate::fault::Fault;

pub const MODELS: &[Model] = &[
    Model {
        name: "enter_against_enter",
        package: "threadstate",
        shows: "of two threads that enter one context, one is refused",
        mutants: &[
            Fault {
                name: "claim-in-two-steps",
                file: "crates/threadstate/src/claim.rs",
                find: "        self.0
            .compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()",
                replace: "        let free = self.0.load(Ordering::Acquire) == FREE;
        if free {
            self.0.store(word, Ordering::Relaxed);
        }
        free",
                breaks: "two threads get into one context",
            },
            Fault {
                name: "claim-by-swap",
                file: "crates/threadstate/src/claim.rs",
                find: "        self.0
            .compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()",
                replace: "        self.0.swap(word, Ordering::AcqRel) == FREE",
                breaks: "a refused thread overwrites the winner's claim",
            },
        ],
    },
    Model {
        name: "exit_against_enter",
        package: "threadstate",
        shows: "who enters a context after another's exit sees all that the other did",
        mutants: &[
            Fault {
                name: "release-relaxed",
                file: "crates/threadstate/src/claim.rs",
                find: "self.0.store(FREE, Ordering::Release)",
                replace: "self.0.store(FREE, Ordering::Relaxed)",
                breaks: "the next runner misses what the last one did",
            },
            Fault {
                name: "acquire-relaxed",
                file: "crates/threadstate/src/claim.rs",
                find: "compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)",
                replace: "compare_exchange(FREE, word, Ordering::Relaxed, Ordering::Relaxed)",
                breaks: "the next runner misses what the last one did",
            },
        ],
    },
    Model {
        name: "run_mut_against_run",
        package: "threadstate",
        shows: "who enters by the only handle is alone, and sees all that the last runner did",
        mutants: &[
            Fault {
                name: "run-mut-without-the-claim",
                file: "crates/threadstate/src/run.rs",
                find: "None => S::state(context).claim().try_enter(self.id()),",
                replace: "None => true,",
                breaks: "two threads are in one context",
            },
            Fault {
                name: "claim-of-the-only-handle-not-stored",
                file: "crates/threadstate/src/claim.rs",
                find: "        self.0.store(thread.get() << 1, Ordering::Relaxed);
        true",
                replace: "        true",
                breaks: "a thread enters by a handle that is made during the run",
            },
        ],
    },
    Model {
        name: "base_against_enter",
        package: "threadstate",
        shows: "a context is one thread's base or entered by another, never both",
        mutants: &[
            Fault {
                name: "base-not-claimed",
                file: "crates/threadstate/src/claim.rs",
                find: "self.try_take(thread.get() << 1 | BASE)",
                replace: "thread.get() | BASE > 0",
                breaks: "a thread's base context is entered by another",
            },
            Fault {
                name: "base-taken-for-entered",
                file: "crates/threadstate/src/claim.rs",
                find: "self.try_take(thread.get() << 1 | BASE)",
                replace: "self.try_take(thread.get() << 1)",
                breaks: "a base context says that it was entered",
            },
        ],
    },
    Model {
        name: "watchers_against_switches",
        package: "threadstate",
        shows: "a watcher misses no switch after it is added, and is told of none once cleared",
        mutants: &[
            Fault {
                name: "watcher-noted-alone",
                file: "crates/threadstate/src/watch.rs",
                find: "self.taken.fetch_or(1 << id, Ordering::Release);",
                replace: "self.taken.store(1 << id, Ordering::Release);",
                breaks: "a watcher is forgotten when another is added",
            },
            Fault {
                name: "watchers-cleared-together",
                file: "crates/threadstate/src/watch.rs",
                find: "self.taken.fetch_and(!(1 << index), Ordering::Release);",
                replace: "self.taken.store(0, Ordering::Release);",
                breaks: "a watcher is forgotten when another is cleared",
            },
            Fault {
                name: "watcher-kept",
                file: "crates/threadstate/src/watch.rs",
                find: "let watcher = places[index].take().ok_or(WatcherError::NotSet(id))?;
            self.taken.fetch_and(!(1 << index), Ordering::Release);",
                replace: "let watcher = places[index].clone().ok_or(WatcherError::NotSet(id))?;",
                breaks: "a watcher is told after it was cleared",
            },
        ],
    },
];
