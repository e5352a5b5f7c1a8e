//! The gate panel: what every host must do, each test called by its name.
//!
//! A test that was renamed, moved or filtered out fails the panel: it did not run.

use std::collections::HashMap;

use xshell::{Shell, cmd};

use crate::Result;
use crate::progress::Progress;
use crate::step::{Outcome, watch};
use crate::test_output::verdicts;

/// A host that the shared part of the panel runs on.
struct Host {
    title: &'static str,
    /// The module of its tests, in `panel` of the `contextvars` tests.
    module: &'static str,
    /// Whether its objects may go to another thread.
    send: bool,
}

const HOSTS: &[Host] = &[
    Host {
        title: "Std",
        module: "std_host",
        send: true,
    },
    Host {
        title: "no token",
        module: "no_token",
        send: true,
    },
    Host {
        title: "&Vm",
        module: "vm_reference",
        send: false,
    },
    Host {
        title: "lifetime token",
        module: "lifetime_token",
        send: true,
    },
];

/// A title of the panel that every host is tested for.
struct Shared {
    title: &'static str,
    test: &'static str,
    /// Whether the test hands objects to other threads, which a host may not be able to do.
    needs_send: bool,
}

const fn shared(title: &'static str, test: &'static str) -> Shared {
    Shared {
        title,
        test,
        needs_send: false,
    }
}

const SHARED: &[Shared] = &[
    shared("set, then get", "set_then_get"),
    shared("set, set, reset", "set_set_reset"),
    shared("copy().run isolation", "copy_run_is_isolated"),
    shared("LookupError", "unset_raises_lookup_error"),
    shared("re-entry", "re_entry_is_refused"),
    shared("independent snapshots", "snapshots_are_independent"),
    Shared {
        title: "many threads",
        test: "threads_do_not_bleed",
        needs_send: true,
    },
    shared("token reuse", "token_works_once"),
    shared("wrong context", "token_of_another_context_is_refused"),
    shared("wrong variable", "token_of_another_variable_is_refused"),
    shared("MISSING", "missing_is_one_object"),
];

/// A test of the panel: one title on one host.
#[derive(Debug)]
struct Check {
    title: &'static str,
    on: &'static str,
    package: &'static str,
    test: String,
}

/// The titles that concern one host or none.
fn single() -> [Check; 2] {
    let check = |title, package, test: &str| Check {
        title,
        on: "Std",
        package,
        test: test.into(),
    };
    [
        check(
            "module surface",
            "contextvars-module",
            "surface::module_surface",
        ),
        check(
            "event-loop pump",
            "contextvars",
            "event_loop::pump_keeps_state_apart",
        ),
    ]
}

/// Every test of the panel, by title.
fn checks() -> Vec<Check> {
    let shared = SHARED.iter().flat_map(|shared| {
        let hosts = HOSTS.iter().filter(|host| host.send || !shared.needs_send);
        hosts.map(|host| Check {
            title: shared.title,
            on: host.title,
            package: "contextvars",
            test: format!("panel::{}::{}", host.module, shared.test),
        })
    });
    shared.chain(single()).collect()
}

/// Runs the panel, one test program a package, and prints a line a title.
pub fn run(sh: &Shell, progress: &Progress) -> Result<Outcome> {
    let checks = checks();
    let mut output = String::new();
    for package in packages(&checks) {
        let of_package = checks.iter().filter(|check| check.package == package);
        let names: Vec<_> = of_package.map(|check| &check.test).collect();
        let cargo = cmd!(
            sh,
            "cargo test --package {package} --test it -- --exact {names...}"
        );
        let done = watch(cargo, progress)?;
        output.push_str(&done.output);
        // The tests that ran and passed prove nothing when their program then failed.
        if !done.succeeded() && !output.contains("test result: FAILED") {
            return Ok(Outcome::Failed(output));
        }
    }
    let judged = judge(&checks, &verdicts(&output));
    let titles = judged.lines.join("\n");
    if judged.failures > 0 {
        return Ok(Outcome::Failed(format!("{output}\n{titles}")));
    }
    progress.print(&titles);
    let counted = format!("{} titles, {} tests", judged.lines.len(), checks.len());
    Ok(Outcome::Passed(counted))
}

/// The packages of `checks`, each once.
fn packages(checks: &[Check]) -> Vec<&'static str> {
    let mut packages: Vec<_> = checks.iter().map(|check| check.package).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// What the panel says.
struct Judged {
    /// One line a title.
    lines: Vec<String>,
    failures: usize,
}

/// Holds each check against the runner's verdicts.
fn judge(checks: &[Check], verdicts: &HashMap<&str, &str>) -> Judged {
    let mut judged = Judged {
        lines: Vec::new(),
        failures: 0,
    };
    for group in checks.chunk_by(|one, next| one.title == next.title) {
        let hosts: Vec<_> = group.iter().map(|check| check.on).collect();
        let wrong: Vec<_> = group
            .iter()
            .filter_map(|check| {
                let complaint = match verdicts.get(check.test.as_str()) {
                    Some(&"ok") => return None,
                    Some(_) => "failed",
                    None => "did not run",
                };
                Some(format!("{}: `{}` {complaint}", check.on, check.test))
            })
            .collect();
        let (word, detail) = if wrong.is_empty() {
            ("ok", hosts.join(", "))
        } else {
            ("FAILED", wrong.join("; "))
        };
        judged
            .lines
            .push(format!("{word:6}  {:22}  {detail}", group[0].title));
        judged.failures += wrong.len();
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_ok(checks: &[Check]) -> HashMap<&str, &str> {
        checks
            .iter()
            .map(|check| (check.test.as_str(), "ok"))
            .collect()
    }

    #[test]
    fn every_title_is_told_once_with_its_hosts() {
        let checks = checks();
        let judged = judge(&checks, &all_ok(&checks));
        assert_eq!(judged.failures, 0);
        assert_eq!(judged.lines.len(), SHARED.len() + single().len());
        assert_eq!(
            judged.lines[0],
            "ok      set, then get           Std, no token, &Vm, lifetime token"
        );
    }

    #[test]
    fn a_test_that_did_not_run_fails_the_panel() {
        let checks = checks();
        let mut verdicts = all_ok(&checks);
        verdicts.remove("surface::module_surface");
        let judged = judge(&checks, &verdicts);
        assert_eq!(judged.failures, 1);
        let line = judged
            .lines
            .iter()
            .find(|line| line.starts_with("FAILED"))
            .unwrap();
        assert!(line.contains("module surface"), "{line}");
        assert!(
            line.ends_with("`surface::module_surface` did not run"),
            "{line}"
        );
    }

    #[test]
    fn a_test_that_failed_or_was_ignored_fails_the_panel() {
        let checks = checks();
        for verdict in ["FAILED", "ignored"] {
            let mut verdicts = all_ok(&checks);
            verdicts.insert("panel::no_token::token_works_once", verdict);
            let judged = judge(&checks, &verdicts);
            assert_eq!(judged.failures, 1);
            assert!(judged.lines.iter().any(|line| {
                line.ends_with("no token: `panel::no_token::token_works_once` failed")
            }));
        }
    }

    #[test]
    fn no_test_is_named_twice() {
        let checks = checks();
        assert_eq!(all_ok(&checks).len(), checks.len());
    }
}
