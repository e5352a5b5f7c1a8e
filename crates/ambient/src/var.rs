//! Variables.

use crate::binding;
use crate::domain::with_thread;
use crate::meta::Inherit;
use crate::token::Token;
use crate::typed::Typed;
use crate::value::Value;
use crate::{Context, InContext};
use contextvars::engine;
use std::fmt;
use std::future::Future;
use threadstate::OnUnwind;

/// A variable that has a value in each context, or none.
///
/// It lives in a static, and what it is bound to lives in contexts. For one that
/// always has a value, see [`DefaultVar`](crate::DefaultVar).
///
/// ```
/// use ambient::Var;
///
/// static REQUEST_ID: Var<u64> = Var::new("request_id").shown();
///
/// assert_eq!(REQUEST_ID.get(), None);
/// REQUEST_ID.scoped(7, || assert_eq!(REQUEST_ID.get(), Some(7)));
/// assert_eq!(REQUEST_ID.get(), None);
/// ```
pub struct Var<T: Send + Sync + 'static> {
    pub(crate) typed: Typed<T>,
}

impl<T: Send + Sync + 'static> Var<T> {
    /// Makes a variable. The name is what people are shown; it need not be unique.
    pub const fn new(name: &'static str) -> Self {
        Var {
            typed: Typed::new(name),
        }
    }

    /// Says what inherits the variable.
    ///
    /// ```
    /// use ambient::{Context, Inherit, Var};
    ///
    /// static TENANT: Var<u32> = Var::new("tenant").inherit(Inherit::Always);
    /// static USER: Var<u32> = Var::new("user");
    /// static LOCK: Var<u32> = Var::new("lock").inherit(Inherit::Never);
    ///
    /// (TENANT.set(1), USER.set(2), LOCK.set(3));
    /// let values = || (TENANT.get(), USER.get(), LOCK.get());
    /// assert_eq!(Context::inherited().run(values), (Some(1), Some(2), None));
    /// assert_eq!(Context::isolated().run(values), (Some(1), None, None));
    /// ```
    #[must_use]
    pub const fn inherit(mut self, inherit: Inherit) -> Self {
        self.typed.meta.inherit = inherit;
        self
    }

    /// Shows values by their `Debug`, in trees and in events of `tracing`. A variable
    /// that is not told to show its values does not: they may be secrets.
    #[must_use]
    pub const fn shown(mut self) -> Self
    where
        T: fmt::Debug,
    {
        self.show_debug();
        self
    }

    /// As [`shown`](Self::shown), by their `Display`.
    #[must_use]
    pub const fn displayed(mut self) -> Self
    where
        T: fmt::Display,
    {
        self.show_display();
        self
    }

    pub(crate) const fn show_debug(&mut self)
    where
        T: fmt::Debug,
    {
        self.typed.meta.show = Some(debug::<T>);
    }

    pub(crate) const fn show_display(&mut self)
    where
        T: fmt::Display,
    {
        self.typed.meta.show = Some(display::<T>);
    }

    /// Gives the name.
    pub fn name(&self) -> &'static str {
        self.typed.meta.name
    }

    /// Gives a clone of the value in the current context. Allocates nothing itself.
    ///
    /// Repeated with no set in between, it looks into the thread's cache; else it
    /// costs O(log n).
    #[inline]
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.with(|value| value.cloned())
    }

    /// Calls `read` with the value in the current context. As
    /// [`get`](Self::get), without the clone.
    ///
    /// `read` may do anything, setting the variable included: the value stays alive
    /// until it returns.
    #[inline]
    pub fn with<R>(&self, read: impl FnOnce(Option<&T>) -> R) -> R {
        self.typed.read(read)
    }

    /// Sets the variable in the current context, and gives what puts back what was
    /// there. O(log n); two allocations, one for the value.
    ///
    /// A context is current for a closure, a future, or all of a thread: there is no
    /// need to put anything back before it ends.
    #[inline]
    pub fn set(&'static self, value: T) -> Token<T> {
        with_thread(|thread| Token::new(self.typed.bind(thread, value)))
    }

    /// Sets the variable for the length of `body`, and puts back what was there on
    /// every path, a panic included.
    ///
    /// What `body` itself sets the variable to ends with it. For a future there is
    /// [`scoped_future`](Self::scoped_future).
    #[inline]
    pub fn scoped<R>(&'static self, value: T, body: impl FnOnce() -> R) -> R {
        with_thread(|thread| {
            let bound = self.typed.bind_scoped(thread, value);
            let scope = OnUnwind::new((), thread, move || bound.restore(thread));
            let result = body();
            // Refused only where a coroutine that began later is in another context: what
            // was set here ends with the context then.
            scope.undo();
            result
        })
    }

    /// Runs a future in what is now the current context, with the variable set.
    ///
    /// What the future sets stays with it.
    ///
    /// ```
    /// use ambient::Var;
    /// # use futures::executor::block_on;
    ///
    /// static USER: Var<&str> = Var::new("user");
    ///
    /// let user = USER.scoped_future("ada", async { USER.get() });
    /// assert_eq!(block_on(user), Some("ada"));
    /// ```
    pub fn scoped_future<F: Future>(&'static self, value: T, future: F) -> InContext<F> {
        InContext::new(Context::current().with(self, value), future)
    }
}

/// Shows the value in the current context.
impl<T: Send + Sync + 'static> fmt::Debug for Var<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meta = &self.typed.meta;
        match meta.key() {
            Some(key) => with_thread(|thread| {
                engine::lookup(thread, key, |value| binding::show(f, meta, value))
            }),
            None => binding::show(f, meta, None),
        }
    }
}

fn debug<T: fmt::Debug + 'static>(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let value = value.downcast::<T>();
    value.map_or(Ok(()), |value| fmt::Debug::fmt(value, f))
}

fn display<T: fmt::Display + 'static>(value: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let value = value.downcast::<T>();
    value.map_or(Ok(()), |value| fmt::Display::fmt(value, f))
}
