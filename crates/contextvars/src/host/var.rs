//! The cell of a variable.

use crate::engine::{self, DeepDrop, VarKey};
use crate::host::{ContextCell, ContextHost, Error, Thread, TokenCell};
use pyobj::{Handle, Host};
use std::fmt;
use std::mem::offset_of;

/// The cell that a host embeds in each variable object: its key, name and default.
pub struct VarCell<H: Host> {
    key: VarKey,
    name: H::Value,
    name_hash: i64,
    default: Option<DeepDrop<H::Value>>,
}

impl<H: Host> fmt::Debug for VarCell<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VarCell")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl<H: ContextHost> VarCell<H> {
    /// Where the name is in the cell, in bytes: for an interpreter that reads fields of its objects
    /// itself, as CPython does by a `PyMemberDef`.
    pub const NAME_OFFSET: usize = offset_of!(Self, name);

    /// Creates the cell of a new variable: CPython 3.14's `contextvar_new`.
    ///
    /// The host's `None` is a valid default, different from no default.
    ///
    /// # Errors
    ///
    /// [`Error::NameExpected`] if the name is not a `str`; [`Error::Host`] if hashing
    /// it fails.
    pub fn new(vm: H::Vm<'_>, name: H::Value, default: Option<H::Value>) -> Result<Self, Error<H>> {
        if !H::is_str(vm, &name) {
            return Err(Error::NameExpected);
        }
        Ok(VarCell {
            key: VarKey::next(),
            name_hash: H::hash(vm, &name).map_err(Error::Host)?,
            name,
            default: default.map(DeepDrop::new),
        })
    }

    /// Returns the variable's key, which no other variable ever has.
    #[inline]
    pub fn key(&self) -> VarKey {
        self.key
    }

    /// Returns the name object with which the variable was created.
    pub fn name(&self) -> &H::Value {
        &self.name
    }

    /// Returns the default, if there is one.
    pub fn default(&self) -> Option<&H::Value> {
        self.default.as_deref()
    }

    /// Returns the variable's value in the thread's current context. If it is
    /// not set, returns `default`, or else the variable's own default: CPython
    /// 3.14's `PyContextVar_Get`.
    ///
    /// A repeated read without a set or switch in between only reads the thread's
    /// cache. Otherwise O(log n).
    ///
    /// # Errors
    ///
    /// [`Error::Unset`] if there is none of the three.
    #[inline]
    pub fn get(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        var: &H::Var,
        mut default: Option<H::Value>,
    ) -> Result<H::Value, Error<H>> {
        // Borrows `default`, whose drop may run any code.
        Self::get_or_else(vm, thread, var, || match default.take() {
            Some(default) => Ok(default),
            None => var.with_payload(|cell| cell.default_or_unset(vm, var)),
        })
    }

    /// Returns the variable's value in the thread's current context. If it is not set, returns
    /// what `other` returns, which may run any code.
    #[inline]
    pub(crate) fn get_or_else<E>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        var: &H::Var,
        other: impl FnOnce() -> Result<H::Value, E>,
    ) -> Result<H::Value, E> {
        let key = var.with_payload(Self::key);
        let read = |value: Option<&H::Value>| match value {
            Some(value) => Ok(H::clone_value(vm, value)),
            None => other(),
        };
        match H::CLONES_RUN_NO_CODE {
            // SAFETY: the contract of `ContextHost`. `other` is called where there is no value.
            #[expect(unsafe_code, reason = "the contract of `ContextHost` allows it")]
            true => unsafe { engine::lookup_unregistered(thread, key, read) },
            false => engine::lookup(thread, key, read),
        }
    }

    #[inline(never)]
    pub(crate) fn default_or_unset(
        &self,
        vm: H::Vm<'_>,
        var: &H::Var,
    ) -> Result<H::Value, Error<H>> {
        match &self.default {
            Some(default) => Ok(H::clone_value(vm, default)),
            None => Err(Error::Unset(var.clone_in(vm))),
        }
    }

    /// Calls `read` with the value that [`get`](VarCell::get) without a default
    /// would return, or with `None` if that would fail. Does not clone the value.
    ///
    /// `read` may run any code: the value stays alive until it returns.
    #[inline]
    pub fn with<R>(
        thread: &Thread<H>,
        var: &H::Var,
        read: impl FnOnce(Option<&H::Value>) -> R,
    ) -> R {
        let key = var.with_payload(Self::key);
        engine::lookup(thread, key, |value| match value {
            Some(value) => read(Some(value)),
            None => var.with_payload(|cell| read(cell.default())),
        })
    }

    /// Binds the variable to `value` in the thread's current context. Returns
    /// the token that undoes it: CPython 3.14's `PyContextVar_Set`. O(log n).
    ///
    /// A thread without a context first gets an empty one.
    ///
    /// # Errors
    ///
    /// Fails if a context or a binding cannot be allocated; nothing is set then. Fails if the
    /// token cannot be allocated; the previous binding is restored then. (If memory for that is
    /// refused, too, the variable stays set.)
    #[inline]
    pub fn set(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        var: &H::Var,
        value: H::Value,
    ) -> Result<H::Token, Error<H>> {
        let make = |state| ContextCell::from_state(state).allocate(vm);
        let token = engine::set(vm, thread, var, value, make).map_err(Error::Host)?;
        H::Token::allocate(vm, TokenCell::new(token)).map_err(|refused| {
            // There is no token by which the caller could undo the set.
            let _ = refused.payload.state().restore(thread, var);
            Error::Host(refused.error)
        })
    }

    /// Restores the binding that the variable had before `token` was
    /// created: CPython 3.14's `PyContextVar_Reset`. O(log n).
    ///
    /// # Errors
    ///
    /// The first that applies of [`Error::TokenUsed`],
    /// [`Error::TokenOfOtherVariable`] and [`Error::TokenOfOtherContext`], with
    /// nothing changed. [`Error::Unset`], with the token used up, if the
    /// variable had no value before and has none now. [`Error::Host`] if memory is
    /// refused, or if the thread had no context and none can be allocated.
    #[inline]
    pub fn reset(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        var: &H::Var,
        token: &H::Token,
    ) -> Result<(), Error<H>> {
        TokenCell::restore(vm, thread, token, var)
    }

    /// Returns `repr(var)`: CPython 3.14's `contextvar_tp_repr`. `address` is that
    /// of the variable object, as the host prints it.
    ///
    /// # Errors
    ///
    /// Fails if the `repr` of the name or of the default fails.
    pub fn repr(&self, vm: H::Vm<'_>, address: usize) -> Result<String, H::Error> {
        let name = H::repr(vm, &self.name)?;
        let default = match &self.default {
            Some(default) => format!(" default={}", H::repr(vm, default)?),
            None => String::new(),
        };
        Ok(format!("<ContextVar name={name}{default} at {address:#x}>"))
    }

    /// Returns `hash(var)`: CPython 3.14's `contextvar_generate_hash`. It is the
    /// variable object's address, combined by exclusive or with the name's hash at the
    /// creation of the variable.
    pub fn hash(&self, address: usize) -> i64 {
        // Objects are aligned, so the lowest bits of an address carry no information.
        match address.rotate_right(4) as i64 ^ self.name_hash {
            // Reserved for failures.
            -1 => -2,
            hash => hash,
        }
    }
}
