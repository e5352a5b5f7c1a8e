//! The checks that are run in each interpreter.

use std::time::Duration;

use xshell::cmd;

use super::case::{Case, Checked, script};
use super::{clients, difference, fuzz, suites};
use crate::leaks::{PROGRAM, none};

/// A script that takes longer is killed.
const LIMIT: Duration = Duration::from_secs(120);

/// The maximum native stack of a nested run, in percent of the built-in module's.
const PERCENT: u64 = 120;

/// A check: its name, and the function that is called with the name and returns the counts.
pub type Check = (&'static str, fn(&Case<'_>, &str) -> Checked);

/// All checks, the shortest first.
pub const CHECKS: &[Check] = &[
    ("call by call", call_by_call),
    ("tests of the host", host_tests),
    // The interpreter's own `test.test_context`, its tests of the trie included.
    ("context", suites::run),
    ("random programs", fuzz::run),
    ("asyncio program", closing),
    ("leaks", leaks),
    ("races", closing),
];

pub const FUZZ: &[Check] = &[("random programs", fuzz::run)];

/// The suites of the interpreter, each as a separate check.
pub const SUITE_CHECKS: &[Check] = &[
    ("context", suites::run),
    ("contextlib", suites::run),
    ("decimal", suites::run),
    ("threading", suites::run),
    ("asyncio", suites::run),
    // The speed of Python code, compared with the built-in module.
    ("speed", closing),
];

/// Programs that fork, end with running threads, switch native stacks or use much stack.
pub const STACK_CHECKS: &[Check] = &[
    ("fork", stack_program),
    ("fork_asyncio", stack_program),
    ("exit", stack_program),
    ("thread_end", stack_program),
    ("native stack", native_stack),
    ("greenlet and gevent", greenlets),
];

/// Runs the differential script with the built-in module and with ours.
fn call_by_call(case: &Case<'_>, _: &str) -> Checked {
    let (sh, python) = (&case.sh, &case.python.path);
    let differential = script("differential.py");
    let list = sh.read_file(script("known_differences.toml"))?;
    let known = difference::known(&list, &case.python.version, case.python.has_lock)?;
    let built_in = case.printed(cmd!(sh, "{python} {differential}"), LIMIT)?;
    let ours = case.printed(case.over_ours().arg(&differential), LIMIT)?;
    let calls = difference::compare(&built_in, &ours, &known)?;
    Ok(format!("{calls} calls, 0 differ, {} meant to", known.len()))
}

/// Runs a program with our module. It gets its time in seconds as an argument, and prints a closing
/// line if all is well: `races: ok; 12 rounds`.
fn closing(case: &Case<'_>, name: &str) -> Checked {
    let file = script(&format!("{}.py", name.replace(' ', "_")));
    let seconds = (case.seconds / 2).to_string();
    let printed = case.printed(case.over_ours().arg(file).arg(seconds), LIMIT)?;
    let begins = format!("{name}: ok; ");
    let closing = printed.lines().find_map(|line| line.strip_prefix(&begins));
    let silent = || format!("the program printed no closing line:\n{printed}");
    Ok(closing.ok_or_else(silent)?.to_owned())
}

/// Runs the script of shapes that must not leak.
fn leaks(case: &Case<'_>, _: &str) -> Checked {
    none(&case.printed(case.over_ours().arg(script(PROGRAM)), LIMIT)?)
}

/// Runs the host's own tests, of what the interpreter's do not cover: the collector, threads, identity.
fn host_tests(case: &Case<'_>, _: &str) -> Checked {
    let mut passed = 0;
    for file in case.sh.read_dir(script("../tests"))? {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with("test_") && name.ends_with(".py") {
            let tests = case.printed(case.over_ours().arg(&file), LIMIT)?;
            passed += ran(&tests).ok_or_else(|| format!("{name} ran no test:\n{tests}"))?;
        }
    }
    match passed {
        0 => Err("there are no tests of the host".into()),
        passed => Ok(format!("{passed} passed")),
    }
}

/// Returns the number in unittest's line `Ran 20 tests in 0.3s`, if it is not 0.
fn ran(printed: &str) -> Option<usize> {
    let line = printed.lines().find_map(|line| line.strip_prefix("Ran "))?;
    let number = line.split(' ').next()?.parse().ok()?;
    (number > 0).then_some(number)
}

/// Runs the program of this name with both modules.
fn stack_program(case: &Case<'_>, name: &str) -> Checked {
    case.same(&format!("stacks/{name}_program.py"), LIMIT)
}

/// Compares the native stack of a nested run.
fn native_stack(case: &Case<'_>, _: &str) -> Checked {
    let (built_in, ours) = case.both("stacks/native_stack.py", LIMIT)?;
    compare_stacks(&built_in, &ours)
}

/// Compares lines of a name and a number of bytes.
fn compare_stacks(built_in: &str, ours: &str) -> Checked {
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
            return Err(format!("a nested run uses more stack: {}", seen.join(", ")).into());
        }
    }
    match seen.is_empty() {
        true => Err("nothing was measured".into()),
        false => Ok(seen.join(", ")),
    }
}

/// Installs greenlet and gevent, and runs programs that use them.
fn greenlets(case: &Case<'_>, _: &str) -> Checked {
    let packages: &[&str] = match case.python.has_lock {
        true => &["greenlet", "gevent"],
        // There is no gevent for builds without a global lock.
        false => &["greenlet"],
    };
    let (python, installed) = clients::install(case, "stacks", packages)?;
    let case = Case {
        python,
        ..case.clone()
    };
    for name in packages {
        stack_program(&case, name)?;
    }
    Ok(installed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_counts_only_if_a_test_ran() {
        assert_eq!(ran("..\nRan 20 tests in 0.3s\n\nOK\n"), Some(20));
        assert_eq!(ran("Ran 0 tests in 0.0s\n\nOK\n"), None);
        assert_eq!(ran("Traceback"), None);
    }

    #[test]
    fn a_nested_run_that_uses_a_fifth_more_stack_is_an_error() {
        let most = compare_stacks("a 100\nb 10\n", "a 120\nb 9\n");
        assert_eq!(most.unwrap(), "a 120 of 100 bytes, b 9 of 10 bytes");
        let more = compare_stacks("a 100\nb 10\n", "a 121\nb 9\n").unwrap_err();
        assert_eq!(
            more.to_string(),
            "a nested run uses more stack: a 121 of 100 bytes"
        );
        assert!(compare_stacks("", "").is_err());
        assert!(compare_stacks("killed", "a 1").is_err());
    }
}
