//! Programs that print the same on every module.

use crate::binary::{Module, cpython, output, python, scripts};
use std::process::Command;

#[test]
fn each_prints_the_same_on_both_modules_and_on_cpython() {
    let programs = scripts("programs");
    let programs: Vec<_> = programs
        .iter()
        .filter(|program| !program.ends_with("web_server.py"))
        .collect();
    assert!(programs.len() >= 4, "{programs:?}");
    let cpython = cpython();
    if cpython.is_none() {
        eprintln!("not compared with CPython: there is no python3 of 3.11 or later");
    }
    for program in programs {
        let name = program.display();
        let run = |python: &mut Command| {
            let printed = output(python.arg(program));
            printed.unwrap_or_else(|why| panic!("{name}: {why}"))
        };
        let ours = run(&mut python(Module::Ours));
        assert!(!ours.is_empty(), "{name} prints nothing");
        assert_eq!(ours, run(&mut python(Module::BuiltIn)), "{name}");
        if let Some((python, _)) = &cpython {
            assert_eq!(ours, run(&mut Command::new(python)), "{name}");
        }
    }
}

/// Tracebacks, arguments and exit codes are those of `python`.
#[test]
fn the_binary_behaves_as_python() {
    let code = "from contextvars import ContextVar; ContextVar('v').get()";
    let why = output(python(Module::Ours).args(["-c", code])).unwrap_err();
    assert!(why.starts_with("exit status: 1\n"), "{why}");
    assert!(why.contains("Traceback (most recent call last):"), "{why}");
    assert!(
        why.contains("LookupError: <ContextVar name='v' at 0x"),
        "{why}"
    );
    let code = "import sys; print(sys.argv[1]); sys.exit(3)";
    let why = output(python(Module::Ours).args(["-c", code, "argument"])).unwrap_err();
    assert_eq!(why, "exit status: 3\nargument\n");
}
