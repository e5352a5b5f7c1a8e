//! The locks and threads of this crate: those of `threadstate`, which uses loom's under
//! `cfg(loom)`.

pub(crate) use threadstate::internals::sync::{
    Condvar, Mutex,
    thread::{self, ThreadId},
};
