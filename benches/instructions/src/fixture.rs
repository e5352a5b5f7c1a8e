//! The workloads on a context, generic over the [`Library`] that they measure.

use std::time::Duration;

use crate::library::Library;
use crate::workload::{Walk, done, hide, hide_mut, time};

/// Every workload.
pub const WORKLOADS: [&str; 21] = [
    "get, cached, borrowed",
    "get, cached, owned",
    "get, all in turn",
    "get, cache miss",
    "get, cache miss, of ten",
    "get, unset, with a default",
    "set",
    "set, all in turn",
    "set + reset",
    "scoped",
    "copy + drop",
    "enter + exit, shared handle",
    "run, handle held alone",
    "copy + enter + exit",
    "copy + enter + get + set + exit",
    "copy and set in turn",
    "capture + run",
    "ctx[var]",
    "create + drop a variable",
    "ten sets, and iterate",
    "copy and set there, of 100 alive",
];

/// The workloads after which variables have other values.
const SETTING: [&str; 4] = [
    "set",
    "set, all in turn",
    "copy and set in turn",
    "ten sets, and iterate",
];

/// The number of copies that are alive at once.
pub const COPIES: u64 = 100;

/// The number of variables that are set before a context is iterated over. Also the number of
/// variables that are read after a switch, if there are as many.
const TEN: u64 = 10;

/// The number of switches that are timed at a time.
const SHARE: u64 = 500;

/// The number of values that variables are set to. It is such that no variable is set to the same
/// value twice in a row: CPython does not touch a binding whose value stays the same.
const NEW_VALUES: u64 = 7;

/// The number of values that the variables have at first.
const OLD_VALUES: u64 = 200;

/// A subject or a peer, prepared for its group's workloads.
pub trait Subject {
    /// Runs a workload `iterations` times and returns the time that it took. Returns `None` if the
    /// subject has no such workload. Restores the initial state.
    fn run(&mut self, workload: &str, iterations: u64) -> Option<Duration>;
}

impl<F: FnMut(&str, u64) -> Option<Duration>> Subject for F {
    fn run(&mut self, workload: &str, iterations: u64) -> Option<Duration> {
        self(workload, iterations)
    }
}

/// A library's context, in which every variable is bound.
pub struct Fixture<L: Library> {
    library: L,
    context: L::Context,
    /// The bound variables, in random order.
    vars: Vec<L::Var>,
    /// Their initial values.
    bound: Vec<L::Value>,
    /// The index of the next variable in turn.
    at: usize,
    unset: L::Var,
    /// The values that they are set to.
    values: Vec<L::Value>,
}

impl<L: Library> Fixture<L> {
    /// Creates a context with `size` bound variables.
    pub fn new(library: L, size: u64) -> Self {
        let mut vars: Vec<L::Var> = (0..size).map(|_| library.variable()).collect();
        fastrand::Rng::with_seed(size).shuffle(&mut vars);
        let old = |number| library.value(NEW_VALUES + number % OLD_VALUES);
        let bound: Vec<L::Value> = (0..size).map(old).collect();
        let context = library.context();
        library.run(&context, || bind(&library, &vars, &bound));
        Fixture {
            context,
            vars,
            bound,
            at: 0,
            unset: library.variable(),
            values: (0..NEW_VALUES)
                .map(|number| library.value(number))
                .collect(),
            library,
        }
    }

    /// Returns `true` if reads return the initial value of every variable.
    pub fn is_as_it_was(&self) -> bool {
        let mut is = false;
        self.library.run(&self.context, || {
            let found = self.vars.iter().map(|var| self.library.read(var, None));
            let default = &self.values[1];
            is = found.eq(self.bound.iter().map(L::word))
                && self.library.read(&self.unset, Some(default)) == L::word(default);
        });
        is
    }
}

impl<L: Library> Subject for Fixture<L> {
    fn run(&mut self, workload: &str, count: u64) -> Option<Duration> {
        let (library, context) = (&self.library, &self.context);
        let (first, unset, default) = (&self.vars[0], &self.unset, &self.values[0]);
        let mut vars = Walk::starting(&self.vars, self.at);
        let mut values = Walk::new(&self.values);
        let word = |value: Option<L::Value>| value.as_ref().map_or(0, L::word);
        let set =
            |values: &mut Walk<'_, L::Value>, var: &L::Var| drop(library.set(var, values.one()));
        let mut found = None;
        library.run(context, || {
            found = Some(match workload {
                "get, cached, borrowed" => time(count, || library.read(hide(first), None)),
                "get, cached, owned" => time(count, || word(library.get(hide(first)))),
                "get, all in turn" => vars.time(count, |var| library.read(var, None)),
                "get, cache miss" => miss(library, &mut vars, self.vars.len(), count),
                "get, cache miss, of ten" => {
                    let ten = &self.vars[..self.vars.len().min(TEN as usize)];
                    miss(library, &mut Walk::new(ten), ten.len(), count)
                }
                "get, unset, with a default" => {
                    time(count, || library.read(hide(unset), Some(default)))
                }
                "set" => time(count, || set(&mut values, hide(first))),
                "set, all in turn" => vars.time(count, |var| set(&mut values, var)),
                "set + reset" => vars.time(count, |var| {
                    library.reset(var, library.set(var, values.one()))
                }),
                "scoped" => vars.time(count, |var| library.scoped(var, values.one(), || ())),
                "copy + drop" => time(count, || done(library.copy_current())),
                "enter + exit, shared handle" => {
                    let context = library.copy_current();
                    let _shared = context.clone();
                    time(count, || library.run(hide(&context), || ()))
                }
                "run, handle held alone" => {
                    let mut context = library.copy_current();
                    time(count, || library.run_alone(hide_mut(&mut context), || ()))
                }
                "copy + enter + exit" => time(count, || {
                    library.run_alone(&mut library.copy_current(), || ())
                }),
                "copy + enter + get + set + exit" => vars.time(count, |var| {
                    let mut read = 0;
                    library.run_alone(&mut library.copy_current(), || {
                        read = library.read(var, None);
                        set(&mut values, var);
                    });
                    read
                }),
                "copy and set in turn" => {
                    let mut copy = library.copy_current();
                    let time = vars.time(count, |var| {
                        copy = library.copy_current();
                        set(&mut values, var)
                    });
                    drop(copy);
                    time
                }
                "capture + run" => time(count, || library.run_captured(|| ())),
                "ctx[var]" => {
                    let other = library.copy_current();
                    vars.time(count, |var| word(library.item(hide(&other), var)))
                }
                "create + drop a variable" => time(count, || done(library.variable())),
                "ten sets, and iterate" => time(count, || {
                    vars.visit(TEN, |var| set(&mut values, var));
                    library.sum(hide(context))
                }),
                // Each iteration creates all copies and drops them.
                "copy and set there, of 100 alive" => {
                    let mut copies = Vec::with_capacity(COPIES as usize);
                    vars.time(count * COPIES, |var| {
                        let mut copy = library.copy_current();
                        library.run_alone(&mut copy, || set(&mut values, var));
                        copies.push(copy);
                        if copies.len() as u64 == COPIES {
                            copies.clear();
                        }
                        0
                    })
                }
                _ => return,
            });
            if SETTING.contains(&workload) {
                bind(library, &self.vars, &self.bound);
            }
        });
        self.at = vars.place();
        found
    }
}

fn bind<L: Library>(library: &L, vars: &[L::Var], values: &[L::Value]) {
    for (var, value) in vars.iter().zip(values) {
        drop(library.set(var, value));
    }
}

/// Times reads that are the first since a switch: no cache survives an activation of a context.
///
/// Each run of a context reads a few variables, each for the first time. The time of the same loop
/// without the reads is subtracted. Both loops are timed in short turns, and the lowest time of each
/// is used: a disturbance in one of them would make a read cost too much, or less than nothing.
fn miss<L: Library>(
    library: &L,
    vars: &mut Walk<'_, L::Var>,
    bound: usize,
    count: u64,
) -> Duration {
    let context = library.copy_current();
    let reads = TEN.min(bound as u64);
    let share = SHARE.min(count.div_ceil(reads));
    let mut least = [Duration::MAX; 2];
    for _ in 0..count.div_ceil(reads * share) {
        let mut without = vars.clone();
        let reading = switching(library, &context, share, reads, vars, |var| {
            library.read(var, None)
        });
        let found = |var: &L::Var| std::ptr::from_ref(var).addr() as u64;
        let not = switching(library, &context, share, reads, &mut without, found);
        least = [least[0].min(reading), least[1].min(not)];
    }
    let each = least[0].saturating_sub(least[1]).as_secs_f64() / (share * reads) as f64;
    Duration::from_secs_f64(each * count as f64)
}

/// Times `runs` runs in a context; each calls `read` with `reads` variables.
fn switching<'a, L: Library>(
    library: &L,
    context: &L::Context,
    runs: u64,
    reads: u64,
    vars: &mut Walk<'a, L::Var>,
    mut read: impl FnMut(&'a L::Var) -> u64,
) -> Duration {
    time(runs, || {
        let mut sum = 0_u64;
        library.run(hide(context), || {
            vars.visit(reads, |var| sum = sum.wrapping_add(read(var)));
        });
        sum
    })
}
