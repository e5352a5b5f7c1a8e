//! Initialisers that fail.

use super::{Error, Table, append, failure, import};
use contextvars::{Exception, Value};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

/// Returns a table with a module whose initialiser fails with `first` the first time, and
/// succeeds after that.
fn table_with(first: fn() -> Exception) -> Table {
    let table = Table::new();
    let runs = AtomicUsize::new(0);
    append(&table, "a", move |_| {
        match runs.fetch_add(1, Ordering::Relaxed) {
            0 => Err(first()),
            run => Ok(Value::from(run as i64)),
        }
    })
    .unwrap();
    table
}

#[test]
fn a_failing_initialiser_is_reported_and_can_run_again() {
    let table = table_with(|| failure("no luck"));
    let error = import(&table, "a").unwrap_err();
    assert_eq!(error.to_string(), "the initialiser of module 'a' failed");
    let Error::Failed { name, error } = error else {
        panic!("{error}");
    };
    assert_eq!(&*name, "a");
    assert_eq!(error.message().unwrap(), "no luck");

    assert!(table.contains("a"));
    for _ in 0..2 {
        assert_eq!(import(&table, "a").unwrap().as_int(), Some(1));
    }
}

#[test]
fn a_panicking_initialiser_panics_in_the_importer_and_can_run_again() {
    let table = table_with(|| panic!("a bug"));
    let import = || import(&table, "a");
    let panic = catch_unwind(AssertUnwindSafe(import)).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"a bug"));
    assert_eq!(import().unwrap().as_int(), Some(1));
}

#[test]
fn after_a_failed_import_in_an_initialiser_both_can_run_again() {
    let table = table_with(|| failure("no luck"));
    append(&table, "b", |table| Ok(import(table, "a")?)).unwrap();
    let error = import(&table, "b").unwrap_err();
    assert!(matches!(error, Error::Failed { name, .. } if &*name == "b"));
    assert_eq!(import(&table, "b").unwrap().as_int(), Some(1));
}

/// Imports on a second thread while the first thread's run is under way, which
/// then fails. Whether the second thread waits by then is not determined; the
/// model checker tries both.
fn two_import_and_the_first_fails(panics: bool) {
    let table = Table::new();
    let runs = Arc::new(AtomicUsize::new(0));
    let running = Arc::new(Barrier::new(2));
    let (counts, begins) = (Arc::clone(&runs), Arc::clone(&running));
    append(&table, "a", move |_| {
        if counts.fetch_add(1, Ordering::Relaxed) > 0 {
            return Ok("second run".into());
        }
        begins.wait();
        assert!(!panics, "a bug");
        Err(failure("no luck"))
    })
    .unwrap();
    thread::scope(|scope| {
        let first = scope.spawn(|| import(&table, "a"));
        running.wait();
        assert_eq!(import(&table, "a").unwrap().as_str(), Some("second run"));
        match first.join() {
            Ok(result) => assert!(!panics && result.is_err()),
            Err(_) => assert!(panics),
        }
    });
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[test]
fn an_import_during_a_failing_run_runs_the_initialiser_again() {
    two_import_and_the_first_fails(false);
}

#[test]
fn an_import_during_a_panicking_run_runs_the_initialiser_again() {
    two_import_and_the_first_fails(true);
}
