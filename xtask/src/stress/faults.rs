//! Faults that are planted on purpose: stress must notice each.

use xshell::Shell;

use super::{Args, run};
use crate::fault::Fault;
use crate::process::{End, Finished};
use crate::progress::Progress;
use crate::{Result, table, workspace};

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
        file: "crates/threadstate/src/frame.rs",
        find: "        drop(Rest(self));\n",
        replace: "        mem::forget(Rest(self));\n",
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
        find: "    pub(super) fn read<R>(&self, f: impl FnOnce(&Bindings<D>) -> R) -> R {\n        let _locked = self.lock.lock();\n",
        replace: "    pub(super) fn read<R>(&self, f: impl FnOnce(&Bindings<D>) -> R) -> R {\n",
        breaks: "a reader meets a change",
    },
    Fault {
        name: "slot-of-another-stay",
        file: "crates/contextvars/src/engine/slots.rs",
        find: "(slot.key == key.get() && slot.stay == stay)",
        replace: "(slot.key == key.get() && slot.stay <= stay)",
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
        name: "aside-kept",
        file: "crates/contextvars/src/engine/reads.rs",
        find: "        drop(self.aside.take());",
        replace: "        std::mem::forget(self.aside.take());",
        breaks: "what a read has kept alive is never let go of",
    },
];

/// What a run says, if it has noticed something: its last line.
fn noticed(done: &Finished) -> std::result::Result<String, &'static str> {
    match done.end {
        End::Succeeded => Err("NOT NOTICED"),
        End::TimedOut => Ok("it hangs".into()),
        End::Failed if done.output.contains("could not compile") => Err("DOES NOT COMPILE"),
        End::Failed => {
            let error = done.output.lines().rev();
            let error = error.filter_map(|line| line.strip_prefix("error: ")).next();
            Ok(error.unwrap_or("it crashes").into())
        }
    }
}

/// Plants each fault in a copy of the workspace, and runs that.
pub fn main(args: &Args) -> Result<()> {
    let base = workspace::target().join("stress-faults");
    let (tree, target) = (base.join("tree"), base.join("target"));
    workspace::copy(&Shell::new()?, &workspace::root(), &tree)?;
    let sh = workspace::shell(&tree)?;
    let mut rows = Vec::new();
    let mut missed = Vec::new();
    for (index, fault) in FAULTS.iter().enumerate() {
        let progress = Progress::start(index + 1, FAULTS.len(), fault.name);
        let done = fault.planted(&sh, || run(&sh, &target, args, &progress))?;
        let (result, output) = match noticed(&done) {
            Ok(error) => (error, ""),
            Err(why) => (why.to_string(), done.output.as_str()),
        };
        if !output.is_empty() {
            progress.print(output);
            missed.push(fault.name);
        }
        let time = table::seconds(progress.elapsed());
        progress.print(&format!("{}: {result}, {time} s", fault.name));
        rows.push([fault.name.into(), fault.breaks.into(), time, result]);
    }
    println!(
        "\n{}",
        table::layout(["fault", "breaks", "seconds", "noticed as"], &rows)
    );
    if missed.is_empty() {
        return Ok(());
    }
    Err(format!("not noticed: {}", missed.join(", ")).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::assert_all_apply;

    #[test]
    fn every_fault_applies_to_this_workspace() {
        assert_all_apply(FAULTS);
    }

    #[test]
    fn only_a_run_that_fails_has_noticed_a_fault() {
        let said = |end, output: &str| {
            let output = output.into();
            noticed(&Finished { end, output })
        };
        assert_eq!(said(End::Succeeded, "12 steps"), Err("NOT NOTICED"));
        assert_eq!(
            said(End::Failed, "error: could not compile `x`"),
            Err("DOES NOT COMPILE")
        );
        assert_eq!(said(End::Failed, "1 step\nerror: torn"), Ok("torn".into()));
        assert_eq!(said(End::Failed, ""), Ok("it crashes".into()));
    }
}
