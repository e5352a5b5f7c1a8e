//! A counted pointer whose last holder needs no atomic read-modify-write.
//!
//! `Arc` counts its weak references in a second word, so that it has to write both
//! to find out that no other is left. Here both counts are halves of one word: the
//! lower counts the holders, the upper the weak references and, as one more, all
//! holders together. A holder that reads one in both is alone for good, and need
//! not write.
//!
//! Why this is sound; the `unsafe` blocks below refer to these numbers:
//!
//! 1. A pointer counts as one holder, from its creation until its drop. While there
//!    is a holder the value exists. It is borrowed by shared reference only, except
//!    by 3.
//! 2. The allocation is kept until the holders, as one, and all weak references are
//!    gone. An immortal one is kept for good: the holder that sets its bit is never
//!    subtracted from the count.
//! 3. Only an existing pointer or weak reference can be cloned. So a pointer that is
//!    borrowed exclusively and reads [`ALONE`] is the only one, and stays so. It
//!    reads with acquire, so it sees all that other holders did before their drop,
//!    which is a release.
#![allow(unsafe_code)]

use super::{Object, memory};
use crate::primitive::{AtomicU64, Ordering, fence};
use std::alloc::Layout;
use std::fmt;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;
use std::ptr::{self, NonNull};

/// A counted pointer to a value of the embedded host.
///
/// It works as `Arc` does, and is cheaper to create, and to drop as the only holder.
///
/// ```
/// use pyobj::std_host::Shared;
///
/// let a = Shared::new(1);
/// let b = a.clone();
/// assert!(a.ptr_eq(&b));
/// assert_eq!(*b, 1);
/// ```
pub struct Shared<T: ?Sized> {
    /// Invariant: 1.
    inner: NonNull<Inner<T>>,
    owns: PhantomData<Inner<T>>,
}

/// A weak reference: a pointer that keeps the allocation, but not the value.
pub struct WeakShared<T: ?Sized> {
    /// Invariant: 2.
    inner: NonNull<Inner<T>>,
    owns: PhantomData<Inner<T>>,
}

#[repr(C)]
struct Inner<T: ?Sized> {
    counts: AtomicU64,
    /// Dropped by the last holder, before the memory is freed.
    value: ManuallyDrop<T>,
}

// SAFETY: as for `Arc`: holders on other threads borrow the value (`Sync`), and the
// last of them drops it (`Send`).
unsafe impl<T: ?Sized + Send + Sync> Send for Shared<T> {}
// SAFETY: as above; a borrowed pointer can be cloned, so sharing one is sending it.
unsafe impl<T: ?Sized + Send + Sync> Sync for Shared<T> {}
// SAFETY: as above, by `upgrade`.
unsafe impl<T: ?Sized + Send + Sync> Send for WeakShared<T> {}
// SAFETY: as above, by `upgrade`.
unsafe impl<T: ?Sized + Send + Sync> Sync for WeakShared<T> {}

const HOLDER: u64 = 1;
const WEAK: u64 = 1 << 32;
/// One holder, and no weak reference but the holders' own.
const ALONE: u64 = WEAK | HOLDER;
/// Above this many of either, incrementing aborts the process, as with `Arc`.
const MANY: u32 = 1 << 30;
/// Set in the count of holders if they are not counted any more.
const IMMORTAL: u64 = 1 << 31;

const fn holders(counts: u64) -> u32 {
    counts as u32
}

const fn weak(counts: u64) -> u32 {
    (counts >> 32) as u32
}

#[inline(always)]
const fn is_immortal(counts: u64) -> bool {
    counts & IMMORTAL != 0
}

/// Aborts the process if there are too many of either.
#[inline]
fn check(counts: u64) {
    #[cold]
    fn abort() -> ! {
        std::process::abort()
    }
    if holders(counts) > MANY && !is_immortal(counts) || weak(counts) > MANY {
        abort();
    }
}

/// Acquires what other threads released to `counts`. Called after a change of them.
#[inline]
fn acquire(counts: &AtomicU64) {
    // ThreadSanitizer does not understand fences.
    if cfg!(tsan) {
        counts.load(Ordering::Acquire);
    } else {
        fence(Ordering::Acquire);
    }
}

impl<T> Shared<T> {
    /// Allocates memory and moves `value` into it.
    #[inline]
    pub fn new(value: T) -> Self {
        Self::new_with(|| value)
    }

    /// As [`new`](Self::new), with the value that `make` returns, which is written
    /// directly to its memory.
    #[inline]
    pub fn new_with(make: impl FnOnce() -> T) -> Self {
        /// Frees the memory if `make` panics.
        struct Unmade<T>(NonNull<Inner<T>>);
        impl<T> Drop for Unmade<T> {
            fn drop(&mut self) {
                // SAFETY: allocated with this layout, and nothing is in it.
                unsafe { memory::free(self.0.cast(), Layout::new::<Inner<T>>()) };
            }
        }
        let unmade = Unmade(memory::allocate(Layout::new::<Inner<T>>()).cast::<Inner<T>>());
        let inner = unmade.0;
        // SAFETY: allocated for this.
        unsafe {
            inner.write(Inner {
                counts: AtomicU64::new(ALONE),
                value: ManuallyDrop::new(make()),
            });
        }
        mem::forget(unmade);
        Self::of(inner)
    }
}

/// Returns the counts of an allocation. Borrows nothing else of it: the value may be
/// borrowed exclusively, for its drop.
///
/// # Safety
///
/// The allocation must live as long as the counts are borrowed.
#[inline]
unsafe fn counts<'a, T: ?Sized>(inner: NonNull<Inner<T>>) -> &'a AtomicU64 {
    // SAFETY: the caller's promise.
    unsafe { &(*inner.as_ptr()).counts }
}

/// Drops the value of an allocation. Borrows nothing else of it: a weak reference in the
/// value accesses the counts.
///
/// # Safety
///
/// No holder may be left, and the allocation must be alive.
#[inline]
unsafe fn drop_value<T: ?Sized>(inner: NonNull<Inner<T>>) {
    // SAFETY: the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*inner.as_ptr()).value) }
}

impl<T: ?Sized> Shared<T> {
    /// Creates a holder, which is counted already.
    #[inline]
    fn of(inner: NonNull<Inner<T>>) -> Self {
        Shared {
            inner,
            owns: PhantomData,
        }
    }

    #[inline]
    fn counts(&self) -> &AtomicU64 {
        // SAFETY: 1.
        unsafe { counts(self.inner) }
    }

    /// Returns `true` if both point to the same value.
    #[inline]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        ptr::addr_eq(self.inner.as_ptr(), other.inner.as_ptr())
    }

    /// Returns the address of the allocation. No other live allocation has it.
    #[inline]
    pub fn address(&self) -> usize {
        self.inner.as_ptr().addr()
    }

    /// Returns the value by exclusive reference if this is the only pointer to it, and no
    /// weak reference is left.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        if self.counts().load(Ordering::Acquire) != ALONE {
            return None;
        }
        // SAFETY: 3.
        Some(unsafe { &mut (*self.inner.as_ptr()).value })
    }

    /// Makes the value immortal, as CPython's PEP 683 does: it is never dropped, and pointers to
    /// it are not counted any more. So threads that clone and drop pointers to one value do not
    /// slow each other down.
    pub fn make_immortal(&self) {
        // Relaxed: this pointer keeps the allocation, and no other one becomes the last.
        self.counts().fetch_or(IMMORTAL, Ordering::Relaxed);
    }

    /// Returns the number of pointers to the value at this moment. For a value that is
    /// [immortal](Self::make_immortal), any large number.
    pub fn holders(&self) -> usize {
        holders(self.counts().load(Ordering::Relaxed)) as usize
    }

    /// Creates a weak reference.
    pub fn downgrade(&self) -> WeakShared<T> {
        // Relaxed: this pointer keeps the allocation.
        check(self.counts().fetch_add(WEAK, Ordering::Relaxed));
        WeakShared {
            inner: self.inner,
            owns: PhantomData,
        }
    }

    /// The drop of a pointer that is not the only one.
    #[inline(never)]
    fn drop_slow(&mut self, counts: u64) {
        if is_immortal(counts) {
            return;
        }
        // Release pairs with the fence, and with the acquire of a holder that reads
        // `ALONE`: all uses of the value come before.
        let counts = self.counts().fetch_sub(HOLDER, Ordering::Release);
        if holders(counts) != 1 {
            return;
        }
        acquire(self.counts());
        // The weak reference that the holders count as.
        let _weak = WeakShared {
            inner: self.inner,
            owns: PhantomData,
        };
        // SAFETY: the last holder is gone, and by 2 the allocation is still alive.
        unsafe { drop_value(self.inner) };
    }
}

impl<T: Object> From<Shared<T>> for Shared<dyn Object> {
    #[inline]
    fn from(object: Shared<T>) -> Self {
        Self::of(ManuallyDrop::new(object).inner)
    }
}

impl Shared<dyn Object> {
    /// Returns the same pointer to an object that is a `T`.
    pub(super) fn downcast<T: Object>(&self) -> Option<Shared<T>> {
        // Checked first, so that a wrong type counts nothing.
        self.downcast_ref::<T>()?;
        // The layout is the same for a `T` and a `dyn Object` that is one (`repr(C)`).
        Some(Shared::of(ManuallyDrop::new(self.clone()).inner.cast()))
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    #[inline]
    fn clone(&self) -> Self {
        // Relaxed, both: this pointer keeps the value, and whatever moves the new one to
        // another thread orders it.
        if !is_immortal(self.counts().load(Ordering::Relaxed)) {
            check(self.counts().fetch_add(HOLDER, Ordering::Relaxed));
        }
        Self::of(self.inner)
    }
}

impl<T: ?Sized> Drop for Shared<T> {
    #[inline]
    fn drop(&mut self) {
        let counts = self.counts().load(Ordering::Acquire);
        if counts != ALONE {
            return self.drop_slow(counts);
        }
        let _memory = Memory::uncounted(self.inner);
        // SAFETY: by 3 there is no other holder or weak reference, nor will there be.
        unsafe { drop_value(self.inner) };
    }
}

/// The memory of a value that was dropped. Dropping this frees it.
struct Memory<T: ?Sized>(NonNull<Inner<T>>);

impl<T: ?Sized> Memory<T> {
    /// Wraps an allocation whose counts no thread accesses any more; loom checks that.
    #[inline]
    fn uncounted(inner: NonNull<Inner<T>>) -> Self {
        #[cfg(loom)]
        // SAFETY: no other holder is left, which the model checker checks.
        unsafe {
            (*inner.as_ptr()).counts.with_mut(|_| ());
        }
        Memory(inner)
    }
}

impl<T: ?Sized> Drop for Memory<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: no other holder is left; allocated with this layout, and not used again. The
        // value was dropped. Of the counts, only loom's have a drop.
        unsafe {
            let layout = Layout::for_value(self.0.as_ref());
            ptr::drop_in_place(&raw mut (*self.0.as_ptr()).counts);
            memory::free(self.0.cast(), layout);
        }
    }
}

impl<T: ?Sized> Deref for Shared<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: 1.
        unsafe { &(*self.inner.as_ptr()).value }
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized> WeakShared<T> {
    #[inline]
    fn counts(&self) -> &AtomicU64 {
        // SAFETY: 2.
        unsafe { counts(self.inner) }
    }

    /// Returns a pointer to the value if it was not dropped yet.
    pub fn upgrade(&self) -> Option<Shared<T>> {
        let add = |counts| match holders(counts) {
            0 => None,
            _ if is_immortal(counts) => Some(counts),
            _ => Some(counts + HOLDER),
        };
        // Acquire: the new holder sees what others did with the value.
        let counts = self
            .counts()
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, add)
            .ok()?;
        check(counts);
        Some(Shared::of(self.inner))
    }
}

impl<T: ?Sized> Clone for WeakShared<T> {
    fn clone(&self) -> Self {
        // Relaxed: this reference keeps the allocation.
        check(self.counts().fetch_add(WEAK, Ordering::Relaxed));
        WeakShared {
            inner: self.inner,
            owns: PhantomData,
        }
    }
}

impl<T: ?Sized> Drop for WeakShared<T> {
    fn drop(&mut self) {
        // Release, and the fence: all others are done with the allocation.
        if weak(self.counts().fetch_sub(WEAK, Ordering::Release)) == 1 {
            acquire(self.counts());
            drop(Memory::uncounted(self.inner));
        }
    }
}
