//! Programs that fork, end with threads at work, switch native stacks or need much of one, over
//! the built-in module and over ours.

use std::time::Duration;

use xshell::{Cmd, cmd};

use super::case::{Case, Checked};
use super::checks::Check;
use super::clients::Installed;
use super::output;

/// One after the other in each interpreter.
pub const STACK_CHECKS: &[Check] = &[
    Check::new("fork", program),
    Check::new("fork_asyncio", program),
    Check::new("exit", program),
    Check::new("thread_end", program),
    Check::new("native stack", native_stack),
    Check::new("greenlet and gevent", greenlets),
];

/// A program that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Ours may need so much of the native stack for each hundred bytes of the built-in module.
const PERCENT: u64 = 120;

/// The program of this name.
fn program(case: &Case<'_>, name: &str) -> Checked {
    output::same(case, &format!("stacks/{name}_program.py"), LIMIT)
}

/// The native stack that a nested run takes.
fn native_stack(case: &Case<'_>, _: &str) -> Checked {
    let script = case.scripts.join("stacks/native_stack.py");
    let run = |python: Cmd<'_>| output::of(python.arg(&script), LIMIT);
    compare(&run(case.over_built_in())?, &run(case.over_ours())?)
}

/// Compares lines of a name and a number of bytes.
fn compare(built_in: &str, ours: &str) -> Checked {
    let read = |line: &str| {
        let (name, bytes) = line.split_once(' ')?;
        Some((name.to_owned(), bytes.parse::<u64>().ok()?))
    };
    let mut seen = Vec::new();
    for (left, right) in built_in.lines().zip(ours.lines()) {
        let pair = read(left).zip(read(right));
        let ((name, most), (_, bytes)) = pair.ok_or_else(|| format!("no numbers: {left}"))?;
        seen.push(format!("{name} {bytes} of {most} bytes"));
        if bytes * 100 > most * PERCENT {
            return Err(format!("a nested run needs more: {}", seen.join(", ")));
        }
    }
    match seen.is_empty() {
        true => Err("nothing was measured".into()),
        false => Ok(seen.join(", ")),
    }
}

/// Programs that use packages, where the interpreter has what installs them.
fn greenlets(case: &Case<'_>, _: &str) -> Checked {
    let (sh, python) = (case.sh, &case.python.path);
    if output::of(cmd!(sh, "{python} -c 'import ensurepip'"), LIMIT).is_err() {
        return Ok("not run: it has no pip".into());
    }
    let packages = ["greenlet", "gevent"];
    let installed = Installed::new(sh, case.python, "stacks", &packages)?;
    let case = Case {
        python: &installed.python,
        ..*case
    };
    for name in packages {
        program(&case, name)?;
    }
    Ok(installed.packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_needs_a_fifth_more_is_too_much() {
        let most = compare("a 100\nb 10\n", "a 120\nb 9\n");
        assert_eq!(most, Ok("a 120 of 100 bytes, b 9 of 10 bytes".into()));
        let more = compare("a 100\nb 10\n", "a 121\nb 9\n").unwrap_err();
        assert_eq!(more, "a nested run needs more: a 121 of 100 bytes");
        assert!(compare("", "").is_err());
        assert!(compare("killed", "a 1").is_err());
    }
}
