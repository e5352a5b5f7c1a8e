//! The models of the trie.

use super::Model;
use crate::fault::Fault;

pub const MODELS: &[Model] = &[
    Model {
        name: "clones_dropped_on_two_threads",
        package: "contextvars-hamt",
        shows: "the last clone of a map, and only it, drops each entry, once",
        mutants: &[
            Fault {
                name: "hold-ended-relaxed",
                file: "crates/hamt/src/kind/loom.rs",
                find: "self.word.fetch_sub(value, Ordering::Release)",
                replace: "self.word.fetch_sub(value, Ordering::Relaxed)",
                breaks: "the last holder frees what another is still reading",
            },
            Fault {
                name: "last-hold-without-fence",
                file: "crates/hamt/src/count.rs",
                find: "self.0.fence_acquire();",
                replace: "",
                breaks: "the last holder frees what another is still reading",
            },
            Fault {
                name: "last-hold-not-noticed",
                file: "crates/hamt/src/count.rs",
                find: "if self.0.fetch_sub_release(holds) != holds {",
                replace: "if self.0.fetch_sub_release(holds) > 0 {",
                breaks: "of two threads that let go of a node at once, neither frees it",
            },
        ],
    },
    Model {
        name: "change_in_place_against_a_reader",
        package: "contextvars-hamt",
        shows: "a map that changes itself never changes another version, or an entry in hand",
        mutants: &[
            Fault {
                name: "alone-relaxed",
                file: "crates/hamt/src/kind/loom.rs",
                find: "self.word.load(Ordering::Acquire)",
                replace: "self.word.load(Ordering::Relaxed)",
                breaks: "a node is changed that another thread is still reading",
            },
            Fault {
                name: "borrowers-not-asked",
                file: "crates/hamt/src/node.rs",
                find: "table.header().count.is_one() && table.state().is_quiet()",
                replace: "table.header().count.is_one()",
                breaks: "a lender changes itself under its borrower",
            },
            Fault {
                name: "entry-not-asked",
                file: "crates/hamt/src/entry.rs",
                find: "        if !self.has_one_holder() {
            let entry = Self::with_kind(self.hash(), key, value);
            return Pair::Entry(mem::replace(self, entry));
        }
",
                replace: "",
                breaks: "an entry changes in the hand of another thread",
            },
            Fault {
                name: "plain-bucket-held-by-others",
                file: "crates/hamt/src/node/bucket.rs",
                find: "bucket.header().count.is_one() && bucket.state().is_plain()",
                replace: "bucket.state().is_plain()",
                breaks: "a bucket is changed that another version holds",
            },
            Fault {
                name: "plain-bucket-lent",
                file: "crates/hamt/src/node/bucket.rs",
                find: "bucket.header().count.is_one() && bucket.state().is_plain()",
                replace: "bucket.header().count.is_one()",
                breaks: "a bucket is changed that another version borrows from",
            },
        ],
    },
    Model {
        name: "lending_against_retirement",
        package: "contextvars-hamt",
        shows: "an entry goes with the last version that has it, be it a lender or a borrower",
        mutants: &[
            Fault {
                name: "borrowers-forgotten",
                file: "crates/hamt/src/node/lend.rs",
                find: "if !self.state().is_quiet() {",
                replace: "if false {",
                breaks: "a lender goes before its borrowers",
            },
            Fault {
                name: "all-released",
                file: "crates/hamt/src/node/lend.rs",
                find: "let unused = !locked.lent();",
                replace: "let unused = !0;",
                breaks: "a retired lender drops what its borrowers have",
            },
            Fault {
                name: "retired-as-seen-before",
                file: "crates/hamt/src/node/lend.rs",
                find: "            let Some(mut locked) = self.lock() else {
                return;
            };
            if locked.state.borrowers() > 0 {",
                replace: "            let seen = self.state();
            let Some(mut locked) = self.lock() else {
                return;
            };
            if seen.borrowers() > 0 {",
                breaks: "a lender whose last borrower has just gone stays for ever",
            },
            Fault {
                name: "locked-in-two-steps",
                file: "crates/hamt/src/kind/loom.rs",
                find: "                && self
                    .word
                    .compare_exchange(word, word | held, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
            {",
                replace: "            {
                self.word.store(word | held, Ordering::Relaxed);",
                breaks: "two threads are under one lock",
            },
            Fault {
                name: "locked-relaxed",
                file: "crates/hamt/src/kind/loom.rs",
                find: "compare_exchange(word, word | held, Ordering::Acquire, Ordering::Relaxed)",
                replace: "compare_exchange(word, word | held, Ordering::Relaxed, Ordering::Relaxed)",
                breaks: "who locks a lender misses what was noted before",
            },
            Fault {
                name: "unlocked-relaxed",
                file: "crates/hamt/src/kind/loom.rs",
                find: "self.word.store(value, Ordering::Release)",
                replace: "self.word.store(value, Ordering::Relaxed)",
                breaks: "who locks a lender misses what was noted before",
            },
            Fault {
                name: "dropped-under-the-lock",
                file: "crates/hamt/src/node/lend.rs",
                find: "                drop(locked);
                drop(released);
                return;",
                replace: "                drop(released);
                drop(locked);
                return;",
                breaks: "a value that drops a version waits for its own thread",
            },
        ],
    },
    Model {
        name: "taking_over_against_a_sibling",
        package: "contextvars-hamt",
        shows: "a lender is taken over only by its last borrower, and only once nobody holds it",
        mutants: &[
            Fault {
                name: "taken-over-while-held",
                file: "crates/hamt/src/node/state.rs",
                find: "self.is_retired() && self.borrowers() == 1",
                replace: "self.borrowers() == 1",
                breaks: "a borrower frees a lender that a version holds",
            },
            Fault {
                name: "taken-over-from-a-sibling",
                file: "crates/hamt/src/node/state.rs",
                find: "self.is_retired() && self.borrowers() == 1",
                replace: "self.is_retired()",
                breaks: "a borrower frees a lender that another borrows from",
            },
            Fault {
                name: "taken-over-relaxed",
                file: "crates/hamt/src/kind/loom.rs",
                find: "self.word.load(Ordering::Acquire)",
                replace: "self.word.load(Ordering::Relaxed)",
                breaks: "a borrower frees a lender that another is just leaving",
            },
        ],
    },
    Model {
        name: "giving_back_against_retirement",
        package: "contextvars-hamt",
        shows: "a slot that a borrower makes its own is counted for it before its lender lets go",
        mutants: &[
            Fault {
                name: "counted-after-giving-back",
                file: "crates/hamt/src/node/table_mut.rs",
                find: "mem::forget(self.shared().child(slot).cloned());
        let bit = 1 << slot;
        let mut guarded = self.guarded();
        let owned = guarded.owned() | bit;
        guarded.set_owned(owned);
        let last = owned == self.shared().bits();
        let lender = guarded.lender();
        if last {
            guarded.clear_link();
        }
        drop(guarded);
        if let Some(lender) = lender {
            // SAFETY: the slot was borrowed, and is not any more. What this lets
            // go of is counted here, so nothing is dropped.
            unsafe { lender.give_back(bit, last) };
        }",
                replace: "let bit = 1 << slot;
        let mut guarded = self.guarded();
        let owned = guarded.owned() | bit;
        guarded.set_owned(owned);
        let last = owned == self.shared().bits();
        let lender = guarded.lender();
        if last {
            guarded.clear_link();
        }
        drop(guarded);
        if let Some(lender) = lender {
            // SAFETY: the slot was borrowed, and is not any more. What this lets
            // go of is counted here, so nothing is dropped.
            unsafe { lender.give_back(bit, last) };
        }
        mem::forget(self.shared().child(slot).cloned());",
                breaks: "a lender drops an entry that its borrower is about to count",
            },
            Fault {
                name: "given-back-as-seen-before",
                file: "crates/hamt/src/node/lend.rs",
                find: "        let Some(mut locked) = self.lock() else {
            return;
        };
        if last && locked.state.role() == Role::LendsToOne && !locked.state.is_retired() {",
                replace: "        let seen = self.state();
        let Some(mut locked) = self.lock() else {
            return;
        };
        if last && locked.state.role() == Role::LendsToOne && !seen.is_retired() {",
                breaks: "an entry that is given back as its lender is retired stays for ever",
            },
            Fault {
                name: "borrowed-changed-in-place",
                file: "crates/hamt/src/node/table_mut.rs",
                find: "if self.shared().bits() & !self.owned() & 1 << slot != 0 {",
                replace: "if false {",
                breaks: "a borrower changes an entry that its lender has too",
            },
            Fault {
                name: "still-lent",
                file: "crates/hamt/src/node/lend.rs",
                find: "let lent = locked.lent() & !slots;",
                replace: "let lent = locked.lent();",
                breaks: "an entry outlives the last version that has it",
            },
        ],
    },
    Model {
        name: "change_below_a_branch_against_a_reader",
        package: "contextvars-hamt",
        shows: "a deep map that changes itself never changes another version",
        mutants: &[
            Fault {
                name: "branch-held-by-others",
                file: "crates/hamt/src/node/spot.rs",
                find: "if !branch.header().count.is_one() || !branch.state().is_plain() {",
                replace: "if !branch.state().is_plain() {",
                breaks: "a branch is changed that another version holds",
            },
            Fault {
                name: "branch-lent",
                file: "crates/hamt/src/node/spot.rs",
                find: "if !branch.header().count.is_one() || !branch.state().is_plain() {",
                replace: "if !branch.header().count.is_one() {",
                breaks: "a branch is changed that another version borrows from",
            },
        ],
    },
    Model {
        name: "clones_counted_in_advance",
        package: "contextvars-hamt",
        shows: "clones that are counted all at once, handed out or not, are dropped as others are",
        mutants: &[
            Fault {
                name: "one-too-few-counted",
                file: "crates/hamt/src/node/spares.rs",
                find: "self.count().up_by(count);",
                replace: "self.count().up_by(more);",
                breaks: "a node goes while a clone that was counted in advance holds it",
            },
            Fault {
                name: "one-too-few-given-back",
                file: "crates/hamt/src/node/spares.rs",
                find: "one.count().down_by(self.more + 1)",
                replace: "one.count().down_by(self.more)",
                breaks: "a node outlives all that hold it",
            },
        ],
    },
];
