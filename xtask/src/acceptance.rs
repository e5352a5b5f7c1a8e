//! Runs the acceptance tests, which every host must pass.
//!
//! They are in the modules `acceptance` of the integration tests. Those that all hosts share are
//! listed once, in `crates/contextvars/tests/it/acceptance.rs`.

use std::collections::{BTreeMap, BTreeSet};

use xshell::{Shell, cmd};

use crate::Result;
use crate::progress::Progress;
use crate::step::{passed, watch};
use crate::test_output::verdicts;
use crate::workspace::TESTED;

/// The page with their table. The step fails if a test is missing, renamed or filtered out.
const PAGE: &str = "docs/hosts.md";

/// Runs the tests and compares the results with the table: a row for each test, with the hosts on
/// which it passed.
pub fn run(sh: &Shell, progress: &Progress) -> Result<String> {
    let test = cmd!(sh, "cargo test {TESTED...} --test it -- acceptance::");
    let printed = watch(test, progress)?;
    let tests = judge(&printed);
    let row = |(test, hosts): (_, &Vec<String>)| format!("| `{test}` | {} |\n", hosts.join(", "));
    let table: String = tests.iter().map(row).collect();
    progress.print(&table);
    let page = sh.read_file(PAGE)?;
    if !page.contains(&format!("\n| --- | --- |\n{table}\n")) {
        return Err(format!("the table above differs from the one in {PAGE}").into());
    }
    let passed = passed(&printed)?;
    Ok(format!("{} requirements, {passed}", tests.len()))
}

/// Returns, by test, the hosts on which it passed, or its verdict there.
fn judge(output: &str) -> BTreeMap<&str, Vec<String>> {
    let mut tests = BTreeMap::<_, Vec<_>>::new();
    for (path, verdict) in verdicts(output).collect::<BTreeSet<_>>() {
        // acceptance::HOST::TEST, or acceptance::TEST for the embedded host only
        let path = path.strip_prefix("acceptance::").unwrap_or(path);
        let (host, test) = path.rsplit_once("::").unwrap_or(("std_host", path));
        tests.entry(test).or_default().push(match verdict {
            "ok" => host.to_owned(),
            _ => format!("{host} {verdict}"),
        });
    }
    tests
}
