//! The acceptance tests: what every host must get right.
//!
//! They are the tests in the modules `acceptance` of the integration tests; those that every host
//! shares are named once, in `crates/contextvars/tests/it/acceptance.rs`.

use std::collections::{BTreeMap, BTreeSet};

use xshell::{Shell, cmd};

use crate::Result;
use crate::progress::Progress;
use crate::step::{passed, watch};
use crate::test_output::verdicts;
use crate::workspace::TESTED;

/// The page with a table of them: a test that is gone, renamed or filtered out differs from it.
const PAGE: &str = "docs/hosts.md";

/// Runs them and compares them with the table: a row a test, with the hosts that it passed on.
pub fn run(sh: &Shell, progress: &Progress) -> Result<String> {
    let test = cmd!(sh, "cargo test {TESTED...} --test it -- acceptance::");
    let printed = watch(test, progress)?;
    let tests = judge(&printed);
    let row = |(test, hosts): (_, &Vec<String>)| format!("| `{test}` | {} |\n", hosts.join(", "));
    let table: String = tests.iter().map(row).collect();
    progress.print(&table);
    let page = sh.read_file(PAGE)?;
    if !page.contains(&format!("\n| --- | --- |\n{table}\n")) {
        return Err(format!("the tests above are not those of the table in {PAGE}").into());
    }
    let passed = passed(&printed)?;
    Ok(format!("{} requirements, {passed}", tests.len()))
}

/// By test, the hosts that it passed on, or how it ended there.
fn judge(output: &str) -> BTreeMap<&str, Vec<String>> {
    let mut tests = BTreeMap::<_, Vec<_>>::new();
    for (path, verdict) in verdicts(output).collect::<BTreeSet<_>>() {
        // acceptance::HOST::TEST, or acceptance::TEST of what concerns the embedded host only
        let path = path.strip_prefix("acceptance::").unwrap_or(path);
        let (host, test) = path.rsplit_once("::").unwrap_or(("std_host", path));
        tests.entry(test).or_default().push(match verdict {
            "ok" => host.to_owned(),
            _ => format!("{host} {verdict}"),
        });
    }
    tests
}
