//! What a program does without a library: one map behind a lock.

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::{PoisonError, RwLock};

use super::VARIABLES;
use super::library::Library;
use super::row::Row;
use super::start::{Span, Start};

type Map = HashMap<usize, u64>;

/// Values by the number of their variable.
pub struct Locked(RwLock<Map>);

impl Locked {
    pub fn new() -> Self {
        Locked(RwLock::new((0..VARIABLES).map(|var| (var, 1)).collect()))
    }

    fn get(&self, var: usize) -> Option<u64> {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        map.get(&var).copied()
    }

    fn set(&self, var: usize, value: u64) {
        let mut map = self.0.write().unwrap_or_else(PoisonError::into_inner);
        map.insert(var, value);
    }

    fn copy(&self) -> Locked {
        let map = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Locked(RwLock::new(map.clone()))
    }
}

impl Library for Locked {
    fn work(&self, row: Row, number: usize, iterations: u64, start: &Start) -> Span {
        let own = 1 + number % (VARIABLES - 1);
        let context = self.copy();
        start.time(|| {
            for value in 0..iterations {
                match row {
                    Row::GetShared => drop(black_box(self.get(0))),
                    Row::GetPrivate => drop(black_box(self.get(own))),
                    Row::Set => self.set(own, value),
                    Row::CopyAndRun => drop(black_box(context.copy())),
                    Row::CopyShared => drop(black_box(self.copy())),
                }
            }
        })
    }
}
