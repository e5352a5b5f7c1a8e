//! What gets slower when two threads have to do with one context: others read it while its owner
//! sets, and the owner sets while others read. Beside the same with nobody else at work.
//!
//! CPython takes no part: with its lock there is nobody else at work.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::NAME;
use super::engine::{self, AtHand, Context, Engine, Variable};
use super::entrants;
use super::field;
use super::kinds::{self, Value};
use super::library::Library;
use crate::groups::Plan;
use crate::groups::walk::Walk;
use crate::progress::Progress;
use crate::report::{Cell, Entrant, Record, judge};
use crate::runner;

const SIZES: [u64; 2] = [10, 1_000];

/// What the measured thread does while another one sets, or, the last, while another one reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Foreign {
    Copy,
    Len,
    Get,
    Iterate,
    Set,
}

impl Foreign {
    const ALL: [Foreign; 5] = [
        Foreign::Copy,
        Foreign::Len,
        Foreign::Get,
        Foreign::Iterate,
        Foreign::Set,
    ];

    fn name(self) -> &'static str {
        match self {
            Foreign::Copy => "copy + drop, while the owner sets",
            Foreign::Len => "len, while the owner sets",
            Foreign::Get => "ctx[var], while the owner sets",
            Foreign::Iterate => "iterate, while the owner sets",
            Foreign::Set => "set, while another thread reads",
        }
    }
}

const ALONE: Entrant = Entrant {
    name: "itself, alone",
    field: field::ALONE,
};

/// A row on contexts of one size, with values of one kind.
struct Case {
    size: u64,
    counted: bool,
    what: Foreign,
}

impl Case {
    /// Everything that the plan includes.
    fn all(plan: &Plan<'_>) -> Vec<Case> {
        let mut cases = Vec::new();
        for what in Foreign::ALL {
            for size in SIZES {
                cases.extend([false, true].map(|counted| Case {
                    size,
                    counted,
                    what,
                }));
            }
        }
        cases.retain(|case| plan.includes(&case.title()));
        cases
    }

    fn title(&self) -> String {
        let (size, values) = (self.size, kinds::name(self.counted));
        format!("{size} variables, {values}: {}", self.what.name())
    }

    fn measure<V: Value>(&self, plan: &Plan<'_>) -> Vec<Record> {
        let shared = Shared::<V>::new(self.size);
        let mut busy = |iterations| shared.run(self.what, true, iterations);
        let mut alone = |iterations| shared.run(self.what, false, iterations);
        let samples = runner::measure(plan.pace, &mut [&mut busy, &mut alone]);
        let cell = Cell {
            group: NAME,
            bench: self.what.name().into(),
            size: self.size,
            keys: "variable",
            values: kinds::name(self.counted),
            bounds: Vec::new(),
        };
        let who = [entrants::AT_HAND, ALONE];
        judge(&cell, &who.into_iter().zip(samples).collect::<Vec<_>>())
    }
}

/// About the time of one case.
fn each(plan: &Plan<'_>) -> Duration {
    plan.pace.estimate(&[Duration::ZERO; 2])
}

/// About the time of it.
pub fn estimate(plan: &Plan<'_>) -> Duration {
    each(plan) * Case::all(plan).len() as u32
}

/// Measures what the plan includes.
pub fn measure(plan: &Plan<'_>, progress: &mut Progress) -> Vec<Record> {
    let mut records = Vec::new();
    for case in Case::all(plan) {
        progress.now(&case.title());
        records.extend(if case.counted {
            case.measure::<Arc<u64>>(plan)
        } else {
            case.measure::<u64>(plan)
        });
        progress.done(each(plan));
    }
    records
}

/// A context that two threads have to do with.
struct Shared<V: Value> {
    context: Context<V>,
    vars: Vec<pyobj::std_host::Shared<Variable>>,
    values: Vec<V>,
}

impl<V: Value> Shared<V> {
    fn new(size: u64) -> Self {
        let library = Engine::<V, _>::with(AtHand::new());
        let shared = Shared {
            context: library.context(),
            vars: (0..size).map(|_| library.variable()).collect(),
            values: (0..7).map(V::of).collect(),
        };
        library.enter(&shared.context);
        shared.set(&library, size);
        library.exit(&shared.context);
        shared
    }

    /// Does what is measured so many times, on this thread, and returns the time; another thread
    /// does the other's part all the while, or waits if not `busy`.
    fn run(&self, what: Foreign, busy: bool, iterations: u64) -> Duration {
        let stop = AtomicBool::new(false);
        let (began, begins) = mpsc::channel();
        thread::scope(|scope| {
            let stop = &stop;
            scope.spawn(move || self.be_other(what, busy, stop, &began));
            // So that a panic here ends the other, too.
            let _stop = Stop(stop);
            begins.recv().expect("the other thread begins");
            self.time(what, iterations)
        })
    }

    /// The other thread.
    fn be_other(&self, what: Foreign, busy: bool, stop: &AtomicBool, began: &mpsc::Sender<()>) {
        let library = Engine::<V, _>::with(AtHand::new());
        let owns = what != Foreign::Set;
        if owns {
            library.enter(&self.context);
        }
        // Where nobody receives, the measured thread has panicked, and stops this one.
        let _ = began.send(());
        while !stop.load(Relaxed) {
            match (busy, owns) {
                (true, true) => self.set(&library, 100),
                (true, false) => self.get(&library, 100),
                // Not asleep: a processor that has to be woken is another cost.
                (false, _) => std::hint::spin_loop(),
            }
        }
        if owns {
            library.exit(&self.context);
        }
    }

    #[inline(never)]
    fn time(&self, what: Foreign, iterations: u64) -> Duration {
        let library = Engine::<V, _>::with(AtHand::new());
        let context = &self.context;
        if what == Foreign::Set {
            library.enter(context);
        }
        let started = Instant::now();
        match what {
            Foreign::Copy => (0..iterations).for_each(|_| {
                black_box(engine::copy(context));
            }),
            Foreign::Len => (0..iterations).for_each(|_| {
                black_box(engine::len(context));
            }),
            Foreign::Get => self.get(&library, iterations),
            Foreign::Iterate => (0..iterations).for_each(|_| {
                black_box(library.sum(context));
            }),
            Foreign::Set => self.set(&library, iterations),
        }
        let time = started.elapsed();
        if what == Foreign::Set {
            library.exit(context);
        }
        time
    }

    /// Gets the variables in turn, whoever is in the context.
    #[inline]
    fn get(&self, library: &Engine<V, AtHand<V>>, times: u64) {
        let mut sum = 0_u64;
        Walk::starting(&self.vars, 0).next(times, |var| {
            let value = library.item(&self.context, var);
            sum = sum.wrapping_add(value.as_ref().map_or(0, V::word));
        });
        black_box(sum);
    }

    /// Sets the variables in turn, in the context, which is the current one.
    #[inline]
    fn set(&self, library: &Engine<V, AtHand<V>>, times: u64) {
        let mut values = Walk::starting(&self.values, 0);
        Walk::starting(&self.vars, 0).next(times, |var| drop(library.set(var, values.one())));
    }
}

/// Stops the other thread when it is dropped.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_variables_are_bound_whoever_is_at_work() {
        let shared = Shared::<Arc<u64>>::new(30);
        for what in Foreign::ALL {
            for busy in [false, true] {
                shared.run(what, busy, 100);
                assert_eq!(engine::len(&shared.context), 30, "{}", what.name());
            }
        }
    }
}
