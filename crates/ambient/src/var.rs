//! [`Var`]: a variable that may have no value. It is the public interface of `typed.rs`.

use crate::domain::{current, with_thread};
use crate::meta::Inherit;
use crate::no_context::NoContextError;
use crate::token::Token;
use crate::travel::{Codec, Text, Travel};
use crate::typed::Typed;
use crate::value::AnyValue;
use crate::{Context, InContext};
use contextvars::engine;
use std::fmt;
use std::future::Future;
use std::str::FromStr;

/// A context variable: each context has its own value for it, or none.
///
/// It is declared as a static; its values are in contexts. For a variable that always has a
/// value, see [`DefaultVar`](crate::DefaultVar).
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
pub struct Var<T> {
    pub(crate) typed: Typed<T>,
}

impl<T: Send + Sync + 'static> Var<T> {
    /// Creates a variable. The name is used in messages and logs; it need not be unique.
    pub const fn new(name: &'static str) -> Self {
        Var {
            typed: Typed::new(name),
        }
    }

    /// Sets which contexts inherit the variable.
    ///
    /// ```
    /// use ambient::{Context, Inherit, Var};
    ///
    /// static TENANT: Var<u32> = Var::new("tenant").inherit(Inherit::Always);
    /// static USER: Var<u32> = Var::new("user");
    /// static LOCK: Var<u32> = Var::new("lock").inherit(Inherit::Never);
    ///
    /// Context::new().run(|| {
    ///     (TENANT.set(1), USER.set(2), LOCK.set(3));
    ///     let values = || (TENANT.get(), USER.get(), LOCK.get());
    ///     assert_eq!(Context::inherited().run(values), (Some(1), Some(2), None));
    ///     assert_eq!(Context::isolated().run(values), (Some(1), None, None));
    /// });
    /// ```
    #[must_use]
    pub const fn inherit(mut self, inherit: Inherit) -> Self {
        self.typed.meta.inherit = inherit;
        self
    }

    /// Sets a hook: a new context inherits the value that `hook` returns for the current one.
    /// Examples are a counter that restarts at zero, or a child of a span.
    ///
    /// `hook` is called once for each context that [inherits](Context::inherited) the
    /// variable, or is [isolated](Context::isolated) and keeps it. [`Context::current`] and
    /// [`Context::copy`] do not call it: they continue the same task. A panic in it unwinds
    /// out of the call that inherits.
    ///
    /// Reads cost the same. Inheriting costs one more `set`.
    ///
    /// ```
    /// use ambient::{Context, Var};
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    ///
    /// static QUERIES: Var<Arc<AtomicU64>> = Var::new("queries").on_inherit(|_| Arc::default());
    ///
    /// QUERIES.scoped(Arc::new(3.into()), || {
    ///     let task = Context::inherited();
    ///     assert_eq!(task.get(&QUERIES).unwrap().load(Relaxed), 0);
    ///     assert_eq!(QUERIES.get().unwrap().load(Relaxed), 3);
    /// });
    /// ```
    #[must_use]
    pub const fn on_inherit(mut self, hook: fn(&T) -> T) -> Self {
        self.typed.on_inherit = Some(hook);
        self
    }

    /// Marks the variable to be sent to other processes under this key, written by `Display`
    /// and read by `FromStr`. The type `Propagator`, behind the feature `propagate`, sends it.
    /// A variable that is not marked never leaves the process.
    ///
    /// ```
    /// use ambient::Var;
    ///
    /// static TENANT: Var<u32> = Var::new("tenant").travels("tenant");
    /// ```
    ///
    /// # Panics
    ///
    /// If the key is not a token of HTTP: letters, digits and ``!#$%&'*+-.^_`|~``. In a
    /// static that is a compile error.
    #[must_use]
    pub const fn travels(mut self, key: &'static str) -> Self
    where
        T: fmt::Display + FromStr<Err: fmt::Display>,
    {
        self.typed.meta.travel = Some(Travel::new::<T, Text>(key));
        self
    }

    /// As [`travels`](Self::travels), but written and read by a [`Codec`].
    ///
    /// # Panics
    ///
    /// As [`travels`](Self::travels).
    #[must_use]
    pub const fn travels_as<C: Codec<T>>(mut self, key: &'static str) -> Self {
        self.typed.meta.travel = Some(Travel::new::<T, C>(key));
        self
    }

    /// Sets that values are shown by their `Debug`, in the output of `{:?}` and in events of
    /// `tracing`. Without this or [`displayed`](Self::displayed) values are not shown: they
    /// may be secrets.
    #[must_use]
    pub const fn shown(mut self) -> Self
    where
        T: fmt::Debug,
    {
        self.show_debug();
        self
    }

    /// As [`shown`](Self::shown), but by their `Display`.
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
        self.typed.meta.shows_debug = true;
    }

    pub(crate) const fn show_display(&mut self)
    where
        T: fmt::Display,
    {
        self.typed.meta.show = Some(display::<T>);
        self.typed.meta.shows_debug = false;
    }

    /// Returns the name.
    pub fn name(&self) -> &'static str {
        self.typed.meta.name
    }

    /// Returns a clone of the value in the current context. Returns `None` if the variable is
    /// not set or no context is current. Allocates nothing besides the clone.
    ///
    /// O(log n); O(1) from the thread's cache if the variable was read before and none was set
    /// since.
    #[inline]
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.typed.get()
    }

    /// Calls `read` with the value in the current context, or with `None`. Same as
    /// [`get`](Self::get), but without the clone.
    ///
    /// `read` may do anything, even set the variable: the value stays alive until `read`
    /// returns.
    #[inline]
    pub fn with<R>(&self, read: impl FnOnce(Option<&T>) -> R) -> R {
        self.typed.read(read)
    }

    /// Sets the variable in the current context, and returns a token that restores the old
    /// value. O(log n); two allocations, one of them for the value.
    ///
    /// The value ends with the context: it need not be restored. Futures that one task polls
    /// in one context, as `join!` does, see each other's values. To separate them, wrap each
    /// by [`inherit`](crate::ContextExt::inherit).
    ///
    /// ```
    /// use ambient::{Context, Var};
    ///
    /// static USER: Var<&str> = Var::new("user");
    ///
    /// Context::new().run(|| {
    ///     USER.set("ada");
    ///     assert_eq!(USER.get(), Some("ada"));
    /// });
    /// assert_eq!(USER.get(), None);
    /// ```
    ///
    /// # Panics
    ///
    /// If no context is current: in a task, job or thread that was spawned without
    /// [`inherit`](crate::ContextExt::inherit), or in code outside of
    /// [`scoped`](Self::scoped), [`Context::run`] or the like.
    /// [`try_set`](Self::try_set) returns an error instead.
    ///
    /// ```should_panic
    /// use ambient::Var;
    ///
    /// static USER: Var<&str> = Var::new("user");
    ///
    /// USER.set("ada"); // `user` cannot be set here: no context is current. …
    /// ```
    #[inline]
    #[track_caller]
    pub fn set(&'static self, value: T) -> Token<T> {
        match self.try_set(value) {
            Ok(token) => token,
            Err(error) => panic_without_context(error),
        }
    }

    /// As [`set`](Self::set), but returns an error instead of panicking.
    ///
    /// # Errors
    ///
    /// [`NoContextError`] if no context is current. The value is dropped.
    #[inline]
    pub fn try_set(&'static self, value: T) -> Result<Token<T>, NoContextError> {
        let bound = with_thread(|thread| self.typed.bind(thread, value));
        match bound {
            Ok(token) => Ok(Token::new(token)),
            Err(_) => Err(NoContextError::new(self.name())),
        }
    }

    /// Removes the variable's value from the current context, as if it had never been
    /// set. Returns `true` if it was set. O(log n).
    ///
    /// ```
    /// use ambient::Var;
    ///
    /// static USER: Var<&str> = Var::new("user");
    ///
    /// USER.scoped("ada", || {
    ///     assert!(USER.unset());
    ///     assert_eq!(USER.get(), None);
    /// });
    /// assert!(!USER.unset());
    /// ```
    pub fn unset(&self) -> bool {
        let key = self.typed.meta.key();
        key.is_some_and(|key| {
            let Ok(unset) = with_thread(|thread| engine::unset(thread, key));
            unset.is_some()
        })
    }

    /// Calls `body` with the variable set, and restores the old value on every path, a panic
    /// included. If no context is current, `body` runs in a new one, which is dropped
    /// afterwards.
    ///
    /// If `body` sets the variable again, the old value is restored all the same. O(log n);
    /// two allocations, and one more for a new context.
    ///
    /// A future that `body` returns is polled after the scope has ended: use
    /// [`scoped_future`](Self::scoped_future) for it.
    ///
    /// ```
    /// use ambient::Var;
    /// # use futures::executor::block_on;
    ///
    /// static USER: Var<&str> = Var::new("user");
    ///
    /// assert_eq!(USER.scoped("ada", || USER.get()), Some("ada"));
    /// // The closure only creates the future, which runs outside of the scope.
    /// assert_eq!(block_on(USER.scoped("ada", || async { USER.get() })), None);
    /// assert_eq!(block_on(USER.scoped_future("ada", async { USER.get() })), Some("ada"));
    /// ```
    ///
    /// The compiler warns about such a future if it is not used:
    ///
    /// ```compile_fail
    /// #![deny(unused_must_use)]
    /// # fn main() {
    /// # static USER: ambient::Var<&str> = ambient::Var::new("user");
    /// USER.scoped("ada", || async { println!("never printed") });
    /// # }
    /// ```
    #[inline]
    pub fn scoped<R>(&'static self, value: T, body: impl FnOnce() -> R) -> R {
        with_thread(|thread| match current(thread) {
            Some(context) => self.typed.scoped(thread, context, value, body),
            None => Context::new().with_value(self, value).run(body),
        })
    }

    /// Wraps a future to run in a copy of the current context, with the variable set.
    /// O(log n); three allocations.
    ///
    /// Values that the future sets stay in the copy.
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
        InContext::new(Context::current().with_value(self, value), future)
    }
}

/// Shows the value in the current context.
impl<T: Send + Sync + 'static> fmt::Debug for Var<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let meta = &self.typed.meta;
        meta.read(|value| meta.describe(value, f))
    }
}

#[cold]
#[track_caller]
fn panic_without_context(error: NoContextError) -> ! {
    panic!("{error}")
}

fn debug<T: fmt::Debug + 'static>(value: &AnyValue, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let value = value.downcast_ref::<T>();
    value.map_or(Ok(()), |value| fmt::Debug::fmt(value, f))
}

fn display<T: fmt::Display + 'static>(value: &AnyValue, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let value = value.downcast_ref::<T>();
    value.map_or(Ok(()), |value| fmt::Display::fmt(value, f))
}
