//! `cargo xtask fuzz engine`: random programs on the engine of context variables, each step
//! compared with a model.
//!
//! The program is the example `fuzz` of the crate `contextvars`. It needs no tool.

use std::path::Path;
use std::time::Duration;

use xshell::{Shell, cmd};

use super::Args;
use crate::fault::{self, Fault};
use crate::process::{self, Finished};
use crate::progress::Progress;
use crate::{Result, workspace};

/// Beyond its time a run hangs: a finding is made smaller for half a minute.
const GRACE: Duration = Duration::from_secs(120);

/// Changes of which single steps give a wrong result, or a value dies too early or too late.
const FAULTS: &[Fault] = &[
    Fault {
        name: "displaced-not-kept",
        file: "crates/contextvars/src/engine/reads.rs",
        find: "            self.keep_displaced(key, old);\n",
        replace: "            let _ = old;\n",
        breaks: "a value that is displaced dies while it is read",
    },
    Fault {
        name: "left-not-kept",
        file: "crates/contextvars/src/engine/reads.rs",
        find: "reads.kept = state.find(reads.key);",
        replace: "let _ = state;",
        breaks: "a value dies with its context while it is read",
    },
    Fault {
        name: "kept-for-ever",
        file: "crates/contextvars/src/engine/reads.rs",
        find: "        drop(ended);",
        replace: "        std::mem::forget(ended);",
        breaks: "a value that was read when it was displaced is never dropped",
    },
    Fault {
        name: "slot-not-written",
        file: "crates/contextvars/src/engine/reads.rs",
        find: "        self.put(self.slots.of(key), key, activation, new);\n",
        replace: "        let _ = new;\n",
        breaks: "a read after a change finds the value that was displaced",
    },
    Fault {
        name: "copies-not-given-back",
        file: "crates/contextvars/src/engine/stock.rs",
        find: "        if self.activation.get() == activation {",
        replace: "        if self.activation.get() == activation && false {",
        breaks: "copies counted in advance keep what the context binds no more",
    },
    Fault {
        name: "enter-not-undone",
        file: "crates/threadstate/src/thread.rs",
        find: "                self.0.undo_enter(self.1);\n",
        replace: "",
        breaks: "a context stays entered where a watcher panics",
    },
];

pub fn main(args: &Args) -> Result<()> {
    if args.faults {
        return fault::all_noticed("fuzz-faults", FAULTS, |sh, target, progress| {
            run(sh, target, args, progress)
        });
    }
    let sh = workspace::shell(&workspace::root())?;
    let progress = Progress::start(1, 1, "engine");
    let done = run(&sh, &workspace::target(), args, &progress)?;
    drop(progress);
    println!("{}", done.output.trim_end());
    if done.succeeded() {
        return Ok(());
    }
    Err("the fuzz of the engine found something".into())
}

/// Builds the program and runs it.
fn run(sh: &Shell, target: &Path, args: &Args, progress: &Progress) -> Result<Finished> {
    // Its own folder: with assertions, all crates are built anew.
    let target = target.join("fuzz/engine");
    let cargo = cmd!(
        sh,
        "cargo build --release --package contextvars --example fuzz"
    )
    .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
    .arg("--target-dir")
    .arg(&target);
    let built = process::run(cargo, |line| progress.note(line))?;
    if !built.succeeded() {
        return Ok(built);
    }
    let program = target.join("release/examples/fuzz");
    let (seconds, seed) = (args.seconds.to_string(), args.seed.to_string());
    let fuzz = cmd!(sh, "{program} --seconds {seconds} --seed {seed}");
    let limit = Duration::from_secs(args.seconds) + GRACE;
    process::run_within(fuzz, limit, |line| progress.note(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_applies_to_this_workspace() {
        fault::assert_all_apply(FAULTS);
    }
}
