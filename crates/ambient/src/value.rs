//! Values of any type.
#![allow(unsafe_code)]

use contextvars::engine::ContextNumber;
use std::any::Any;
use std::ptr::NonNull;
use std::sync::Arc;

/// A value of any type.
pub(crate) type AnyValue = dyn Any + Send + Sync;

/// A value without its type, and which context it was set in.
///
/// Counted, so that another context can have the same value as its own.
pub(crate) struct Value {
    set_in: ContextNumber,
    /// Invariant: what `data` counts. Where that is says its table only, which reads can
    /// do without.
    place: NonNull<()>,
    data: Arc<AnyValue>,
}

// SAFETY: `place` is where `data` is, which is both.
unsafe impl Send for Value {}
// SAFETY: as above.
unsafe impl Sync for Value {}

impl Value {
    #[inline]
    pub(crate) fn new<T: Send + Sync + 'static>(set_in: ContextNumber, value: T) -> Self {
        let data = Arc::new(value);
        Value {
            set_in,
            place: NonNull::from(&*data).cast(),
            data,
        }
    }

    /// The same value as another context's own.
    pub(crate) fn moved_to(&self, context: ContextNumber) -> Self {
        Value {
            set_in: context,
            place: self.place,
            data: Arc::clone(&self.data),
        }
    }

    /// Returns the number of the context that it was set in.
    #[inline]
    pub(crate) fn set_in(&self) -> ContextNumber {
        self.set_in
    }

    /// Returns `true` if both are one value.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
    }

    /// Borrows the value.
    pub(crate) fn any(&self) -> &AnyValue {
        &*self.data
    }

    /// Borrows the value, if it is of this type.
    pub(crate) fn downcast<T: 'static>(&self) -> Option<&T> {
        self.data.downcast_ref()
    }

    /// Borrows the value, of whose type the caller is sure.
    ///
    /// # Safety
    ///
    /// It must be a `T`: what it was made from by [`new`](Self::new).
    #[inline(always)]
    pub(crate) unsafe fn get<T: 'static>(&self) -> &T {
        debug_assert!(self.data.is::<T>(), "a value of another type");
        // SAFETY: by the invariant and the caller's word; the data lives as long as `self`.
        unsafe { self.place.cast().as_ref() }
    }
}
