//! Valgrind, where it is installed.

use xshell::{Shell, cmd};

use crate::process;

/// What to install before it can be used; nothing when it is there.
pub fn missing(sh: &Shell) -> Option<String> {
    let version = cmd!(sh, "valgrind --version");
    let works = process::run(version, |_| {}).is_ok_and(|done| done.succeeded());
    (!works)
        .then(|| "valgrind is missing; install it, on Debian by `apt-get install valgrind`".into())
}
