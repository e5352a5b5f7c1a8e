//! Where bindings meet types.
//!
//! 1. A value under a variable's key is of the variable's type. Keys are taken for a
//!    variable's own [`Meta`] alone, which is nobody else's, and no two are ever the
//!    same; values are put under a key in `bind` and `bind_scoped` alone; and
//!    whoever moves a binding to another context moves variable and value together.
#![allow(unsafe_code)]

use crate::domain::{Ambient, Entry, Thread, handle, number_here, with_thread};
use crate::meta::Meta;
use crate::value::Value;
use contextvars::engine::{self, ScopedSet, TokenState};
use std::marker::PhantomData;

/// A variable with its type.
pub(crate) struct Typed<T> {
    pub(crate) meta: Meta,
    of: PhantomData<fn(T) -> T>,
}

impl<T: Send + Sync + 'static> Typed<T> {
    pub(crate) const fn new(name: &'static str) -> Self {
        Typed {
            meta: Meta::new::<T>(name),
            of: PhantomData,
        }
    }

    /// Calls `read` with the value in the current context.
    #[inline]
    pub(crate) fn read<R>(&self, read: impl FnOnce(Option<&T>) -> R) -> R {
        with_thread(|thread| match self.meta.key() {
            Some(key) => engine::lookup(thread, key, |value| {
                // SAFETY: 1.
                read(value.map(|value| unsafe { value.get() }))
            }),
            None => read(None),
        })
    }

    /// Binds the variable in the thread's current context.
    #[inline]
    pub(crate) fn bind(&'static self, thread: &Thread, value: T) -> TokenState<Ambient> {
        let value = Value::new(number_here(thread), value);
        let Ok(token) = engine::set((), thread, &&self.meta, value, handle);
        token
    }

    /// The same for the length of a call.
    #[inline]
    pub(crate) fn bind_scoped(&'static self, thread: &Thread, value: T) -> ScopedSet<Ambient> {
        let value = Value::new(number_here(thread), value);
        let Ok(bound) = engine::set_scoped((), thread, &&self.meta, value, handle);
        bound
    }

    /// Borrows the value from a binding of this variable; `None` for another's.
    #[inline]
    pub(crate) fn value_in<'a>(&self, entry: &'a Entry) -> Option<&'a T> {
        let is_its = Some(entry.key().key()) == self.meta.key();
        // SAFETY: 1.
        is_its.then(|| unsafe { entry.value().get() })
    }
}
