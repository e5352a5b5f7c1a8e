//! Being in a context for the length of a call.
//!
//! The context is lent to the thread's stack: nobody counts a handle to it. It
//! is lent only for as long as the caller holds it, and at the end it is off the
//! stack. Where `body` has left something behind above it, so that it is not,
//! the frame gets a handle of its own.
#![allow(unsafe_code)]

use crate::frame::Detached;
use crate::{Claimed, ExitError, OnUnwind, Stack, Thread};
use std::ptr;

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
        let lent = Lent::new(self, vm);
        // SAFETY: when `lent` is dropped, which is borrowed no longer than
        // `context`, its frame is off the stack or has got a context of its own.
        let frame = unsafe {
            self.frames
                .claim_lent(context, |state| state.claim().try_enter(self.id()))
        };
        lent.run(context, frame, body)
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
        let Some(state) = S::state_mut(context) else {
            return self.run(vm, context, body);
        };
        if !state.claim_mut().try_enter_alone(self.id()) {
            return Err(RunError::AlreadyEntered);
        }
        let claimed = ptr::from_ref(state);
        let lent = Lent::new(self, vm);
        let is_claimed = |state: &S::State| ptr::eq(state, claimed);
        // SAFETY: as in `run`.
        let frame = unsafe { self.frames.claim_lent(context, is_claimed) };
        assert!(frame.is_some(), "a context has one state");
        lent.run(context, frame, body)
    }
}

/// A context that is lent to the stack of a thread. When this is dropped, it is
/// not any more.
struct Lent<'a, 'vm, S: Stack> {
    thread: &'a Thread<S>,
    vm: S::Vm<'vm>,
    /// How many frames were on the stack before.
    below: usize,
}

impl<'a, 'vm, S: Stack> Lent<'a, 'vm, S> {
    #[inline]
    fn new(thread: &'a Thread<S>, vm: S::Vm<'vm>) -> Self {
        Lent {
            thread,
            vm,
            below: thread.frames.len(),
        }
    }

    #[inline]
    fn run<R>(
        self,
        context: &S::Context,
        frame: Option<Detached<'_, S>>,
        body: impl FnOnce() -> R,
    ) -> Result<R, RunError> {
        let (thread, vm) = (self.thread, self.vm);
        thread.switch_to(vm, frame.ok_or(RunError::AlreadyEntered)?);
        let leave = OnUnwind::new(vm, thread, || thread.exit(vm, context).is_ok());
        let result = body();
        leave.disarm();
        thread.exit(vm, context)?;
        Ok(result)
    }
}

impl<S: Stack> Drop for Lent<'_, '_, S> {
    #[inline]
    fn drop(&mut self) {
        let Lent { thread, vm, below } = *self;
        if thread.frames.len() > below {
            thread
                .frames
                .own(below, |context| S::clone_context(vm, context));
        }
    }
}
