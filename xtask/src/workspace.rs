//! Where the workspace is, and the shell that commands run in.

use std::path::{Path, PathBuf};

use xshell::Shell;

use crate::Result;

/// The folder of the root `Cargo.toml`, wherever the command was called from.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// The folder for build products: the caller's choice, or `target`.
pub fn target() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(chosen)
}

/// A shell in `dir` whose cargo prints what this program reads: no colours, no quiet mode.
pub fn shell(dir: &Path) -> Result<Shell> {
    let sh = Shell::new()?;
    sh.change_dir(dir);
    sh.set_var("CARGO_TERM_COLOR", "never");
    sh.set_var("CARGO_TERM_QUIET", "false");
    Ok(sh)
}

/// The caller's flags in the environment variable `name`, with `more` after them.
pub fn flags(name: &str, more: &str) -> String {
    match std::env::var(name) {
        Ok(own) if !own.trim().is_empty() => format!("{own} {more}"),
        _ => more.to_string(),
    }
}
