//! Circular imports.

use super::{Error, Table, append, failure, import};
use std::sync::{Arc, Barrier};
use std::thread;

/// Appends modules, each of which imports the next; the last one imports the first.
fn append_circle(table: &Table, names: &[&'static str]) {
    for (index, &name) in names.iter().enumerate() {
        let next = names[(index + 1) % names.len()];
        append(table, name, move |table| Ok(import(table, next)?)).unwrap();
    }
}

/// Returns the message for a circle.
fn circle(path: &str) -> String {
    format!(
        "cannot import module while it is being initialised: {path}; \
         import it later, in the function that needs it"
    )
}

fn cause(error: &Error) -> String {
    match error {
        Error::Failed { error, .. } => error.message().unwrap(),
        other => panic!("{other}"),
    }
}

#[test]
fn an_initialiser_that_imports_itself_fails() {
    let table = Table::new();
    append_circle(&table, &["a"]);
    for _ in 0..2 {
        let error = cause(&import(&table, "a").unwrap_err());
        assert_eq!(error, circle("a imports a"));
    }
}

#[test]
fn initialisers_that_import_each_other_fail_with_the_whole_circle() {
    let table = Table::new();
    append(&table, "outside", |table| {
        let error = import(table, "a").unwrap_err();
        Err(failure(cause(&error)))
    })
    .unwrap();
    let inner = Arc::new(std::sync::Mutex::new(Vec::new()));
    for (name, next) in [("a", "b"), ("b", "c"), ("c", "a")] {
        let inner = Arc::clone(&inner);
        append(&table, name, move |table| {
            import(table, next).map_err(|error| {
                inner.lock().unwrap().push(error);
                failure("seen")
            })
        })
        .unwrap();
    }
    assert_eq!(cause(&import(&table, "outside").unwrap_err()), "seen");
    let seen = inner.lock().unwrap();
    let circle = ["a", "b", "c", "a"].map(Arc::from);
    assert!(matches!(&seen[0], Error::Circular { path } if *path == circle));
    assert!(matches!(&seen[1], Error::Failed { name, .. } if &**name == "c"));
}

#[test]
fn a_module_that_was_in_a_circle_can_be_imported_once_the_circle_is_broken() {
    let table = Table::new();
    // Succeeds although the import that closes the circle fails.
    append(&table, "a", |table| {
        assert!(import(table, "b").is_err());
        Ok("a".into())
    })
    .unwrap();
    append(&table, "b", |table| Ok(import(table, "a")?)).unwrap();
    for name in ["a", "b"] {
        assert_eq!(import(&table, name).unwrap().as_str(), Some("a"));
    }
}

/// Starts one thread for each module of a circle. Each begins its module and then imports
/// the next, so all would wait for each other.
fn cross(names: &'static [&'static str]) {
    let table = Table::new();
    let begun = Arc::new(Barrier::new(names.len()));
    for (index, &name) in names.iter().enumerate() {
        let next = names[(index + 1) % names.len()];
        let begun = Arc::clone(&begun);
        let first = std::sync::atomic::AtomicBool::new(true);
        append(&table, name, move |table| {
            if first.swap(false, std::sync::atomic::Ordering::Relaxed) {
                begun.wait();
            }
            Ok(import(table, next)?)
        })
        .unwrap();
    }
    let errors: Vec<Error> = thread::scope(|scope| {
        let importers: Vec<_> = names
            .iter()
            .map(|name| scope.spawn(|| import(&table, name).unwrap_err()))
            .collect();
        importers
            .into_iter()
            .map(|importer| importer.join().unwrap())
            .collect()
    });
    // At least one import reports the circle.
    let closed = errors.iter().any(|error| {
        cause(error).starts_with("cannot import module while it is being initialised: ")
    });
    assert!(closed, "{errors:?}");
}

#[test]
fn two_threads_that_would_wait_for_each_other_fail() {
    cross(&["a", "b"]);
}

#[test]
fn four_threads_that_would_wait_in_a_circle_fail() {
    cross(&["a", "b", "c", "d"]);
}

#[test]
fn two_threads_that_import_a_shared_module_wait_for_it() {
    let table = Table::new();
    let begun = Arc::new(Barrier::new(2));
    append(&table, "shared", |_| Ok("shared".into())).unwrap();
    for name in ["a", "b"] {
        let begun = Arc::clone(&begun);
        append(&table, name, move |table| {
            begun.wait();
            Ok(import(table, "shared")?)
        })
        .unwrap();
    }
    thread::scope(|scope| {
        for name in ["a", "b"] {
            let table = &table;
            scope.spawn(move || assert_eq!(import(table, name).unwrap().as_str(), Some("shared")));
        }
    });
}
