//! The embedded host's variables.

use super::{Thread, Token, handle, never, with_thread};
use crate::host::VarCell;
use pyobj::std_host::{Object, ObjectRef, Result, Shared, Std, Type, Value};
use std::sync::LazyLock;

/// A context variable: each context holds its own value for it.
///
/// A handle: its clone is the same variable. Every operation works on the
/// calling thread's current context; the methods that end in `_on` take the
/// thread's state instead of looking it up.
///
/// ```
/// use contextvars::ContextVar;
///
/// let user = ContextVar::new("user");
/// let token = user.set("ada");
/// assert_eq!(user.get()?.as_str(), Some("ada"));
/// user.reset(&token)?;
/// assert!(user.get().is_err());
/// # Ok::<(), contextvars::Exception>(())
/// ```
#[derive(Clone)]
pub struct ContextVar(Shared<VarObject>);

struct VarObject {
    cell: VarCell<Std>,
}

handle!(ContextVar, VarObject, VarCell<Std>);

impl ContextVar {
    /// Creates a variable without a default.
    pub fn new(name: &str) -> Self {
        Self::from_text(name, None)
    }

    /// Creates a variable with a default, which may be `Value::None`.
    pub fn with_default(name: &str, default: impl Into<Value>) -> Self {
        Self::from_text(name, Some(default.into()))
    }

    fn from_text(name: &str, default: Option<Value>) -> Self {
        // A `str` is a name, and its hash does not fail.
        Self::from_name(Value::from(name), default).unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// Creates a variable whose name is an object: CPython 3.14's
    /// `PyContextVar_New`.
    ///
    /// # Errors
    ///
    /// `TypeError` if the name is not a `str`. Also fails if hashing it fails.
    pub fn from_name(name: Value, default: Option<Value>) -> Result<Self> {
        Ok(Self::from_cell(VarCell::new(Std, name, default)?))
    }

    /// Makes the variable immortal: it is never dropped, and its reference count no longer
    /// changes. For a variable in a static that several threads set: each set clones a handle, and
    /// threads that change one reference count slow each other down.
    ///
    /// ```
    /// use contextvars::ContextVar;
    /// use std::sync::LazyLock;
    ///
    /// static REQUEST: LazyLock<ContextVar> = LazyLock::new(|| {
    ///     let request = ContextVar::new("request");
    ///     request.make_immortal();
    ///     request
    /// });
    /// # REQUEST.set(1);
    /// # assert_eq!(REQUEST.get()?.as_int(), Some(1));
    /// # Ok::<(), contextvars::Exception>(())
    /// ```
    pub fn make_immortal(&self) {
        self.0.make_immortal();
    }

    /// Returns the name object with which the variable was created.
    pub fn name(&self) -> &Value {
        self.0.cell.name()
    }

    /// Returns the variable's value in the current context, or its default if it
    /// is not set: CPython 3.14's `PyContextVar_Get`.
    ///
    /// # Errors
    ///
    /// `LookupError`, whose argument is this variable, if it has neither.
    pub fn get(&self) -> Result {
        with_thread(|thread| self.get_on(thread))
    }

    /// [`get`](Self::get) on the given thread.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get).
    #[inline]
    pub fn get_on(&self, thread: &Thread) -> Result {
        let default = || Ok(self.0.cell.default_or_unset(Std, self)?);
        VarCell::get_or_else(Std, thread, self, default)
    }

    /// Returns the variable's value in the current context. If it is not set,
    /// returns `default`, even if the variable has its own default.
    pub fn get_or(&self, default: impl Into<Value>) -> Value {
        with_thread(|thread| self.get_or_on(thread, default))
    }

    /// [`get_or`](Self::get_or) on the given thread.
    #[inline]
    pub fn get_or_on(&self, thread: &Thread, default: impl Into<Value>) -> Value {
        VarCell::get(Std, thread, self, Some(default.into())).unwrap_or_else(never)
    }

    /// Calls `read` with the value that [`get`](Self::get) would return, or with
    /// `None` if that would fail. Does not clone the value.
    pub fn with<R>(&self, read: impl FnOnce(Option<&Value>) -> R) -> R {
        with_thread(|thread| self.with_on(thread, read))
    }

    /// [`with`](Self::with) on the given thread.
    #[inline]
    pub fn with_on<R>(&self, thread: &Thread, read: impl FnOnce(Option<&Value>) -> R) -> R {
        VarCell::with(thread, self, read)
    }

    /// Binds the variable in the current context: CPython 3.14's
    /// `PyContextVar_Set`. Returns the token that restores the previous binding.
    pub fn set(&self, value: impl Into<Value>) -> Token {
        with_thread(|thread| self.set_on(thread, value))
    }

    /// [`set`](Self::set) on the given thread.
    #[inline]
    pub fn set_on(&self, thread: &Thread, value: impl Into<Value>) -> Token {
        VarCell::set(Std, thread, self, value.into()).unwrap_or_else(never)
    }

    /// Restores the binding that the variable had before the set that returned
    /// `token`: CPython 3.14's `PyContextVar_Reset`.
    ///
    /// # Errors
    ///
    /// `RuntimeError` if the token has been used, `ValueError` if it
    /// belongs to another variable or another context. `LookupError`, with the
    /// token used up, if the variable had no value and has none now.
    pub fn reset(&self, token: &Token) -> Result<()> {
        with_thread(|thread| self.reset_on(thread, token))
    }

    /// [`reset`](Self::reset) on the given thread.
    ///
    /// # Errors
    ///
    /// As [`reset`](Self::reset).
    #[inline]
    pub fn reset_on(&self, thread: &Thread, token: &Token) -> Result<()> {
        Ok(VarCell::reset(Std, thread, self, token)?)
    }

    /// Sets the variable for the length of `body`, and then restores the previous
    /// binding on every path, also on a panic.
    ///
    /// ```
    /// use contextvars::ContextVar;
    ///
    /// let depth = ContextVar::with_default("depth", 0);
    /// let inside = depth.scoped(1, || depth.get())??;
    /// assert_eq!(inside.as_int(), Some(1));
    /// assert_eq!(depth.get()?.as_int(), Some(0));
    /// # Ok::<(), contextvars::Exception>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `RuntimeError` if `body` has left the current context, or has not
    /// left one that it entered; its result is dropped then.
    pub fn scoped<R>(&self, value: impl Into<Value>, body: impl FnOnce() -> R) -> Result<R> {
        with_thread(|thread| self.scoped_on(thread, value, body))
    }

    /// [`scoped`](Self::scoped) on the given thread.
    ///
    /// # Errors
    ///
    /// As [`scoped`](Self::scoped).
    #[inline]
    pub fn scoped_on<R>(
        &self,
        thread: &Thread,
        value: impl Into<Value>,
        body: impl FnOnce() -> R,
    ) -> Result<R> {
        Ok(VarCell::scoped(Std, thread, self, value.into(), body)?)
    }

    /// Returns the type of variables, `_contextvars.ContextVar`. It gets its
    /// methods when the module `_contextvars` is created.
    pub fn class() -> &'static Type {
        static CLASS: LazyLock<Type> =
            LazyLock::new(|| Type::new("_contextvars.ContextVar").build());
        &CLASS
    }
}

impl Object for VarObject {
    fn class(&self) -> &Type {
        ContextVar::class()
    }

    fn repr(&self, this: &ObjectRef) -> Result<String> {
        self.cell.repr(Std, this.address())
    }

    fn hash(&self, this: &ObjectRef) -> Result<i64> {
        Ok(self.cell.hash(this.address()))
    }
}
