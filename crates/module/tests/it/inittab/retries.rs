//! Initialisers that fail.

use super::{Error, Table};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

/// A module whose initialiser does `first` the first time and succeeds after
/// that.
fn table_with(first: fn() -> String) -> Table {
    let table = Table::new();
    let runs = AtomicUsize::new(0);
    table
        .append("a", move |_: &Table| {
            match runs.fetch_add(1, Ordering::Relaxed) {
                0 => Err(first()),
                run => Ok(format!("run {run}").into()),
            }
        })
        .unwrap();
    table
}

#[test]
fn a_failing_initialiser_is_reported_and_can_be_tried_again() {
    let table = table_with(|| "no luck".to_owned());
    let error = table.import("a").unwrap_err();
    assert_eq!(error.to_string(), "the initialiser of module 'a' failed");
    let (name, failure) = ("a".into(), "no luck".to_owned());
    assert_eq!(
        error,
        Error::Failed {
            name,
            error: failure
        }
    );

    assert!(table.contains("a"));
    assert_eq!(&*table.import("a").unwrap(), "run 1");
    assert_eq!(&*table.import("a").unwrap(), "run 1");
}

#[test]
fn a_panicking_initialiser_panics_in_the_importer_and_can_be_tried_again() {
    let table = table_with(|| panic!("a bug"));
    let import = || table.import("a");
    let panic = catch_unwind(AssertUnwindSafe(import)).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"a bug"));
    assert_eq!(&*import().unwrap(), "run 1");
}

#[test]
fn an_import_that_fails_in_an_initialiser_leaves_both_to_be_tried_again() {
    let table = table_with(|| "no luck".to_owned());
    let outer = |table: &Table| table.import("a").map_err(|error| format!("{error:?}"));
    table.append("b", outer).unwrap();
    let error = table.import("b").unwrap_err();
    assert!(matches!(error, Error::Failed { name, .. } if &*name == "b"));
    assert_eq!(&*table.import("b").unwrap(), "run 1");
}

/// Has a second thread import while the first one's run is under way, which
/// then ends badly. Whether the second one waits by then is left to chance; the
/// model checker tries both.
fn two_import_and_the_first_fails(panics: bool) {
    let table = Table::new();
    let runs = Arc::new(AtomicUsize::new(0));
    let running = Arc::new(Barrier::new(2));
    let (counts, begins) = (Arc::clone(&runs), Arc::clone(&running));
    table
        .append("a", move |_: &Table| {
            if counts.fetch_add(1, Ordering::Relaxed) > 0 {
                return Ok("second run".into());
            }
            begins.wait();
            assert!(!panics, "a bug");
            Err("no luck".to_owned())
        })
        .unwrap();
    thread::scope(|scope| {
        let first = scope.spawn(|| table.import("a"));
        running.wait();
        assert_eq!(&*table.import("a").unwrap(), "second run");
        match first.join() {
            Ok(result) => assert!(!panics && result.is_err()),
            Err(_) => assert!(panics),
        }
    });
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[test]
fn who_comes_while_an_initialiser_fails_runs_it_again() {
    two_import_and_the_first_fails(false);
}

#[test]
fn who_comes_while_an_initialiser_panics_runs_it_again() {
    two_import_and_the_first_fails(true);
}
