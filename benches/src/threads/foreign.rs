//! What gets slower when two threads have to do with one context: others read it while its owner
//! sets, and the owner sets while others read. Beside the same with nothing else at work. CPython is
//! no peer here: with its lock there is nothing else at work.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use contextvars::{Context, ContextVar, Thread, interpreter};

use crate::bench::{Bench, Named};
use crate::workload::{Walk, done, hide, time};

pub const ALONE: &[&str] = &["itself, alone"];

/// What the measured thread does while another one sets, or, the last, while another one reads.
const WORKLOADS: [&str; 3] = [
    "copy + drop, while the owner sets",
    "ctx[var], while the owner sets",
    SET,
];
const SET: &str = "set, while another thread reads";

pub fn measure(bench: &mut Bench<'_>) {
    for (kind, size) in [("of 10 variables", 10), ("of 1,000 variables", 1_000)] {
        let both = Both::new(size);
        let mut all = [("contextvars", true), (ALONE[0], false)].map(|(name, busy)| -> Named<'_> {
            let both = &both;
            (
                name,
                Box::new(move |workload: &str, count| Some(both.run(workload, busy, count))),
            )
        });
        for workload in WORKLOADS {
            bench.compare((workload, kind, 2), 1, 1, &mut all);
        }
    }
}

/// A context that two threads have to do with.
struct Both {
    context: Context,
    vars: Vec<ContextVar>,
}

impl Both {
    fn new(size: u64) -> Self {
        let vars = (0..size).map(|_| ContextVar::new("bench")).collect();
        let both = Both {
            context: Context::new(),
            vars,
        };
        both.set(size);
        both
    }

    /// Times what is measured on this thread; another thread does the other's part all the while, or
    /// waits if not `busy`.
    fn run(&self, workload: &str, busy: bool, count: u64) -> Duration {
        let (began, begins) = mpsc::channel();
        // Gone when this function ends, by a panic too, and the other thread ends with it.
        let measuring = Arc::new(());
        let goes_on = Arc::downgrade(&measuring);
        thread::scope(|scope| {
            scope.spawn(move || {
                // Where nothing receives, the measured thread has panicked.
                let _ = began.send(());
                while goes_on.strong_count() > 0 {
                    match (busy, workload == SET) {
                        (true, true) => _ = self.get(100),
                        (true, false) => _ = self.set(100),
                        // Not asleep: a processor that has to be woken is another cost.
                        (false, _) => std::hint::spin_loop(),
                    }
                }
            });
            begins.recv().expect("the other thread begins");
            let time = self.time(workload, count);
            drop(measuring);
            time
        })
    }

    fn time(&self, workload: &str, count: u64) -> Duration {
        let context = &self.context;
        match workload.split(',').next() {
            Some("copy + drop") => time(count, || done(hide(context).copy())),
            Some("ctx[var]") => self.get(count),
            _ => self.set(count),
        }
    }

    /// Gets the variables in turn, whichever thread is in the context.
    fn get(&self, count: u64) -> Duration {
        Walk::new(&self.vars).time(count, |var| done(hide(&self.context).get(var)))
    }

    /// Sets the variables in turn, in the context.
    fn set(&self, count: u64) -> Duration {
        let (thread, mut value, mut time) = (Thread::new(interpreter()), 0, Duration::ZERO);
        let ran = self.context.run_on(&thread, || {
            time = Walk::new(&self.vars).time(count, |var| {
                value += 1;
                drop(var.set_on(&thread, value));
                0
            });
        });
        ran.expect("no thread is in it");
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_variables_are_bound_whichever_thread_is_at_work() {
        let both = Both::new(30);
        for workload in WORKLOADS {
            for busy in [false, true] {
                both.run(workload, busy, 100);
                assert_eq!(both.context.len(), 30, "{workload}");
            }
        }
    }
}
