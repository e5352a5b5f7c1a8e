//! Models of imports on two threads, in every interleaving.
#![cfg(loom)]

use contextvars::{Exception, Std, Value};
use loom::sync::atomic::{AtomicU64, Ordering};
use module::{ImportError, Inittab};
use std::sync::Arc;

type Table = Inittab<Std>;
type Import = Result<Value, ImportError<Exception>>;

/// Counts the runs of an initialiser by a load and a store. The count is too small if
/// two threads run the initialiser at once, or one does not see the other's store.
#[derive(Default)]
struct Runs(AtomicU64);

impl Runs {
    /// Counts this run. Returns the number of runs so far.
    fn count(&self) -> u64 {
        let runs = self.0.load(Ordering::Relaxed) + 1;
        self.0.store(runs, Ordering::Relaxed);
        runs
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Returns a table with a module "a", which `initialise` creates from the number of the run.
fn table(initialise: fn(u64) -> Result<Value, Exception>) -> (Arc<Table>, Arc<Runs>) {
    let (table, runs) = (Arc::new(Table::new()), Arc::new(Runs::default()));
    let counts = Arc::clone(&runs);
    let make = move |_, _: &Table| initialise(counts.count());
    table.append("a", Box::new(make)).unwrap();
    (table, runs)
}

/// Imports on two threads at once, and calls `meanwhile` on this thread.
fn import_twice(table: &Arc<Table>, names: [&'static str; 2], meanwhile: impl Fn()) -> [Import; 2] {
    let importers = names.map(|name| {
        let table = Arc::clone(table);
        loom::thread::spawn(move || table.import(Std, name))
    });
    meanwhile();
    importers.map(|importer| importer.join().unwrap())
}

/// Of two importers, one runs the initialiser, and both get its module.
fn one_run_for_two() {
    let (table, runs) = table(|run| Ok(run.to_string().into()));
    let [left, right] = import_twice(&table, ["a", "a"], || {
        let make = |_, _: &Table| Ok(Value::from(7));
        table.append("b", Box::new(make)).unwrap();
    });
    assert!(left.unwrap().is(&right.unwrap()));
    assert_eq!(runs.get(), 1);
    assert_eq!(table.import(Std, "b").unwrap().as_int(), Some(7));
}

/// If the first run fails, the other importer runs the initialiser again.
fn a_failure_for_one() {
    let (table, runs) = table(|run| match run {
        1 => Err(Exception::type_error("no luck")),
        run => Ok(Value::from(run as i64)),
    });
    let results = import_twice(&table, ["a", "a"], || ());
    let made: Vec<_> = results.iter().flatten().map(Value::as_int).collect();
    assert_eq!(made, [Some(2)]);
    assert_eq!(runs.get(), 2);
    assert_eq!(table.import(Std, "a").unwrap().as_int(), Some(2));
}

/// Two initialisers that import each other fail, on any threads.
fn a_circle_for_two() {
    let table = Arc::new(Table::new());
    for (name, next) in [("a", "b"), ("b", "a")] {
        let make = move |vm, table: &Table| Ok(table.import(vm, next)?);
        table.append(name, Box::new(make)).unwrap();
    }
    for result in import_twice(&table, ["a", "b"], || ()) {
        let Err(ImportError::Failed { error, .. }) = result else {
            panic!("{result:?}");
        };
        let text = error.message().unwrap();
        assert!(text.starts_with("cannot import module while"), "{text}");
    }
}

#[test]
fn inittab() {
    loom::model(one_run_for_two);
    loom::model(a_failure_for_one);
    loom::model(a_circle_for_two);
}
