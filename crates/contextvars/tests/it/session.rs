//! A host's token, a thread, and objects to work with, for tests over any host.

use crate::hosts::TestHost;
use contextvars::host::{ContextCell, ContextHost, Thread, VarCell};
use pyobj::Handle;

/// Runs `body` with a host's token and the state of the calling thread, which
/// is in a context of its own meanwhile.
pub fn run<H: TestHost + ContextHost>(body: impl FnOnce(H::Vm<'_>, &Thread<H>)) {
    H::attach(|vm| {
        let ran = H::with_thread(vm, |thread| {
            let context = new_context::<H>(vm);
            ContextCell::run(vm, thread, &context, || body(vm, thread)).unwrap();
        });
        assert!(ran.is_ok());
    });
}

pub fn new_context<H: ContextHost>(vm: H::Vm<'_>) -> H::Context {
    match H::Context::allocate(vm, ContextCell::new()) {
        Ok(context) => context,
        Err(_) => panic!("no context"),
    }
}

pub fn new_var<H: TestHost + ContextHost>(vm: H::Vm<'_>) -> H::Var {
    let cell = VarCell::new(vm, H::text(vm, "v"), None).unwrap();
    match H::Var::allocate(vm, cell) {
        Ok(var) => var,
        Err(_) => panic!("no variable"),
    }
}

pub fn set<H: TestHost + ContextHost>(
    vm: H::Vm<'_>,
    thread: &Thread<H>,
    var: &H::Var,
    number: i64,
) -> H::Token {
    VarCell::set(vm, thread, var, H::int(vm, number)).unwrap()
}

/// What the variable is set to, `None` where it is not.
pub fn get<H: TestHost + ContextHost>(
    vm: H::Vm<'_>,
    thread: &Thread<H>,
    var: &H::Var,
) -> Option<i64> {
    let value = VarCell::get(vm, thread, var, None).ok()?;
    Some(H::read(&value).expect("an integer"))
}
