//! An interpreter that passes its machine as `&mut`.

use contextvars::engine::{
    self, ContextState, Domain, Event, Interpreter, Local, PlainCounts, RunError, Stack, Thread,
    VarKey,
};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

#[derive(Default)]
struct Machine {
    switches: usize,
    clones: usize,
}

/// The machine during a call of the engine.
type Vm<'a> = &'a RefCell<&'a mut Machine>;

struct Script;

type Context = Rc<ContextState<Script>>;

// SAFETY: a handle is a counted pointer, and the state in the context does not move.
unsafe impl Stack for Script {
    type Vm<'a> = Vm<'a>;
    type Context = Context;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = ();

    fn state(context: &Context) -> &ContextState<Self> {
        context
    }

    fn clone_context(vm: Vm<'_>, context: &Context) -> Context {
        vm.borrow_mut().clones += 1;
        Rc::clone(context)
    }

    fn call_watcher(vm: Vm<'_>, (): &(), _: Event, _: Option<&Context>) {
        vm.borrow_mut().switches += 1;
    }
}

impl Domain for Script {
    type Var = VarKey;
    type Value = i32;
    type Kind = PlainCounts;

    fn key(var: &VarKey) -> VarKey {
        *var
    }

    fn clone_var(vm: Vm<'_>, var: &VarKey) -> VarKey {
        vm.borrow_mut().clones += 1;
        *var
    }
}

#[test]
fn the_engine_calls_back_with_the_machine_and_keeps_no_borrow() {
    let mut machine = Machine::default();
    let thread = Thread::<Script>::new(&Arc::new(Interpreter::new()));
    thread.interpreter().add_watcher(()).unwrap();
    let var = VarKey::next();
    let make = |state| Ok::<_, RunError>(Rc::new(state));
    {
        let vm = RefCell::new(&mut machine);
        let bindings = engine::bindings(&thread);
        let seen = engine::with_bindings(&vm, &thread, bindings, make, || {
            // The body of a script's function, which borrows the machine exclusively.
            vm.borrow_mut().switches += 100;
            let _token = engine::set(&vm, &thread, &var, 1, make)?;
            Ok(engine::lookup(&thread, var, |value| value.copied()))
        });
        assert_eq!(seen, Ok(Ok::<_, RunError>(Some(1))));
    }
    assert_eq!(machine.switches, 102);
    assert!(machine.clones > 0);
}
