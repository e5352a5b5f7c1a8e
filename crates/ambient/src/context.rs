//! [`Context`]: an owned set of bindings, which a closure or a poll runs in.
//!
//! Only `&mut Context` enters or changes a context, so no operation on one can be refused.
//! The variables are in `var.rs`, the thread's stack in `domain.rs`.

use crate::any_var::{AnyVar, Variable};
use crate::binding::{self, Binding};
use crate::changes::Changes;
use crate::domain::{Ambient, Bindings, Handle, State, Thread, current, no_base, with_thread};
use crate::meta::{Inherit, Meta};
use crate::on_inherit;
use crate::token::ContextId;
use crate::value::Value;
use crate::var::Var;
use contextvars::engine;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// A set of variables with their values, for one piece of work.
///
/// A context is *current* on a thread while a closure or a poll [runs](Context::run) in
/// it, and at no other time. A thread has no context of its own. A `Context` is owned: no
/// other thread runs in it, so running cannot fail, and no other context sees the values
/// that are set in it.
///
/// ```
/// use ambient::{Context, Var};
///
/// static USER: Var<&str> = Var::new("user");
///
/// let mut request = Context::new().with_value(&USER, "ada");
/// let task = request.run(|| {
///     let mut task = Context::inherited();
///     task.run(|| USER.set("grace"));
///     assert_eq!(USER.get(), Some("ada"));
///     task
/// });
/// assert_eq!(task.get(&USER), Some("grace"));
/// assert_eq!(USER.get(), None);
/// ```
///
/// Creating or copying a context costs one allocation, however many variables are set,
/// except where a method says otherwise.
#[must_use = "a context does nothing until something runs in it"]
pub struct Context {
    /// Invariant: the only handle.
    live: Handle,
    /// The context that this one was copied from by `current`: values that were set there
    /// are reported as this context's own.
    of: Option<ContextId>,
}

impl Context {
    /// Creates a context in which no variable is set.
    pub fn new() -> Self {
        with_thread(|thread| Self::make(thread, State::new(Bindings::new())))
    }

    /// Copies the current context, with all its values. The copy is empty if no context is
    /// current.
    ///
    /// Use it to continue the same task elsewhere. For a task that is *started* here, use
    /// [`inherited`](Self::inherited), as the spawn helpers do.
    #[inline]
    pub fn current() -> Self {
        with_thread(|thread| {
            let mut copy = Self::make(thread, engine::copy_current(thread));
            copy.of = current(thread);
            copy
        })
    }

    /// Copies the current context for a task that is started here. Variables that are
    /// [never](Inherit::Never) inherited are left out. A variable with a
    /// [hook](crate::Var::on_inherit) gets the value that the hook returns.
    ///
    /// O(1), and O(log n) for each variable of these two kinds. The copy is empty if no
    /// context is current.
    ///
    /// # Panics
    ///
    /// If a hook panics.
    #[inline]
    pub fn inherited() -> Self {
        let (copy, made) = with_thread(|thread| {
            let (state, made) = on_inherit::applied(engine::copy_current(thread), |_| true);
            (Self::make(thread, state), made)
        });
        copy.with_all(made)
    }

    /// Copies only those variables of the current context that are
    /// [always](Inherit::Always) inherited. O(n).
    ///
    /// Use it for work that is independent of the current task and outlives it: the copy
    /// keeps no other value alive.
    ///
    /// # Panics
    ///
    /// If a hook panics.
    pub fn isolated() -> Self {
        let is_kept = |inherit| inherit == Inherit::Always;
        let state = with_thread(engine::copy_current);
        let (state, made) = on_inherit::applied(state, is_kept);
        let mut kept = Bindings::new();
        for entry in state.snapshot().iter() {
            if is_kept(binding::meta(entry).inherit) {
                kept.insert_unique(entry.clone());
            }
        }
        with_thread(|thread| Self::make(thread, State::new(kept))).with_all(made)
    }

    #[inline]
    fn make(thread: &Thread, mut state: State) -> Self {
        state.ensure_id(thread);
        Context {
            live: Handle::new(state),
            of: None,
        }
    }

    /// Copies this context. Values that are set in one of the two afterwards are not seen in
    /// the other.
    pub fn copy(&self) -> Self {
        with_thread(|thread| Self::make(thread, State::new(self.live.snapshot())))
    }

    /// Calls `body` in this context, which is left on every path, a panic included. O(1);
    /// allocates nothing.
    ///
    /// Values that `body` sets stay in the context. A future that `body` returns does not
    /// run in it: use [`in_context`](crate::ContextExt::in_context) for that.
    #[inline]
    pub fn run<R>(&mut self, body: impl FnOnce() -> R) -> R {
        with_thread(|thread| {
            let result = thread.run_mut((), &mut self.live, body);
            // There is one handle, so no other thread is in the context; and only this
            // function enters and leaves contexts.
            result.unwrap_or_else(|refused| unreachable!("{refused}"))
        })
    }

    /// Sets a variable in this context. O(log n).
    pub fn set<V: Variable>(&mut self, var: &'static V, value: V::Value) {
        drop(self.run(|| var.var().set(value)));
    }

    /// Removes a variable's value from this context. Returns `true` if it was set.
    /// O(log n).
    pub fn unset<V: Variable>(&mut self, var: &V) -> bool {
        self.run(|| var.var().unset())
    }

    /// As [`set`](Self::set), but returns the context.
    ///
    /// ```
    /// use ambient::{Context, Var};
    ///
    /// static ID: Var<u64> = Var::new("id");
    /// static USER: Var<&str> = Var::new("user");
    ///
    /// let mut request = Context::new().with_value(&ID, 7).with_value(&USER, "ada");
    /// assert_eq!(request.run(|| (ID.get(), USER.get())), (Some(7), Some("ada")));
    /// ```
    pub fn with_value<V: Variable>(mut self, var: &'static V, value: V::Value) -> Self {
        self.set(var, value);
        self
    }

    /// Returns a clone of a variable's value in this context: an `Option` for a [`Var`],
    /// the value or the default for a [`DefaultVar`](crate::DefaultVar). O(log n).
    ///
    /// ```
    /// use ambient::{Context, DefaultVar, Var};
    ///
    /// static ID: Var<u64> = Var::new("id");
    /// static LOCALE: DefaultVar<&str> = DefaultVar::new("locale", "en");
    ///
    /// let context = Context::new();
    /// assert_eq!((context.get(&ID), context.get(&LOCALE)), (None, "en"));
    /// ```
    pub fn get<V: Variable>(&self, var: &V) -> V::Read<V::Value>
    where
        V::Value: Clone,
    {
        var.cloned(self.borrow(var.var()))
    }

    /// As [`get`](Self::get), but borrows the value. O(log n).
    ///
    /// ```
    /// use ambient::{Context, DefaultVar, Var};
    ///
    /// static USER: Var<String> = Var::new("user");
    /// static ROLES: DefaultVar<Vec<&str>> = DefaultVar::new("roles", Vec::new());
    ///
    /// let context = Context::new().with_value(&USER, "ada".into());
    /// let user: Option<&String> = context.value(&USER);
    /// assert_eq!(user.map(|user| user.as_str()), Some("ada"));
    /// assert!(context.value(&ROLES).is_empty());
    /// ```
    pub fn value<'a, V: Variable>(&'a self, var: &'a V) -> V::Read<&'a V::Value> {
        var.value(self.borrow(var.var()))
    }

    fn borrow<T: Send + Sync + 'static>(&self, var: &Var<T>) -> Option<&T> {
        var.typed.value_while_unchanged(&self.live)
    }

    /// Sets each variable to its value, which must be of the variable's type.
    #[inline]
    pub(crate) fn with_all(mut self, values: Vec<(&'static Meta, Value)>) -> Self {
        if !values.is_empty() {
            self.bind(values);
        }
        self
    }

    #[cold]
    pub(crate) fn bind(&mut self, values: Vec<(&'static Meta, Value)>) {
        self.run(|| {
            for (var, value) in values {
                // Cannot fail: this context is current.
                drop(with_thread(|thread| {
                    engine::set((), thread, &var, value, no_base)
                }));
            }
        });
    }

    /// Copies this context without the given variables; the copy does not keep their values
    /// alive. O(log n) for each variable.
    ///
    /// ```
    /// use ambient::{Context, Var};
    ///
    /// static ID: Var<u64> = Var::new("id");
    /// static BODY: Var<Vec<u8>> = Var::new("body");
    ///
    /// let request = Context::new().with_value(&ID, 7).with_value(&BODY, vec![0; 1 << 20]);
    /// let captured = request.without(&[&BODY]);
    /// assert_eq!(captured.get(&ID), Some(7));
    /// assert_eq!(captured.get(&BODY), None);
    /// ```
    pub fn without(&self, vars: &[&'static dyn AnyVar]) -> Self {
        let mut bindings = self.live.snapshot();
        for var in vars {
            if let Some(key) = var.meta().0.key() {
                let Ok(removed) = engine::unbind::<Ambient>(&mut bindings, key);
                drop(removed);
            }
        }
        let of = self.of;
        with_thread(|thread| Context {
            of,
            ..Self::make(thread, State::new(bindings))
        })
    }

    /// Returns the number of variables that are set. O(1).
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Returns `true` if no variable is set. O(1).
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// Returns the id of this context.
    pub fn id(&self) -> ContextId {
        self.live.id().expect("given when it was made")
    }

    /// Returns the variables that are set, with their values, sorted by name. O(n log n).
    pub fn bindings(&self) -> Vec<Binding> {
        let own = [Some(self.id()), self.of];
        binding::sorted(&self.live.snapshot(), own)
    }

    /// Returns the values that were set in this context since it was created. For a copy by
    /// [`current`](Self::current) these include the values set in the original.
    /// O(n log n). Variables that were [unset](Self::unset) are not included.
    ///
    /// ```
    /// use ambient::{Context, Var};
    ///
    /// static ID: Var<u64> = Var::new("id").shown();
    /// static HITS: Var<u64> = Var::new("hits").shown();
    ///
    /// ID.scoped(7, || {
    ///     let mut task = Context::inherited();
    ///     task.run(|| HITS.set(3));
    ///
    ///     let changes = task.changed();
    ///     assert_eq!(changes.names(), ["hits"]);
    ///     changes.apply();
    ///     assert_eq!(HITS.get(), Some(3));
    /// });
    /// ```
    pub fn changed(&self) -> Changes {
        let own = self.bindings().into_iter().filter(Binding::is_own);
        Changes::new(own.map(|binding| (None, Some(binding.entry))))
    }

    /// Returns the changes from this context to `newer`. Values are not compared: a variable
    /// that was set again counts as changed.
    ///
    /// If one is a copy of the other, or both of a third, the cost is proportional to the
    /// number of differences.
    pub fn diff(&self, newer: &Self) -> Changes {
        let (old, new) = (self.live.snapshot(), newer.live.snapshot());
        Changes::between(&old, &new)
    }

    /// Applies the given changes to this context: see [`Changes::apply`].
    pub fn apply(&mut self, changes: &Changes) {
        self.run(|| changes.apply());
    }
}

// A panic inside `run` leaves the context, which can be used afterwards.
impl UnwindSafe for Context {}
impl RefUnwindSafe for Context {}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for Context {
    /// Copies the context: the clone is a new context, as with [`copy`](Context::copy).
    fn clone(&self) -> Self {
        self.copy()
    }
}

/// Shows each variable with its type and value, and whether the value is the context's own
/// or inherited; with `{:#?}`, one variable a line.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        binding::tree(f, self.id(), &self.bindings())
    }
}

/// Calls `body` with no context current: no variable is set in `body`, and none can be set.
/// Restores the current context on every path, a panic included. One allocation.
///
/// Use it around code that runs unrelated, unwrapped work while it waits: a runtime that is
/// driven inside a context, or a pool whose waiting workers run other jobs. That work then
/// neither sees nor changes the values of this context.
///
/// ```
/// use ambient::Var;
///
/// static USER: Var<&str> = Var::new("user");
///
/// USER.scoped("ada", || {
///     ambient::without_context(|| {
///         assert_eq!(USER.get(), None);
///         assert!(USER.try_set("grace").is_err());
///     });
///     assert_eq!(USER.get(), Some("ada"));
/// });
/// ```
pub fn without_context<R>(body: impl FnOnce() -> R) -> R {
    with_thread(|thread| {
        if current(thread).is_none() {
            return body();
        }
        // It has no id, by which `current` recognises it.
        let mut none = Handle::new(State::new(Bindings::new()));
        let result = thread.run_mut((), &mut none, body);
        // Cannot fail: this is the context's only handle.
        result.unwrap_or_else(|refused| unreachable!("{refused}"))
    })
}
