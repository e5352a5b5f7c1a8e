//! `run`: enters a context for the length of a call.
//!
//! The stack gets a copy of the caller's handle, which is not counted unless the host
//! says so ([`Stack::RUN_COUNTS`]). The frame is taken off when the call ends. It is
//! found by its activation, since it may be below others then: coroutines may end in
//! another order than they began.
#![allow(unsafe_code)]

use crate::frames::Handle;
use crate::id::By;
use crate::unwind::{exit_entered_above, quietly};
use crate::{Activation, Claimed, ExitError, Stack, Thread};
use std::error::Error;
use std::{fmt, mem};

/// Why [`Thread::run`] did not call its body, or dropped the result.
///
/// Exhaustive: a host translates each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunError {
    /// The body was not called: a thread has entered the context, or has it as its
    /// base.
    AlreadyEntered,
    /// The body left the context itself, or entered another and did not leave it.
    Exit(ExitError),
}

impl From<ExitError> for RunError {
    fn from(error: ExitError) -> Self {
        RunError::Exit(error)
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::AlreadyEntered => {
                f.write_str("the context is already entered, or is a thread's base context")
            }
            RunError::Exit(error) => error.fmt(f),
        }
    }
}

impl Error for RunError {}

impl<S: Stack> Thread<S> {
    /// Calls `body` with `context` current, and leaves it on every path. Enters and
    /// leaves as [`enter`](Self::enter) and [`exit`](Self::exit) do. If `body` panics,
    /// the contexts that it entered and did not leave are left too.
    ///
    /// Calls of `run` on coroutines may end in another order than they began. Each takes
    /// only its own context off the stack. That is a switch only if it was current.
    ///
    /// # Errors
    ///
    /// [`RunError::AlreadyEntered`], with `body` not called. [`RunError::Exit`] if
    /// `body` left the context itself, or [entered](Self::enter) another and did not
    /// leave it. Then its result is dropped, and contexts that are still entered stay so.
    ///
    /// # Panics
    ///
    /// If `body`, a watcher or the drop of a context panics, or if this is called inside
    /// [`with_current`](Self::with_current).
    #[inline]
    pub fn run<R>(
        &self,
        vm: S::Vm<'_>,
        context: &S::Context,
        body: impl FnOnce() -> R,
    ) -> Result<R, RunError> {
        self.run_claimed(
            vm,
            context,
            S::state(context).claim().try_enter(self.id()),
            body,
        )
    }

    /// As [`run`](Self::run). If the handle is the only one, no other thread can enter
    /// the context. Then entering it takes no atomic read-modify-write
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
        let claimed = match S::state_mut(context) {
            Some(state) => state.claim_mut().try_enter_alone(self.id()),
            None => S::state(context).claim().try_enter(self.id()),
        };
        self.run_claimed(vm, context, claimed, body)
    }

    // Shared by both: `run_mut` would have two copies of the call of `body` otherwise.
    #[inline]
    fn run_claimed<R>(
        &self,
        vm: S::Vm<'_>,
        context: &S::Context,
        claimed: bool,
        body: impl FnOnce() -> R,
    ) -> Result<R, RunError> {
        if !claimed {
            return Err(RunError::AlreadyEntered);
        }
        let handle = if S::RUN_COUNTS {
            Handle::owned(S::clone_context(vm, context))
        } else {
            // SAFETY: before this function returns or unwinds, `running`, or `end` in its
            // place, takes the frame off the stack or gives it an owned handle.
            unsafe { Handle::borrowed(context) }
        };
        let activation = self.switch_to(handle, By::Run);
        let running = Running {
            thread: self,
            vm,
            context,
            activation,
        };
        self.notify(vm);
        let result = body();
        if self.frames.can_pop(activation) {
            // The guard has nothing left to do; this shows it to the compiler.
            mem::forget(running);
            self.exit_current(vm);
            Ok(result)
        } else {
            // As separate values: then the guard is not stored on a path without a panic.
            mem::forget(running);
            end(self, vm, context, activation).map(|()| result)
        }
    }
}

/// A `run` that is under way. Dropped while a panic unwinds, it leaves the context.
struct Running<'a, 'vm, S: Stack> {
    thread: &'a Thread<S>,
    vm: S::Vm<'vm>,
    context: &'a S::Context,
    activation: Activation,
}

/// Leaves the context of a `run` where it is not on top.
#[cold]
#[inline(never)]
fn end<S: Stack>(
    thread: &Thread<S>,
    vm: S::Vm<'_>,
    context: &S::Context,
    activation: Activation,
) -> Result<(), RunError> {
    let running = Running {
        thread,
        vm,
        context,
        activation,
    };
    match thread.frames.above(activation) {
        // The body entered a context and did not leave it: then the one below stays on
        // the stack too, as in CPython.
        Some((_, true)) => {
            thread.keep(vm, activation, context);
            mem::forget(running);
            Err(ExitError::NotCurrent.into())
        }
        // Other coroutines run above it. Or code that may only look is running: then
        // this panics, and the drop of `running` does the rest.
        Some((_, false)) => {
            thread.take_off(activation);
            Ok(())
        }
        // The thread has ended, and has left all its contexts.
        None if thread.has_ended(activation) => Ok(()),
        // The body left it, and may have entered it again.
        None => Ok(thread.exit(vm, context)?),
    }
}

impl<S: Stack> Drop for Running<'_, '_, S> {
    #[inline(always)]
    fn drop(&mut self) {
        let Running {
            thread,
            vm,
            context,
            activation,
        } = *self;
        // By value: then the guard is not stored on a path without a panic.
        leave_while_unwinding(thread, vm, context, activation);
    }
}

/// Removes the caller's handle from the stack, and leaves the contexts that the body
/// entered.
#[cold]
#[inline(never)]
fn leave_while_unwinding<S: Stack>(
    thread: &Thread<S>,
    vm: S::Vm<'_>,
    context: &S::Context,
    activation: Activation,
) {
    /// Aborts the process when dropped: it panics while another panic unwinds.
    struct Unreturnable;
    impl Drop for Unreturnable {
        fn drop(&mut self) {
            panic!("a context that code is looking at could not be kept alive");
        }
    }
    if thread.frames.above(activation).is_none() {
        return;
    }
    if thread.frames.has_lookers() {
        // The frame cannot be removed now, so it gets an owned handle.
        let bomb = Unreturnable;
        thread.keep(vm, activation, context);
        mem::forget(bomb);
        return;
    }
    exit_entered_above(vm, thread, activation);
    if thread.activation() == activation {
        quietly(|| thread.exit_current(vm));
    } else {
        quietly(|| thread.take_off(activation));
    }
}
