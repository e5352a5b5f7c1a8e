//! Captures the current bindings, and runs code in them later: a promise's reaction, a callback,
//! a generator.
//!
//! Captured bindings can be entered any number of times, nested, and by several threads at once.
//! A context cannot.
//!
//! To run in bindings, a thread enters a context that has them. It keeps a few contexts for this,
//! and reuses those of which it has the only handle.

use crate::engine::{Bindings, ContextState, Domain};
use std::cell::Cell;
use threadstate::{RunError, Thread};

/// The greatest number of contexts that a thread keeps. Captured bindings are rarely nested.
const KEPT: usize = 4;

/// Contexts for reuse: not entered, without bindings, and without a handle elsewhere.
pub(super) struct FreeContexts<D: Domain> {
    len: Cell<usize>,
    /// Those from `len` on are `None`.
    kept: [Cell<Option<D::Context>>; KEPT],
    /// Set when the thread is ending: no context is kept any more.
    is_ending: Cell<bool>,
}

impl<D: Domain> Default for FreeContexts<D> {
    fn default() -> Self {
        FreeContexts {
            len: Cell::new(0),
            kept: [const { Cell::new(None) }; KEPT],
            is_ending: Cell::new(false),
        }
    }
}

impl<D: Domain> FreeContexts<D> {
    #[inline]
    fn take(&self) -> Option<D::Context> {
        let last = self.len.get().checked_sub(1)?;
        self.len.set(last);
        self.kept[last].take()
    }

    /// Keeps a context if it is not entered and this is its only handle. Otherwise drops it.
    #[inline]
    fn keep(&self, mut context: D::Context) {
        let Some(old) = D::state_mut(&mut context).and_then(ContextState::reset) else {
            return;
        };
        // The drop of a value may run a user's code, which may call this function again.
        drop(old);
        let len = self.len.get();
        if let Some(place) = self.kept.get(len).filter(|_| !self.is_ending.get()) {
            place.set(Some(context));
            self.len.set(len + 1);
        }
    }

    /// Drops all contexts, and keeps no more from now on.
    pub(super) fn end(&self) {
        self.is_ending.set(true);
        self.len.set(0);
        drop(self.kept.each_ref().map(Cell::take));
    }
}

/// Returns the bindings of the thread's current context; empty ones if it has none. O(1).
#[inline]
pub fn bindings<D: Domain>(thread: &Thread<D>) -> Bindings<D> {
    thread.with_current(|current| match current {
        Some(current) => ContextState::read_as_owner(current, Bindings::<D>::clone),
        None => Bindings::<D>::default(),
    })
}

/// Calls `body` in a separate context with these bindings, and leaves the context on every
/// path. O(1). A clone of `bindings` can be entered again, also by `body`.
///
/// What `body` sets is discarded afterwards; [`with_kept_bindings`] keeps it.
///
/// Reuses a context of an earlier call on this thread if there is one, and otherwise creates one
/// with `make`. In a reused context object, all but the state is as the last call left it.
///
/// # Errors
///
/// Fails if `make` fails; `body` is not called then. Fails with a [`RunError`], converted to `E`,
/// if `body` itself has left the context, or has not left another one.
///
/// # Panics
///
/// As [`Thread::run`].
#[inline]
pub fn with_bindings<D: Domain, R, E: From<RunError>>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    bindings: Bindings<D>,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
    body: impl FnOnce() -> R,
) -> Result<R, E> {
    let mut context = context_of(thread, bindings, make)?;
    let result = thread.run_mut(vm, &mut context, body);
    thread.local().free_contexts().keep(context);
    Ok(result?)
}

/// As [`with_bindings`], and stores in `bindings` the bindings at the end of `body`: for a
/// generator with its own context, in which each resumption sees what the last one set.
///
/// If `body` panics, `bindings` are unchanged.
///
/// # Errors
///
/// As [`with_bindings`]; `bindings` are unchanged then.
///
/// # Panics
///
/// As [`with_bindings`].
#[inline]
pub fn with_kept_bindings<D: Domain, R, E: From<RunError>>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    bindings: &mut Bindings<D>,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
    body: impl FnOnce() -> R,
) -> Result<R, E> {
    let mut context = context_of(thread, bindings.clone(), make)?;
    let ended = thread.run_mut(vm, &mut context, || (body(), self::bindings(thread)));
    thread.local().free_contexts().keep(context);
    let (result, new) = ended?;
    drop(std::mem::replace(bindings, new));
    Ok(result)
}

/// Returns a context with these bindings that no thread has entered.
#[inline]
fn context_of<D: Domain, E>(
    thread: &Thread<D>,
    bindings: Bindings<D>,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<D::Context, E> {
    if let Some(mut context) = thread.local().free_contexts().take() {
        if let Some(state) = D::state_mut(&mut context) {
            state.put(bindings);
            return Ok(context);
        }
    }
    make(ContextState::new(bindings))
}
