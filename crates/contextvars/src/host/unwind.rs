//! Leaving and restoring while a panic unwinds.

use crate::host::{ContextHost, Thread};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Undoes something if a panic drops it: first leaves the contexts that were
/// entered since it was made and not left, then calls a closure.
///
/// Panics on the way end here: they must not meet the one that is under way.
pub(super) struct OnUnwind<'vm, 'thread, H: ContextHost, F: FnMut()> {
    vm: H::Vm<'vm>,
    thread: &'thread Thread<H>,
    depth: usize,
    undo: F,
}

impl<'vm, 'thread, H: ContextHost, F: FnMut()> OnUnwind<'vm, 'thread, H, F> {
    pub(super) fn new(vm: H::Vm<'vm>, thread: &'thread Thread<H>, undo: F) -> Self {
        OnUnwind {
            vm,
            thread,
            depth: thread.depth(),
            undo,
        }
    }

    /// Ends the watch: what was begun has come to its end.
    pub(super) fn disarm(self) {
        mem::forget(self);
    }

    fn leave_current(&self) {
        if let Some(context) = self.thread.context(self.vm) {
            let _ = self.thread.exit(self.vm, &context);
        }
    }
}

impl<H: ContextHost, F: FnMut()> Drop for OnUnwind<'_, '_, H, F> {
    fn drop(&mut self) {
        for _ in self.depth..self.thread.depth() {
            quietly(|| self.leave_current());
        }
        quietly(&mut self.undo);
    }
}

/// Calls `f`, which may panic without consequence.
fn quietly(f: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(f)) {
        // Its drop may panic as well, so it is leaked.
        mem::forget(payload);
    }
}
