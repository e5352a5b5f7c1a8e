//! Contexts.

use crate::any_var::AnyVar;
use crate::binding::{self, Binding};
use crate::changes::Changes;
use crate::domain::{Ambient, Bindings, Handle, State, Thread, with_thread};
use crate::meta::Inherit;
use crate::never;
use crate::token::ContextId;
use crate::var::Var;
use contextvars::engine::{self, ContextNumber};
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// What variables are bound to.
///
/// A thread runs in one context at a time, the *current* one, and begins with an
/// empty one. A `Context` is another, which is not current until a closure or a
/// future [runs](Context::run) in it. It is owned: nobody else runs in it, so running
/// cannot fail, and what is set in it is seen in it alone.
///
/// ```
/// use ambient::{Context, Var};
///
/// static USER: Var<&str> = Var::new("user");
///
/// USER.set("ada");
/// let mut task = Context::current();
/// task.run(|| {
///     assert_eq!(USER.get(), Some("ada"));
///     USER.set("grace");
/// });
/// assert_eq!(USER.get(), Some("ada"));
/// assert_eq!(task.get(&USER), Some("grace"));
/// ```
///
/// Any of the ways to make one costs one allocation and one count, however much is
/// bound, with the exceptions noted.
pub struct Context {
    /// Invariant: the only handle.
    live: Handle,
    /// The context that this one shows the state of: what was set there is its own.
    of: Option<ContextNumber>,
}

impl Context {
    /// Makes a context that binds nothing.
    pub fn new() -> Self {
        with_thread(|thread| Self::make(thread, State::new(Bindings::new())))
    }

    /// Copies the current context, with all that it binds.
    ///
    /// For the same task elsewhere. What is *started* from here takes
    /// [`inherited`](Self::inherited), which the spawn helpers do.
    #[inline]
    pub fn current() -> Self {
        with_thread(|thread| {
            let mut copy = Self::make(thread, engine::copy_current(thread));
            copy.of = engine::current_number(thread);
            copy
        })
    }

    /// Copies what is to be inherited of the current context: all but the variables
    /// that are [never](Inherit::Never) inherited. Looks for each of these, O(log n).
    #[inline]
    pub fn inherited() -> Self {
        with_thread(|thread| {
            let state = engine::copy_current(thread);
            Self::make(thread, without_never(state))
        })
    }

    /// Makes a context with those variables of the current one that are
    /// [always](Inherit::Always) inherited. O(n).
    ///
    /// For work that is not part of the work at hand and outlives it: it holds on to
    /// nothing else.
    pub fn isolated() -> Self {
        with_thread(|thread| {
            let bindings = engine::copy_current(thread).snapshot();
            let mut kept = Bindings::new();
            let is_kept = |entry: &&_| binding::meta(entry).inherit == Inherit::Always;
            for entry in bindings.iter().filter(is_kept) {
                kept.insert_unique(entry.clone());
            }
            Self::make(thread, State::new(kept))
        })
    }

    #[inline]
    fn make(thread: &Thread, mut state: State) -> Self {
        state.take_number(thread);
        Context {
            live: Handle::new(state),
            of: None,
        }
    }

    /// Copies this context. What is set in either afterwards is not seen in the other.
    pub fn copy(&self) -> Self {
        with_thread(|thread| Self::make(thread, State::new(self.live.snapshot())))
    }

    /// Runs `body` in this context and leaves it on every path, a panic included.
    /// O(1); allocates nothing.
    ///
    /// What `body` sets stays in the context.
    #[inline]
    pub fn run<R>(&mut self, body: impl FnOnce() -> R) -> R {
        with_thread(|thread| {
            let result = thread.run_mut((), &mut self.live, body);
            // The handle is the only one, so nobody else is in it; and nothing enters
            // or leaves a context but a call of this function.
            result.unwrap_or_else(|refused| unreachable!("{refused}"))
        })
    }

    /// Sets a variable in this context. O(log n).
    pub fn set<T: Send + Sync + 'static>(&mut self, var: &'static Var<T>, value: T) {
        drop(self.run(|| var.set(value)));
    }

    /// As [`set`](Self::set), and gives the context.
    ///
    /// ```
    /// use ambient::{Context, Var};
    ///
    /// static ID: Var<u64> = Var::new("id");
    /// static USER: Var<&str> = Var::new("user");
    ///
    /// let mut request = Context::new().with(&ID, 7).with(&USER, "ada");
    /// assert_eq!(request.run(|| (ID.get(), USER.get())), (Some(7), Some("ada")));
    /// ```
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, var: &'static Var<T>, value: T) -> Self {
        self.set(var, value);
        self
    }

    /// Gives a clone of a variable's value in this context. O(log n).
    pub fn get<T: Clone + Send + Sync + 'static>(&self, var: &Var<T>) -> Option<T> {
        let entry = self.live.find(var.typed.meta.key()?)?;
        var.typed.value_in(&entry).cloned()
    }

    /// Copies this context without some variables, so that it holds on to none of
    /// their values. O(log n) for each.
    ///
    /// ```
    /// use ambient::{Context, Var};
    ///
    /// static ID: Var<u64> = Var::new("id");
    /// static BODY: Var<Vec<u8>> = Var::new("body");
    ///
    /// (ID.set(7), BODY.set(vec![0; 1 << 20]));
    /// let captured = Context::current().without(&[&BODY]);
    /// assert_eq!(captured.get(&ID), Some(7));
    /// assert_eq!(captured.get(&BODY), None);
    /// ```
    #[must_use]
    pub fn without(&self, vars: &[&'static dyn AnyVar]) -> Self {
        let mut bindings = self.live.snapshot();
        for var in vars {
            if let Some(key) = var.meta().0.key() {
                drop(engine::remove::<Ambient>(&mut bindings, key));
            }
        }
        let of = self.of;
        with_thread(|thread| Context {
            of,
            ..Self::make(thread, State::new(bindings))
        })
    }

    /// Gives the number of variables that are bound. O(1).
    pub fn len(&self) -> usize {
        self.live.len()
    }

    /// Tells whether none is. O(1).
    pub fn is_empty(&self) -> bool {
        self.live.is_empty()
    }

    /// Gives which context this is.
    pub fn id(&self) -> ContextId {
        ContextId(self.number())
    }

    /// Gives what is bound, by name. O(n log n).
    pub fn bindings(&self) -> Vec<Binding> {
        let numbers = [Some(self.number()), self.of];
        binding::sorted(&self.live.snapshot(), numbers)
    }

    /// Gives what was set in this context itself, as opposed to what it was made
    /// with; for a copy of the [current](Self::current) one, also what was set there.
    /// O(n).
    ///
    /// ```
    /// use ambient::{Context, Var};
    ///
    /// static ID: Var<u64> = Var::new("id").shown();
    /// static HITS: Var<u64> = Var::new("hits").shown();
    ///
    /// ID.set(7);
    /// let mut task = Context::inherited();
    /// task.run(|| HITS.set(3));
    ///
    /// let changes = task.changed();
    /// assert_eq!(changes.names().collect::<Vec<_>>(), ["hits"]);
    /// changes.apply();
    /// assert_eq!(HITS.get(), Some(3));
    /// ```
    pub fn changed(&self) -> Changes {
        let own = self.bindings().into_iter().filter(Binding::is_own);
        Changes::new(own.map(|binding| (None, Some(binding.entry))))
    }

    /// Gives what `newer` binds otherwise than this context. Values are not compared:
    /// a variable that was set again is bound otherwise.
    ///
    /// Costs what the two differ in, where one comes from the other or both from a
    /// third.
    pub fn diff(&self, newer: &Self) -> Changes {
        let (old, new) = (self.live.snapshot(), newer.live.snapshot());
        Changes::between(&old, &new)
    }

    /// Makes changes of another context in this one: see [`Changes::apply`].
    pub fn apply(&mut self, changes: &Changes) {
        self.run(|| changes.apply());
    }

    fn number(&self) -> ContextNumber {
        self.live.number().expect("given when it was made")
    }
}

/// Drops what is never inherited.
fn without_never(state: State) -> State {
    let mut bindings = None;
    never::each(|var| {
        let key = var.key().filter(|&key| state.find(key).is_some());
        if let Some(key) = key {
            let bindings = bindings.get_or_insert_with(|| state.snapshot());
            // The original holds the binding, so nothing is dropped here.
            let _ = engine::remove::<Ambient>(bindings, key);
        }
    });
    bindings.map_or(state, State::new)
}

// Whatever panics in a context, it is left and can be used: see `run`.
impl UnwindSafe for Context {}
impl RefUnwindSafe for Context {}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for Context {
    fn clone(&self) -> Self {
        self.copy()
    }
}

/// Shows each variable with its type and value, and whether it is the context's own or
/// inherited. On lines of their own with `{:#?}`.
impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        binding::tree(f, self.id(), &self.bindings())
    }
}
