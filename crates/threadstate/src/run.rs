//! Being in a context for the length of a call.
//!
//! The context is lent to the thread's stack: nobody counts a handle of it, and its
//! frame lives in the call. At the end of the call it is off the stack. Where
//! `body` has left something behind above it, so that it is not, a frame takes its
//! place that has a handle of its own.
#![allow(unsafe_code)]

use crate::frame::Frame;
use crate::{Claimed, ExitError, Stack, Thread, unwind};
use std::{mem, ptr};

/// Why [`Thread::run`] did not run its body, or has dropped the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The body was not run: any thread has entered the context, or has it as its
    /// base.
    #[error("the context is already entered, or is a thread's base context")]
    AlreadyEntered,
    /// The body has left the context by itself, or has not left another.
    #[error(transparent)]
    Exit(#[from] ExitError),
}

impl<S: Stack> Thread<S> {
    /// Runs `body` with `context` current, and leaves it on every path: enters
    /// and leaves as [`enter`](Self::enter) and [`exit`](Self::exit) do, and
    /// counts no handle. A panic also leaves what `body` had entered and not
    /// left.
    ///
    /// # Errors
    ///
    /// [`RunError::AlreadyEntered`], with `body` not run. [`RunError::Exit`] where
    /// `body` has left the context by itself or has not left another that it
    /// entered; its result is dropped then.
    ///
    /// # Panics
    ///
    /// When `body`, a watcher or the drop of a context panics.
    #[inline]
    pub fn run<R>(
        &self,
        vm: S::Vm<'_>,
        context: &S::Context,
        body: impl FnOnce() -> R,
    ) -> Result<R, RunError> {
        let state = S::state(context);
        if !state.claim().try_enter(self.id()) {
            return Err(RunError::AlreadyEntered);
        }
        self.run_claimed(vm, context, state, body)
    }

    /// As [`run`](Self::run). If the handle is the only one, so that nobody else
    /// can enter the context, no atomic step is needed to enter it
    /// ([`Stack::state_mut`]).
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    ///
    /// # Panics
    ///
    /// As [`run`](Self::run).
    #[inline]
    pub fn run_mut<R>(
        &self,
        vm: S::Vm<'_>,
        context: &mut S::Context,
        body: impl FnOnce() -> R,
    ) -> Result<R, RunError> {
        // One road from here on for both: two would be two copies of the call.
        let claimed = if let Some(state) = S::state_mut(context) {
            let is_free = state.claim_mut().try_enter_alone(self.id());
            is_free.then(|| ptr::from_ref(state))
        } else {
            let state = S::state(context);
            let is_free = state.claim().try_enter(self.id());
            is_free.then(|| ptr::from_ref(state))
        };
        let claimed = claimed.ok_or(RunError::AlreadyEntered)?;
        let state = S::state(context);
        assert!(ptr::eq(state, claimed), "a context has one state");
        self.run_claimed(vm, context, state, body)
    }

    /// Runs `body` in a context of this state, whose claim is taken.
    #[inline]
    fn run_claimed<R>(
        &self,
        vm: S::Vm<'_>,
        context: &S::Context,
        state: &S::State,
        body: impl FnOnce() -> R,
    ) -> Result<R, RunError> {
        let frame = Frame::lent(context, state);
        let lent = Lent {
            thread: self,
            vm,
            context,
            frame: &frame,
            leaves: true,
        };
        // SAFETY: `lent` is dropped before the frame is, and before the borrow of
        // `context` ends. Then the frame is off the stack. Where `lent` is forgotten,
        // it is so already.
        self.switch_to(vm, |outer| unsafe { self.frames.push_lent(&frame, outer) });
        let result = body();
        match self.frames.pop_if_top(&frame) {
            Some(outer) => {
                // Nothing is left to do for them, which is not to be asked again.
                mem::forget(lent);
                mem::forget(frame);
                self.leave_popped(vm, state, outer);
                Ok(result)
            }
            None => lent.leave_from_below().map(|()| result),
        }
    }
}

/// A frame that is lent to the stack of a thread. When this is dropped, it is not
/// any more.
struct Lent<'a, 'vm, S: Stack> {
    thread: &'a Thread<S>,
    vm: S::Vm<'vm>,
    context: &'a S::Context,
    frame: &'a Frame<S>,
    /// Whether to leave the context before, and what was entered since: while a panic
    /// unwinds.
    leaves: bool,
}

impl<S: Stack> Lent<'_, '_, S> {
    /// Leaves the context where it is not on top, or not of this frame.
    #[cold]
    fn leave_from_below(mut self) -> Result<(), RunError> {
        // If that fails, what was entered since stays so.
        self.leaves = false;
        Ok(self.thread.exit(self.vm, self.context)?)
    }
}

impl<S: Stack> Drop for Lent<'_, '_, S> {
    #[inline(always)]
    fn drop(&mut self) {
        let Lent {
            thread,
            vm,
            context,
            frame,
            leaves,
        } = *self;
        // By value, as what is for unwinding only should be (`unwind`).
        take_back(thread, vm, context, frame, leaves);
    }
}

/// Sees to it that a lent frame is off the stack.
#[cold]
#[inline(never)]
fn take_back<S: Stack>(
    thread: &Thread<S>,
    vm: S::Vm<'_>,
    context: &S::Context,
    frame: &Frame<S>,
    leaves: bool,
) {
    if leaves && let Some(above) = thread.frames.above(frame) {
        unwind::leave(vm, thread, above, || {
            let _ = thread.exit(vm, context);
        });
    }
    if thread.frames.above(frame).is_some() {
        let clone = |context: &S::Context| S::clone_context(vm, context);
        thread.frames.own_down_to(frame, clone);
    }
}
