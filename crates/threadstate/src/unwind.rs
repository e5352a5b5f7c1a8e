//! Leaving while a panic unwinds.

use crate::id::By;
use crate::{Activation, Stack, Thread};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Undoes something if a panic drops it: first leaves the contexts that were
/// [entered](Thread::enter) since it was made and not left, then calls a closure.
///
/// A context in which a `run` is under way is not left: what is above it belongs to
/// another coroutine.
///
/// Panics on the way end here: they must not meet the one that is under way.
pub struct OnUnwind<'vm, 'thread, S: Stack, R, F: FnOnce() -> R> {
    vm: S::Vm<'vm>,
    thread: &'thread Thread<S>,
    activation: Activation,
    undo: Option<F>,
}

impl<'vm, 'thread, S: Stack, R, F: FnOnce() -> R> OnUnwind<'vm, 'thread, S, R, F> {
    /// Begins to watch: `undo` is called if the result is dropped.
    #[inline]
    pub fn new(vm: S::Vm<'vm>, thread: &'thread Thread<S>, undo: F) -> Self {
        OnUnwind {
            vm,
            thread,
            activation: thread.activation(),
            undo: Some(undo),
        }
    }

    /// Ends the watch: what was begun has come to its end. Calls `undo`, and returns
    /// what it returned.
    #[inline]
    pub fn undo(mut self) -> R {
        match self.undo.take() {
            Some(undo) => undo(),
            None => unreachable!("it is taken once, by what consumes the watch"),
        }
    }

    /// Ends the watch, and undoes nothing.
    #[inline]
    pub fn disarm(mut self) {
        self.undo = None;
    }
}

impl<S: Stack, R, F: FnOnce() -> R> Drop for OnUnwind<'_, '_, S, R, F> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(undo) = self.undo.take() {
            // By value: then the guard is never stored where no panic comes.
            unwind(self.vm, self.thread, self.activation, undo);
        }
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

/// Exits the contexts on top of the stack that came by `enter`, down to the one of
/// `activation` or to the first in which a `run` is under way. Leaves none where
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

/// Calls `f`, which may panic without consequence.
#[cold]
pub(crate) fn quietly(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        // Its drop may panic as well, so it is leaked.
        mem::forget(payload);
    }
}
