//! Leaving while a panic unwinds.

use crate::{Stack, Thread};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Undoes something if a panic drops it: first leaves the contexts that were
/// entered since it was made and not left, then calls a closure.
///
/// Panics on the way end here: they must not meet the one that is under way.
pub struct OnUnwind<'vm, 'thread, S: Stack, F: FnOnce() -> bool> {
    vm: S::Vm<'vm>,
    thread: &'thread Thread<S>,
    depth: usize,
    undo: Option<F>,
}

impl<'vm, 'thread, S: Stack, F: FnOnce() -> bool> OnUnwind<'vm, 'thread, S, F> {
    /// Begins to watch: `undo`, which tells whether it could, is called if the
    /// result is dropped.
    #[inline]
    pub fn new(vm: S::Vm<'vm>, thread: &'thread Thread<S>, undo: F) -> Self {
        OnUnwind {
            vm,
            thread,
            depth: thread.depth(),
            undo: Some(undo),
        }
    }

    /// Ends the watch: what was begun has come to its end. Undoes it, and tells
    /// whether it could.
    #[inline]
    pub fn undo(mut self) -> bool {
        self.undo.take().is_some_and(|undo| undo())
    }

    /// Ends the watch, and undoes nothing.
    #[inline]
    pub fn disarm(mut self) {
        self.undo = None;
    }
}

impl<S: Stack, F: FnOnce() -> bool> Drop for OnUnwind<'_, '_, S, F> {
    #[inline(always)]
    fn drop(&mut self) {
        if let Some(undo) = self.undo.take() {
            // By value: then nothing of this is ever put into memory where no panic
            // comes.
            unwind(self.vm, self.thread, self.depth, undo);
        }
    }
}

/// Leaves what was entered beyond a depth, and calls `undo`.
#[cold]
#[inline(never)]
fn unwind<'vm, S: Stack>(
    vm: S::Vm<'vm>,
    thread: &Thread<S>,
    depth: usize,
    undo: impl FnOnce() -> bool,
) {
    leave(vm, thread, thread.depth().saturating_sub(depth), || {
        undo();
    });
}

/// Leaves so many contexts, and calls `undo`.
#[cold]
pub(crate) fn leave<S: Stack>(
    vm: S::Vm<'_>,
    thread: &Thread<S>,
    contexts: usize,
    undo: impl FnOnce(),
) {
    for _ in 0..contexts {
        quietly(|| {
            if let Some(context) = thread.context(vm) {
                let _ = thread.exit(vm, &context);
            }
        });
    }
    quietly(undo);
}

/// Calls `f`, which may panic without consequence.
#[cold]
fn quietly(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        // Its drop may panic as well, so it is leaked.
        mem::forget(payload);
    }
}
