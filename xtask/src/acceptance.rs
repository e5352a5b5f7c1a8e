//! The acceptance tests: what every host must get right.
//!
//! They are the tests in the modules `acceptance` of the integration tests; those that every host
//! shares are named once, in `crates/contextvars/tests/it/acceptance.rs`.

use std::collections::BTreeMap;

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{Outcome, watch};
use crate::test_output::verdicts;
use crate::{Result, workspace};

/// Runs them and prints a line a test, with the hosts that it passed on.
pub fn run(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let packages = workspace::TESTED;
    let done = watch(
        cmd!(sh, "cargo test {packages...} --test it -- acceptance::"),
        progress,
    )?;
    let tests = judge(&done.output);
    for (test, hosts) in &tests {
        progress.print(&format!(
            "  {:36}  {}",
            test.replace('_', " "),
            hosts.join(", ")
        ));
    }
    let count = tests.len();
    let wrong = verdicts(&done.output).find(|(_, verdict)| *verdict != "ok");
    let wrong = wrong.map(|(test, verdict)| format!("{test}: {verdict}"));
    Ok(match (Outcome::of_tests(done), wrong) {
        (Outcome::Passed(_), Some(wrong)) => Outcome::Failed(wrong),
        (Outcome::Passed(passed), _) => Outcome::Passed(format!("{count} requirements, {passed}")),
        (outcome, _) => outcome,
    })
}

/// By test, the hosts that it passed on, or how it ended there.
fn judge(output: &str) -> BTreeMap<&str, Vec<String>> {
    let mut tests = BTreeMap::<_, Vec<_>>::new();
    for (path, verdict) in verdicts(output) {
        // acceptance::HOST::TEST, or acceptance::TEST of what concerns the embedded host only
        let path = path.strip_prefix("acceptance::").unwrap_or(path);
        let (host, test) = path.rsplit_once("::").unwrap_or(("std_host", path));
        let hosts = tests.entry(test).or_default();
        hosts.push(match verdict {
            "ok" => host.to_owned(),
            _ => format!("{host} {verdict}"),
        });
    }
    tests
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_test_is_printed_once_with_its_hosts() {
        let output = "test acceptance::std_host::set_then_get ... ok\n\
                      test acceptance::no_token::set_then_get ... FAILED\n\
                      test acceptance::module_surface ... ok\n";
        let tests = judge(output);
        assert_eq!(tests["set_then_get"], ["std_host", "no_token FAILED"]);
        assert_eq!(tests["module_surface"], ["std_host"]);
        assert_eq!(tests.len(), 2);
    }
}
