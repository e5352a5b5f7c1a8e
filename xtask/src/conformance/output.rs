//! What a run of a script prints.

use std::time::Duration;

use xshell::Cmd;

use crate::process::{self, End};

/// Gives what it prints, if it ends well and in time.
///
/// # Errors
///
/// Which command did not, and what it printed.
pub fn of(cmd: Cmd<'_>, limit: Duration) -> Result<String, String> {
    let shown = cmd.to_string();
    let done = process::run_within(cmd.quiet(), limit, |_| {}).map_err(|e| e.to_string())?;
    match done.end {
        End::Succeeded => Ok(done.output),
        End::Failed => Err(format!("`{shown}` failed:\n{}", done.output)),
        End::TimedOut => Err(format!("`{shown}` hung after:\n{}", done.output)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xshell::{Shell, cmd};

    const SHORT: Duration = Duration::from_secs(60);

    #[test]
    fn what_ends_badly_is_named_with_what_it_printed() {
        let sh = Shell::new().unwrap();
        let printed = of(cmd!(sh, "rustc --version"), SHORT).unwrap();
        assert!(printed.starts_with("rustc "));
        let failed = of(cmd!(sh, "rustc --no-such-option"), SHORT).unwrap_err();
        assert!(
            failed.starts_with("`rustc --no-such-option` failed:\n"),
            "{failed}"
        );
        assert!(failed.contains("no-such-option'"), "{failed}");
    }
}
