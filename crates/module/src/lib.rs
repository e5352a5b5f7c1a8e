//! An inittab for built-in modules, and the `_contextvars` and `contextvars`
//! modules in it.
//!
//! * [`Inittab`] is a table of built-in modules, for any host: append, look
//!   up, list, import by name.
//! * [`append_inittab`], [`import`], [`is_builtin`] and [`names`] act on the
//!   table that a process has for the embedded host of [`pyobj`]. It knows
//!   `_contextvars` and `contextvars` from the start.
//! * [`Module`] is the embedded host's module object.
//! * [`DuplicateName`] and [`ImportError`] say what can be refused.
//!
//! ```
//! use contextvars::{Arguments, Value};
//!
//! let contextvars = module::import("contextvars")?;
//! let with_default = Arguments::from(["user"]).keyword("default", "nobody");
//! let user = contextvars.call_method("ContextVar", with_default)?;
//!
//! let context = contextvars.call_method("copy_context", ())?;
//! let set = user.get_attr("set")?;
//! context.call_method("run", [set, Value::from("ada")])?;
//!
//! assert_eq!(user.call_method("get", ())?.as_str(), Some("nobody"));
//! assert_eq!(context.get_item(&user)?.as_str(), Some("ada"));
//!
//! let error = user.call_method("set", ()).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "TypeError: ContextVar.set() takes exactly one argument (0 given)",
//! );
//! # Ok::<(), contextvars::Exception>(())
//! ```
#![forbid(unsafe_code)]

mod entries;
mod error;
mod inittab;
mod module;
mod process;

pub use error::{DuplicateName, ImportError};
pub use inittab::Inittab;
pub use module::Module;
pub use process::{StdInittab, append_inittab, import, is_builtin, names};

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
