//! A counted pointer whose last holder needs no atomic read-modify-write.
//!
//! `Arc` keeps the count of its weak references in a word of its own, so that it
//! has to write both to find out that no other is left. Here both counts are
//! halves of one word: the lower counts the holders, the upper the weak references
//! and, as one more, all holders together. A holder that reads one and one is alone
//! for good, and need not write.
//!
//! Who writes the word, and why it is sound; the blocks below refer to these
//! numbers:
//!
//! 1. A pointer counts as one holder, from its making until its drop. While there
//!    is a holder the value is there, and is borrowed shared only, except as by 3.
//! 2. The block stays until the holders, as one, and all weak references are gone.
//!    An immortal block stays for good: its bit is set while there is a holder, which leaves it
//!    uncounted, as all later ones are.
//! 3. Only a pointer or weak reference in hand can be cloned into another. So one
//!    that is borrowed exclusively, and reads [`ALONE`], is the only one and stays
//!    it. Reading with acquire, it sees all that others did before they let go with
//!    release.
#![allow(unsafe_code)]

use super::{Object, memory};
use std::alloc::Layout;
use std::fmt;
use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::Ordering;

#[cfg(loom)]
use loom::sync::atomic::{AtomicU64, fence};
#[cfg(not(loom))]
use std::sync::atomic::{AtomicU64, fence};

/// A counted pointer to a value of the embedded host.
///
/// As `Arc`, cheaper to make and to drop where there is no other holder.
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
    block: NonNull<Block<T>>,
    owns: PhantomData<Block<T>>,
}

/// A pointer that keeps the value's place, but not the value.
pub struct WeakShared<T: ?Sized> {
    /// Invariant: 2.
    block: NonNull<Block<T>>,
    owns: PhantomData<Block<T>>,
}

#[repr(C)]
struct Block<T: ?Sized> {
    counts: AtomicU64,
    /// Dropped by the last holder, before the memory goes.
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
/// Above this many of either, counting up ends the process, as with `Arc`.
const MANY: u32 = 1 << 30;
/// Set in the count of holders where they are not counted any more.
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

/// Ends the process if there are too many of either.
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

/// Makes visible what was released to `counts`, after a change of them.
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
    /// Makes a pointer to a value.
    #[inline]
    pub fn new(value: T) -> Self {
        Self::new_with(|| value)
    }

    /// Makes a pointer to the value that `make` gives, where it is going to be.
    #[inline]
    pub fn new_with(make: impl FnOnce() -> T) -> Self {
        /// Frees the memory if `make` panics.
        struct Unmade<T>(NonNull<Block<T>>);
        impl<T> Drop for Unmade<T> {
            fn drop(&mut self) {
                // SAFETY: allocated with this layout, and nothing is in it.
                unsafe { memory::free(self.0.cast(), Layout::new::<Block<T>>()) };
            }
        }
        let unmade = Unmade(memory::allocate(Layout::new::<Block<T>>()).cast::<Block<T>>());
        let block = unmade.0;
        // SAFETY: allocated for this.
        unsafe {
            block.write(Block {
                counts: AtomicU64::new(ALONE),
                value: ManuallyDrop::new(make()),
            });
        }
        mem::forget(unmade);
        Self::of(block)
    }
}

/// Returns the counts of a block. Borrows nothing else of it: the value may be borrowed
/// exclusively, for its drop.
///
/// # Safety
///
/// The block must be there for as long as the counts are borrowed.
#[inline]
unsafe fn counts<'a, T: ?Sized>(block: NonNull<Block<T>>) -> &'a AtomicU64 {
    // SAFETY: the caller's promise.
    unsafe { &(*block.as_ptr()).counts }
}

/// Drops the value of a block. Borrows nothing else of it: a weak reference in the value
/// looks at the counts.
///
/// # Safety
///
/// No holder may be left, and the block must be there.
#[inline]
unsafe fn drop_value<T: ?Sized>(block: NonNull<Block<T>>) {
    // SAFETY: the caller's promise.
    unsafe { ManuallyDrop::drop(&mut (*block.as_ptr()).value) }
}

impl<T: ?Sized> Shared<T> {
    /// A holder, which is counted already.
    #[inline]
    fn of(block: NonNull<Block<T>>) -> Self {
        Shared {
            block,
            owns: PhantomData,
        }
    }

    #[inline]
    fn counts(&self) -> &AtomicU64 {
        // SAFETY: 1.
        unsafe { counts(self.block) }
    }

    /// Returns `true` if both lead to one value.
    #[inline]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        ptr::addr_eq(self.block.as_ptr(), other.block.as_ptr())
    }

    /// Returns the address of what it points to, which nothing else that is alive has.
    #[inline]
    pub fn address(&self) -> usize {
        self.block.as_ptr().addr()
    }

    /// Returns the value exclusively, if this is the only pointer to it, and no weak
    /// reference is left.
    #[inline]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        if self.counts().load(Ordering::Acquire) != ALONE {
            return None;
        }
        // SAFETY: 3.
        Some(unsafe { &mut (*self.block.as_ptr()).value })
    }

    /// Makes the value immortal, as CPython's PEP 683 does: it is never dropped, and pointers to
    /// it are not counted any more. So threads that clone and drop pointers to one value do not
    /// slow each other down.
    pub fn make_immortal(&self) {
        // Relaxed: this pointer keeps the block, and no other is the last from here on.
        self.counts().fetch_or(IMMORTAL, Ordering::Relaxed);
    }

    /// Returns how many pointers lead to the value at this moment. Of a value that is
    /// [immortal](Self::make_immortal), any large number.
    pub fn holders(&self) -> usize {
        holders(self.counts().load(Ordering::Relaxed)) as usize
    }

    /// Makes a weak reference.
    pub fn downgrade(&self) -> WeakShared<T> {
        // Relaxed: this pointer keeps the block.
        check(self.counts().fetch_add(WEAK, Ordering::Relaxed));
        WeakShared {
            block: self.block,
            owns: PhantomData,
        }
    }

    /// Drops where this is not alone.
    #[inline(never)]
    fn drop_slow(&mut self, counts: u64) {
        if is_immortal(counts) {
            return;
        }
        // Release pairs with the fence, and with the acquire of who finds itself
        // alone: what was done with the value was before.
        let counts = self.counts().fetch_sub(HOLDER, Ordering::Release);
        if holders(counts) != 1 {
            return;
        }
        acquire(self.counts());
        // The weak reference that the holders had as one.
        let _weak = WeakShared {
            block: self.block,
            owns: PhantomData,
        };
        // SAFETY: the last holder is gone, and by 2 the block is still there.
        unsafe { drop_value(self.block) };
    }
}

impl<T: Object> From<Shared<T>> for Shared<dyn Object> {
    #[inline]
    fn from(object: Shared<T>) -> Self {
        Self::of(ManuallyDrop::new(object).block)
    }
}

impl Shared<dyn Object> {
    /// Returns the same pointer to an object that is a `T`.
    pub(super) fn downcast<T: Object>(&self) -> Option<Shared<T>> {
        // Asked first, so that a wrong guess counts nothing.
        self.downcast_ref::<T>()?;
        // A block of a `T` is the same by either name (`repr(C)`).
        Some(Shared::of(ManuallyDrop::new(self.clone()).block.cast()))
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    #[inline]
    fn clone(&self) -> Self {
        // Relaxed, both: this pointer keeps the value, and the new one gets to another
        // thread by whatever hands it over.
        if !is_immortal(self.counts().load(Ordering::Relaxed)) {
            check(self.counts().fetch_add(HOLDER, Ordering::Relaxed));
        }
        Self::of(self.block)
    }
}

impl<T: ?Sized> Drop for Shared<T> {
    #[inline]
    fn drop(&mut self) {
        let counts = self.counts().load(Ordering::Acquire);
        if counts != ALONE {
            return self.drop_slow(counts);
        }
        let _memory = Memory::uncounted(self.block);
        // SAFETY: by 3 nobody else is left, nor will be.
        unsafe { drop_value(self.block) };
    }
}

/// The memory of a value that is gone: dropping this frees it.
struct Memory<T: ?Sized>(NonNull<Block<T>>);

impl<T: ?Sized> Memory<T> {
    /// Of a block whose counts nobody looks at any more, as models check.
    #[inline]
    fn uncounted(block: NonNull<Block<T>>) -> Self {
        #[cfg(loom)]
        // SAFETY: no other holder is left, which is what the model checker looks at.
        unsafe {
            (*block.as_ptr()).counts.with_mut(|_| ());
        }
        Memory(block)
    }
}

impl<T: ?Sized> Drop for Memory<T> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: no other holder is left; allocated with this layout, and not used again. The
        // counts have no drop (but loom's), and the value is gone.
        unsafe {
            let layout = Layout::for_value(self.0.as_ref());
            #[cfg(loom)]
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
        unsafe { &(*self.block.as_ptr()).value }
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
        unsafe { counts(self.block) }
    }

    /// Returns a pointer to the value, if it is still there.
    pub fn upgrade(&self) -> Option<Shared<T>> {
        let add = |counts| match holders(counts) {
            0 => None,
            _ if is_immortal(counts) => Some(counts),
            _ => Some(counts + HOLDER),
        };
        // Acquire: who holds the value now sees what was done with it.
        let counts = self
            .counts()
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, add)
            .ok()?;
        check(counts);
        Some(Shared::of(self.block))
    }
}

impl<T: ?Sized> Clone for WeakShared<T> {
    fn clone(&self) -> Self {
        // Relaxed: this reference keeps the block.
        check(self.counts().fetch_add(WEAK, Ordering::Relaxed));
        WeakShared {
            block: self.block,
            owns: PhantomData,
        }
    }
}

impl<T: ?Sized> Drop for WeakShared<T> {
    fn drop(&mut self) {
        // Release, and the fence: all others are done with the block.
        if weak(self.counts().fetch_sub(WEAK, Ordering::Release)) == 1 {
            acquire(self.counts());
            drop(Memory::uncounted(self.block));
        }
    }
}
