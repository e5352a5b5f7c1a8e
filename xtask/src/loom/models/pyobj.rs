//! The models of the embedded host's counts.

use super::Model;
use crate::fault::Fault;

pub const MODELS: &[Model] = &[
    Model {
        name: "holders_on_two_threads",
        package: "pyobj",
        shows: "the last holder of an object, and only it, drops the value",
        mutants: &[
            Fault {
                name: "holder-gone-relaxed",
                file: "crates/pyobj/src/std_host/shared.rs",
                find: "fetch_sub(HOLDER, Ordering::Release)",
                replace: "fetch_sub(HOLDER, Ordering::Relaxed)",
                breaks: "the last holder drops what another is still reading",
            },
            Fault {
                name: "last-holder-as-seen-before",
                file: "crates/pyobj/src/std_host/shared.rs",
                find: "let counts = self.block().counts.fetch_sub(HOLDER, Ordering::Release);",
                replace: "let counts = self.block().counts.load(Ordering::Acquire);
        self.block().counts.fetch_sub(HOLDER, Ordering::Release);",
                breaks: "of two that go at once neither drops the value",
            },
            Fault {
                name: "seen-alone-relaxed",
                file: "crates/pyobj/src/std_host/shared.rs",
                find: "if self.block().counts.load(Ordering::Acquire) != ALONE {
            return self.drop_slow();",
                replace: "if self.block().counts.load(Ordering::Relaxed) != ALONE {
            return self.drop_slow();",
                breaks: "the last holder drops what another is still reading",
            },
        ],
    },
    Model {
        name: "weak_reference_against_the_last_holder",
        package: "pyobj",
        shows: "a weak reference gives the value or nothing, and never what is being dropped",
        mutants: &[
            Fault {
                name: "upgraded-as-seen-before",
                file: "crates/pyobj/src/std_host/shared.rs",
                find: ".fetch_update(Ordering::Acquire, Ordering::Relaxed, add)
            .ok()?;",
                replace: ".fetch_update(Ordering::Acquire, Ordering::Relaxed, |counts| {
                add(counts).or(Some(counts + HOLDER))
            })
            .ok()?;",
                breaks: "a value is given that is gone",
            },
            Fault {
                name: "weak-gone-relaxed",
                file: "crates/pyobj/src/std_host/shared.rs",
                find: "fetch_sub(WEAK, Ordering::Release)",
                replace: "fetch_sub(WEAK, Ordering::Relaxed)",
                breaks: "a block is freed whose counts another is looking at",
            },
            Fault {
                name: "weak-without-fence",
                file: "crates/pyobj/src/std_host/shared.rs",
                find: "            acquire(self.counts());
            drop(Memory",
                replace: "            drop(Memory",
                breaks: "a block is freed whose counts another is looking at",
            },
        ],
    },
    Model {
        name: "alone_against_a_holder",
        package: "pyobj",
        shows: "who finds itself alone may change the value",
        mutants: &[
            Fault {
                name: "alone-for-writing-relaxed",
                file: "crates/pyobj/src/std_host/shared.rs",
                find: "if self.block().counts.load(Ordering::Acquire) != ALONE {
            return None;",
                replace: "if self.block().counts.load(Ordering::Relaxed) != ALONE {
            return None;",
                breaks: "a value changes that another is still reading",
            },
            Fault {
                name: "alone-with-another",
                file: "crates/pyobj/src/std_host/shared.rs",
                find: "if self.block().counts.load(Ordering::Acquire) != ALONE {
            return None;",
                replace: "if weak(self.block().counts.load(Ordering::Acquire)) != 1 {
            return None;",
                breaks: "a value changes that another holds",
            },
        ],
    },
];
