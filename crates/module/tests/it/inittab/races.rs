//! Imports and appends on several threads at once.

use super::{Table, append, counted, import};
use contextvars::Value;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Barrier};
use std::thread;

const THREADS: usize = 8;

/// Calls `f` on eight threads at once, and returns the results.
fn on_threads<R: Send>(f: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        let (f, start) = (&f, &start);
        let threads: Vec<_> = (0..THREADS)
            .map(|index| {
                scope.spawn(move || {
                    start.wait();
                    f(index)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    })
}

#[test]
fn eight_threads_that_import_one_module_get_the_same_one() {
    for _ in 0..100 {
        let (table, runs) = counted("a");
        let modules = on_threads(|_| import(&table, "a").unwrap());
        assert!(modules.iter().all(|it| it.is(&modules[0])));
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn eight_threads_that_append_different_names_all_succeed() {
    const EACH: usize = 50;
    let table = Table::new();
    on_threads(|thread| {
        for index in 0..EACH {
            let name = format!("{thread}.{index}");
            let module = Value::from(&*name);
            append(&table, &name, move |_| Ok(module.clone())).unwrap();
        }
    });
    let names = table.names();
    assert_eq!(names.len(), THREADS * EACH);
    for name in names {
        assert_eq!(import(&table, &name).unwrap().as_str(), Some(&*name));
    }
}

#[test]
fn of_eight_threads_that_append_one_name_one_succeeds() {
    let table = Table::new();
    let appended = on_threads(|thread| {
        let module = Value::from(thread as i64);
        append(&table, "a", move |_| Ok(module.clone())).is_ok()
    });
    assert_eq!(appended.iter().filter(|&&appended| appended).count(), 1);
    let winner = appended.iter().position(|&appended| appended).unwrap();
    let made = import(&table, "a").unwrap();
    assert_eq!(made.as_int(), Some(winner as i64));
}

#[test]
fn importers_of_other_modules_do_not_wait_for_a_running_initialiser() {
    let table = Table::new();
    let (begun, may_end) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let (begins, ends) = (Arc::clone(&begun), Arc::clone(&may_end));
    append(&table, "slow", move |_| {
        begins.wait();
        ends.wait();
        Ok("slow".into())
    })
    .unwrap();
    append(&table, "fast", |_| Ok("fast".into())).unwrap();
    thread::scope(|scope| {
        let slow = scope.spawn(|| import(&table, "slow").unwrap());
        begun.wait();
        assert_eq!(import(&table, "fast").unwrap().as_str(), Some("fast"));
        may_end.wait();
        assert_eq!(slow.join().unwrap().as_str(), Some("slow"));
    });
}
