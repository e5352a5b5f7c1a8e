//! The types and traits that most modules need: `use ambient::prelude::*;`.
//!
//! The traits are imported as `_`, so their names cannot clash. `Context` is not included,
//! since `std::task`, `anyhow` and others have a type of that name: write
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
