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

    fn leave_current(&self) {
        if let Some(context) = self.thread.context(self.vm) {
            let _ = self.thread.exit(self.vm, &context);
        }
    }
}

impl<S: Stack, F: FnOnce() -> bool> Drop for OnUnwind<'_, '_, S, F> {
    #[inline]
    fn drop(&mut self) {
        let Some(undo) = self.undo.take() else {
            return;
        };
        for _ in self.depth..self.thread.depth() {
            quietly(|| self.leave_current());
        }
        quietly(|| {
            undo();
        });
    }
}

/// Calls `f`, which may panic without consequence.
#[cold]
fn quietly(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        // Its drop may panic as well, so it is leaked.
        mem::forget(payload);
    }
}
