//! Tokio's values for tasks. A variable is a static, each thread has a value of its own, and a
//! value is set for the length of a call: so a set is a call that does nothing, and so is a run in
//! a copy, which takes over one value.

use std::hint::black_box;

use tokio::task::LocalKey;

use super::library::Library;
use super::row::Row;
use super::start::{Span, Start};

tokio::task_local! {
    static SHARED: u64;
    static FIRST: u64;
    static SECOND: u64;
}

/// Nothing but the statics above.
pub struct TaskLocal;

impl Library for TaskLocal {
    fn work(&self, row: Row, number: usize, iterations: u64, start: &Start) -> Span {
        let own: &'static LocalKey<u64> = [&FIRST, &SECOND][number % 2];
        let var = if row == Row::GetShared { &SHARED } else { own };
        var.sync_scope(1, || {
            start.time(|| {
                for value in 0..iterations {
                    match row {
                        Row::GetShared | Row::GetPrivate => drop(black_box(var.get())),
                        Row::Set => var.sync_scope(value, || ()),
                        Row::CopyAndRun | Row::CopyShared => var.sync_scope(var.get(), || ()),
                    }
                }
            })
        })
    }
}
