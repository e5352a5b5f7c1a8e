//! Untyped values of variables. `typed.rs` casts them to the types of their variables.
#![allow(unsafe_code)]

use contextvars::engine::ContextId;
use std::any::Any;
use std::ptr::NonNull;
use std::sync::Arc;

/// A value of any type.
pub(crate) type AnyValue = dyn Any + Send + Sync;

/// An untyped value, with the id of the context that it was set in.
///
/// Reference-counted, so that several contexts can own the same value.
pub(crate) struct Value {
    set_in: ContextId,
    /// Invariant: points to the value in `data`. Cached so that reads skip the lookup in the
    /// vtable.
    pointer: NonNull<()>,
    data: Arc<AnyValue>,
}

// SAFETY: `pointer` points into `data`, which is `Send` and `Sync`.
unsafe impl Send for Value {}
// SAFETY: as above.
unsafe impl Sync for Value {}

impl Value {
    #[inline]
    pub(crate) fn new<T: Send + Sync + 'static>(set_in: ContextId, value: T) -> Self {
        let data = Arc::new(value);
        Value {
            set_in,
            pointer: NonNull::from(&*data).cast(),
            data,
        }
    }

    /// Returns the same value, as set in another context.
    pub(crate) fn moved_to(&self, context: ContextId) -> Self {
        Value {
            set_in: context,
            pointer: self.pointer,
            data: Arc::clone(&self.data),
        }
    }

    /// Returns the id of the context that it was set in.
    #[inline]
    pub(crate) fn set_in(&self) -> ContextId {
        self.set_in
    }

    /// Returns `true` if both are the same allocation.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
    }

    /// Borrows the value.
    pub(crate) fn any(&self) -> &AnyValue {
        &*self.data
    }

    /// Borrows the value. Returns `None` if it is of another type.
    pub(crate) fn downcast<T: 'static>(&self) -> Option<&T> {
        self.data.downcast_ref()
    }

    /// Borrows the value without a check of its type.
    ///
    /// # Safety
    ///
    /// The value must be a `T`: the type with which [`new`](Self::new) was called.
    #[inline(always)]
    pub(crate) unsafe fn get<T: 'static>(&self) -> &T {
        debug_assert!(self.data.is::<T>(), "a value of another type");
        // SAFETY: by the invariant and the caller's guarantee; `data` lives as long as `self`.
        unsafe { self.pointer.cast().as_ref() }
    }
}
