//! Watchers, which only Rust code can add.

use contextvars::Event;
use host_rustpython::{Context, Watcher, add_watcher, clear_watcher, install};
use rustpython::{InterpreterBuilder, InterpreterBuilderExt};
use rustpython_vm::{AsObject, Py, VirtualMachine};
use std::sync::{Arc, Mutex};

fn run(vm: &VirtualMachine, code: &str) {
    let scope = vm.new_scope_with_builtins();
    let done = vm.run_string(scope, code, "<test>");
    if let Err(error) = done {
        vm.print_exception(&error);
        panic!("{code}");
    }
}

#[test]
fn they_are_called_at_each_switch_until_they_are_cleared() {
    let interpreter = install(InterpreterBuilder::new().init_stdlib()).interpreter();
    interpreter.enter(|vm| {
        run(vm, "import contextvars");
        let events = Arc::new(Mutex::new(Vec::new()));
        let watcher: Watcher = {
            let events = Arc::clone(&events);
            Arc::new(move |_, event, current: Option<&Py<Context>>| {
                let current = current.map(|context| context.as_object().get_id());
                events.lock().unwrap().push((event, current));
                Ok(())
            })
        };
        let id = add_watcher(vm, watcher).expect("there is room");
        let code = "import contextvars\ncontextvars.Context().run(contextvars.Context().run, int)";
        run(vm, code);
        let seen = std::mem::take(&mut *events.lock().unwrap());
        assert_eq!(seen.len(), 4, "{seen:?}");
        assert!(seen.iter().all(|(event, _)| *event == Event::Switched));
        // Enter the outer, enter the inner, leave the inner, leave the outer.
        assert!(seen[0].1.is_some() && seen[0] == seen[2]);
        assert!(seen[1].1.is_some() && seen[1] != seen[0] && seen[3] != seen[2]);

        assert!(clear_watcher(vm, id).is_ok());
        run(vm, code);
        assert!(events.lock().unwrap().is_empty());
        let error = clear_watcher(vm, id).expect_err("no watcher has the id");
        assert!(error.fast_isinstance(vm.ctx.exceptions.value_error));
        let text = error.as_object().str(vm).expect("it prints");
        assert_eq!(
            text.as_wtf8().to_string_lossy(),
            format!("No context watcher set for ID {id}")
        );
    });
}
