//! The atomics: those of `std`, or loom's under `cfg(loom)`, so that models check the code that
//! ships.

#[cfg(loom)]
use loom::sync as imp;
#[cfg(not(loom))]
use std::sync as imp;

pub(crate) use imp::atomic::{AtomicU64, Ordering, fence};
