use pyobj::std_host::{Exception, Std};
use pyobj::{ExceptionKind, Host};
use std::env;
use std::process::Command;

const CHILD: &str = "PYOBJ_TEST_PRINTS_UNRAISABLE";

/// The hook belongs to the process, so the test runs itself in a process of its own.
#[test]
#[cfg_attr(miri, ignore = "Miri cannot start processes")]
fn without_a_hook_reports_go_to_standard_error() {
    let error = |text| Exception::text(ExceptionKind::ValueError, text);
    if env::var_os(CHILD).is_some() {
        let second = error("second");
        second.set_context(Some(error("first")));
        Std::unraisable(Std, second, "Exception ignored in a test");
        Std::set_unraisable_hook(|message, error| {
            // No lock is held: the hook may replace itself and report again.
            Std::reset_unraisable_hook();
            Std::unraisable(Std, error.clone(), &format!("Seen by the hook, {message}"));
        });
        Std::unraisable(Std, error("third"), "ignored");
        return;
    }
    let child = Command::new(env::current_exe().unwrap())
        .args([
            "unraisable::without_a_hook_reports_go_to_standard_error",
            "--exact",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(child.status.success());
    assert_eq!(
        String::from_utf8(child.stderr).unwrap(),
        "Exception ignored in a test:\n\
         ValueError: first\n\n\
         During handling of the above exception, another exception occurred:\n\n\
         ValueError: second\n\
         Seen by the hook, ignored:\n\
         ValueError: third\n"
    );
}
