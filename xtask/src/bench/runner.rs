//! The runner: built, with a CPython in it where that can be, and called.

mod peer;

use std::env::consts::EXE_SUFFIX;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use xshell::{Cmd, Shell, cmd};

use crate::conformance::python::Python;
use crate::process;
use crate::progress::Progress;
use crate::{Result, workspace};
use peer::Peer;

/// The runner, built.
pub struct Runner {
    program: PathBuf,
    /// The CPython in it.
    peer: Option<Peer>,
}

impl Runner {
    /// Builds the runner with the Python that is wanted, else with the newest, of those that show
    /// their map if `of_map`. Where that cannot be embedded, or there is none, says so and builds
    /// it without.
    ///
    /// # Errors
    ///
    /// When the wanted Python is none; what the compiler says, whole.
    pub fn build(
        sh: &Shell,
        wanted: Option<&Path>,
        of_map: bool,
        progress: &Progress,
    ) -> Result<Runner> {
        let peer = match peer::choose(sh, wanted, of_map)? {
            Ok(peer) => {
                progress.print(&format!("CPython {peer} is among the peers"));
                Some(peer)
            }
            Err(why) => {
                progress.print(&format!("CPython is not among the peers: {why}"));
                None
            }
        };
        // The libraries are built as for any other user: a program for the usual target, by the
        // release profile. What is measured are loops of a few instructions, ours and the peers',
        // that cost half as much again where the compiler happens to lay one across two lines of
        // the cache: so each starts a line. Most cells then repeat from one build to the next.
        let aligned = ["-C", "llvm-args=-align-loops=64"];
        let cargo = cmd!(sh, "cargo rustc --release --package benches --bin benches");
        let cargo = match &peer {
            Some(peer) => peer.embed(cargo),
            None => cargo,
        };
        let flags = peer.as_ref().map(Peer::flags).unwrap_or_default();
        build(cargo.arg("--").args(aligned).args(flags), progress)?;
        let release = workspace::target().join("release");
        Ok(Runner {
            program: release.join(format!("benches{EXE_SUFFIX}")),
            peer,
        })
    }

    /// The CPython in it, if there is one.
    pub fn python(&self) -> Option<&Python> {
        self.peer.as_ref().map(Peer::python)
    }

    /// Runs it and gives what it printed but for its progress, which is shown.
    ///
    /// # Errors
    ///
    /// What it printed, if it fails.
    pub fn run(&self, sh: &Shell, args: &[OsString], progress: &Progress) -> Result<String> {
        let program = &self.program;
        let command = cmd!(sh, "{program} {args...}");
        let command = match &self.peer {
            Some(peer) => peer.run(command),
            None => command,
        };
        let mut printed = String::new();
        let done = process::run(command.quiet(), |line| match told(line) {
            Told::Note(note) => progress.print(note),
            Told::Progress(now) => progress.note(now),
            Told::Result => printed.extend([line, "\n"]),
        })?;
        if done.succeeded() {
            Ok(printed)
        } else {
            let said = printed.trim();
            Err(said.strip_prefix("error: ").unwrap_or(said).into())
        }
    }
}

/// What a line of the runner is.
#[derive(Debug, PartialEq, Eq)]
enum Told<'a> {
    /// Said once, and stays.
    Note(&'a str),
    /// How far it is.
    Progress(&'a str),
    /// What it was asked for.
    Result,
}

fn told(line: &str) -> Told<'_> {
    match line.split_once(": ") {
        Some(("note", note)) => Told::Note(note),
        Some(("progress", now)) => Told::Progress(now),
        _ => Told::Result,
    }
}

fn build(cargo: Cmd<'_>, progress: &Progress) -> Result<()> {
    let done = process::run(cargo, |line| progress.note(line))?;
    if done.succeeded() {
        Ok(())
    } else {
        Err(format!("{}\nthe runner does not build", done.output).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_from_results() {
        assert_eq!(told("note: this takes long"), Told::Note("this takes long"));
        assert_eq!(
            told("progress: 3 %: get hit"),
            Told::Progress("3 %: get hit")
        );
        assert_eq!(told("get hit  10  hamt: 1 ns"), Told::Result);
        assert_eq!(told("error: no such group"), Told::Result);
    }
}
