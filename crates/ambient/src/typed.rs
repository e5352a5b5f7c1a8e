//! Casts the untyped values of bindings to the types of their variables.
//!
//! 1. A value under a variable's key is of the variable's type. Each key is unique and is
//!    assigned to one variable's own [`Meta`]. Only `bind`, `scoped`, hooks and codecs make
//!    values for a key, each of the variable's type. Code that copies a binding to another
//!    context copies variable and value together.
#![allow(unsafe_code)]

use crate::domain::{Ambient, Handle, Leaf, Thread, current, no_base, with_thread};
use crate::meta::{Inherit, Meta};
use crate::on_inherit::{self, OnInherit};
use crate::value::Value;
use contextvars::engine::{self, ContextId, TokenState};
use std::any::TypeId;
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A variable with its type.
pub(crate) struct Typed<T> {
    pub(crate) meta: Meta,
    pub(crate) on_inherit: Option<fn(&T) -> T>,
    of: PhantomData<fn(T) -> T>,
}

impl<T: Send + Sync + 'static> Typed<T> {
    pub(crate) const fn new(name: &'static str) -> Self {
        Typed {
            meta: Meta::new::<T>(name),
            on_inherit: None,
            of: PhantomData,
        }
    }

    /// Calls `read` with the value in the current context, or with `None` if no context is
    /// current or the variable is not set.
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

    /// Returns a clone of the value in the current context, as a [`read`](Self::read) that
    /// clones it, with a fast path for some types of the standard library.
    #[inline]
    pub(crate) fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        if !clone_calls_no_code::<T>() {
            return self.read(|value| value.cloned());
        }
        with_thread(|thread| {
            let key = self.meta.key()?;
            // SAFETY: the clone of such a type calls no code that could change contexts. 1.
            unsafe {
                engine::lookup_unregistered(thread, key, |value| Some(value?.get::<T>().clone()))
            }
        })
    }

    /// Binds the variable in the thread's current context.
    ///
    /// # Errors
    ///
    /// The value, if no context is current.
    #[inline]
    pub(crate) fn bind(&'static self, thread: &Thread, value: T) -> Result<TokenState<Ambient>, T> {
        let Some(context) = current(thread) else {
            return Err(value);
        };
        self.prepare();
        let value = Value::new(context, value);
        match engine::set((), thread, &&self.meta, value, no_base) {
            Ok(token) => Ok(token),
            Err(_) => unreachable!("a context is current"),
        }
    }

    /// Calls `body` with the variable set in the current context, and restores it afterwards.
    #[inline]
    pub(crate) fn scoped<R>(
        &'static self,
        thread: &Thread,
        context: ContextId,
        value: T,
        body: impl FnOnce() -> R,
    ) -> R {
        self.prepare();
        let value = Value::new(context, value);
        match engine::scoped((), thread, &&self.meta, value, no_base, body) {
            // It is not restored if another context is current, which happens only with
            // suspended coroutines. The value then ends with its context.
            Ok((result, _)) => result,
            Err(_) => unreachable!("a context is current"),
        }
    }

    /// Lists the variable in `on_inherit` if needed, before a context binds it for the first
    /// time.
    #[inline]
    fn prepare(&'static self) {
        if self.meta.key().is_none() && self.is_changed_by_inheriting() {
            // Before the key is assigned, which publishes it: see `on_inherit`.
            on_inherit::list(self);
        }
    }

    /// Borrows the value from a binding of this variable. Returns `None` if the binding is of
    /// another variable.
    #[inline]
    pub(crate) fn value_in<'a>(&self, entry: &'a Leaf) -> Option<&'a T> {
        let is_its = Some(entry.key().key()) == self.meta.key();
        // SAFETY: 1.
        is_its.then(|| unsafe { entry.value().get() })
    }
}

impl<T: Send + Sync + 'static> Typed<T> {
    /// Borrows the value in a context that no thread is in.
    #[inline]
    pub(crate) fn value_while_unchanged<'a>(&self, context: &'a Handle) -> Option<&'a T> {
        let entry = context.find(self.meta.key()?)?;
        let value = NonNull::from(self.value_in(&entry)?);
        // SAFETY: the context holds the entry, which holds the value. Both stay as long as
        // `context` is borrowed: changing a context needs `&mut` of its only handle.
        Some(unsafe { value.as_ref() })
    }

    const fn is_changed_by_inheriting(&self) -> bool {
        self.on_inherit.is_some() || matches!(self.meta.inherit, Inherit::Never)
    }
}

impl<T: Send + Sync + 'static> OnInherit for Typed<T> {
    fn meta(&'static self) -> &'static Meta {
        &self.meta
    }

    fn inherited(&self, entry: &Leaf) -> Option<Value> {
        let (hook, value) = (self.on_inherit?, self.value_in(entry)?);
        // The id of the original's context: the value counts as inherited, not as the copy's
        // own.
        Some(Value::new(entry.value().set_in(), hook(value)))
    }
}

/// Returns `true` if `T` is a type of the standard library whose `clone` copies it or
/// increments a reference count, and calls no other code: no user code, no allocator. The
/// compiler evaluates this.
#[inline(always)]
fn clone_calls_no_code<T: 'static>() -> bool {
    macro_rules! is_one_of {
        ($($ty:ty)*) => {
            $(TypeId::of::<T>() == TypeId::of::<$ty>())||*
        };
    }
    is_one_of!(u64 u32 u16 u8 usize u128 i64 i32 i16 i8 isize i128 f64 f32 bool char)
        || is_one_of!(&'static str Arc<str> Duration Instant)
}
