//! The embedded host's tokens.

use super::{ContextVar, Thread, handle, missing, with_thread};
use crate::host::TokenCell;
use pyobj::std_host::{Object, ObjectRef, Result, Shared, Std, Type, Value};
use std::sync::LazyLock;

/// A token: [`ContextVar::set`] returns it, and [`ContextVar::reset`] takes it
/// to undo the set.
///
/// A handle: its clone is the same token.
#[derive(Clone)]
pub struct Token(Shared<TokenObject>);

struct TokenObject {
    cell: TokenCell<Std>,
}

handle!(Token, TokenObject, TokenCell<Std>);

impl Token {
    /// Returns the one `Token.MISSING`: the old value if the variable was not set.
    pub fn missing() -> Value {
        missing()
    }

    /// Returns the variable that was set, with exact identity.
    pub fn var(&self) -> &ContextVar {
        self.0.cell.var()
    }

    /// Returns the value that the set displaced, or `Token.MISSING`.
    pub fn old_value(&self) -> Value {
        self.0.cell.old_value(Std)
    }

    /// Returns `true` if the token has been used.
    pub fn is_used(&self) -> bool {
        self.0.cell.is_used()
    }

    /// Calls `body` with the token and then resets the variable, on every path,
    /// as Python's `with token:` does.
    ///
    /// # Errors
    ///
    /// As [`ContextVar::reset`]; the result of `body` is dropped then.
    pub fn run_with<R>(&self, body: impl FnOnce(&Token) -> R) -> Result<R> {
        with_thread(|thread| self.run_with_on(thread, body))
    }

    /// [`run_with`](Self::run_with) on the given thread.
    ///
    /// # Errors
    ///
    /// As [`run_with`](Self::run_with).
    pub fn run_with_on<R>(&self, thread: &Thread, body: impl FnOnce(&Token) -> R) -> Result<R> {
        Ok(TokenCell::run_with(Std, thread, self, || body(self))?)
    }

    /// Returns the type of tokens, `_contextvars.Token`. It gets its methods when
    /// the module `_contextvars` is created.
    pub fn class() -> &'static Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("_contextvars.Token").build());
        &CLASS
    }
}

impl Object for TokenObject {
    fn class(&self) -> &Type {
        Token::class()
    }

    fn repr(&self, this: &ObjectRef) -> Result<String> {
        self.cell.repr(Std, this.address())
    }

    fn hash(&self, _: &ObjectRef) -> Result<i64> {
        Err(Token::class().unhashable())
    }
}
