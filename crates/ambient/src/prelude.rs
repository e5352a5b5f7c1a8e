//! What most modules that use variables need: `use ambient::prelude::*;`.
//!
//! The traits come without their names, so that they clash with no other. `Context` is
//! not in it, a name that `std::task`, `anyhow` and others have as well: write
//! `ambient::Context`.
//!
//! ```
//! use ambient::prelude::*;
//! use std::task::Context;
//!
//! static USER: Var<&str> = Var::new("user");
//!
//! # fn _polled(_: &mut Context<'_>) {}
//! let task = async { USER.get() }.in_context(ambient::Context::new());
//! # drop(task);
//! ```

pub use crate::in_context::ContextExt as _;
#[cfg(feature = "rayon")]
pub use crate::on_rayon::ParallelIteratorExt as _;
#[cfg(feature = "tokio")]
pub use crate::on_tokio::JoinSetExt as _;
#[cfg(feature = "tokio-util")]
pub use crate::on_tokio::TaskTrackerExt as _;
pub use crate::{DefaultVar, Inherit, Var};
