//! Scaling of context variables to several threads.
//!
//! A figure is the time of an operation on each of several threads, which start together. One peer is
//! the same on one thread: a ratio of 1 means that two threads do twice as much. The other peers are
//! other ways to have a value for each thread or task, on as many threads.
//!
//! All have the same number of variables. A thread uses one: the same as the other threads, or its
//! own.

mod together;

use std::collections::HashMap;
use std::sync::RwLock;
use std::thread::available_parallelism;
use std::time::Duration;

use contextvars::{Context, ContextVar, Thread, copy_context_on, interpreter};
use instructions::fixture::Subject;
use instructions::workload::{done, hide, time};
use tokio::task::LocalKey;

use crate::bench::{Bench, Group, Named};
use crate::report::{Cell, Target};
use together::{Start, together};

/// The number of variables.
const VARIABLES: usize = 10;

const WORKLOADS: [&str; 6] = [
    "get, one variable for all",
    "get, a variable for each",
    "set, a variable for each",
    "set, one variable for all",
    "copy + run, a context for each",
    "copy + run, one context for all",
];

const ALONE: &[&str] = &["itself, on one thread"];
const LOCK: &[&str] = &["RwLock<HashMap>"];
const TASKS: &[&str] = &["tokio::task_local!"];

/// The group.
pub static GROUP: Group = Group {
    name: "threads",
    sizes: "threads",
    libraries: &["tokio"],
    peers: &[ALONE, LOCK, TASKS],
    shown: None,
    short: &[],
    measure,
    targets,
};

/// The target is a speedup of two threads over one, converted to a ratio of times without tolerance.
fn targets(cell: &Cell) -> Vec<Target> {
    let speedup = match &*cell.workload {
        _ if cell.size != 2 => return Vec::new(),
        "get, one variable for all" | "get, a variable for each" => 1.9,
        "set, a variable for each" | "copy + run, a context for each" => 1.8,
        // At most 1.2 times the time of one thread.
        "set, one variable for all" => 2.0 / 1.2,
        // Workloads that show the cost of a shared reference count have no target.
        _ => return Vec::new(),
    };
    vec![Target::of(ALONE, 2.0 / speedup / 1.05)]
}

fn measure(bench: &mut Bench<'_>) {
    // One thread, two, four and so on, up to the number of processors.
    let processors = available_parallelism().map_or(1, usize::from);
    let counts = (0..).map(|power| 1 << power);
    let counts = counts.take_while(|count| *count <= processors);
    counts.for_each(|count| compare(bench, count));
}

fn compare(bench: &mut Bench<'_>, threads: usize) {
    let (ours, locked) = (Ours::new(), locked());
    let ours =
        |workload: &str, number, count, start: &Start| ours.work(workload, number, count, start);
    let locked = |workload: &str, number, count, start: &Start| {
        of_locked(&locked, workload, number, count, start);
    };
    let all = || {
        let mut all: Vec<Named<'_>> = vec![
            ("contextvars", Box::new(On(&ours, threads))),
            (ALONE[0], Box::new(On(&ours, 1))),
            (LOCK[0], Box::new(On(&locked, threads))),
            (TASKS[0], Box::new(On(&of_task_local, threads))),
        ];
        all.retain(|(name, _)| threads > 1 || *name != ALONE[0]);
        all
    };
    bench.compare_each(&WORKLOADS, ("immediate", threads as u64), |_| 1, 1, all);
}

/// Runs a workload on the thread of this number, `count` times: prepares the thread's own state, then
/// times the operations by [`Start::time`].
type Work<'a> = dyn Fn(&str, usize, u64, &Start) + Sync + 'a;

/// A library, and the number of threads.
struct On<'a>(&'a Work<'a>, usize);

impl Subject for On<'_> {
    fn run(&mut self, workload: &str, count: u64) -> Option<Duration> {
        Some(together(self.1, |number, start| {
            self.0(workload, number, count, start)
        }))
    }
}

/// The types at the root of `contextvars`, with the thread's state as an argument.
struct Ours(Vec<ContextVar>, Context);

impl Ours {
    fn new() -> Self {
        let vars: Vec<_> = (0..VARIABLES).map(|_| ContextVar::new("bench")).collect();
        // Immortal, like the variables of a server, which are statics.
        vars.iter().for_each(ContextVar::make_immortal);
        let (context, thread) = (Context::new(), Thread::new(interpreter()));
        let set = || vars.iter().for_each(|var| drop(var.set_on(&thread, 1)));
        context.run_on(&thread, set).expect("no thread is in it");
        Ours(vars, context)
    }

    fn work(&self, workload: &str, number: usize, count: u64, start: &Start) {
        let (thread, shared) = (Thread::new(interpreter()), &self.1);
        let var = &self.0[own(workload, number)];
        // As on a server: each thread has its own copy, in which it has set a variable, so that the
        // bindings are no longer shared.
        let run = |mut copy: Context| copy.run_mut_on(&thread, || ()).expect("no thread is in it");
        let timed = shared.copy().run_on(&thread, || {
            drop(var.set_on(&thread, 1));
            let mut value = 0;
            start.time(|| match workload {
                "copy + run, a context for each" => time(count, || run(copy_context_on(&thread))),
                "copy + run, one context for all" => time(count, || run(hide(shared).copy())),
                _ if workload.starts_with("get") => time(count, || {
                    done(hide(var).get_on(&thread).expect("it is set"))
                }),
                _ => time(count, || {
                    value += 1;
                    drop(hide(var).set_on(&thread, value));
                }),
            });
        });
        timed.expect("no thread is in it");
    }
}

/// Returns the index of the variable that a thread uses.
fn own(workload: &str, number: usize) -> usize {
    match workload.contains("one variable") {
        true => 0,
        false => 1 + number % (VARIABLES - 1),
    }
}

/// A program without a library: one map behind a lock, from the index of a variable to its value.
type Locked = RwLock<HashMap<usize, u64>>;

fn locked() -> Locked {
    RwLock::new((0..VARIABLES).map(|var| (var, 1)).collect())
}

fn of_locked(shared: &Locked, workload: &str, number: usize, count: u64, start: &Start) {
    let read = |map: &'_ Locked| map.read().expect("no thread panicked").clone();
    let (own, context) = (own(workload, number), RwLock::new(read(shared)));
    start.time(|| match workload {
        "copy + run, a context for each" => time(count, || done(RwLock::new(read(hide(&context))))),
        "copy + run, one context for all" => time(count, || done(RwLock::new(read(hide(shared))))),
        _ if workload.starts_with("get") => time(count, || {
            let map = hide(shared).read().expect("no thread panicked");
            map.get(hide(&own)).copied().unwrap_or(0)
        }),
        _ => time(count, || {
            let mut map = hide(shared).write().expect("no thread panicked");
            map.insert(*hide(&own), count).unwrap_or(0)
        }),
    });
}

tokio::task_local! {
    static SHARED: u64;
    static FIRST: u64;
    static SECOND: u64;
}

/// Runs a workload with `tokio::task_local!`. A variable is a static, each thread has its own value,
/// and a value is set only during a call. So a set is a scope that does nothing. So is a run in a
/// copy, which copies one value.
fn of_task_local(workload: &str, number: usize, count: u64, start: &Start) {
    let var: &'static LocalKey<u64> = match workload.contains("one variable") {
        true => &SHARED,
        false => [&FIRST, &SECOND][number % 2],
    };
    let scope = |value| hide(var).sync_scope(value, || ());
    let work = || match workload {
        _ if workload.starts_with("get") => time(count, || hide(var).get()),
        _ if workload.starts_with("set") => time(count, || scope(count)),
        _ => time(count, || scope(hide(var).get())),
    };
    var.sync_scope(1, || start.time(work));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::tests::plan;

    #[test]
    fn all_run_every_workload_on_two_threads() {
        let plan = plan();
        let mut bench = Bench::new(&plan, &GROUP);
        compare(&mut bench, 2);
        assert_eq!(bench.cells.len(), 6);
        for cell in &bench.cells {
            let peers: Vec<_> = cell.peers.iter().map(|peer| &*peer.name).collect();
            assert_eq!(peers, [ALONE[0], LOCK[0], TASKS[0]]);
        }
    }
}
