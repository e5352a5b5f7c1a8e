//! Leaving while a panic unwinds.

use crate::id::By;
use crate::{Activation, Stack, Thread};
use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A guard that undoes something if a panic drops it. It first leaves the contexts that
/// were [entered](Thread::enter) since its creation and not left, then calls a closure.
///
/// A context in which a `run` is under way is not left, nor are those below it: they
/// belong to another coroutine.
///
/// Panics of these drops are caught: a second panic would abort the process.
pub struct OnUnwind<'vm, 'thread, S: Stack, R, F: FnOnce() -> R> {
    vm: S::Vm<'vm>,
    thread: &'thread Thread<S>,
    activation: Activation,
    undo: Option<F>,
}

impl<'vm, 'thread, S: Stack, R, F: FnOnce() -> R> OnUnwind<'vm, 'thread, S, R, F> {
    /// Creates the guard, which calls `undo` if it is dropped.
    #[inline]
    pub fn new(vm: S::Vm<'vm>, thread: &'thread Thread<S>, undo: F) -> Self {
        OnUnwind {
            vm,
            thread,
            activation: thread.activation(),
            undo: Some(undo),
        }
    }

    /// Consumes the guard at the regular end: calls the closure and returns its result.
    #[inline]
    pub fn undo(mut self) -> R {
        match self.undo.take() {
            Some(undo) => undo(),
            None => unreachable!("only methods that consume the guard take the closure"),
        }
    }

    /// Consumes the guard without calling the closure.
    #[inline]
    pub fn disarm(mut self) {
        self.undo = None;
    }
}

impl<S: Stack, R, F: FnOnce() -> R> Drop for OnUnwind<'_, '_, S, R, F> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(undo) = self.undo.take() {
            // By value: then the guard is not stored on a path without a panic.
            unwind(self.vm, self.thread, self.activation, undo);
        }
    }
}

impl<S: Stack, R, F: FnOnce() -> R> fmt::Debug for OnUnwind<'_, '_, S, R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnUnwind")
            .field("activation", &self.activation)
            .finish_non_exhaustive()
    }
}

#[cold]
#[inline(never)]
fn unwind<S: Stack, R>(
    vm: S::Vm<'_>,
    thread: &Thread<S>,
    activation: Activation,
    undo: impl FnOnce() -> R,
) {
    exit_entered_above(vm, thread, activation);
    quietly(|| {
        drop(undo());
    });
}

/// Exits the contexts on top of the stack that `enter` pushed, down to the one of
/// `activation` or to the first in which a `run` is under way. Exits none if
/// `activation` is not on the stack.
#[cold]
pub(crate) fn exit_entered_above<S: Stack>(
    vm: S::Vm<'_>,
    thread: &Thread<S>,
    activation: Activation,
) {
    let above = match thread.frames.above(activation) {
        Some((above, _)) => above,
        None if activation == Activation::NONE => thread.depth(),
        None => 0,
    };
    for _ in 0..above {
        if thread.activation().by() != By::Enter {
            return;
        }
        quietly(|| thread.exit_current(vm));
    }
}

/// Calls `f` and ignores a panic.
#[cold]
pub(crate) fn quietly(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        // The payload's drop may panic as well, so it is leaked.
        mem::forget(payload);
    }
}
