//! The operations, each a loop that is not inlined.

use std::hint::black_box;

use crate::engine;
use crate::fixture::Fixture;

/// One operation of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Read a variable that the thread remembers.
    GetCached,
    /// Read a variable that it does not.
    GetMiss,
    /// Bind a variable anew.
    Set,
    /// Bind a variable anew and undo it.
    SetReset,
    /// Copy the current context and drop the copy.
    Copy,
    /// Enter a context that others hold, too, and leave it.
    Enter,
    /// Copy the current context, enter the copy, leave it and drop it: one callback.
    CopyEnter,
    /// The same with a read and a binding inside: one step of a task.
    TaskStep,
}

impl Operation {
    /// Every operation, in the order of the table.
    pub const ALL: [Operation; 8] = [
        Operation::GetCached,
        Operation::GetMiss,
        Operation::Set,
        Operation::SetReset,
        Operation::Copy,
        Operation::Enter,
        Operation::CopyEnter,
        Operation::TaskStep,
    ];

    /// What the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Operation::GetCached => "get, cached",
            Operation::GetMiss => "get, cache miss",
            Operation::Set => "set",
            Operation::SetReset => "set + reset",
            Operation::Copy => "copy + drop",
            Operation::Enter => "enter + exit",
            Operation::CopyEnter => "copy + enter + exit",
            Operation::TaskStep => "copy + enter + get + set + exit",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Operation> {
        Operation::ALL
            .into_iter()
            .find(|operation| operation.name() == name)
    }

    /// Does it so many times, an even number, in a context of ten variables.
    pub fn perform(self, times: u64) {
        let fixture = Fixture::new();
        match self {
            Operation::GetCached => get_cached(&fixture, times),
            Operation::GetMiss => get_miss(&fixture, times),
            Operation::Set => set(&fixture, times),
            Operation::SetReset => set_reset(&fixture, times),
            Operation::Copy => copy(&fixture, times),
            Operation::Enter => enter(&fixture, times),
            Operation::CopyEnter => copy_enter(&fixture, times),
            Operation::TaskStep => task_step(&fixture, times),
        }
    }
}

#[inline(never)]
fn get_cached(Fixture { thread, var, .. }: &Fixture, times: u64) {
    for _ in 0..times {
        black_box(engine::get(thread, black_box(var)));
    }
}

#[inline(never)]
fn get_miss(Fixture { thread, rivals, .. }: &Fixture, times: u64) {
    for _ in 0..times / 2 {
        for var in rivals {
            black_box(engine::get(thread, black_box(var)));
        }
    }
}

#[inline(never)]
fn set(Fixture { thread, var, .. }: &Fixture, times: u64) {
    for value in 0..times {
        drop(black_box(engine::set(thread, black_box(var), value)));
    }
}

#[inline(never)]
fn set_reset(Fixture { thread, var, .. }: &Fixture, times: u64) {
    for value in 0..times {
        let token = engine::set(thread, black_box(var), value);
        black_box(engine::reset(thread, var, &token));
    }
}

#[inline(never)]
fn copy(Fixture { thread, .. }: &Fixture, times: u64) {
    for _ in 0..times {
        drop(black_box(engine::copy(thread)));
    }
}

#[inline(never)]
fn enter(Fixture { thread, other, .. }: &Fixture, times: u64) {
    for _ in 0..times {
        black_box(engine::run(thread, black_box(other), || ()));
    }
}

#[inline(never)]
fn copy_enter(Fixture { thread, .. }: &Fixture, times: u64) {
    for _ in 0..times {
        let mut copy = engine::copy(thread);
        black_box(engine::run_alone(thread, black_box(&mut copy), || ()));
    }
}

#[inline(never)]
fn task_step(Fixture { thread, var, .. }: &Fixture, times: u64) {
    for value in 0..times {
        let mut copy = engine::copy(thread);
        let done = engine::run_alone(thread, black_box(&mut copy), || {
            black_box(engine::get(thread, black_box(var)));
            drop(black_box(engine::set(thread, black_box(var), value)));
        });
        black_box(done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        for operation in Operation::ALL {
            assert_eq!(Operation::named(operation.name()), Some(operation));
        }
        assert_eq!(Operation::named("no such operation"), None);
    }

    #[test]
    fn every_operation_comes_to_an_end() {
        for operation in Operation::ALL {
            operation.perform(100);
        }
    }
}
