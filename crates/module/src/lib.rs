#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! * [`Inittab`] is a table of built-in modules, for any host ([`ModuleHost`]).
//! * [`contextvars()`] returns the content of the module `_contextvars`, for any host.
//! * [`append_inittab`], [`import`], [`is_builtin`] and [`names`] use the process's table of the
//!   embedded host of [`pyobj`].
//! * [`Module`] is the embedded host's module object.
//! * [`DuplicateName`] and [`ImportError`] are the errors.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod error;
mod inittab;
#[cfg(feature = "std-host")]
mod module;
mod primitive;
#[cfg(feature = "std-host")]
mod process;
#[cfg(feature = "std-host")]
mod std_module;
mod surface;

pub use error::{DuplicateName, ImportError};
pub use inittab::{Inittab, LocalInitialiser, ModuleHost, SharedInitialiser};
#[cfg(feature = "std-host")]
pub use module::Module;
#[cfg(feature = "std-host")]
pub use process::{StdInittab, append_inittab, import, is_builtin, names};
pub use surface::{
    Body, Class, Constant, Constructor, Contextvars, Function, Getter, Method, Outcome, Row,
    contextvars,
};
