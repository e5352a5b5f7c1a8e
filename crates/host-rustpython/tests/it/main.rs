//! RustPython with this crate's `_contextvars`, compared with RustPython's own module, and with
//! CPython if one is installed.

mod binary;
mod defects;
mod immortal;
mod programs;
mod server;
mod suites;
mod watchers;
