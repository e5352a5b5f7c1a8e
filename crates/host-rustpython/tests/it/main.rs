//! RustPython with our context variables, beside RustPython with its own, and CPython
//! where there is one.

mod binary;
mod defects;
mod home;
mod programs;
mod server;
mod suites;
mod watchers;
