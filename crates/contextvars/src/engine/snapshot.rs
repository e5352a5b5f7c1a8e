//! Capturing what is bound, and running in it later.
//!
//! For code that goes on later: a promise's reaction, a callback, a generator. Bindings are
//! values: those that were captured can be entered any number of times, also within
//! themselves and by several threads at once, which a context cannot.
//!
//! A thread runs in bindings by a context, as in any other. It keeps a few for this, so that
//! none is made where an earlier one was not handed out.

use crate::engine::{Bindings, ContextState, Domain};
use std::cell::Cell;
use threadstate::{RunError, Thread};

/// How many contexts a thread keeps. Captured bindings are rarely entered within others.
const KEPT: usize = 4;

/// Contexts that a thread has and no other code: free, and without bindings.
pub(super) struct Spares<D: Domain> {
    len: Cell<usize>,
    /// Those from `len` on are `None`.
    kept: [Cell<Option<D::Context>>; KEPT],
    /// Whether the thread is ending, so that none is kept any more.
    is_ending: Cell<bool>,
}

impl<D: Domain> Default for Spares<D> {
    fn default() -> Self {
        Spares {
            len: Cell::new(0),
            kept: [const { Cell::new(None) }; KEPT],
            is_ending: Cell::new(false),
        }
    }
}

impl<D: Domain> Spares<D> {
    #[inline]
    fn take(&self) -> Option<D::Context> {
        let last = self.len.get().checked_sub(1)?;
        self.len.set(last);
        self.kept[last].take()
    }

    /// Keeps a context if it is free and no other code has it, and drops it otherwise.
    #[inline]
    fn keep(&self, mut context: D::Context) {
        let Some(old) = D::state_mut(&mut context).and_then(ContextState::reset) else {
            return;
        };
        // The values may run a user's code in their drop, which may come back here.
        drop(old);
        let len = self.len.get();
        if let Some(place) = self.kept.get(len).filter(|_| !self.is_ending.get()) {
            place.set(Some(context));
            self.len.set(len + 1);
        }
    }

    /// Drops all, and keeps no more.
    pub(super) fn end(&self) {
        self.is_ending.set(true);
        self.len.set(0);
        drop(self.kept.each_ref().map(Cell::take));
    }
}

/// Returns what the thread's current context binds; nothing where it has none. O(1).
#[inline]
pub fn bindings<D: Domain>(thread: &Thread<D>) -> Bindings<D> {
    thread.with_current(|current| match current {
        Some(current) => ContextState::read_as_owner(current, Bindings::<D>::clone),
        None => Bindings::<D>::default(),
    })
}

/// Calls `body` in a context of its own that binds what `bindings` do, and leaves it on every
/// path. O(1). A clone of `bindings` can be entered again, also by `body`.
///
/// What `body` sets is gone afterwards; [`with_kept_bindings`] keeps it.
///
/// Where the thread has no context left over from an earlier call, `make` makes one. What else
/// the host keeps in a context object than the state is as the last call left it.
///
/// # Errors
///
/// Whatever `make` fails with, with `body` not called; the error made of a [`RunError`] where
/// `body` has left the context by itself, or not left another.
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
    thread.local().spares().keep(context);
    Ok(result?)
}

/// As [`with_bindings`], and stores in `bindings` what is bound when `body` returns: for a
/// generator that has a context of its own, whose steps each find what the last one set.
///
/// A panic of `body` leaves `bindings` as they were.
///
/// # Errors
///
/// As [`with_bindings`]; `bindings` stay as they were.
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
    thread.local().spares().keep(context);
    let (result, new) = ended?;
    drop(std::mem::replace(bindings, new));
    Ok(result)
}

/// Returns a free context with these bindings.
#[inline]
fn context_of<D: Domain, E>(
    thread: &Thread<D>,
    bindings: Bindings<D>,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<D::Context, E> {
    if let Some(mut context) = thread.local().spares().take() {
        if let Some(state) = D::state_mut(&mut context) {
            state.put(bindings);
            return Ok(context);
        }
    }
    make(ContextState::new(bindings))
}
