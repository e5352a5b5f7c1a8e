//! The compiler that the figures belong to.

use xshell::{Shell, cmd};

use crate::Result;

/// The compiler in use.
pub struct Compiler {
    /// Its version, as it says it, and what it compiles for: another makes other instructions.
    pub name: String,
}

impl Compiler {
    /// Asks it.
    pub fn here(sh: &Shell) -> Result<Compiler> {
        let version = cmd!(sh, "rustc --version").quiet().read()?;
        let host = cmd!(sh, "rustc --print host-tuple").quiet().read()?;
        let (version, host) = (version.trim(), host.trim());
        Ok(Compiler {
            name: format!("{version}, {host}"),
        })
    }
}
