//! The embedded host's contexts.

use super::{ContextIter, ContextVar, Thread, handle, never, with_thread};
use crate::engine;
use crate::host::{ContextCell, HostDomain, IterCell, IterKind};
use hamt::raw::Cursor;
use pyobj::std_host::{Arguments, Object, ObjectRef, Result, Shared, Std, Type, Value};
use std::fmt;
use std::iter::FusedIterator;
use std::sync::LazyLock;

/// A context: the values of any number of variables.
///
/// A handle: its clone is the same context, while [`copy`](Self::copy) makes
/// another one. The methods that end in `_on` take the thread's state instead
/// of looking it up.
///
/// ```
/// use contextvars::{Context, ContextVar};
///
/// let user = ContextVar::with_default("user", "nobody");
/// let context = Context::new();
/// context.run(|| user.set("ada"))?;
/// assert_eq!(user.get()?.as_str(), Some("nobody"));
/// assert_eq!(context.run(|| user.get())??.as_str(), Some("ada"));
/// # Ok::<(), contextvars::Exception>(())
/// ```
#[derive(Clone)]
pub struct Context(Shared<ContextObject>);

struct ContextObject {
    cell: ContextCell<Std>,
}

handle!(Context, ContextObject, ContextCell<Std>);

/// Copies the calling thread's current context: CPython 3.14's
/// `PyContext_CopyCurrent`. O(1).
pub fn copy_context() -> Context {
    with_thread(copy_context_on)
}

/// [`copy_context`] on the given thread. O(1).
#[inline]
pub fn copy_context_on(thread: &Thread) -> Context {
    ContextCell::ensure_current(Std, thread).unwrap_or_else(never);
    Context(Shared::new_with(|| ContextObject {
        cell: ContextCell::of_current(thread),
    }))
}

impl Context {
    /// Creates an empty context: CPython 3.14's `PyContext_New`.
    pub fn new() -> Self {
        Self::from_cell(ContextCell::new())
    }

    /// Creates another context with the same bindings: CPython 3.14's
    /// `PyContext_Copy`. Neither sees later changes of the other. O(1).
    pub fn copy(&self) -> Self {
        Self::from_cell(self.0.cell.copy())
    }

    /// Runs `body` in this context and leaves it on every path, also on a
    /// panic.
    ///
    /// # Errors
    ///
    /// `RuntimeError`, with `body` not run, if any thread has entered this
    /// context or has it as its base. `RuntimeError`, with the result dropped, if
    /// `body` itself has left the context, or has not left another.
    pub fn run<R>(&self, body: impl FnOnce() -> R) -> Result<R> {
        with_thread(|thread| self.run_on(thread, body))
    }

    /// [`run`](Self::run) on the given thread.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    #[inline]
    pub fn run_on<R>(&self, thread: &Thread, body: impl FnOnce() -> R) -> Result<R> {
        Ok(ContextCell::run(Std, thread, self, body)?)
    }

    /// As [`run`](Self::run), but cheaper if this is the only handle of the context,
    /// for example a copy for one task. Then no other thread can enter it, so entering
    /// needs no atomic read-modify-write.
    ///
    /// ```
    /// let mut task = contextvars::copy_context();
    /// assert_eq!(task.run_mut(|| 42)?, 42);
    /// # Ok::<(), contextvars::Exception>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_mut<R>(&mut self, body: impl FnOnce() -> R) -> Result<R> {
        with_thread(|thread| self.run_mut_on(thread, body))
    }

    /// [`run_mut`](Self::run_mut) on the given thread.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    #[inline]
    pub fn run_mut_on<R>(&mut self, thread: &Thread, body: impl FnOnce() -> R) -> Result<R> {
        Ok(ContextCell::run_mut(Std, thread, self, body)?)
    }

    /// Calls a callable in this context: CPython 3.14's `Context.run`.
    ///
    /// ```
    /// use contextvars::{Arguments, Builtin, Context, Value};
    /// use pyobj::std_host::Arity;
    ///
    /// let first = Builtin::function("first", Arity::Variadic, |mut arguments: Arguments| {
    ///     Ok(arguments.positional.swap_remove(0))
    /// });
    /// let answer = Context::new().call(&first.into(), [42])?;
    /// assert_eq!(answer.as_int(), Some(42));
    /// # Ok::<(), contextvars::Exception>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run). Also fails if the call fails.
    pub fn call(&self, callable: &Value, arguments: impl Into<Arguments>) -> Result {
        with_thread(|thread| self.call_on(thread, callable, arguments))
    }

    /// [`call`](Self::call) on the given thread.
    ///
    /// # Errors
    ///
    /// As [`call`](Self::call).
    pub fn call_on(
        &self,
        thread: &Thread,
        callable: &Value,
        arguments: impl Into<Arguments>,
    ) -> Result {
        Ok(ContextCell::call(
            Std,
            thread,
            self,
            callable,
            arguments.into(),
        )?)
    }

    /// Makes this context current until [`exit`](Self::exit): CPython 3.14's
    /// `PyContext_Enter`. [`run`](Self::run) leaves the context itself.
    ///
    /// # Errors
    ///
    /// `RuntimeError`, with nothing changed, if any thread has entered this
    /// context or has it as its base.
    pub fn enter(&self) -> Result<()> {
        with_thread(|thread| self.enter_on(thread))
    }

    /// [`enter`](Self::enter) on the given thread.
    ///
    /// # Errors
    ///
    /// As [`enter`](Self::enter).
    #[inline]
    pub fn enter_on(&self, thread: &Thread) -> Result<()> {
        Ok(ContextCell::enter(Std, thread, self)?)
    }

    /// Leaves this context: CPython 3.14's `PyContext_Exit`.
    ///
    /// # Errors
    ///
    /// `RuntimeError`, with nothing changed, if no thread has entered it or
    /// another context is current.
    pub fn exit(&self) -> Result<()> {
        with_thread(|thread| self.exit_on(thread))
    }

    /// [`exit`](Self::exit) on the given thread.
    ///
    /// # Errors
    ///
    /// As [`exit`](Self::exit).
    #[inline]
    pub fn exit_on(&self, thread: &Thread) -> Result<()> {
        Ok(ContextCell::exit(Std, thread, self)?)
    }

    /// Returns the value that this context binds `var` to. The variable's default
    /// is not used. O(log n).
    #[inline]
    pub fn get(&self, var: &ContextVar) -> Option<Value> {
        self.0.cell.value(Std, var)
    }

    /// Returns `true` if this context binds `var`. O(log n).
    pub fn contains(&self, var: &ContextVar) -> bool {
        self.0.cell.find(var).is_some()
    }

    /// Returns the number of bindings. O(1).
    pub fn len(&self) -> usize {
        self.0.cell.len()
    }

    /// Returns `true` if nothing is bound. O(1).
    pub fn is_empty(&self) -> bool {
        self.0.cell.is_empty()
    }

    /// Returns `true` if a thread has entered the context.
    pub fn is_entered(&self) -> bool {
        self.0.cell.is_entered()
    }

    /// Returns an iterator over the current bindings, in an unspecified order.
    /// Later sets do not affect it.
    pub fn iter(&self) -> Iter {
        let snapshot = self.0.cell.snapshot();
        Iter {
            left: snapshot.len(),
            snapshot,
            position: Cursor::new(),
        }
    }

    /// Returns an iterator over the variables that are bound now.
    pub fn keys(&self) -> Keys {
        Keys(self.iter())
    }

    /// Returns an iterator over the values that are bound now.
    pub fn values(&self) -> Values {
        Values(self.iter())
    }

    /// Returns `true` if both contexts bind the same variables to equal values.
    ///
    /// # Errors
    ///
    /// Fails if comparing two values fails.
    pub fn equals(&self, other: &Self) -> Result<bool> {
        self.0.cell.eq(Std, &other.0.cell)
    }

    /// Returns the type of contexts, `_contextvars.Context`. It gets its methods
    /// when the module `_contextvars` is created.
    pub fn class() -> &'static Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| {
            Type::new("_contextvars.Context")
                .weakly_referenceable()
                .sequence()
                .build()
        });
        &CLASS
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}

impl IntoIterator for &Context {
    type Item = (ContextVar, Value);
    type IntoIter = Iter;

    fn into_iter(self) -> Iter {
        self.iter()
    }
}

/// An iterator over the bindings that a context had when the iterator was created.
pub struct Iter {
    snapshot: engine::Bindings<HostDomain<Std>>,
    position: Cursor,
    left: usize,
}

impl fmt::Debug for Iter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl Iterator for Iter {
    type Item = (ContextVar, Value);

    fn next(&mut self) -> Option<(ContextVar, Value)> {
        let entry = self.position.next(&self.snapshot)?;
        self.left -= 1;
        Some((entry.key().var().clone(), Value::clone(entry.value())))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Iter {}
impl FusedIterator for Iter {}

/// An iterator over the variables that a context bound when the iterator was created.
#[derive(Debug)]
pub struct Keys(Iter);

impl Iterator for Keys {
    type Item = ContextVar;

    fn next(&mut self) -> Option<ContextVar> {
        Some(self.0.next()?.0)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Keys {}
impl FusedIterator for Keys {}

/// An iterator over the values that a context had when the iterator was created.
#[derive(Debug)]
pub struct Values(Iter);

impl Iterator for Values {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        Some(self.0.next()?.1)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for Values {}
impl FusedIterator for Values {}

impl Object for ContextObject {
    fn class(&self) -> &Type {
        Context::class()
    }

    fn hash(&self, _: &ObjectRef) -> Result<i64> {
        Err(Context::class().unhashable())
    }

    fn eq(&self, _: &ObjectRef, other: &Value) -> Result {
        match other.downcast_ref::<ContextObject>() {
            Some(other) => Ok(self.cell.eq(Std, &other.cell)?.into()),
            None => Ok(Value::NotImplemented),
        }
    }

    fn truth(&self, _: &ObjectRef) -> Result<bool> {
        Ok(!self.cell.is_empty())
    }

    fn get_item(&self, _: &ObjectRef, key: &Value) -> Result {
        Ok(self.cell.get_item(Std, key)?)
    }

    fn len(&self, _: &ObjectRef) -> Result<usize> {
        Ok(self.cell.len())
    }

    fn contains(&self, _: &ObjectRef, item: &Value) -> Result<bool> {
        Ok(self.cell.contains(Std, item)?)
    }

    fn iter(&self, _: &ObjectRef) -> Result {
        Ok(Value::object(ContextIter::new(IterCell::new(
            IterKind::Keys,
            &self.cell,
        ))))
    }
}
