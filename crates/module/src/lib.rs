#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! * [`Inittab`] is a table of built-in modules, for any host.
//! * [`append_inittab`], [`import`], [`is_builtin`] and [`names`] act on the table that a
//!   process has for the embedded host of [`pyobj`].
//! * [`Module`] is the embedded host's module object.
//! * [`DuplicateName`] and [`ImportError`] say what can be refused.
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
