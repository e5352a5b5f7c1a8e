//! Watchers of the embedded host.

use crate::hosts::TestHost;
use contextvars::{Context, Event, Exception, Interpreter, Std, Thread, Value, Watcher};
use pyobj::ExceptionKind;
use std::sync::{Arc, Mutex};

type Log = Arc<Mutex<Vec<String>>>;

fn log(context: Option<&Context>) -> String {
    context.map_or("None".to_owned(), |context| {
        Value::from(context).repr().unwrap()
    })
}

/// Returns a watcher that records its notifications.
fn recorder(name: &'static str, written: &Log) -> Watcher {
    let written = Arc::clone(written);
    Arc::new(move |event, current| {
        assert_eq!(event, Event::Switched);
        written
            .lock()
            .unwrap()
            .push(format!("{name}: {}", log(current)));
        Ok(())
    })
}

#[test]
fn each_enter_and_each_exit_is_told_once_in_the_order_of_the_ids() {
    let interpreter = Arc::new(Interpreter::new());
    let (thread, written) = (Thread::new(&interpreter), Log::default());
    interpreter
        .add_watcher(recorder("first", &written))
        .unwrap();
    interpreter
        .add_watcher(recorder("second", &written))
        .unwrap();
    let (outer, inner) = (Context::new(), Context::new());
    outer
        .run_on(&thread, || inner.run_on(&thread, || ()))
        .unwrap()
        .unwrap();
    let (o, i) = (log(Some(&outer)), log(Some(&inner)));
    let expected: Vec<String> = [&o, &i, &o, &"None".to_owned()]
        .into_iter()
        .flat_map(|context| [format!("first: {context}"), format!("second: {context}")])
        .collect();
    assert_eq!(*written.lock().unwrap(), expected);
}

#[test]
fn a_failing_watcher_is_reported_and_stops_nothing() {
    let interpreter = Arc::new(Interpreter::new());
    let (thread, written) = (Thread::new(&interpreter), Log::default());
    let failing: Watcher =
        Arc::new(|_, _| Err(Exception::text(ExceptionKind::ValueError, "on purpose")));
    interpreter.add_watcher(failing).unwrap();
    interpreter
        .add_watcher(recorder("second", &written))
        .unwrap();
    let context = Context::new();
    let reports = Std::attach(|vm| {
        Std::take_reports(vm);
        context.run_on(&thread, || ()).unwrap();
        Std::take_reports(vm)
    });
    assert_eq!(reports.len(), 2);
    assert_eq!(
        written.lock().unwrap().len(),
        2,
        "the second is still notified"
    );
}

#[test]
fn watchers_belong_to_one_interpreter() {
    let (watched, other) = (Arc::new(Interpreter::new()), Arc::new(Interpreter::new()));
    let written = Log::default();
    watched.add_watcher(recorder("w", &written)).unwrap();
    Context::new().run_on(&Thread::new(&other), || ()).unwrap();
    assert!(written.lock().unwrap().is_empty());
}

#[test]
fn a_watcher_may_run_in_contexts() {
    let interpreter = Arc::new(Interpreter::new());
    let thread = Thread::new(&interpreter);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let into = Arc::clone(&seen);
    let watcher: Watcher = Arc::new(move |_, current| {
        let other = Thread::new(contextvars::interpreter());
        into.lock()
            .unwrap()
            .push(Context::new().run_on(&other, || current.is_some())?);
        Ok(())
    });
    interpreter.add_watcher(watcher).unwrap();
    let context = Context::new();
    context.run_on(&thread, || ()).unwrap();
    assert_eq!(*seen.lock().unwrap(), [true, false]);
    assert!(thread.context(Std).is_none());
}
