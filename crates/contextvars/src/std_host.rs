//! The embedded host's variables, contexts and tokens, which the root of the
//! crate exports. Each type is a handle of an object with a cell of `host`.

// `ContextVar`, `Context`, `Token` and `Thread` are one object model, so their files refer to each
// other in circles: a set on a thread returns a token of the variable, and a context maps variables.

pub mod c_api;
mod context;
mod iter;
mod missing;
mod thread;
mod token;
mod var;

pub use context::{Context, Iter, Keys, Values, copy_context, copy_context_on};
pub use iter::ContextIter;
pub use missing::missing;
pub use thread::{Watcher, interpreter, with_thread};
pub use token::Token;
pub use var::ContextVar;

use crate::engine::AtomicCounts;
use crate::host;
use pyobj::Handle;
use pyobj::std_host::{Exception, Result, Std, Type, Value};

/// The state of one thread of the embedded host.
pub type Thread = host::Thread<Std>;

/// The state that threads of the embedded host share.
pub type Interpreter = host::Interpreter<Std>;

type Error = host::Error<Std>;

impl From<Error> for Exception {
    fn from(error: Error) -> Exception {
        error.raise(Std)
    }
}

/// Downcasts an object to a handle `T`, whose Python type is `class`.
///
/// # Errors
///
/// `TypeError` if the object has another type.
pub fn instance<T: Handle<Std>>(class: &Type, object: &Value) -> Result<T> {
    T::from_value(Std, object).ok_or_else(|| {
        Exception::type_error(format!("an instance of {} was expected", class.name()))
    })
}

/// The failure of an operation that fails only if an allocation does: none of this host fails.
#[cold]
fn never<T>(error: impl Into<Exception>) -> T {
    unreachable!("{}", error.into())
}

// SAFETY: a context is a `Shared`, which points to a counted allocation that does not
// move. A clone of a value increments a reference count at most.
#[expect(unsafe_code, reason = "the promise of `ContextHost`")]
unsafe impl host::ContextHost for Std {
    type Kind = AtomicCounts;
    type Var = ContextVar;
    type Context = Context;
    type Token = Token;
    type Watcher = Watcher;

    const CLONES_RUN_NO_CODE: bool = true;

    fn missing(_: Std) -> Value {
        missing()
    }

    fn call_watcher(
        _: Std,
        watcher: &Watcher,
        event: threadstate::Event,
        current: Option<&Context>,
    ) -> Result<()> {
        watcher(event, current)
    }
}

/// Implements a handle type of the embedded host: a counted pointer to an
/// object of the host that contains a cell.
macro_rules! handle {
    ($handle:ident, $object:ident, $cell:ty) => {
        impl $handle {
            #[inline]
            fn from_cell(cell: $cell) -> Self {
                $handle(pyobj::std_host::Shared::new($object { cell }))
            }

            /// Returns a handle of this type if `value` is such an object.
            pub fn from_object(value: &pyobj::std_host::Value) -> Option<Self> {
                value.downcast().map($handle)
            }

            /// Returns `true` if both are handles of the same object (`a is b`).
            pub fn is(&self, other: &Self) -> bool {
                self.0.ptr_eq(&other.0)
            }
        }

        impl pyobj::Handle<pyobj::std_host::Std> for $handle {
            type Payload = $cell;

            #[inline]
            fn allocate(
                _: pyobj::std_host::Std,
                cell: $cell,
            ) -> Result<Self, pyobj::Unallocated<pyobj::std_host::Std, $cell>> {
                Ok(Self::from_cell(cell))
            }

            #[inline]
            fn with_payload<R>(&self, f: impl FnOnce(&$cell) -> R) -> R {
                f(&self.0.cell)
            }

            #[inline]
            fn clone_in(&self, _: pyobj::std_host::Std) -> Self {
                self.clone()
            }

            fn to_value(&self, _: pyobj::std_host::Std) -> pyobj::std_host::Value {
                self.into()
            }

            fn into_value(self, _: pyobj::std_host::Std) -> pyobj::std_host::Value {
                self.into()
            }

            fn from_value(_: pyobj::std_host::Std, value: &pyobj::std_host::Value) -> Option<Self> {
                Self::from_object(value)
            }
        }

        impl pyobj::DirectHandle<pyobj::std_host::Std> for $handle {
            #[inline]
            fn payload(&self) -> &$cell {
                &self.0.cell
            }

            #[inline]
            fn payload_mut(&mut self) -> Option<&mut $cell> {
                Some(&mut self.0.get_mut()?.cell)
            }
        }

        impl From<$handle> for pyobj::std_host::Value {
            fn from(handle: $handle) -> pyobj::std_host::Value {
                handle.0.into()
            }
        }

        impl From<&$handle> for pyobj::std_host::Value {
            fn from(handle: &$handle) -> pyobj::std_host::Value {
                handle.clone().into()
            }
        }

        /// Formats the object's `repr`.
        impl std::fmt::Debug for $handle {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&pyobj::std_host::Value::from(self), f)
            }
        }
    };
}
use handle;
