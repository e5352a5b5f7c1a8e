//! Valgrind, where it is installed.

use xshell::Shell;

use crate::tools;

/// What to install before it can be used; nothing when it is there.
pub fn missing(sh: &Shell) -> Option<String> {
    tools::missing(
        sh,
        "valgrind --version",
        "valgrind",
        "apt-get install valgrind",
    )
}
