//! Faults that are planted on purpose: stress must notice each.

use super::{Args, run};
use crate::Result;
use crate::fault::{self, Fault};

/// Changes that let threads meet where they must not.
const FAULTS: &[Fault] = &[
    Fault {
        name: "claim-in-two-steps",
        file: "crates/threadstate/src/claim.rs",
        find: "            .compare_exchange(FREE, word, Ordering::Acquire, Ordering::Relaxed)\n            .is_ok()",
        replace: "            .load(Ordering::Acquire)\n            .eq(&FREE)\n            .then(|| {\n                std::thread::yield_now();\n                self.0.store(word, Ordering::Relaxed)\n            })\n            .is_some()",
        breaks: "two threads enter one context",
    },
    Fault {
        name: "base-not-claimed",
        file: "crates/threadstate/src/claim.rs",
        find: "self.try_take(thread.get() << 1 | BASE)",
        replace: "thread.get() | BASE > 0",
        breaks: "a thread's base context is entered by another",
    },
    Fault {
        name: "frames-left",
        file: "crates/threadstate/src/thread.rs",
        find: "        drop(Rest(self, self.frames.len()));\n",
        replace: "        mem::forget(Rest(self, self.frames.len()));\n",
        breaks: "a thread that goes stays in its contexts",
    },
    Fault {
        name: "used-not-marked",
        file: "crates/contextvars/src/engine/token.rs",
        find: "self.used.store(true, Ordering::Release);",
        replace: "",
        breaks: "a token restores twice",
    },
    Fault {
        name: "readers-without-lock",
        file: "crates/contextvars/src/engine/versions.rs",
        find: "    pub(super) fn read<R>(&self, f: impl FnOnce(&Bindings<D>) -> R) -> R {\n        let _locked = self.lock.lock_to_read(|| self.renew());\n",
        replace: "    pub(super) fn read<R>(&self, f: impl FnOnce(&Bindings<D>) -> R) -> R {\n",
        breaks: "a reader meets a change",
    },
    Fault {
        name: "slot-of-another-activation",
        file: "crates/contextvars/src/engine/slots.rs",
        find: "self.activation.get() == activation",
        replace: "self.activation.get() <= activation",
        breaks: "a context shows another's value",
    },
    Fault {
        name: "watcher-not-noted",
        file: "crates/threadstate/src/watch.rs",
        find: "        self.taken.fetch_or(1 << id, Ordering::Release);\n",
        replace: "        self.taken.store(1 << id, Ordering::Release);\n",
        breaks: "a watcher is forgotten when another is added",
    },
    Fault {
        name: "kept-for-ever",
        file: "crates/contextvars/src/engine/reads.rs",
        find: "        drop(ended);\n",
        replace: "        std::mem::forget(ended);\n",
        breaks: "what a read has kept alive is never let go of",
    },
];

/// Plants each fault in a copy of the workspace, and runs that.
pub fn main(args: &Args) -> Result<()> {
    fault::all_noticed("stress-faults", FAULTS, |sh, target, progress| {
        run(sh, target, args, progress)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_applies_to_this_workspace() {
        fault::assert_all_apply(FAULTS);
    }
}
