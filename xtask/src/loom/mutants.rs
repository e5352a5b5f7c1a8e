//! The mutations: for each model, at least one change of production code that it must catch.

use crate::edit;

/// One change of one place.
#[derive(Debug)]
pub struct Mutant {
    pub name: &'static str,
    /// The name of the model that must catch it.
    pub model: &'static str,
    /// The file, from the root of the workspace.
    pub file: &'static str,
    /// The text to take out; it must occur exactly once.
    pub find: &'static str,
    /// The text to put in its place.
    pub replace: &'static str,
    /// What no longer holds then.
    pub breaks: &'static str,
}

/// Every mutation. Each model has at least two.
pub const MUTANTS: &[Mutant] = &[
    Mutant {
        name: "hold-ended-relaxed",
        model: "clones_dropped_on_two_threads",
        file: "crates/hamt/src/kind/loom.rs",
        find: "self.word.fetch_sub(value, Ordering::Release)",
        replace: "self.word.fetch_sub(value, Ordering::Relaxed)",
        breaks: "the last holder frees what another is still reading",
    },
    Mutant {
        name: "last-hold-without-fence",
        model: "clones_dropped_on_two_threads",
        file: "crates/hamt/src/count.rs",
        find: "self.0.fence_acquire();",
        replace: "",
        breaks: "the last holder frees what another is still reading",
    },
    Mutant {
        name: "last-hold-not-noticed",
        model: "clones_dropped_on_two_threads",
        file: "crates/hamt/src/count.rs",
        find: "if self.0.fetch_sub_release(holds) != holds {",
        replace: "if self.0.fetch_sub_release(holds) > 0 {",
        breaks: "of two threads that let go of a node at once, neither frees it",
    },
    Mutant {
        name: "alone-relaxed",
        model: "change_in_place_against_a_reader",
        file: "crates/hamt/src/kind/loom.rs",
        find: "self.word.load(Ordering::Acquire)",
        replace: "self.word.load(Ordering::Relaxed)",
        breaks: "a node is changed that another thread is still reading",
    },
    Mutant {
        name: "borrowers-not-asked",
        model: "change_in_place_against_a_reader",
        file: "crates/hamt/src/node.rs",
        find: "table.header().count.is_one() && table.state().is_quiet()",
        replace: "table.header().count.is_one()",
        breaks: "a lender changes itself under its borrower",
    },
    Mutant {
        name: "entry-not-asked",
        model: "change_in_place_against_a_reader",
        file: "crates/hamt/src/entry.rs",
        find: "        if !self.has_one_holder() {
            let entry = Self::with_kind(self.hash(), key, value);
            return Pair::Entry(mem::replace(self, entry));
        }
",
        replace: "",
        breaks: "an entry changes in the hand of another thread",
    },
    Mutant {
        name: "borrowers-forgotten",
        model: "lending_against_retirement",
        file: "crates/hamt/src/node/lend.rs",
        find: "if !self.state().is_quiet() {",
        replace: "if false {",
        breaks: "a lender goes before its borrowers",
    },
    Mutant {
        name: "all-released",
        model: "lending_against_retirement",
        file: "crates/hamt/src/node/lend.rs",
        find: "let unused = !locked.lent();",
        replace: "let unused = !0;",
        breaks: "a retired lender drops what its borrowers have",
    },
    Mutant {
        name: "retired-as-seen-before",
        model: "lending_against_retirement",
        file: "crates/hamt/src/node/lend.rs",
        find: "            let mut locked = self.lock();
            if locked.state.borrowers() > 0 {",
        replace: "            let seen = self.state();
            let mut locked = self.lock();
            if seen.borrowers() > 0 {",
        breaks: "a lender whose last borrower has just gone stays for ever",
    },
    Mutant {
        name: "locked-in-two-steps",
        model: "lending_against_retirement",
        file: "crates/hamt/src/kind/loom.rs",
        find: "                && self
                    .word
                    .compare_exchange(word, word | bit, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
            {",
        replace: "            {
                self.word.store(word | bit, Ordering::Relaxed);",
        breaks: "two threads are under one lock",
    },
    Mutant {
        name: "locked-relaxed",
        model: "lending_against_retirement",
        file: "crates/hamt/src/kind/loom.rs",
        find: "compare_exchange(word, word | bit, Ordering::Acquire, Ordering::Relaxed)",
        replace: "compare_exchange(word, word | bit, Ordering::Relaxed, Ordering::Relaxed)",
        breaks: "who locks a lender misses what was noted before",
    },
    Mutant {
        name: "unlocked-relaxed",
        model: "lending_against_retirement",
        file: "crates/hamt/src/kind/loom.rs",
        find: "self.word.store(value, Ordering::Release)",
        replace: "self.word.store(value, Ordering::Relaxed)",
        breaks: "who locks a lender misses what was noted before",
    },
    Mutant {
        name: "dropped-under-the-lock",
        model: "lending_against_retirement",
        file: "crates/hamt/src/node/lend.rs",
        find: "                drop(locked);
                drop(released);
                return;",
        replace: "                drop(released);
                drop(locked);
                return;",
        breaks: "a value that drops a version waits for its own thread",
    },
    Mutant {
        name: "taken-over-while-held",
        model: "taking_over_against_a_sibling",
        file: "crates/hamt/src/node/state.rs",
        find: "self.is_retired() && self.borrowers() == 1",
        replace: "self.borrowers() == 1",
        breaks: "a borrower frees a lender that a version holds",
    },
    Mutant {
        name: "taken-over-from-a-sibling",
        model: "taking_over_against_a_sibling",
        file: "crates/hamt/src/node/state.rs",
        find: "self.is_retired() && self.borrowers() == 1",
        replace: "self.is_retired()",
        breaks: "a borrower frees a lender that another borrows from",
    },
    Mutant {
        name: "taken-over-relaxed",
        model: "taking_over_against_a_sibling",
        file: "crates/hamt/src/kind/loom.rs",
        find: "self.word.load(Ordering::Acquire)",
        replace: "self.word.load(Ordering::Relaxed)",
        breaks: "a borrower frees a lender that another is just leaving",
    },
    Mutant {
        name: "counted-after-giving-back",
        model: "giving_back_against_retirement",
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
    Mutant {
        name: "given-back-as-seen-before",
        model: "giving_back_against_retirement",
        file: "crates/hamt/src/node/lend.rs",
        find: "        let mut locked = self.lock();
        if last && locked.state.role() == Role::LendsToOne && !locked.state.is_retired() {",
        replace: "        let seen = self.state();
        let mut locked = self.lock();
        if last && locked.state.role() == Role::LendsToOne && !seen.is_retired() {",
        breaks: "an entry that is given back as its lender is retired stays for ever",
    },
    Mutant {
        name: "borrowed-changed-in-place",
        model: "giving_back_against_retirement",
        file: "crates/hamt/src/node/table_mut.rs",
        find: "if self.shared().bits() & !self.owned() & 1 << slot != 0 {",
        replace: "if false {",
        breaks: "a borrower changes an entry that its lender has too",
    },
    Mutant {
        name: "still-lent",
        model: "giving_back_against_retirement",
        file: "crates/hamt/src/node/lend.rs",
        find: "let lent = locked.lent() & !slots;",
        replace: "let lent = locked.lent();",
        breaks: "an entry outlives the last version that has it",
    },
    Mutant {
        name: "branch-held-by-others",
        model: "change_below_a_branch_against_a_reader",
        file: "crates/hamt/src/node/plain.rs",
        find: "if !branch.header().count.is_one() || !branch.state().is_plain() {",
        replace: "if !branch.state().is_plain() {",
        breaks: "a branch is changed that another version holds",
    },
    Mutant {
        name: "branch-lent",
        model: "change_below_a_branch_against_a_reader",
        file: "crates/hamt/src/node/plain.rs",
        find: "if !branch.header().count.is_one() || !branch.state().is_plain() {",
        replace: "if !branch.header().count.is_one() {",
        breaks: "a branch is changed that another version borrows from",
    },
    Mutant {
        name: "plain-bucket-held-by-others",
        model: "change_in_place_against_a_reader",
        file: "crates/hamt/src/node/plain.rs",
        find: "if !bucket.header().count.is_one() || !bucket.state().is_plain() {",
        replace: "if !bucket.state().is_plain() {",
        breaks: "a bucket is changed that another version holds",
    },
    Mutant {
        name: "plain-bucket-lent",
        model: "change_in_place_against_a_reader",
        file: "crates/hamt/src/node/plain.rs",
        find: "if !bucket.header().count.is_one() || !bucket.state().is_plain() {",
        replace: "if !bucket.header().count.is_one() {",
        breaks: "a bucket is changed that another version borrows from",
    },
    Mutant {
        name: "one-too-few-counted",
        model: "clones_counted_in_advance",
        file: "crates/hamt/src/node/spares.rs",
        find: "self.count().up_by(count);",
        replace: "self.count().up_by(more);",
        breaks: "a node goes while a clone that was counted in advance holds it",
    },
    Mutant {
        name: "one-too-few-given-back",
        model: "clones_counted_in_advance",
        file: "crates/hamt/src/node/spares.rs",
        find: "one.count().down_by(self.more + 1)",
        replace: "one.count().down_by(self.more)",
        breaks: "a node outlives all that hold it",
    },
    Mutant {
        name: "claim-in-two-steps",
        model: "enter_against_enter",
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
    Mutant {
        name: "claim-by-swap",
        model: "enter_against_enter",
        file: "crates/threadstate/src/claim.rs",
        find: "        self.0
            .compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()",
        replace: "        self.0.swap(word, Ordering::AcqRel) == FREE",
        breaks: "a refused thread overwrites the winner's claim",
    },
    Mutant {
        name: "release-relaxed",
        model: "exit_against_enter",
        file: "crates/threadstate/src/claim.rs",
        find: "self.0.store(FREE, Ordering::Release)",
        replace: "self.0.store(FREE, Ordering::Relaxed)",
        breaks: "the next runner misses what the last one did",
    },
    Mutant {
        name: "acquire-relaxed",
        model: "exit_against_enter",
        file: "crates/threadstate/src/claim.rs",
        find: "compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)",
        replace: "compare_exchange(FREE, word, Ordering::Relaxed, Ordering::Relaxed)",
        breaks: "the next runner misses what the last one did",
    },
    Mutant {
        name: "base-not-claimed",
        model: "base_against_enter",
        file: "crates/threadstate/src/claim.rs",
        find: "self.try_take(thread.get() << 1 | BASE)",
        replace: "thread.get() | BASE > 0",
        breaks: "a thread's base context is entered by another",
    },
    Mutant {
        name: "base-taken-for-entered",
        model: "base_against_enter",
        file: "crates/threadstate/src/claim.rs",
        find: "self.try_take(thread.get() << 1 | BASE)",
        replace: "self.try_take(thread.get() << 1)",
        breaks: "a base context says that it was entered",
    },
    Mutant {
        name: "watcher-noted-alone",
        model: "watchers_against_switches",
        file: "crates/threadstate/src/watch.rs",
        find: "self.taken.fetch_or(1 << id, Ordering::Release);",
        replace: "self.taken.store(1 << id, Ordering::Release);",
        breaks: "a watcher is forgotten when another is added",
    },
    Mutant {
        name: "watchers-cleared-together",
        model: "watchers_against_switches",
        file: "crates/threadstate/src/watch.rs",
        find: "self.taken.fetch_and(!(1 << index), Ordering::Release);",
        replace: "self.taken.store(0, Ordering::Release);",
        breaks: "a watcher is forgotten when another is cleared",
    },
    Mutant {
        name: "watcher-kept",
        model: "watchers_against_switches",
        file: "crates/threadstate/src/watch.rs",
        find: "let watcher = places[index].take().ok_or(WatcherError::NotSet(id))?;
        self.taken.fetch_and(!(1 << index), Ordering::Release);",
        replace: "let watcher = places[index].clone().ok_or(WatcherError::NotSet(id))?;",
        breaks: "a watcher is told after it was cleared",
    },
    Mutant {
        name: "token-not-marked",
        model: "token_against_token",
        file: "crates/contextvars/src/engine/token.rs",
        find: "self.used.store(true, Ordering::Release);",
        replace: "",
        breaks: "a token restores twice",
    },
    Mutant {
        name: "token-anywhere",
        model: "token_against_token",
        file: "crates/contextvars/src/engine/token.rs",
        find: "if !here {",
        replace: "if !here && self.is_used() {",
        breaks: "a token is spent in a context that it does not belong to",
    },
    Mutant {
        name: "bind-in-two-steps",
        model: "copy_and_read_against_set_and_reset",
        file: "crates/contextvars/src/engine/binding.rs",
        find: "    let new = Some(NonNull::from(entry.value()));",
        replace: "    let new = Some(NonNull::from(entry.value()));
    drop(change(thread, current, key, None, |bindings| {
        let Ok(old) = bindings.remove(key.hash(), is_variable(key));
        old
    }));",
        breaks: "a reader finds a variable unset between two values",
    },
    Mutant {
        name: "restore-in-two-steps",
        model: "copy_and_read_against_set_and_reset",
        file: "crates/contextvars/src/engine/token.rs",
        find: "        match put_back(thread, key, old) {",
        replace: "        drop(put_back(thread, key, None));
        match put_back(thread, key, old) {",
        breaks: "a reader finds a variable unset while a token restores it",
    },
    Mutant {
        name: "changed-without-the-lock",
        model: "copy_and_read_against_set_and_reset",
        file: "crates/contextvars/src/engine/versions.rs",
        find: "let _locked = self.lock.lock();
        // SAFETY: by the claim",
        replace: "// SAFETY: by the claim",
        breaks: "a reader elsewhere meets the bindings half changed",
    },
    Mutant {
        name: "read-without-the-lock",
        model: "copy_and_read_against_set_and_reset",
        file: "crates/contextvars/src/engine/versions.rs",
        find: "let _locked = self.lock.lock();
        // SAFETY: under the lock",
        replace: "// SAFETY: under the lock",
        breaks: "a reader elsewhere meets the bindings half changed",
    },
    Mutant {
        name: "lock-relaxed",
        model: "copy_and_read_against_set_and_reset",
        file: "crates/threadstate/src/sync.rs",
        find: "compare_exchange(OPEN, HELD, Ordering::Acquire, Ordering::Relaxed)",
        replace: "compare_exchange(OPEN, HELD, Ordering::Relaxed, Ordering::Relaxed)",
        breaks: "a reader elsewhere misses what was changed before",
    },
    Mutant {
        name: "unlock-relaxed",
        model: "copy_and_read_against_set_and_reset",
        file: "crates/threadstate/src/sync.rs",
        find: "self.0.store(OPEN, Ordering::Release)",
        replace: "self.0.store(OPEN, Ordering::Relaxed)",
        breaks: "a reader elsewhere misses what was changed before",
    },
    Mutant {
        name: "claim-given-up-relaxed",
        model: "reads_of_the_owner_against_changes",
        file: "crates/threadstate/src/claim.rs",
        find: "self.0.store(FREE, Ordering::Release)",
        replace: "self.0.store(FREE, Ordering::Relaxed)",
        breaks: "who enters reads, without a lock, what it cannot see yet",
    },
    Mutant {
        name: "claim-taken-relaxed",
        model: "reads_of_the_owner_against_changes",
        file: "crates/threadstate/src/claim.rs",
        find: "compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)",
        replace: "compare_exchange(FREE, word, Ordering::Relaxed, Ordering::Relaxed)",
        breaks: "who enters reads, without a lock, what it cannot see yet",
    },
    Mutant {
        name: "cleared-without-the-claim",
        model: "reads_of_the_owner_against_changes",
        file: "crates/contextvars/src/engine/versions.rs",
        find: "claim.while_free(|| unsafe { self.change(mem::take) })",
        replace: "(claim.holder() == threadstate::Holder::Nobody).then(|| unsafe { self.change(mem::take) })",
        breaks: "a context is cleared under a thread that has just entered it",
    },
    Mutant {
        name: "holder-gone-relaxed",
        model: "holders_on_two_threads",
        file: "crates/pyobj/src/std_host/shared.rs",
        find: "fetch_sub(HOLDER, Ordering::Release)",
        replace: "fetch_sub(HOLDER, Ordering::Relaxed)",
        breaks: "the last holder drops what another is still reading",
    },
    Mutant {
        name: "last-holder-as-seen-before",
        model: "holders_on_two_threads",
        file: "crates/pyobj/src/std_host/shared.rs",
        find: "let counts = self.block().counts.fetch_sub(HOLDER, Ordering::Release);",
        replace: "let counts = self.block().counts.load(Ordering::Acquire);
        self.block().counts.fetch_sub(HOLDER, Ordering::Release);",
        breaks: "of two that go at once neither drops the value",
    },
    Mutant {
        name: "seen-alone-relaxed",
        model: "holders_on_two_threads",
        file: "crates/pyobj/src/std_host/shared.rs",
        find: "if self.block().counts.load(Ordering::Acquire) != ALONE {
            return self.drop_slow();",
        replace: "if self.block().counts.load(Ordering::Relaxed) != ALONE {
            return self.drop_slow();",
        breaks: "the last holder drops what another is still reading",
    },
    Mutant {
        name: "upgraded-as-seen-before",
        model: "weak_reference_against_the_last_holder",
        file: "crates/pyobj/src/std_host/shared.rs",
        find: ".fetch_update(Ordering::Acquire, Ordering::Relaxed, add)
            .ok()?;",
        replace: ".fetch_update(Ordering::Acquire, Ordering::Relaxed, |counts| {
                add(counts).or(Some(counts + HOLDER))
            })
            .ok()?;",
        breaks: "a value is given that is gone",
    },
    Mutant {
        name: "weak-gone-relaxed",
        model: "weak_reference_against_the_last_holder",
        file: "crates/pyobj/src/std_host/shared.rs",
        find: "fetch_sub(WEAK, Ordering::Release)",
        replace: "fetch_sub(WEAK, Ordering::Relaxed)",
        breaks: "a block is freed whose counts another is looking at",
    },
    Mutant {
        name: "weak-without-fence",
        model: "weak_reference_against_the_last_holder",
        file: "crates/pyobj/src/std_host/shared.rs",
        find: "            fence(Ordering::Acquire);
            drop(Memory",
        replace: "            drop(Memory",
        breaks: "a block is freed whose counts another is looking at",
    },
    Mutant {
        name: "alone-for-writing-relaxed",
        model: "alone_against_a_holder",
        file: "crates/pyobj/src/std_host/shared.rs",
        find: "if self.block().counts.load(Ordering::Acquire) != ALONE {
            return None;",
        replace: "if self.block().counts.load(Ordering::Relaxed) != ALONE {
            return None;",
        breaks: "a value changes that another is still reading",
    },
    Mutant {
        name: "alone-with-another",
        model: "alone_against_a_holder",
        file: "crates/pyobj/src/std_host/shared.rs",
        find: "if self.block().counts.load(Ordering::Acquire) != ALONE {
            return None;",
        replace: "if weak(self.block().counts.load(Ordering::Acquire)) != 1 {
            return None;",
        breaks: "a value changes that another holds",
    },
    Mutant {
        name: "initialiser-not-noted",
        model: "inittab",
        file: "crates/module/src/inittab/registry.rs",
        find: "entry.state = State::Running(thread);",
        replace: "",
        breaks: "two threads run one initialiser",
    },
    Mutant {
        name: "end-not-told",
        model: "inittab",
        file: "crates/module/src/inittab.rs",
        find: "self.table.ended.notify_all();",
        replace: "",
        breaks: "a waiting importer is never told",
    },
    Mutant {
        name: "circle-not-seen",
        model: "inittab",
        file: "crates/module/src/inittab/registry.rs",
        find: "match self.circle(thread, &name) {",
        replace: "match None::<Vec<Arc<str>>> {",
        breaks: "two threads that import each other's modules wait for ever",
    },
];

impl Mutant {
    /// The source with the change made.
    ///
    /// # Errors
    ///
    /// One line that says why not: the text to find is not there, or more than once, or the
    /// change is none.
    pub fn apply(&self, source: &str) -> Result<String, String> {
        edit::once(source, self.find, self.replace)
            .map_err(|why| format!("mutant `{}` in {}: {why}", self.name, self.file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loom::models;
    use crate::workspace;

    const MUTANT: Mutant = Mutant {
        name: "no-claim",
        model: "enter_against_enter",
        file: "src/lib.rs",
        find: "a == b",
        replace: "true",
        breaks: "both get in",
    };

    #[test]
    fn a_mutation_changes_its_one_place() {
        assert_eq!(MUTANT.apply("if a == b {}").unwrap(), "if true {}");
    }

    #[test]
    fn a_mutation_without_a_place_does_not_apply() {
        let error = MUTANT.apply("if a != b {}").unwrap_err();
        assert_eq!(
            error,
            "mutant `no-claim` in src/lib.rs: no longer applies: its text occurs 0 times"
        );
    }

    #[test]
    fn a_mutation_with_two_places_does_not_apply() {
        let error = MUTANT.apply("a == b || a == b").unwrap_err();
        assert!(error.contains("occurs 2 times"), "{error}");
    }

    #[test]
    fn a_mutation_that_changes_nothing_does_not_apply() {
        let same = Mutant {
            replace: MUTANT.find,
            ..MUTANT
        };
        assert_eq!(
            same.apply("a == b").unwrap_err(),
            "mutant `no-claim` in src/lib.rs: changes nothing"
        );
    }

    #[test]
    fn every_mutation_applies_to_this_workspace() {
        for mutant in MUTANTS {
            models::named(Some(mutant.model)).unwrap();
            let source = std::fs::read_to_string(workspace::root().join(mutant.file)).unwrap();
            mutant.apply(&source).unwrap();
        }
    }
}
