//! What Rust's test runner prints, read back.

use std::collections::HashMap;
use std::fmt;

/// Whether `line` names a test binary or closes its run; a reader wants to see both.
pub fn is_headline(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("test result: ")
        || line.starts_with("Running ")
        || line.starts_with("Doc-tests ")
}

/// The sum of the runner's closing lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub ignored: usize,
    pub binaries: usize,
}

impl Tally {
    pub fn of(output: &str) -> Tally {
        let mut tally = Tally::default();
        for line in output.lines() {
            // test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; ...
            let Some((_, counts)) = line
                .strip_prefix("test result: ")
                .and_then(|rest| rest.split_once(". "))
            else {
                continue;
            };
            tally.binaries += 1;
            for count in counts.split("; ") {
                let Some((number, what)) = count.split_once(' ') else {
                    continue;
                };
                let number = number.parse().unwrap_or(0);
                match what {
                    "passed" => tally.passed += number,
                    "failed" => tally.failed += number,
                    "ignored" => tally.ignored += number,
                    _ => {}
                }
            }
        }
        tally
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            passed,
            failed,
            ignored,
            binaries,
        } = self;
        write!(f, "{passed} passed")?;
        if *failed > 0 {
            write!(f, ", {failed} failed")?;
        }
        if *ignored > 0 {
            write!(f, ", {ignored} ignored")?;
        }
        write!(f, " in {binaries} runs")
    }
}

/// Each test that ran, with the runner's word for it: `ok`, `FAILED` or `ignored`.
pub fn verdicts(output: &str) -> HashMap<&str, &str> {
    output
        .lines()
        .filter_map(|line| line.strip_prefix("test ")?.rsplit_once(" ... "))
        .map(|(name, verdict)| {
            let name = name.strip_suffix(" - should panic").unwrap_or(name);
            let word = verdict.split([',', ' ']).next().unwrap_or(verdict);
            (name, word)
        })
        .collect()
}

/// The runner's last closing line in `output`.
pub fn closing_line(output: &str) -> Option<&str> {
    output
        .lines()
        .rfind(|line| line.starts_with("test result: "))
}

/// The message of the first panic in `output`.
pub fn panic_message(output: &str) -> Option<&str> {
    let mut lines = output
        .lines()
        .skip_while(|line| !line.contains("panicked at "));
    lines.next()?;
    lines.map(str::trim).find(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "
     Running unittests src/lib.rs (target/debug/deps/one-1)

running 3 tests
test a::first ... ok
test a::second - should panic ... ok
test third ... ignored, needs a reason

test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s

     Running tests/it/main.rs (target/debug/deps/it-1)

running 1 test
test fourth ... FAILED

failures:

---- fourth stdout ----

thread 'fourth' (12) panicked at src/lib.rs:1:1:
assertion failed: two == 3
note: run with `RUST_BACKTRACE=1`

test result: FAILED. 5 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s
";

    #[test]
    fn closing_lines_add_up() {
        let tally = Tally::of(OUTPUT);
        assert_eq!(
            tally,
            Tally {
                passed: 7,
                failed: 1,
                ignored: 1,
                binaries: 2
            }
        );
        assert_eq!(tally.to_string(), "7 passed, 1 failed, 1 ignored in 2 runs");
    }

    #[test]
    fn no_closing_line_is_no_run() {
        assert_eq!(Tally::of("error: could not compile"), Tally::default());
    }

    #[test]
    fn each_test_has_its_verdict() {
        let verdicts = verdicts(OUTPUT);
        assert_eq!(verdicts["a::first"], "ok");
        assert_eq!(verdicts["a::second"], "ok");
        assert_eq!(verdicts["third"], "ignored");
        assert_eq!(verdicts["fourth"], "FAILED");
        assert_eq!(verdicts.len(), 4);
    }

    #[test]
    fn headlines_are_the_binary_and_its_closing_line() {
        assert_eq!(OUTPUT.lines().filter(|line| is_headline(line)).count(), 4);
    }

    #[test]
    fn the_closing_line_is_the_last_one() {
        let line = closing_line(OUTPUT).unwrap();
        assert!(line.starts_with("test result: FAILED. 5 passed"), "{line}");
        assert_eq!(closing_line("running 1 test"), None);
    }

    #[test]
    fn a_panic_is_told_by_its_message() {
        assert_eq!(panic_message(OUTPUT), Some("assertion failed: two == 3"));
        assert_eq!(panic_message("all is well"), None);
    }
}
