//! The bindings of a context, which one thread changes and all may read.
//!
//! * The owner is the thread that has the claim of the context. It alone changes
//!   the bindings, and does so under the lock.
//! * The owner reads without the lock: no other thread writes.
//! * Others read under the lock, for one lookup, or a clone of the whole, which
//!   is O(1). So each read sees a version that was true at some moment.
//!
//! In a child of `fork` other threads are gone. One that was reading has left the
//! bindings whole. Those that one was changing may be half changed: no thread looks at
//! them again. They are leaked, and the context is empty ([`Versions::renew`]). They are
//! not dropped with the context either: what that thread held of it, a handle or a
//! borrow, is never given back.
//!
//! Where a kind's allocations may run code ([`PointerKind::RUNS_CODE`](hamt::PointerKind)), the owner
//! changes a clone without the lock, and exchanges it under the lock where no code that ran meanwhile has
//! changed the bindings.
//!
//! Nothing of a user's runs under the lock or while the bindings are borrowed,
//! but the closure of [`Versions::try_read`], which is a collector's.
#![allow(unsafe_code)]

use crate::engine::context::Claim;
use crate::engine::{Bindings, ContextState, Domain, Kind};
use std::mem;
use threadstate::Current;
use threadstate::sync::{UnsafeCell, WordLock};

pub(super) struct Versions<D: Domain> {
    lock: WordLock<<D::Kind as Kind>::ClaimWord>,
    bindings: UnsafeCell<Bindings<D>>,
}

// SAFETY: 1. What threads get of the bindings at the same time is shared borrows
// and clones: they are `Sync`. 2. The last to let go may be any: they are `Send`. 3. The
// lock is one between threads.
unsafe impl<D: Domain> Sync for Versions<D>
where
    Bindings<D>: Send + Sync,
    <D::Kind as Kind>::ClaimWord: Sync,
{
}

impl<D: Domain> Versions<D> {
    pub(super) fn new(bindings: Bindings<D>) -> Self {
        Versions {
            lock: WordLock::new(),
            bindings: UnsafeCell::new(bindings),
        }
    }

    /// Shows the bindings of this moment to `f`, which is ours.
    pub(super) fn read<R>(&self, f: impl FnOnce(&Bindings<D>) -> R) -> R {
        let _locked = self.lock.lock_to_read(|| self.renew());
        // SAFETY: under the lock no thread changes them.
        self.bindings.with(|bindings| f(unsafe { &*bindings }))
    }

    /// As [`read`](Self::read), if no thread has the lock. `f` may be a
    /// collector's: a change that it makes would wait for the lock for ever, and panics where no
    /// other thread can hold it.
    pub(super) fn try_read<R>(&self, f: impl FnOnce(&Bindings<D>) -> R) -> Option<R> {
        let _locked = self.lock.try_lock_to_read()?;
        // SAFETY: as in `read`.
        Some(self.bindings.with(|bindings| f(unsafe { &*bindings })))
    }

    /// Changes the bindings by `f`, which is ours.
    ///
    /// # Safety
    ///
    /// The calling thread must have the claim of the context.
    unsafe fn change<R>(&self, f: impl FnOnce(&mut Bindings<D>) -> R) -> R {
        let _locked = self.lock.lock_to_change(|| self.renew());
        // SAFETY: by the claim no other thread reads without the lock, and this
        // one is not in the middle of a read: `read_as_owner` calls nothing of a
        // user's.
        self.bindings
            .with_mut(|bindings| f(unsafe { &mut *bindings }))
    }

    /// Exchanges the bindings for `new`, if they are still `base`, of which `new` was made.
    ///
    /// # Safety
    ///
    /// As of [`change`](Self::change).
    unsafe fn exchange(&self, base: &Bindings<D>, new: &mut Bindings<D>) -> bool {
        // SAFETY: by the caller. A swap runs no code, and drops nothing.
        unsafe {
            self.change(|bindings| {
                let is_base = bindings.ptr_eq(base);
                if is_base {
                    mem::swap(bindings, new);
                }
                is_base
            })
        }
    }

    /// Replaces the bindings, which no other code can look at.
    pub(super) fn replace(&mut self, new: Bindings<D>) -> Bindings<D> {
        // SAFETY: borrowed exclusively.
        self.bindings
            .with_mut(|bindings| mem::replace(unsafe { &mut *bindings }, new))
    }

    /// Leaks the bindings, which a thread was changing when the process forked, in this
    /// process, where the thread does not exist.
    #[cold]
    fn renew(&self) {
        // SAFETY: under the lock. No owner reads without it: the owner was that thread,
        // whose claim is not given up in this process. The old bindings are not dropped.
        self.bindings
            .with_mut(|bindings| unsafe { bindings.write(Bindings::<D>::default()) });
    }

    /// Takes the bindings out if they have no owner, which none can become meanwhile.
    pub(super) fn take_while_free(&self, claim: &Claim<D>) -> Option<Bindings<D>> {
        // SAFETY: meanwhile the claim is taken, by no thread.
        claim.while_free(|| unsafe { self.change(mem::take) })
    }
}

impl<D: Domain> ContextState<D> {
    /// Shows the bindings to `f`, which is ours, without the lock.
    #[inline(always)]
    pub(super) fn read_as_owner<R>(
        current: Current<'_, D>,
        f: impl FnOnce(&Bindings<D>) -> R,
    ) -> R {
        // SAFETY: the thread has the claim, so no other thread changes them; nor
        // does it itself, since `f` is ours.
        let show = |bindings: *const Bindings<D>| f(unsafe { &*bindings });
        current.state().versions().bindings.with(show)
    }

    /// Changes the bindings by `f`, which is ours.
    #[inline]
    pub(super) fn change_as_owner<R>(
        current: Current<'_, D>,
        f: impl FnOnce(&mut Bindings<D>) -> R,
    ) -> R {
        // SAFETY: the thread has the claim.
        unsafe { current.state().versions().change(f) }
    }

    /// Exchanges the bindings for `new`, if they are still `base`, of which `new` was made: for
    /// a kind whose allocations, or the drop of whose nodes, may run code.
    pub(super) fn exchange_as_owner(
        current: Current<'_, D>,
        base: &Bindings<D>,
        new: &mut Bindings<D>,
    ) -> bool {
        // SAFETY: the thread has the claim.
        unsafe { current.state().versions().exchange(base, new) }
    }
}
