//! Measures the loops of `loops.py`.

use std::path::Path;
use std::time::{Duration, Instant};

use instructions::fixture::Subject;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule};

use crate::bench::{Bench, Named};
use crate::cpython::{Object, python};

const SIZES: [u64; 4] = [1, 10, 100, 1_000];

/// The expressions, each with the name of its loop.
const WORKLOADS: [(&str, &str); 5] = [
    ("v.get()", "get"),
    ("v.set(x)", "set"),
    ("with v.set(x)", "with_set"),
    ("copy_context()", "copy"),
    ("ctx.run(f)", "run"),
];

/// The subjects, with the names of their files.
const SUBJECTS: [(&str, &str); 2] = [
    ("host-cpython", "extension"),
    ("host-cpython, for this version", "extension-for-version"),
];
const BUILT_IN: &str = "built-in";

pub fn measure(bench: &mut Bench<'_>) {
    crate::cpython::stop_collecting();
    for size in SIZES {
        let all = WORKLOADS.into_iter();
        let wanted = all.filter(|(workload, _)| bench.includes((workload, "counted", size)));
        let wanted: Vec<_> = wanted.collect();
        if wanted.is_empty() {
            continue;
        }
        let mut all: Vec<Named<'_>> = Vec::new();
        for (name, file) in SUBJECTS {
            let path = bench
                .plan
                .file(file)
                .expect("`cargo xtask bench` builds it");
            match Loops::new(Some(&path), size) {
                Ok(loops) => all.push((name, Box::new(loops))),
                Err(why) => println!("note: {name} is left out: {why}"),
            }
        }
        let subjects: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        let own = || Loops::new(None, size).expect("CPython has its own module");
        all.push((BUILT_IN, Box::new(own())));
        // The empty loop, for every workload.
        let nothing = own();
        all.push((
            "nothing",
            Box::new(move |_: &str, count| nothing.time("nothing", count)),
        ));
        for (workload, _) in wanted {
            let place = (workload, "counted", size);
            let mut found = bench.measure(place, &mut all);
            let of_loop = found.pop().map_or(0.0, |(_, samples)| samples.least());
            let costs = found.iter_mut().flat_map(|(_, samples)| &mut samples.0);
            // At least 0.01, since there is no ratio to 0.
            costs.for_each(|cost| *cost = (*cost - of_loop).max(0.01));
            bench.record(place, "ns", &subjects, &found);
        }
    }
}

/// A module with a context and its own instance of the loops.
struct Loops {
    rounds: Object,
    loops: Object,
}

impl Loops {
    /// Loads the module (without a path: the interpreter's own) and sets the variables. The loops are
    /// compiled again, so that the interpreter specializes them for this module only.
    fn new(path: Option<&Path>, size: u64) -> PyResult<Self> {
        let names = PyDict::new(python());
        let program = include_str!("loops.py");
        let program = std::ffi::CString::new(program).expect("no 0 in the program");
        python().run(&program, Some(&names), None)?;
        let name = |name| names.as_any().get_item(name);
        let module = match path {
            None => PyModule::import(python(), "_contextvars")?.into_any(),
            Some(path) => name("load")?.call1((path.as_os_str(),))?,
        };
        // `ctx.run` calls a C function that does nothing, which is the cheapest.
        let idle = python().import("benches")?.getattr("nothing")?;
        Ok(Loops {
            rounds: name("rounds")?,
            loops: name("prepare")?.call1((module, size, idle))?,
        })
    }

    /// Times a loop of `count` rounds. Returns `None` if the module does not support it.
    fn time(&self, name: &str, count: u64) -> Option<Duration> {
        let function = self.loops.get_item(name).ok()?;
        let rounds = self.rounds.call1((count,)).expect("it makes an iterator");
        let started = Instant::now();
        function.call1((rounds,)).expect("the loop raises nothing");
        Some(started.elapsed())
    }
}

impl Subject for Loops {
    fn run(&mut self, workload: &str, count: u64) -> Option<Duration> {
        let of = WORKLOADS
            .iter()
            .find(|(expression, _)| *expression == workload);
        self.time(of?.1, count)
    }
}
