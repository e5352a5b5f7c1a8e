//! A host's token, a thread and objects, for tests over any host.

use crate::toy_hosts::HasThread;
use contextvars::host::{ContextCell, ContextHost, Thread, VarCell};
use pyobj::Handle;

/// Calls `body` with a host's token and the state of the calling thread, in a
/// new context.
pub fn run<H: HasThread, R>(body: impl FnOnce(H::Vm<'_>, &Thread<H>) -> R) -> R {
    H::attach(|vm| {
        H::with_thread(|thread| {
            let context = new_context::<H>(vm);
            ContextCell::run(vm, thread, &context, || body(vm, thread)).unwrap()
        })
    })
}

pub fn new_context<H: ContextHost>(vm: H::Vm<'_>) -> H::Context {
    match H::Context::allocate(vm, ContextCell::new()) {
        Ok(context) => context,
        Err(_) => panic!("no context"),
    }
}

pub fn new_var<H: HasThread>(vm: H::Vm<'_>) -> H::Var {
    let cell = VarCell::new(vm, H::text(vm, "v"), None).unwrap();
    match H::Var::allocate(vm, cell) {
        Ok(var) => var,
        Err(_) => panic!("no variable"),
    }
}

pub fn set<H: HasThread>(vm: H::Vm<'_>, thread: &Thread<H>, var: &H::Var, number: i64) -> H::Token {
    VarCell::set(vm, thread, var, H::int(vm, number)).unwrap()
}

/// Returns the variable's value, or `None` if it is not set.
pub fn get<H: HasThread>(vm: H::Vm<'_>, thread: &Thread<H>, var: &H::Var) -> Option<i64> {
    let value = VarCell::get(vm, thread, var, None).ok()?;
    Some(H::read(&value).expect("an integer"))
}
