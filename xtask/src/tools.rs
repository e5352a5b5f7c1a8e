//! Tools that checks need, and what to install where one is missing.

use xshell::{Shell, cmd};

use crate::process;

/// What to install before `command` works; nothing when it does.
pub fn missing(sh: &Shell, command: &str, name: &str, install: &str) -> Option<String> {
    let mut words = command.split(' ');
    let program = words.next()?;
    let works = process::run(cmd!(sh, "{program} {words...}"), |_| {});
    let works = works.is_ok_and(|done| done.succeeded());
    (!works).then(|| format!("{name} is missing; run `{install}`"))
}

/// What to install before valgrind can be used; nothing when it is there.
pub fn missing_valgrind(sh: &Shell) -> Option<String> {
    let install = "apt-get install valgrind";
    missing(sh, "valgrind --version", "valgrind", install)
}
