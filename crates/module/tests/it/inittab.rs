//! The inittab.

mod circles;
mod process;
mod races;
mod retries;

use contextvars::{Exception, Std, Value};
use module::{ImportError, Inittab};
use pyobj::ExceptionKind::RuntimeError;
use pyobj::std_host::Result;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};

type Table = Inittab<Std>;
type Error = ImportError<Exception>;

/// Adds a module.
fn append(
    table: &Table,
    name: &str,
    initialiser: impl Fn(&Table) -> Result + Send + Sync + 'static,
) -> Result<(), module::DuplicateName> {
    table.append(name, Box::new(move |_, table| initialiser(table)))
}

fn import(table: &Table, name: &str) -> Result<Value, Error> {
    table.import(Std, name)
}

/// Returns the exception that initialisers raise here.
fn failure(text: impl Into<String>) -> Exception {
    Exception::text(RuntimeError, text)
}

/// Returns a table with one module, which is its name, and the number of runs of its
/// initialiser.
fn counted(name: &'static str) -> (Table, Arc<AtomicUsize>) {
    let table = Table::new();
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let initialiser = move |_: &Table| {
        count.fetch_add(1, Ordering::Relaxed);
        Ok(name.into())
    };
    append(&table, name, initialiser).unwrap();
    (table, runs)
}

#[test]
fn a_module_is_created_once_at_its_first_import() {
    let (table, runs) = counted("a");
    assert_eq!(runs.load(Ordering::Relaxed), 0);
    let first = import(&table, "a").unwrap();
    let second = import(&table, "a").unwrap();
    assert!(first.is(&second));
    assert_eq!(first.as_str(), Some("a"));
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}

#[test]
fn names_are_sorted_and_can_be_looked_up() {
    let table = Table::default();
    assert!(table.names().is_empty());
    for name in ["b", "a", "c"] {
        assert!(!table.contains(name));
        append(&table, name, |_| Ok("".into())).unwrap();
        assert!(table.contains(name));
    }
    assert_eq!(table.names(), ["a", "b", "c"].map(Arc::from));
    import(&table, "b").unwrap();
    assert!(table.contains("b"));
    assert_eq!(table.names().len(), 3);
}

#[test]
fn a_duplicate_name_is_refused_and_the_first_stays() {
    let (table, runs) = counted("a");
    let error = append(&table, "a", |_| Ok("other".into())).unwrap_err();
    assert_eq!(&*error.name, "a");
    assert_eq!(
        error.to_string(),
        "a built-in module named 'a' is known already; append this one under another name"
    );
    assert_eq!(import(&table, "a").unwrap().as_str(), Some("a"));
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert!(append(&table, "a", |_| Ok("after the import".into())).is_err());
}

#[test]
fn an_unknown_name_is_refused_with_the_known_ones_and_a_hint() {
    let table = Table::new();
    assert_eq!(
        import(&table, "z").unwrap_err().to_string(),
        "No module named 'z'; the inittab has no modules; append the missing module to it"
    );
    for name in ["b", "a"] {
        append(&table, name, |_| Ok("".into())).unwrap();
    }
    let error = import(&table, "z").unwrap_err();
    assert_eq!(
        error.to_string(),
        "No module named 'z'; the inittab has 'a', 'b'; append the missing module to it"
    );
    let Error::Unknown { name, known } = error else {
        panic!("{error}");
    };
    assert_eq!((&*name, known), ("z", ["a", "b"].map(Arc::from).to_vec()));
}

#[test]
fn an_initialiser_may_append_list_and_import() {
    let table = Table::new();
    let initialiser = |table: &Table| {
        append(table, "b", |_| Ok("made by a".into())).unwrap();
        assert_eq!(table.names().len(), 2);
        assert!(append(table, "a", |_| Ok("".into())).is_err());
        Ok(import(table, "b")?)
    };
    append(&table, "a", initialiser).unwrap();
    let made = import(&table, "a").unwrap();
    assert_eq!(made.as_str(), Some("made by a"));
    assert!(made.is(&import(&table, "b").unwrap()));
}

/// Uses the table when it is dropped.
struct UsesTable(Weak<Table>, Arc<Mutex<Vec<usize>>>);

impl Drop for UsesTable {
    fn drop(&mut self) {
        if let Some(table) = self.0.upgrade() {
            self.1.lock().unwrap().push(table.names().len());
        }
    }
}

#[test]
fn initialisers_are_dropped_while_nothing_is_locked() {
    let (table, seen) = (Arc::new(Table::new()), Arc::default());
    let uses = || UsesTable(Arc::downgrade(&table), Arc::clone(&seen));
    let make = |uses: UsesTable| {
        move |_: &Table| {
            let _ = &uses;
            Ok(Value::None)
        }
    };
    append(&table, "a", make(uses())).unwrap();
    assert!(append(&table, "a", make(uses())).is_err());
    import(&table, "a").unwrap();
    assert_eq!(*seen.lock().unwrap(), [1]);
}
