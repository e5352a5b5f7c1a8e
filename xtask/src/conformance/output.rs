//! What a run of a script prints.

use std::time::Duration;

use xshell::Cmd;

use super::case::{Case, Checked};
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

/// Runs a program over the built-in module and over ours, which must print the same. Returns
/// how many lines.
///
/// # Errors
///
/// What differs, or which of the two did not end well.
pub fn same(case: &Case<'_>, program: &str, limit: Duration) -> Checked {
    let script = case.scripts.join(program);
    let run = |python: Cmd<'_>| of(python.arg(&script), limit);
    let (built_in, ours) = (run(case.over_built_in())?, run(case.over_ours())?);
    if built_in != ours {
        return Err(format!("built-in:\n{built_in}\nours:\n{ours}"));
    }
    match ours.lines().count() {
        0 => Err(format!("{program} printed nothing")),
        lines => Ok(format!("the same {lines} lines")),
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
