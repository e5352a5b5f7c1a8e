//! Context variables, by the types at the root of the crate and the thread's state as an argument.

use std::hint::black_box;

use contextvars::{Context, ContextVar, Thread, copy_current, interpreter};

use super::VARIABLES;
use super::library::Library;
use super::row::Row;
use super::start::{Span, Start};

/// Variables, and a context that binds them all.
pub struct Ours {
    vars: Vec<ContextVar>,
    context: Context,
}

impl Ours {
    pub fn new() -> Self {
        let vars: Vec<_> = (0..VARIABLES).map(|_| ContextVar::new("bench")).collect();
        let context = Context::new();
        let thread = Thread::new(interpreter());
        let bound = context.run_on(&thread, || {
            for var in &vars {
                var.set_on(&thread, 1);
            }
        });
        bound.expect("nobody is in it");
        Ours { vars, context }
    }
}

impl Library for Ours {
    fn work(&self, row: Row, number: usize, iterations: u64, start: &Start) -> Span {
        let thread = Thread::new(interpreter());
        let own = &self.vars[1 + number % (VARIABLES - 1)];
        // As on a server: each thread has a copy, and has set something in it.
        let context = self.context.copy();
        let timed = context.run_on(&thread, || match row {
            Row::GetShared => start.time(|| get(&thread, &self.vars[0], iterations)),
            Row::GetPrivate => start.time(|| get(&thread, own, iterations)),
            Row::Set => {
                own.set_on(&thread, 1);
                start.time(|| {
                    for value in 0..iterations {
                        drop(own.set_on(&thread, value as i64));
                    }
                })
            }
            Row::CopyAndRun => {
                own.set_on(&thread, 1);
                start.time(|| {
                    for _ in 0..iterations {
                        let mut copy = copy_current(&thread);
                        copy.run_mut_on(&thread, || ()).expect("nobody is in it");
                    }
                })
            }
            Row::CopyShared => start.time(|| {
                for _ in 0..iterations {
                    let mut copy = self.context.copy();
                    copy.run_mut_on(&thread, || ()).expect("nobody is in it");
                }
            }),
        });
        timed.expect("nobody is in it")
    }
}

#[inline(never)]
fn get(thread: &Thread, var: &ContextVar, iterations: u64) {
    for _ in 0..iterations {
        black_box(var.get_on(thread)).expect("it is set");
    }
}
