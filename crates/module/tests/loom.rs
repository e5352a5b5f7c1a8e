//! Models that the model checker runs through every order of steps.
#![cfg(loom)]

use loom::sync::atomic::{AtomicU64, Ordering};
use module::{ImportError, Inittab};
use std::sync::Arc;

type Table = Inittab<Arc<u64>, &'static str>;
type Import = Result<Arc<u64>, ImportError<&'static str>>;

/// Counts the runs of an initialiser in two steps, which lose a count where
/// two threads run it at once, or where one does not see what another did.
#[derive(Default)]
struct Runs(AtomicU64);

impl Runs {
    /// Gives the number of runs with this one.
    fn count(&self) -> u64 {
        let runs = self.0.load(Ordering::Relaxed) + 1;
        self.0.store(runs, Ordering::Relaxed);
        runs
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A table with a module "a" that is the number of its initialiser's run.
fn table(initialise: fn(u64) -> Result<u64, &'static str>) -> (Arc<Table>, Arc<Runs>) {
    let (table, runs) = (Arc::new(Table::new()), Arc::new(Runs::default()));
    let counts = Arc::clone(&runs);
    let make = move |_: &Table| initialise(counts.count()).map(Arc::new);
    table.append("a", make).unwrap();
    (table, runs)
}

/// Imports on two threads at once, with `meanwhile` on this one.
fn import_twice(table: &Arc<Table>, names: [&'static str; 2], meanwhile: impl Fn()) -> [Import; 2] {
    let importers = names.map(|name| {
        let table = Arc::clone(table);
        loom::thread::spawn(move || table.import(name))
    });
    meanwhile();
    importers.map(|importer| importer.join().unwrap())
}

/// Of two importers one runs the initialiser, and both get what it makes.
fn one_run_for_two() {
    let (table, runs) = table(Ok);
    let [left, right] = import_twice(&table, ["a", "a"], || {
        table.append("b", |_| Ok(Arc::new(7))).unwrap();
    });
    assert!(Arc::ptr_eq(&left.unwrap(), &right.unwrap()));
    assert_eq!(runs.get(), 1);
    assert_eq!(*table.import("b").unwrap(), 7);
}

/// Where the first run fails, the other importer runs the initialiser again.
fn a_failure_for_one() {
    let (table, runs) = table(|run| if run == 1 { Err("no luck") } else { Ok(run) });
    let results = import_twice(&table, ["a", "a"], || ());
    let made: Vec<_> = results.iter().flatten().collect();
    assert_eq!(made, [&Arc::new(2)]);
    assert_eq!(runs.get(), 2);
    assert_eq!(*table.import("a").unwrap(), 2);
}

/// Two initialisers that import each other end, on whatever threads.
fn a_circle_for_two() {
    let table = Arc::new(Table::new());
    for (name, next) in [("a", "b"), ("b", "a")] {
        let make = move |table: &Table| table.import(next).map_err(|_| "a circle");
        table.append(name, make).unwrap();
    }
    for result in import_twice(&table, ["a", "b"], || ()) {
        assert!(matches!(
            result,
            Err(ImportError::Failed {
                error: "a circle",
                ..
            })
        ));
    }
}

#[test]
fn inittab() {
    loom::model(one_run_for_two);
    loom::model(a_failure_for_one);
    loom::model(a_circle_for_two);
}
