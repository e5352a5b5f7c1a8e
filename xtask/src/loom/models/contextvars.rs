//! The models of contexts, variables and tokens.

use super::Model;
use crate::fault::Fault;

pub const MODELS: &[Model] = &[
    Model {
        name: "first_key_against_another_thread",
        package: "contextvars",
        shows: "a thread that finds a key taken sees what came before it was taken",
        mutants: &[
            Fault {
                name: "key-found-relaxed",
                file: "crates/contextvars/src/engine/key.rs",
                find: "self.0.load(Ordering::Acquire)",
                replace: "self.0.load(Ordering::Relaxed)",
                breaks: "a variable that is never inherited is inherited",
            },
            Fault {
                name: "key-taken-relaxed",
                file: "crates/contextvars/src/engine/key.rs",
                find: "(Ordering::Release, Ordering::Acquire)",
                replace: "(Ordering::Relaxed, Ordering::Acquire)",
                breaks: "a variable that is never inherited is inherited",
            },
        ],
    },
    Model {
        name: "token_against_token",
        package: "contextvars",
        shows: "of two resets with one token, one is refused",
        mutants: &[
            Fault {
                name: "token-not-marked",
                file: "crates/contextvars/src/engine/token.rs",
                find: "self.used.store(true, Ordering::Release);",
                replace: "",
                breaks: "a token restores twice",
            },
            Fault {
                name: "token-anywhere",
                file: "crates/contextvars/src/engine/token.rs",
                find: "if !here {",
                replace: "if !here && self.is_used() {",
                breaks: "a token is spent in a context that it does not belong to",
            },
        ],
    },
    Model {
        name: "copy_and_read_against_set_and_reset",
        package: "contextvars",
        shows: "a copy holds the state before or after a change, never one between",
        mutants: &[
            Fault {
                name: "bind-in-two-steps",
                file: "crates/contextvars/src/engine/binding.rs",
                find: "    let new = Some(NonNull::from(&**entry.value()));",
                replace: "    let new = Some(NonNull::from(&**entry.value()));
    drop(change(thread, current, key, None, |bindings| {
        let Ok(old) = bindings.remove(key.hash(), is_variable(key));
        old
    }));",
                breaks: "a reader finds a variable unset between two values",
            },
            Fault {
                name: "restore-in-two-steps",
                file: "crates/contextvars/src/engine/token.rs",
                find: "        match restore_binding(thread, key, old) {",
                replace: "        drop(restore_binding(thread, key, None));
        match restore_binding(thread, key, old) {",
                breaks: "a reader finds a variable unset while a token restores it",
            },
            Fault {
                name: "changed-without-the-lock",
                file: "crates/contextvars/src/engine/versions.rs",
                find: "let _locked = self.lock.lock_to_change(|| self.renew());
        // SAFETY: by the claim",
                replace: "// SAFETY: by the claim",
                breaks: "a reader elsewhere meets the bindings half changed",
            },
            Fault {
                name: "read-without-the-lock",
                file: "crates/contextvars/src/engine/versions.rs",
                find: "let _locked = self.lock.lock_to_read(|| self.renew());
        // SAFETY: under the lock",
                replace: "// SAFETY: under the lock",
                breaks: "a reader elsewhere meets the bindings half changed",
            },
            Fault {
                name: "lock-relaxed",
                file: "crates/threadstate/src/sync.rs",
                find: "compare_exchange(OPEN, held, Ordering::Acquire, Ordering::Relaxed)",
                replace: "compare_exchange(OPEN, held, Ordering::Relaxed, Ordering::Relaxed)",
                breaks: "a reader elsewhere misses what was changed before",
            },
            Fault {
                name: "unlock-relaxed",
                file: "crates/threadstate/src/sync.rs",
                find: "self.0.store(OPEN, Ordering::Release)",
                replace: "self.0.store(OPEN, Ordering::Relaxed)",
                breaks: "a reader elsewhere misses what was changed before",
            },
        ],
    },
    Model {
        name: "reads_of_the_owner_against_changes",
        package: "contextvars",
        shows: "who is in a context reads what the last one did, and nobody changes it meanwhile",
        mutants: &[
            Fault {
                name: "claim-given-up-relaxed",
                file: "crates/threadstate/src/claim.rs",
                find: "self.0.store(FREE, Ordering::Release)",
                replace: "self.0.store(FREE, Ordering::Relaxed)",
                breaks: "who enters reads, without a lock, what it cannot see yet",
            },
            Fault {
                name: "claim-taken-relaxed",
                file: "crates/threadstate/src/claim.rs",
                find: "compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)",
                replace: "compare_exchange(FREE, word, Ordering::Relaxed, Ordering::Relaxed)",
                breaks: "who enters reads, without a lock, what it cannot see yet",
            },
            Fault {
                name: "cleared-without-the-claim",
                file: "crates/contextvars/src/engine/versions.rs",
                find: "claim.while_free(|| unsafe { self.change(mem::take) })",
                replace: "(claim.holder() == threadstate::Holder::Nobody).then(|| unsafe { self.change(mem::take) })",
                breaks: "a context is cleared under a thread that has just entered it",
            },
        ],
    },
    Model {
        name: "a_read_that_goes_on_against_reset",
        package: "contextvars",
        shows: "what a read looks at stays until it ends, whoever resets the variable meanwhile",
        mutants: &[
            Fault {
                name: "left-entry-not-kept",
                file: "crates/contextvars/src/engine/reads.rs",
                find: "reads.kept = state.find(reads.key);",
                replace: "drop(state.find(reads.key));",
                breaks: "what is read goes when another thread resets it in the context that was left",
            },
            Fault {
                name: "displaced-entry-not-kept",
                file: "crates/contextvars/src/engine/reads.rs",
                find: "reads.kept.get_or_insert_with(|| old.clone());",
                replace: "drop(old.clone());",
                breaks: "what is read goes when its own thread resets it",
            },
            Fault {
                name: "read-not-counted",
                file: "crates/contextvars/src/engine/reads.rs",
                find: "        self.open.set(self.open.get() + 1);",
                replace: "        self.open.set(self.open.get() & 0);",
                breaks: "what is read goes with its binding",
            },
        ],
    },
];
