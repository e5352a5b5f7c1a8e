//! The callbacks of values and watchers: random operations on contexts.

use crate::failure::check;
use crate::value::Tracked;
use contextvars::{Context, ContextVar, Thread, copy_context_on, with_thread};
use std::cell::Cell;
use std::sync::LazyLock;

/// The greatest nesting of callbacks.
const DEPTH: u32 = 2;

thread_local! {
    static INSIDE: Cell<u32> = const { Cell::new(0) };
}

/// The variable that only callbacks use.
static SCRATCH: LazyLock<ContextVar> = LazyLock::new(|| ContextVar::new("scratch"));

/// A running callback. Its drop ends the callback on every path.
struct Inside;

impl Inside {
    /// Begins a callback. Returns `None` at the greatest nesting, or if the thread is ending.
    fn begin() -> Option<Inside> {
        let deeper = |inside: &Cell<u32>| {
            let depth = inside.get();
            (depth < DEPTH).then(|| inside.set(depth + 1))
        };
        INSIDE.try_with(deeper).ok().flatten().map(|()| Inside)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let _ = INSIDE.try_with(|inside| inside.set(inside.get() - 1));
    }
}

/// Performs a random operation on the calling thread, whose current context is the same
/// afterwards. Passes one thread state to all of it: an ending thread may no longer have its own.
pub fn call_back() {
    let Some(_inside) = Inside::begin() else {
        return;
    };
    with_thread(call_back_on);
}

fn call_back_on(thread: &Thread) {
    let var = &*SCRATCH;
    match fastrand::u8(..6) {
        0 => drop(var.set_on(thread, Tracked::calling_back(0, 1))),
        1 => {
            let token = var.set_on(thread, Tracked::calling_back(0, 2));
            let reset = var.reset_on(thread, &token);
            check!(reset.is_ok(), "a callback's reset is refused: {reset:?}");
        }
        2 => {
            let copy = copy_context_on(thread);
            let ran = copy.run_on(thread, || drop(var.set_on(thread, Tracked::quiet(0, 3))));
            check!(ran.is_ok(), "a callback cannot enter its own copy");
        }
        3 => {
            // Drops the last handle, and with it a value that calls back.
            let context = Context::new();
            let ran = context.run_on(thread, || {
                drop(var.set_on(thread, Tracked::calling_back(0, 4)));
            });
            check!(ran.is_ok(), "a callback cannot enter its own new context");
        }
        4 => var.with_on(thread, |value| {
            let number = value.map(|value| Tracked::of(value).number);
            check!(
                number.is_none_or(|number| number <= 5),
                "a callback reads a value that no callback has set"
            );
        }),
        _ => {
            let done = var.scoped_on(thread, Tracked::quiet(0, 5), || copy_context_on(thread));
            check!(done.is_ok(), "a callback's scope is refused");
        }
    }
}
