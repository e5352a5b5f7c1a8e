//! The bindings of a context, which one thread changes and any thread may read.
//!
//! * The owner is the thread that has the claim of the context. Only the owner changes
//!   the bindings, under the lock.
//! * The owner reads without the lock: no other thread writes.
//! * Other threads read under the lock, for one lookup or for a clone of the whole, which
//!   is O(1). So each read sees a version that was current at some moment.
//!
//! In a child of `fork` the other threads do not exist. A thread that was reading left the
//! bindings intact. If a thread was changing them, they may be half changed, and are not read
//! again. They are leaked, and the context is empty ([`Versions::renew`]). They are
//! not dropped with the context either: that thread never releases its handle or borrow of
//! the context.
//!
//! If a kind's allocations may run code ([`PointerKind::RUNS_CODE`](hamt::PointerKind)), the owner
//! changes a clone without the lock. It exchanges the bindings for the clone under the lock, unless
//! that code has changed the bindings meanwhile.
//!
//! No user code runs under the lock or while the bindings are borrowed. The one exception is
//! the closure of [`Versions::try_read`], which is a collector's.
#![allow(unsafe_code)]

use crate::engine::context::Claim;
use crate::engine::{Bindings, ContextState, Domain, Kind};
use crate::primitive::{UnsafeCell, WordLock};
use std::mem;
use threadstate::Current;

pub(super) struct Versions<D: Domain> {
    lock: WordLock<<D::Kind as Kind>::ClaimWord>,
    bindings: UnsafeCell<Bindings<D>>,
}

// SAFETY: 1. Threads get shared borrows and clones of the bindings at the same time: the bindings
// are `Sync`. 2. Any thread may drop the last handle: they are `Send`. 3. The lock's word is
// `Sync`, so the lock excludes other threads.
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

    /// Calls `f` with the current bindings, under the lock. `f` must not run user code.
    pub(super) fn read<R>(&self, f: impl FnOnce(&Bindings<D>) -> R) -> R {
        let _locked = self.lock.lock_to_read(|| self.renew());
        // SAFETY: under the lock no thread changes them.
        self.bindings.with(|bindings| f(unsafe { &*bindings }))
    }

    /// As [`read`](Self::read), if no thread has the lock. `f` may be a
    /// collector's. If `f` changed the bindings, that would deadlock, or panic if the lock
    /// cannot be held by another thread.
    pub(super) fn try_read<R>(&self, f: impl FnOnce(&Bindings<D>) -> R) -> Option<R> {
        let _locked = self.lock.try_lock_to_read()?;
        // SAFETY: as in `read`.
        Some(self.bindings.with(|bindings| f(unsafe { &*bindings })))
    }

    /// Changes the bindings by `f`, under the lock. `f` must not run user code.
    ///
    /// # Safety
    ///
    /// The calling thread must have the claim of the context.
    unsafe fn change<R>(&self, f: impl FnOnce(&mut Bindings<D>) -> R) -> R {
        let _locked = self.lock.lock_to_change(|| self.renew());
        // SAFETY: by the claim no other thread reads without the lock, and this
        // thread is not in the middle of a read: `read_as_owner` calls no user code.
        self.bindings
            .with_mut(|bindings| f(unsafe { &mut *bindings }))
    }

    /// Swaps the bindings with `new` if they are still `base`, from which `new` was made. Returns
    /// `true` if it did.
    ///
    /// # Safety
    ///
    /// As for [`change`](Self::change).
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

    /// Replaces the bindings, and returns the old ones.
    pub(super) fn replace(&mut self, new: Bindings<D>) -> Bindings<D> {
        // SAFETY: borrowed exclusively.
        self.bindings
            .with_mut(|bindings| mem::replace(unsafe { &mut *bindings }, new))
    }

    /// Leaks bindings that a thread was changing when the process forked, and leaves empty ones.
    /// Called in the child, where that thread does not exist.
    #[cold]
    fn renew(&self) {
        // SAFETY: under the lock. No owner reads without it: the owner was that thread,
        // whose claim is never released in this process. The old bindings are not dropped.
        self.bindings
            .with_mut(|bindings| unsafe { bindings.write(Bindings::<D>::default()) });
    }

    /// Removes and returns the bindings if the context has no owner. No thread can become the
    /// owner meanwhile.
    pub(super) fn take_while_free(&self, claim: &Claim<D>) -> Option<Bindings<D>> {
        // SAFETY: `while_free` holds the claim during the call, and no thread has it.
        claim.while_free(|| unsafe { self.change(mem::take) })
    }
}

impl<D: Domain> ContextState<D> {
    /// Calls `f` with the bindings, without the lock. `f` must not run user code.
    #[inline(always)]
    pub(super) fn read_as_owner<R>(
        current: Current<'_, D>,
        f: impl FnOnce(&Bindings<D>) -> R,
    ) -> R {
        // SAFETY: the thread has the claim, so no other thread changes them. Nor does this
        // thread, since `f` runs no user code.
        let show = |bindings: *const Bindings<D>| f(unsafe { &*bindings });
        current.state().versions().bindings.with(show)
    }

    /// Changes the bindings by `f`, under the lock. `f` must not run user code.
    #[inline]
    pub(super) fn change_as_owner<R>(
        current: Current<'_, D>,
        f: impl FnOnce(&mut Bindings<D>) -> R,
    ) -> R {
        // SAFETY: the thread has the claim.
        unsafe { current.state().versions().change(f) }
    }

    /// Swaps the bindings with `new` if they are still `base`, from which `new` was made. Returns
    /// `true` if it did. For a kind whose allocations or node drops may run code.
    pub(super) fn exchange_as_owner(
        current: Current<'_, D>,
        base: &Bindings<D>,
        new: &mut Bindings<D>,
    ) -> bool {
        // SAFETY: the thread has the claim.
        unsafe { current.state().versions().exchange(base, new) }
    }
}
