//! The acceptance tests: what every host must get right.
//!
//! They are the tests in the modules `acceptance` of the integration tests; those that every host
//! shares are named once, in `crates/contextvars/tests/it/acceptance.rs`.

use std::collections::BTreeMap;

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{passed, watch};
use crate::test_output::verdicts;
use crate::{Result, workspace};

/// Runs them and prints a line a test, with the hosts that it passed on.
pub fn run(sh: &Shell, progress: &Progress) -> Result<String> {
    let packages = workspace::TESTED;
    let test = cmd!(sh, "cargo test {packages...} --test it -- acceptance::");
    let printed = watch(test, progress)?;
    let tests = judge(&printed);
    for (test, hosts) in &tests {
        let (test, hosts) = (test.replace('_', " "), hosts.join(", "));
        progress.print(&format!("  {test:36}  {hosts}"));
    }
    match verdicts(&printed).find(|(_, verdict)| *verdict != "ok") {
        Some((test, verdict)) => Err(format!("{test}: {verdict}").into()),
        None => Ok(format!(
            "{} requirements, {}",
            tests.len(),
            passed(&printed)?
        )),
    }
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
