//! The inittab.

mod circles;
mod process;
mod races;
mod retries;

use module::{ImportError, Inittab};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

type Table = Inittab<Arc<str>, String>;
type Error = ImportError<String>;

/// A table with one module, which is its name, and how often its initialiser
/// has run.
fn counted(name: &'static str) -> (Table, Arc<AtomicUsize>) {
    let table = Table::new();
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    table
        .append(name, move |_: &Table| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(name.into())
        })
        .unwrap();
    (table, runs)
}

#[test]
fn a_module_is_made_when_it_is_first_imported_and_never_again() {
    let (table, runs) = counted("a");
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    let first = table.import("a").unwrap();
    let second = table.import("a").unwrap();
    assert!(Arc::ptr_eq(&first, &second));
    assert_eq!(&*first, "a");
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[test]
fn known_names_are_listed_in_order_and_can_be_looked_up() {
    let table = Table::default();
    assert!(table.names().is_empty());
    for name in ["b", "a", "c"] {
        assert!(!table.contains(name));
        table.append(name, |_| Ok("".into())).unwrap();
        assert!(table.contains(name));
    }
    assert_eq!(table.names(), ["a", "b", "c"].map(Arc::from));
    table.import("b").unwrap();
    assert!(table.contains("b"));
    assert_eq!(table.names().len(), 3);
}

#[test]
fn a_duplicate_name_is_refused_and_the_first_stays() {
    let (table, runs) = counted("a");
    let error = table.append("a", |_| Ok("other".into())).unwrap_err();
    assert_eq!(&*error.name, "a");
    assert_eq!(
        error.to_string(),
        "a built-in module named 'a' is known already; append this one under another name"
    );
    assert_eq!(&*table.import("a").unwrap(), "a");
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert!(
        table
            .append("a", |_| Ok("after the import".into()))
            .is_err()
    );
}

#[test]
fn an_unknown_name_is_refused_with_the_known_ones_and_the_way_out() {
    let table = Table::new();
    assert_eq!(
        table.import("z").unwrap_err().to_string(),
        "No module named 'z'; the inittab has no modules; append to it what is missing"
    );
    for name in ["b", "a"] {
        table.append(name, |_| Ok("".into())).unwrap();
    }
    let error = table.import("z").unwrap_err();
    assert_eq!(
        error.to_string(),
        "No module named 'z'; the inittab has 'a', 'b'; append to it what is missing"
    );
    let (name, known) = ("z".into(), vec!["a".into(), "b".into()]);
    assert_eq!(error, Error::Unknown { name, known });
}

#[test]
fn an_initialiser_may_append_list_and_import() {
    let table = Table::new();
    table
        .append("a", |table: &Table| {
            table.append("b", |_| Ok("made by a".into())).unwrap();
            assert_eq!(table.names().len(), 2);
            assert!(table.append("a", |_| Ok("".into())).is_err());
            table.import("b").map_err(|error| error.to_string())
        })
        .unwrap();
    let made = table.import("a").unwrap();
    assert_eq!(&*made, "made by a");
    assert!(Arc::ptr_eq(&made, &table.import("b").unwrap()));
}

/// Uses the table when it is cloned and when it is dropped.
struct Nosy(Weak<Inittab<Nosy, Nosy>>, Arc<AtomicUsize>);

impl Nosy {
    fn look(&self) {
        if let Some(table) = self.0.upgrade() {
            table.names();
        }
        self.1.fetch_add(1, Ordering::Relaxed);
    }
}

impl Clone for Nosy {
    fn clone(&self) -> Self {
        self.look();
        Nosy(Weak::clone(&self.0), Arc::clone(&self.1))
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        self.look();
    }
}

#[test]
fn modules_errors_and_initialisers_are_cloned_and_dropped_while_nothing_is_locked() {
    let (table, looks) = (Arc::new(Inittab::new()), Arc::new(AtomicUsize::new(0)));
    let nosy = Nosy(Arc::downgrade(&table), Arc::clone(&looks));
    let make = |nosy: Nosy| move |_: &Inittab<Nosy, Nosy>| Ok(nosy.clone());
    let fail = |nosy: Nosy| move |_: &Inittab<Nosy, Nosy>| Err(nosy.clone());
    table.append("a", make(nosy.clone())).unwrap();
    table.append("b", fail(nosy.clone())).unwrap();
    let before = looks.load(Ordering::Relaxed);
    assert!(table.append("a", make(nosy.clone())).is_err());
    drop(table.import("a").ok().unwrap());
    drop(table.import("a").ok().unwrap());
    drop(table.import("b").err().unwrap());
    // The refused one: a clone, a drop. The first import: made, cloned,
    // dropped. The second: cloned, dropped. The error: made, dropped.
    assert_eq!(looks.load(Ordering::Relaxed) - before, 9);
}
