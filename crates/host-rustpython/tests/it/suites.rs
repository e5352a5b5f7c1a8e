//! CPython's own tests, from the installed CPython.

use crate::binary::{Module, cpython, output, python};
use std::path::Path;

/// Runs tests of CPython. Returns a line with the result of each.
fn run(module: Module, package: &Path, tests: &str) -> Vec<String> {
    // Links only the package `test`, and nothing else of that CPython's library.
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(tests);
    std::fs::create_dir_all(&path).expect("a folder for the link");
    let link = path.join("test");
    let _ = std::fs::remove_file(&link);
    std::os::unix::fs::symlink(package, &link).expect("a link to the tests");
    let script = "import sys, unittest\n\
        suite = unittest.defaultTestLoader.loadTestsFromName(sys.argv[1])\n\
        class Result(unittest.TestResult):\n\
        \x20   def stopTest(self, test):\n\
        \x20       bad = [one for one, _ in self.errors + self.failures]\n\
        \x20       print(test.id(), 'failed' if test in bad else 'ok')\n\
        suite.run(Result())";
    let mut python = python(module);
    let printed = output(python.args(["-c", script, tests]).env("PYTHONPATH", &path));
    let printed = printed.unwrap_or_else(|why| panic!("{tests}: {why}"));
    printed.lines().map(str::to_owned).collect()
}

#[test]
fn all_of_test_context_passes() {
    let Some((_, package)) = cpython() else {
        eprintln!("not run: there is no python3 of 3.11 or later with its package `test`");
        return;
    };
    let ended = run(Module::Ours, &package, "test.test_context.ContextTest");
    assert!(ended.len() >= 20, "{ended:?}");
    let failed = ended.iter().filter(|line| !line.ends_with(" ok"));
    assert_eq!(failed.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn asyncios_tests_of_contexts_end_as_on_the_built_in_module() {
    let Some((_, package)) = cpython() else {
        eprintln!("not run: there is no python3 of 3.11 or later with its package `test`");
        return;
    };
    let mut passed = 0;
    for tests in ["test_context", "test_taskgroups", "test_threads"] {
        if !package.join(format!("test_asyncio/{tests}.py")).exists() {
            continue;
        }
        let tests = format!("test.test_asyncio.{tests}");
        let ours = run(Module::Ours, &package, &tests);
        assert_eq!(ours, run(Module::BuiltIn, &package, &tests), "{tests}");
        passed += ours.iter().filter(|line| line.ends_with(" ok")).count();
    }
    assert!(passed >= 20, "{passed} passed");
}
