//! Values of any type.
#![allow(unsafe_code)]

use crate::domain::Entry;
use contextvars::engine::ContextNumber;
use std::any::Any;
use std::ptr::{self, NonNull};

/// A value without its type, and which context it was set in.
pub(crate) struct Value {
    set_in: ContextNumber,
    /// Invariant: where the value is that is kept. Where that is in a box says the box's
    /// table only, which reads can do without.
    place: NonNull<()>,
    kept: Kept,
}

/// Keeps a value where it is.
enum Kept {
    Own(Owned),
    /// Another context's binding, which has one of its own.
    Others(Entry),
}

// SAFETY: `place` is where a value is that is both, and so is what keeps it.
unsafe impl Send for Value {}
// SAFETY: as above.
unsafe impl Sync for Value {}

impl Value {
    #[inline]
    pub(crate) fn new<T: Send + Sync + 'static>(set_in: ContextNumber, value: T) -> Self {
        let owned = Owned::new(value);
        Value {
            set_in,
            place: owned.0.cast(),
            kept: Kept::Own(owned),
        }
    }

    /// The value of another context's binding as one of this context's own.
    pub(crate) fn of(entry: &Entry, set_in: ContextNumber) -> Self {
        let keeper = match &entry.value().kept {
            Kept::Own(_) => entry,
            Kept::Others(entry) => entry,
        };
        Value {
            set_in,
            place: entry.value().place,
            kept: Kept::Others(keeper.clone()),
        }
    }

    /// Gives the number of the context that it was set in.
    #[inline]
    pub(crate) fn set_in(&self) -> ContextNumber {
        self.set_in
    }

    /// Tells whether both are one value.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let keeper = |value: &Self| match &value.kept {
            Kept::Own(_) => None,
            Kept::Others(entry) => Some(ptr::from_ref(entry.value())),
        };
        // Not by the place alone: values without a size may have the same one.
        let (own, others) = (keeper(self), keeper(other));
        own.unwrap_or(self) == others.unwrap_or(other)
    }

    /// Borrows the value, if it is of this type.
    pub(crate) fn downcast<T: 'static>(&self) -> Option<&T> {
        match &self.kept {
            Kept::Own(owned) => owned.value().downcast_ref(),
            Kept::Others(entry) => entry.value().downcast(),
        }
    }

    /// Borrows the value, of whose type the caller is sure.
    ///
    /// # Safety
    ///
    /// It must be a `T`: what it was made from by [`new`](Self::new).
    #[inline(always)]
    pub(crate) unsafe fn get<T: 'static>(&self) -> &T {
        debug_assert!(self.downcast::<T>().is_some(), "a value of another type");
        // SAFETY: by the invariant and the caller's word; what is kept lives as long as
        // `self`, and is not borrowed otherwise than shared.
        unsafe { self.place.cast().as_ref() }
    }
}

/// A box whose content is pointed to from elsewhere as well, as that of a `Box` must not
/// be when it moves.
struct Owned(NonNull<dyn Any + Send + Sync>);

impl Owned {
    #[inline]
    fn new<T: Send + Sync + 'static>(value: T) -> Self {
        let value: Box<dyn Any + Send + Sync> = Box::new(value);
        Owned(NonNull::from(Box::leak(value)))
    }

    fn value(&self) -> &(dyn Any + Send + Sync) {
        // SAFETY: from a box, which is freed by the drop; nobody borrows it exclusively.
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Owned {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: from a box, which nobody else frees.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}
