//! What the operations are done with.

use crate::engine::{self, Context, Thread, Var};

/// So many variables are bound.
const VARIABLES: usize = 10;

/// A thread in a context of ten variables.
pub struct Fixture {
    /// The thread; its context is its base, as a program's usually is.
    pub thread: Thread,
    /// One of the ten.
    pub var: Var,
    /// Two of the ten of which the thread remembers one at a time.
    pub rivals: [Var; 2],
    /// A context of ten variables that nobody is in.
    pub other: Context,
}

impl Fixture {
    /// Binds the variables.
    pub fn new() -> Fixture {
        let rivals = rivals();
        let more = std::iter::repeat_with(engine::variable).take(VARIABLES - rivals.len());
        let vars: Vec<Var> = rivals.clone().into_iter().chain(more).collect();
        let thread = engine::thread();
        for (value, var) in vars.iter().enumerate() {
            drop(engine::set(&thread, var, value as u64));
        }
        let fixture = Fixture {
            var: vars[VARIABLES / 2].clone(),
            rivals,
            other: engine::copy(&thread),
            thread,
        };
        // So that the first round is like all others.
        engine::get(&fixture.thread, &fixture.var);
        fixture
    }
}

/// Finds two variables that drive each other out of what a thread remembers, however it chooses.
fn rivals() -> [Var; 2] {
    let (thread, first) = (engine::thread(), engine::variable());
    drop(engine::set(&thread, &first, 0));
    // A thread remembers fewer than that.
    for _ in 0..1_000_000 {
        let second = engine::variable();
        drop(engine::set(&thread, &second, 0));
        engine::get(&thread, &first);
        engine::get(&thread, &second);
        if !engine::remembers(&thread, &first) {
            return [first, second];
        }
    }
    panic!("a thread remembers whatever it has read, so that nothing is a miss");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_of_rivals_miss_and_reads_of_the_variable_hit() {
        let Fixture {
            thread,
            var,
            rivals: [first, second],
            other,
        } = Fixture::new();
        assert!(engine::remembers(&thread, &var));
        for _ in 0..3 {
            engine::get(&thread, &first);
            assert!(!engine::remembers(&thread, &second));
            engine::get(&thread, &second);
            assert!(!engine::remembers(&thread, &first));
        }
        assert_eq!(engine::len(&other), VARIABLES);
    }

    #[test]
    fn what_is_undone_is_as_it_was() {
        let Fixture { thread, var, .. } = Fixture::new();
        let token = engine::set(&thread, &var, 100);
        assert_eq!(engine::get(&thread, &var), 100);
        assert!(engine::reset(&thread, &var, &token));
        assert_eq!(engine::get(&thread, &var), 5);
    }
}
