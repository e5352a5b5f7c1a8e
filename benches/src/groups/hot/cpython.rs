//! CPython's context variables, through its C API.

use super::contestant::Contestant;
use super::field;
use super::fixture::Fixture;
use super::library::Library;
use super::memory::{Maker, Thing, Things};
use crate::cpython::{Interpreter, Object};
use crate::groups::Plan;
use crate::report::{Bytes, Entrant};

const CPYTHON: Entrant = Entrant {
    name: "CPython",
    field: field::CPYTHON,
};

const RAISES: &str = "what is measured raises nothing";

/// More objects than CPython keeps of any kind for the next time.
const KEPT: usize = 1_000;

/// Makes CPython ready to be measured.
pub fn prepare(plan: &Plan<'_>) {
    if let Some(interpreter) = plan.python {
        interpreter.stop_collecting();
    }
}

/// CPython with a context that binds so many variables, where the runner embeds one.
pub fn contestants<'a>(size: u64, counted: bool, plan: &Plan<'a>) -> Vec<Box<dyn Contestant + 'a>> {
    let contestant = |interpreter| -> Box<dyn Contestant + 'a> {
        let python = Python {
            interpreter,
            counted,
        };
        Box::new(Fixture::new(CPYTHON, python, size))
    };
    plan.python.map(contestant).into_iter().collect()
}

/// CPython, with values of one kind.
pub struct Python<'py> {
    /// The interpreter.
    pub interpreter: &'py Interpreter,
    /// Whether the values are counted.
    pub counted: bool,
}

/// Does some work, and says how often CPython asked its allocators for memory meanwhile.
pub fn allocations(plan: &Plan<'_>, work: &mut dyn FnMut()) -> u64 {
    plan.python
        .map_or(0, |interpreter| interpreter.count(work).1.allocations)
}

/// What things need of memory, where the runner embeds a CPython: of its allocators, and for
/// handles of ours in a list of as many places.
pub fn bytes(plan: &Plan<'_>, thing: Thing, number: usize) -> Option<(Entrant, Bytes)> {
    let interpreter = plan.python?;
    let python = Python {
        interpreter,
        counted: false,
    };
    let maker = Maker::new(&python);
    // CPython keeps some of the objects that have gone; those are in use before it counts.
    let mut things = Things::with_room_for(thing, KEPT + number);
    maker.make(KEPT, &mut things);
    let ((), requested) = interpreter.count(|| maker.make(number, &mut things));
    let each = requested.bytes as f64 / number as f64;
    Some((CPYTHON, Bytes(each + things.place() as f64)))
}

impl<'py> Library for Python<'py> {
    type Value = Object<'py>;
    type Var = Object<'py>;
    type Context = Object<'py>;
    type Token = Object<'py>;

    fn value(&self, number: u64) -> Object<'py> {
        // Small numbers are there for ever, and from 3.12 on are not counted.
        let number = number as u32;
        let number = if self.counted {
            1_000_000 + number
        } else {
            number % 256
        };
        self.interpreter.int(number).expect(RAISES)
    }

    #[inline]
    fn word(value: &Object<'py>) -> u64 {
        value.address() as u64
    }

    #[inline]
    fn variable(&self) -> Object<'py> {
        self.interpreter.variable(c"request").expect(RAISES)
    }

    fn context(&self) -> Object<'py> {
        self.interpreter.context().expect(RAISES)
    }

    #[inline]
    fn share(&self, context: &Object<'py>) -> Object<'py> {
        context.clone()
    }

    #[inline]
    fn copy_current(&self) -> Object<'py> {
        self.interpreter.copy_current().expect(RAISES)
    }

    /// C code cannot borrow: it gets a count, which it gives back.
    #[inline]
    fn read(&self, var: &Object<'py>) -> u64 {
        let value = var.value(None).expect(RAISES);
        value.as_ref().map_or(0, Self::word)
    }

    #[inline]
    fn get(&self, var: &Object<'py>) -> Option<Object<'py>> {
        var.value(None).expect(RAISES)
    }

    #[inline]
    fn read_or(&self, var: &Object<'py>, default: &Object<'py>) -> u64 {
        let value = var.value(Some(default)).expect(RAISES);
        value.as_ref().map_or(0, Self::word)
    }

    #[inline]
    fn set(&self, var: &Object<'py>, value: &Object<'py>) -> Object<'py> {
        var.set(value).expect(RAISES)
    }

    #[inline]
    fn reset(&self, var: &Object<'py>, token: Object<'py>) {
        var.reset(&token).expect(RAISES);
    }

    #[inline]
    fn scoped(&self, var: &Object<'py>, value: &Object<'py>, body: impl FnOnce()) {
        let token = var.set(value).expect(RAISES);
        body();
        var.reset(&token).expect(RAISES);
    }

    #[inline]
    fn enter(&self, context: &Object<'py>) {
        context.enter().expect(RAISES);
    }

    #[inline]
    fn exit(&self, context: &Object<'py>) {
        context.exit().expect(RAISES);
    }

    #[inline]
    fn run(&self, context: &Object<'py>, body: impl FnOnce()) {
        context.enter().expect(RAISES);
        body();
        context.exit().expect(RAISES);
    }

    #[inline]
    fn item(&self, context: &Object<'py>, var: &Object<'py>) -> Option<Object<'py>> {
        context.item(var).ok()
    }

    fn sum(&self, context: &Object<'py>) -> u64 {
        let mut sum = 0_u64;
        let values = context.values().expect(RAISES);
        while let Some(value) = values.next().expect(RAISES) {
            sum = sum.wrapping_add(Self::word(&value));
        }
        sum
    }
}
