//! Does one operation of the engine so many times: `instructions "set" 1000`; without arguments,
//! names the operations.
//!
//! `cargo xtask bench --instructions` runs it under callgrind with two numbers of times. Start and
//! set-up are the same in both, so that the difference is what the operations cost. Allocations come
//! from `memory`.

mod memory;

use std::hint::black_box;

use instructions::{
    Context, Thread, Var, copy_current, lookup, remembers, reset, run, run_alone, set, thread,
    variable,
};

/// So many variables are bound.
const VARIABLES: u64 = 10;

/// What the operations are done with: a thread in a context of ten variables, its base.
struct Fixture {
    thread: Thread<u64>,
    /// One of the ten.
    var: Var,
    /// Two of the ten of which the thread remembers one at a time.
    rivals: [Var; 2],
    /// A copy of the context.
    other: Context<u64>,
}

impl Fixture {
    fn new() -> Fixture {
        let (rivals, thread) = (rivals(), thread());
        let var = variable();
        let more = std::iter::repeat_with(variable).take(VARIABLES as usize - 3);
        for (var, value) in rivals.iter().chain([&var]).cloned().chain(more).zip(0..) {
            drop(set(&thread, &var, value));
        }
        // So that the first round is like all others.
        get(&thread, &var);
        let other = copy_current(&thread);
        Fixture {
            thread,
            var,
            rivals,
            other,
        }
    }
}

/// Finds two variables that drive each other out of what a thread remembers, however it chooses.
fn rivals() -> [Var; 2] {
    let (thread, first) = (thread(), variable());
    drop(set(&thread, &first, 0));
    // A thread remembers fewer than that.
    for _ in 0..1_000_000 {
        let second = variable();
        drop(set(&thread, &second, 0));
        get(&thread, &first);
        get(&thread, &second);
        if !remembers(&thread, &first) {
            return [first, second];
        }
    }
    panic!("a thread remembers whatever it has read, so that nothing is a miss");
}

#[inline]
fn get(thread: &Thread<u64>, var: &Var) -> u64 {
    lookup(thread, var, |value| value.copied()).unwrap_or_default()
}

/// An operation that is done so many times, in a loop that is not inlined.
type Operation = fn(&Fixture, u64);

const OPERATIONS: [(&str, Operation); 8] = [
    ("get, cached", |Fixture { thread, var, .. }, times| {
        (0..times).for_each(|_| _ = black_box(get(thread, black_box(var))));
    }),
    (
        "get, cache miss",
        |Fixture { thread, rivals, .. }, times| {
            let both = || {
                rivals
                    .iter()
                    .for_each(|var| _ = black_box(get(thread, black_box(var))))
            };
            (0..times / 2).for_each(|_| both());
        },
    ),
    ("set", |Fixture { thread, var, .. }, times| {
        (0..times).for_each(|value| drop(black_box(set(thread, black_box(var), value))));
    }),
    ("set + reset", |Fixture { thread, var, .. }, times| {
        let token = |value| set(thread, black_box(var), value);
        (0..times).for_each(|value| _ = black_box(reset(thread, var, &token(value))));
    }),
    ("copy + drop", |Fixture { thread, .. }, times| {
        (0..times).for_each(|_| drop(black_box(copy_current(thread))));
    }),
    ("enter + exit", |Fixture { thread, other, .. }, times| {
        (0..times).for_each(|_| _ = black_box(run(thread, black_box(other), || ())));
    }),
    ("copy + enter + exit", |Fixture { thread, .. }, times| {
        let step = |copy: &mut _| black_box(run_alone(thread, black_box(copy), || ()));
        (0..times).for_each(|_| _ = step(&mut copy_current(thread)));
    }),
    (
        "copy + enter + get + set + exit",
        |Fixture { thread, var, .. }, times| {
            for value in 0..times {
                let body = || {
                    black_box(get(thread, black_box(var)));
                    drop(black_box(set(thread, black_box(var), value)));
                };
                black_box(run_alone(
                    thread,
                    black_box(&mut copy_current(thread)),
                    body,
                ));
            }
        },
    ),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let find = |name: &str| OPERATIONS.iter().find(|operation| operation.0 == name);
    let told = match &arguments[..] {
        [name, times] => find(name).zip(times.parse().ok()),
        _ => None,
    };
    match told {
        Some(((_, operation), times)) => black_box(operation)(&Fixture::new(), times),
        None => OPERATIONS.iter().for_each(|(name, _)| println!("{name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_of_rivals_miss_and_reads_of_the_variable_hit() {
        let fixture = Fixture::new();
        let (thread, [first, second]) = (&fixture.thread, &fixture.rivals);
        assert!(remembers(thread, &fixture.var));
        for _ in 0..3 {
            get(thread, first);
            assert!(!remembers(thread, second));
            get(thread, second);
            assert!(!remembers(thread, first));
        }
        assert_eq!(fixture.other.len() as u64, VARIABLES);
    }

    #[test]
    fn every_operation_leaves_the_variables_bound() {
        for (name, operation) in OPERATIONS {
            let fixture = Fixture::new();
            let before = get(&fixture.thread, &fixture.var);
            operation(&fixture, 100);
            let after = get(&fixture.thread, &fixture.var);
            assert_eq!(after, if name == "set" { 99 } else { before }, "{name}");
            let bound = copy_current(&fixture.thread).len() as u64;
            assert_eq!(bound, VARIABLES, "{name}");
        }
    }
}
