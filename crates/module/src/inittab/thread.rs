//! Which thread this is, also under the model checker.

#[cfg(loom)]
pub(super) use loom::thread::{ThreadId, current};
#[cfg(not(loom))]
pub(super) use std::thread::{ThreadId, current};
