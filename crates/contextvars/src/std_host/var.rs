//! The embedded host's variables.

use super::{Context, Error, Thread, Token, handle, with_thread};
use crate::engine;
use crate::host::{ContextCell, TokenCell, VarCell};
use pyobj::std_host::{Object, ObjectRef, Result, Shared, Std, Type, Value};
use std::convert::Infallible;
use std::sync::LazyLock;

/// A context variable: each context holds its own value for it.
///
/// A handle: cloning it counts one more to the same variable. Every operation
/// works on the calling thread's current context; the forms that end in `_on`
/// take the thread's state instead of looking it up.
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
    /// Makes a variable without a default.
    pub fn new(name: &str) -> Self {
        Self::from_text(name, None)
    }

    /// Makes a variable with a default; `None` is one too.
    pub fn with_default(name: &str, default: impl Into<Value>) -> Self {
        Self::from_text(name, Some(default.into()))
    }

    fn from_text(name: &str, default: Option<Value>) -> Self {
        let name = Value::from(name);
        // A text always has a hash.
        let hash = name.hash().unwrap_or_default();
        Self::from_cell(VarCell::with_hash(name, hash, default))
    }

    /// Makes a variable whose name is any object: CPython 3.14's
    /// `PyContextVar_New`.
    ///
    /// # Errors
    ///
    /// `TypeError` where the name is no `str`, and whatever hashing it raises.
    pub fn from_name(name: Value, default: Option<Value>) -> Result<Self> {
        Ok(Self::from_cell(VarCell::new(Std, name, default)?))
    }

    /// Makes the variable immortal: it is never dropped, and nothing counts its handles any more.
    /// For one in a static that several threads set: each set counts a handle, and threads that
    /// count one object slow each other down.
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

    /// Returns the very name object that the variable was made with.
    pub fn name(&self) -> &Value {
        self.0.cell.name()
    }

    /// Returns the variable's value in the current context; where it is not set,
    /// its default: CPython 3.14's `PyContextVar_Get`.
    ///
    /// # Errors
    ///
    /// `LookupError`, whose argument is this variable, where it has neither.
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
        let cell = &self.0.cell;
        engine::lookup(thread, cell.key(), |value| match value {
            Some(value) => Ok(value.clone()),
            None => self.default_or_unset(),
        })
    }

    #[inline(never)]
    fn default_or_unset(&self) -> Result {
        match self.0.cell.default() {
            Some(default) => Ok(default.clone()),
            None => Err(Error::Unset(self.clone()).into()),
        }
    }

    /// Returns the variable's value in the current context; where it is not set,
    /// `default`, even if the variable has a default of its own.
    pub fn get_or(&self, default: impl Into<Value>) -> Value {
        with_thread(|thread| self.get_or_on(thread, default))
    }

    /// [`get_or`](Self::get_or) on the given thread.
    #[inline]
    pub fn get_or_on(&self, thread: &Thread, default: impl Into<Value>) -> Value {
        let default = default.into();
        engine::lookup(thread, self.0.cell.key(), |value| match value {
            Some(value) => value.clone(),
            None => default,
        })
    }

    /// Calls `read` with the value that [`get`](Self::get) would give, or with
    /// `None` where that would fail, without counting a handle to it.
    pub fn with<R>(&self, read: impl FnOnce(Option<&Value>) -> R) -> R {
        with_thread(|thread| self.with_on(thread, read))
    }

    /// [`with`](Self::with) on the given thread.
    #[inline]
    pub fn with_on<R>(&self, thread: &Thread, read: impl FnOnce(Option<&Value>) -> R) -> R {
        VarCell::with(thread, self, read)
    }

    /// Binds the variable in the current context and gives the token that
    /// restores what was there: CPython 3.14's `PyContextVar_Set`.
    pub fn set(&self, value: impl Into<Value>) -> Token {
        with_thread(|thread| self.set_on(thread, value))
    }

    /// [`set`](Self::set) on the given thread.
    #[inline]
    pub fn set_on(&self, thread: &Thread, value: impl Into<Value>) -> Token {
        let value = value.into();
        Token::make(|| {
            let Ok(state) = engine::set(Std, thread, self, value, |state| {
                Ok::<_, Infallible>(Context::from_cell(ContextCell::from_state(state)))
            });
            TokenCell::new(state)
        })
    }

    /// Restores what the variable was before the set that returned `token`:
    /// CPython 3.14's `PyContextVar_Reset`.
    ///
    /// # Errors
    ///
    /// `RuntimeError` where the token has been used, `ValueError` where it
    /// belongs to another variable or another context. `LookupError`, with the
    /// token spent, where the variable had no value and has none now.
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

    /// Sets the variable for the length of `body`, and then restores what was
    /// there on every path, a panic included.
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
    /// `RuntimeError` where `body` has left the current context, or has not
    /// left one that it entered: its result is dropped.
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
    /// methods when the module of that name is made.
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
