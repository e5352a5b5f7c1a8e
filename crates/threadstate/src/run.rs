//! Being in a context for the length of a call.
//!
//! The stack gets a copy of the caller's handle, which is not counted unless the host
//! says so ([`Stack::RUN_COUNTS`]). The frame is taken off when the call ends, by its
//! activation: it may be below others then, where coroutines end in another order than
//! they began.
#![allow(unsafe_code)]

use crate::frames::Handle;
use crate::id::By;
use crate::unwind::{exit_entered_above, quietly};
use crate::{Activation, Claimed, ExitError, Stack, Thread};
use std::mem;

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
    /// Calls `body` with `context` current, and leaves it on every path: enters
    /// and leaves as [`enter`](Self::enter) and [`exit`](Self::exit) do. A panic also
    /// leaves what `body` had entered and not left.
    ///
    /// Where calls of `run` end in another order than they began, as those of
    /// coroutines may, each takes its own context off the stack and leaves the others
    /// as they are. That is no switch unless it was current.
    ///
    /// # Errors
    ///
    /// [`RunError::AlreadyEntered`], with `body` not called. [`RunError::Exit`] where
    /// `body` has left the context by itself, or has [entered](Self::enter) another and
    /// not left it; then its result is dropped, and what is still entered stays so.
    ///
    /// # Panics
    ///
    /// When `body`, a watcher or the drop of a context panics; where code that may only
    /// [look](Self::with_current) at the current context is under way.
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

    /// As [`run`](Self::run). If the handle is the only one, so that no other thread
    /// can enter the context, entering it takes no atomic read-modify-write
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

    // One way from here on for both: two would be two copies of the call of `body`.
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
            // SAFETY: `running`, or what `end` does in its place, takes the frame off
            // the stack, or lets it own a handle, before this function returns or
            // unwinds.
            unsafe { Handle::borrowed(context) }
        };
        let activation = self.switch_to(handle, By::Run);
        let running = Running {
            thread: self,
            vm,
            context,
            activation,
        };
        self.interpreter.watchers.notify(vm, self);
        let result = body();
        if self.frames.can_pop(activation) {
            // Nothing is left to do for it, which the compiler then knows.
            mem::forget(running);
            self.exit_current(vm);
            Ok(result)
        } else {
            // By parts: then the guard is never stored where no panic comes.
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
        // What the body has entered keeps the context below it on the stack, as in
        // CPython.
        Some((_, true)) => {
            thread.keep(vm, activation, context);
            mem::forget(running);
            Err(ExitError::NotCurrent.into())
        }
        // Other coroutines run above it; or code that may only look runs here, and
        // this panics. Then the drop of `running` goes on.
        Some((_, false)) => {
            thread.take_off(activation);
            Ok(())
        }
        // The thread has ended, and has left all its contexts.
        None if thread.has_ended(activation) => Ok(()),
        // The body has left it, and may have entered it again.
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
        // By value: then the guard is never stored where no panic comes.
        leave_while_unwinding(thread, vm, context, activation);
    }
}

/// Sees to it that nothing on the stack needs the caller's handle any more, and leaves
/// what the body has entered.
#[cold]
#[inline(never)]
fn leave_while_unwinding<S: Stack>(
    thread: &Thread<S>,
    vm: S::Vm<'_>,
    context: &S::Context,
    activation: Activation,
) {
    /// Ends the process: a panic while another is under way.
    struct Unreturnable;
    impl Drop for Unreturnable {
        fn drop(&mut self) {
            panic!("a context that code looks at could not be kept");
        }
    }
    if thread.frames.above(activation).is_none() {
        return;
    }
    if thread.frames.has_lookers() {
        // The frame cannot go now, so it gets a handle of its own.
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
