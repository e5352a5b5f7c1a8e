//! Variables.

use crate::binding;
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

/// A variable that has a value in each context, or none.
///
/// It lives in a static, and its values live in contexts. For one that always has a
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
pub struct Var<T: Send + Sync + 'static> {
    pub(crate) typed: Typed<T>,
}

impl<T: Send + Sync + 'static> Var<T> {
    /// Creates a variable. The name is for people; it need not be unique.
    pub const fn new(name: &'static str) -> Self {
        Var {
            typed: Typed::new(name),
        }
    }

    /// Sets what inherits the variable.
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

    /// Has new contexts inherit what `hook` makes of the value: a counter that starts
    /// anew, a span that gets a child.
    ///
    /// `hook` is called once for each context that [inherits](Context::inherited) the
    /// variable, or is [isolated](Context::isolated) and keeps it. It is not called by
    /// [`Context::current`] and [`Context::copy`], which are the same task elsewhere. A
    /// panic in it comes out of the call that inherits.
    ///
    /// Reads cost the same. A context that inherits costs one `set` more.
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

    /// Marks the variable to be sent to other processes under this key, written by `Display` and
    /// read by `FromStr`: see `Propagator`, behind the feature `propagate`. A variable
    /// without such a mark never leaves the process.
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
    /// static that is an error of the compiler.
    #[must_use]
    pub const fn travels(mut self, key: &'static str) -> Self
    where
        T: fmt::Display + FromStr<Err: fmt::Display>,
    {
        self.typed.meta.travel = Some(Travel::new::<T, Text>(key));
        self
    }

    /// As [`travels`](Self::travels), written and read by a [`Codec`].
    ///
    /// # Panics
    ///
    /// As [`travels`](Self::travels).
    #[must_use]
    pub const fn travels_as<C: Codec<T>>(mut self, key: &'static str) -> Self {
        self.typed.meta.travel = Some(Travel::new::<T, C>(key));
        self
    }

    /// Shows values by their `Debug`, in trees and in events of `tracing`. Without
    /// this or [`displayed`](Self::displayed) values are not shown: they may be secrets.
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

    /// Returns a clone of the value in the current context, or `None` where it is not set
    /// or no context is current. Allocates nothing itself.
    ///
    /// Repeated with no set in between, it looks into the thread's cache. Otherwise it
    /// costs O(log n).
    #[inline]
    pub fn get(&self) -> Option<T>
    where
        T: Clone,
    {
        self.typed.get()
    }

    /// Calls `read` with the value in the current context, or with `None`. As
    /// [`get`](Self::get), without the clone.
    ///
    /// `read` may do anything, setting the variable included: the value stays alive
    /// until it returns.
    #[inline]
    pub fn with<R>(&self, read: impl FnOnce(Option<&T>) -> R) -> R {
        self.typed.read(read)
    }

    /// Sets the variable in the current context, and returns a token that puts back what
    /// was there. O(log n); two allocations, one for the value.
    ///
    /// A context is current for a closure or a poll: nothing need be put back before it
    /// ends. Futures that are polled by one task in one context, as those of `join!` are,
    /// share what they set. Give each its own by
    /// [`inherit`](crate::ContextExt::inherit).
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
    /// Where no context is current: in a task, job or thread that was spawned without
    /// [`inherit`](crate::ContextExt::inherit), or in code that was not called inside
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
            Err(error) => outside(error),
        }
    }

    /// As [`set`](Self::set), and returns an error in place of the panic.
    ///
    /// # Errors
    ///
    /// [`NoContextError`] where no context is current. The value is dropped.
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

    /// Sets the variable for the length of `body`, and puts back what was there on
    /// every path, a panic included. Where no context is current, `body` runs in a new
    /// one, which ends with it.
    ///
    /// What `body` itself sets the variable to ends with it. O(log n); two allocations,
    /// and one more for a new context.
    ///
    /// A future that `body` returns is polled after the scope has ended: there is
    /// [`scoped_future`](Self::scoped_future) for it.
    ///
    /// ```
    /// use ambient::Var;
    /// # use futures::executor::block_on;
    ///
    /// static USER: Var<&str> = Var::new("user");
    ///
    /// assert_eq!(USER.scoped("ada", || USER.get()), Some("ada"));
    /// // The closure has only made the future; it runs outside.
    /// assert_eq!(block_on(USER.scoped("ada", || async { USER.get() })), None);
    /// assert_eq!(block_on(USER.scoped_future("ada", async { USER.get() })), Some("ada"));
    /// ```
    ///
    /// A future that is made so and forgotten is what the compiler warns of:
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

    /// Runs a future in a copy of the current context, with the variable set. O(log n);
    /// three allocations.
    ///
    /// What the future sets stays in the copy.
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
        meta.read(|value| binding::show(f, meta, value))
    }
}

#[cold]
#[track_caller]
fn outside(error: NoContextError) -> ! {
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
