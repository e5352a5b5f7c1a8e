//! Threads of other interpreters, used through an explicit `Thread`.

use crate::failure::check;
use crate::tally::Event;
use crate::value::Tracked;
use crate::world::World;
use contextvars::{Context, Interpreter, Thread};
use std::sync::Arc;

/// Enters contexts on a thread of a new interpreter, and drops the thread without leaving them.
pub fn go_elsewhere(world: &World) {
    let thread = Thread::new(&Arc::new(Interpreter::new()));
    let [var, _] = &world.pair;
    check!(var.get_on(&thread).is_err(), "a new thread has a value");
    let contexts = [Context::new(), Context::new()];
    for (number, context) in (0..).zip(&contexts) {
        let entered = context.enter_on(&thread);
        check!(entered.is_ok(), "a new context cannot be entered");
        drop(var.set_on(&thread, Tracked::some(0, number)));
        let read = var.with_on(&thread, |value| {
            value.map(|value| Tracked::of(value).number)
        });
        check!(read == Some(number), "read {read:?}, but {number} was set");
        check!(context.run(|| ()).is_err(), "a context is entered twice");
    }
    if fastrand::bool() {
        let left = contexts[1].exit_on(&thread);
        check!(left.is_ok(), "a context cannot be left");
    }
    drop(thread);
    for context in &contexts {
        let ran = context.run(|| ());
        check!(ran.is_ok(), "a dropped thread has not left a context");
    }
    world.tally().count(Event::Elsewhere);
}
