//! A context with all that the rows need beside it.

mod create;
mod get;
mod iterate;
mod set;
mod switch;
mod turns;

pub use switch::COPIES;

use std::time::Duration;

use super::contestant::Contestant;
use super::library::Library;
use super::row::Row;
use crate::groups::random::Random;
use crate::report::Entrant;

/// What is set is one of so many. An odd number, and no variable gets the same value twice in a
/// row: CPython leaves a binding alone that would not change.
const NEW_VALUES: u64 = 7;

/// What the variables are bound to is one of so many others.
const OLD_VALUES: u64 = 200;

/// A library's context, in which every variable is bound.
///
/// Each row is a function that is not inlined: what the compiler makes of one has nothing to do
/// with the others.
pub struct Fixture<L: Library> {
    entrant: Entrant,
    library: L,
    context: L::Context,
    /// The variables that it binds, in any order.
    vars: Vec<L::Var>,
    /// What they are bound to.
    bound: Vec<L::Value>,
    /// The place of the next variable in turn.
    at: usize,
    unset: L::Var,
    /// What they are set to.
    values: Vec<L::Value>,
}

impl<L: Library> Fixture<L> {
    /// Binds so many variables.
    pub fn new(entrant: Entrant, library: L, size: u64) -> Self {
        let mut vars: Vec<L::Var> = (0..size).map(|_| library.variable()).collect();
        let old = |number| library.value(NEW_VALUES + number % OLD_VALUES);
        let fixture = Fixture {
            entrant,
            context: library.context(),
            bound: (0..size).map(old).collect(),
            at: 0,
            unset: library.variable(),
            values: (0..NEW_VALUES)
                .map(|number| library.value(number))
                .collect(),
            vars: {
                Random(size).shuffle(&mut vars);
                vars
            },
            library,
        };
        fixture.library.enter(&fixture.context);
        fixture.bind();
        fixture.library.exit(&fixture.context);
        fixture
    }

    /// Binds every variable to what it is to be bound to.
    fn bind(&self) {
        for (var, value) in self.vars.iter().zip(&self.bound) {
            self.library.set(var, value);
        }
    }
}

impl<L: Library> Contestant for Fixture<L> {
    fn entrant(&self) -> Entrant {
        self.entrant
    }

    fn takes_part(&self, _: Row) -> bool {
        true
    }

    fn run(&mut self, row: Row, iterations: u64) -> Duration {
        self.library.enter(&self.context);
        let time = match row {
            Row::Read => self.read(iterations),
            Row::Get => self.get(iterations),
            Row::GetAround => self.get_around(iterations),
            Row::GetMiss => self.get_miss(iterations),
            Row::GetMissOfFew => self.get_miss_of_few(iterations),
            Row::GetUnset => self.get_unset(iterations),
            Row::Set => self.set(iterations),
            Row::SetAround => self.set_around(iterations),
            Row::SetReset => self.set_and_reset(iterations),
            Row::Scoped => self.scoped(iterations),
            Row::Copy => self.copy(iterations),
            Row::EnterExit => self.enter_and_exit(iterations),
            Row::Run => self.run_alone(iterations),
            Row::Callback => self.callback(iterations),
            Row::TaskStep => self.task_step(iterations),
            Row::TaskStepOwned => self.task_step_owned(iterations),
            Row::CopySet => self.copy_and_set(iterations),
            Row::Item => self.item(iterations),
            Row::Iterate => self.iterate(iterations),
            Row::ManyCopies => self.many_copies(iterations),
            Row::Create => self.create(iterations),
        };
        if row.sets() {
            self.bind();
        }
        self.library.exit(&self.context);
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::hot::engine::{AtHand, Engine, LookedUp};
    use crate::groups::hot::entrants;
    use crate::groups::hot::root::Root;
    use std::sync::Arc;

    /// Every row leaves every variable bound to what it was, by what a reader finds.
    fn check<L: Library>(library: L) {
        let mut fixture = Fixture::new(entrants::ROOT, library, 30);
        let found = |fixture: &Fixture<L>| {
            let library = &fixture.library;
            library.enter(&fixture.context);
            let words: Vec<_> = fixture.vars.iter().map(|var| library.read(var)).collect();
            let default = &fixture.values[0];
            let unset = library.read_or(&fixture.unset, default) == L::word(default);
            library.exit(&fixture.context);
            (words, unset)
        };
        let bound: Vec<_> = fixture.bound.iter().map(L::word).collect();
        assert_eq!(found(&fixture), (bound.clone(), true));
        for row in Row::ALL {
            for iterations in [1, 100] {
                fixture.run(row, iterations);
                assert_eq!(found(&fixture), (bound.clone(), true), "{}", row.name());
            }
        }
    }

    #[test]
    fn rows_leave_everything_bound_as_it_was() {
        check(Engine::<u64, _>::with(AtHand::new()));
        check(Engine::<Arc<u64>, _>::with(AtHand::new()));
        check(Engine::<u64, _>::with(LookedUp));
        check(Engine::<Arc<u64>, _>::with(LookedUp));
        check(Root { counted: false });
        check(Root { counted: true });
    }

    #[cfg(feature = "cpython")]
    #[test]
    fn rows_leave_cpythons_context_as_it_was() {
        use crate::cpython::Interpreter;
        use crate::groups::hot::cpython::Python;
        let interpreter = Interpreter::start().expect("nobody else starts it");
        for counted in [false, true] {
            check(Python {
                interpreter: &interpreter,
                counted,
            });
        }
    }
}
