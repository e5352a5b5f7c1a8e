//! Parses the output of Rust's test runner.

/// Returns `true` if `line` names a test binary or has the results of its run.
pub fn is_headline(line: &str) -> bool {
    let line = line.trim_start();
    ["test result: ", "Running ", "Doc-tests "]
        .iter()
        .any(|start| line.starts_with(start))
}

/// Returns the sum of the passed tests. With many seeds in parallel, lines may be interleaved, but the
/// counts of a line are written together.
pub fn tests_passed(output: &str) -> usize {
    let counts = output.match_indices(" passed; ").filter_map(|(at, _)| {
        let (_, count) = output[..at].rsplit_once(' ')?;
        count.parse::<usize>().ok()
    });
    counts.sum()
}

/// Returns each test that ran, with its result: `ok`, `FAILED` or `ignored`.
pub fn verdicts(output: &str) -> impl Iterator<Item = (&str, &str)> {
    let tests = output
        .lines()
        .filter_map(|line| line.strip_prefix("test ")?.rsplit_once(" ... "));
    tests.map(|(name, verdict)| (name, verdict.split([',', ' ']).next().unwrap_or(verdict)))
}

/// Returns the message of the first panic in `output`.
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
     Running tests/it/main.rs (target/debug/deps/it-1)

running 2 tests
test a::first ... ok
test third ... ignored, needs a reason

test result: ok. 1 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s

     Running tests/it/main.rs (target/debug/deps/it-2)

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
    fn the_runners_output_is_parsed() {
        assert_eq!(tests_passed(OUTPUT), 6);
        assert_eq!(
            tests_passed("test result: okok\n. 8 passed; 0 failed\ntest result: ok\n. 8 passed; "),
            16
        );
        assert_eq!(tests_passed("error: could not compile"), 0);
        let all: Vec<_> = verdicts(OUTPUT).collect();
        assert_eq!(
            all,
            [
                ("a::first", "ok"),
                ("third", "ignored"),
                ("fourth", "FAILED")
            ]
        );
        assert_eq!(OUTPUT.lines().filter(|line| is_headline(line)).count(), 4);
        assert_eq!(panic_message(OUTPUT), Some("assertion failed: two == 3"));
        assert_eq!(panic_message("all is well"), None);
    }
}
