//! A context's stay on a thread's stack.

use crate::{Claim, Stack};

/// A context with its claim taken, and what is kept beside it.
///
/// Dropping it gives up the claim, so that no path leaves a context claimed by
/// nobody.
pub(crate) struct Frame<S: Stack> {
    pub(crate) context: S::Context,
    pub(crate) local: S::Local,
}

impl<S: Stack> Frame<S> {
    /// Makes a frame if `take` gets the context's claim, else gives the context
    /// back.
    ///
    /// The caller makes `local` before it looks at its stack: a default is the
    /// host's code, which may panic, and then no claim has been taken, or may
    /// change the stack.
    pub(crate) fn claim(
        context: S::Context,
        local: S::Local,
        take: impl FnOnce(&Claim) -> bool,
    ) -> Result<Self, S::Context> {
        if take(S::claim(&context)) {
            Ok(Frame { context, local })
        } else {
            Err(context)
        }
    }

    pub(crate) fn claimed(&self) -> &Claim {
        S::claim(&self.context)
    }
}

impl<S: Stack> Drop for Frame<S> {
    fn drop(&mut self) {
        self.claimed().release();
    }
}
