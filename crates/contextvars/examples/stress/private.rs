//! A context that one thread uses: operations of other threads do not affect it.

use crate::failure::{catch_those_on_purpose, check, panic_on_purpose};
use crate::tally::Event;
use crate::value::Tracked;
use crate::world::World;
use contextvars::{Context, ContextVar, copy_context};

pub struct Private {
    context: Context,
    var: ContextVar,
}

impl Private {
    pub fn new() -> Self {
        Private {
            context: Context::new(),
            var: ContextVar::new("private"),
        }
    }

    /// Sets, scopes, copies, fails and panics, and checks the value after each.
    pub fn use_it(&self, world: &World) {
        let ran = self.context.run(|| {
            let number = world.number();
            let first = self.var.set(Tracked::some(0, number));
            self.expect(number);
            let scoped = catch_those_on_purpose(|| {
                self.var.scoped(Tracked::some(0, number + 1), || {
                    self.expect(number + 1);
                    if fastrand::u8(..4) == 0 {
                        panic_on_purpose();
                    }
                })
            });
            check!(scoped.is_none_or(|done| done.is_ok()), "a scope fails");
            self.expect(number);
            let copied = copy_context().run(|| {
                self.expect(number);
                drop(self.var.set(Tracked::some(0, 0)));
                self.expect(0);
            });
            check!(copied.is_ok(), "a copy cannot be entered");
            self.expect(number);
            // A value that is being read stays the same when the variable is set.
            self.var.with(|value| {
                drop(self.var.set(Tracked::some(0, number + 2)));
                let read = value.map(|value| Tracked::of(value).number);
                check!(read == Some(number), "read {read:?}, but {number} was set");
            });
            self.expect(number + 2);
            if fastrand::bool() {
                check!(self.var.reset(&first).is_ok(), "a reset is refused");
                check!(self.var.reset(&first).is_err(), "a token is used twice");
            }
        });
        check!(ran.is_ok(), "a thread cannot enter its own context");
        world.tally().count(Event::Private);
    }

    fn expect(&self, number: u64) {
        let read = self
            .var
            .with(|value| value.map(|value| Tracked::of(value).number));
        check!(read == Some(number), "read {read:?}, but {number} was set");
    }
}
