//! CPython's map, in C.

use std::ffi::CStr;
use std::hint::black_box;
use std::time::{Duration, Instant};

use super::contestant::Contestant;
use super::data::Data;
use super::exchange::exchange;
use super::field;
use super::kinds::Value;

use super::row::Row;
use crate::cpython::{Interpreter, Method, Object, Raised};
use crate::groups::walk::Walk;
use crate::report::Entrant;

/// Where an interpreter has its map: the type, or a function that makes an empty one.
const PLACES: [(&CStr, &CStr); 3] = [
    // From 3.13.
    (c"_testinternalcapi", c"hamt"),
    // Up to 3.12.
    (c"_testcapi", c"hamt"),
    // The same code, as the package `immutables`.
    (c"immutables", c"Map"),
];

/// The lists of keys, as objects.
pub type Objects<'py> = Data<Object<'py>, Object<'py>>;

/// CPython's map, and its places in the lists of keys.
pub struct Python<'a, 'py> {
    map: Object<'py>,
    set: Method<'py>,
    delete: Method<'py>,
    present: Walk<'a, (Object<'py>, Object<'py>)>,
    absent: Walk<'a, (Object<'py>, Object<'py>)>,
    size: usize,
}

/// Makes the lists of keys, and of values that stand for the kind `V`. Keys are `int` objects of
/// one digit: they are compared by address first, hash themselves in a few instructions, and take
/// half a cache line. Of these, `str` and `ContextVar`, which both keep their hash, they cost
/// CPython the least.
///
/// # Panics
///
/// If there is no memory for them.
pub fn objects<V: Value>(interpreter: &Interpreter, size: u64) -> Objects<'_> {
    // Digits have 30 bits. Multiplying by an odd number and folding down loses none of them, so
    // no key comes twice.
    let mut number = 0_u32;
    let key = |_| {
        number += 1;
        let mut bits = number;
        for _ in 0..3 {
            bits = bits.wrapping_mul(0x2c1b_3c6d) & 0x3fff_ffff;
            bits ^= bits >> 15;
        }
        interpreter.int(bits).expect("there is memory")
    };
    // Small numbers are there for ever, and from 3.12 on are not counted.
    let value = |number: u64| {
        let number = number as u32;
        let value = if V::KIND != u64::KIND {
            1_000_000 + number
        } else {
            number % 256
        };
        interpreter.int(value).expect("there is memory")
    };
    Data::made_by(size, key, value)
}

/// Finds the interpreter's map, and makes an empty one.
fn empty(interpreter: &Interpreter) -> Result<Object<'_>, Raised> {
    let mut found = PLACES
        .iter()
        .map(|(module, name)| interpreter.import(module, name)?.call());
    found.find(Result::is_ok).unwrap_or_else(|| {
        let version = interpreter.version();
        Err(Raised(format!(
            "CPython {version} shows no map; `pip install immutables` gives it one"
        )))
    })
}

impl<'a, 'py> Python<'a, 'py> {
    /// Fills a map.
    ///
    /// # Errors
    ///
    /// When the interpreter shows none, or it has not the methods that are called here.
    pub fn new(interpreter: &'py Interpreter, data: &'a Objects<'py>) -> Result<Self, Raised> {
        let empty = empty(interpreter)?;
        let mut set = Method::of(&empty, c"set", 2)?;
        let delete = Method::of(&empty, c"delete", 1)?;
        let mut map = empty;
        for (key, value) in &data.entries {
            map = set.call_with_two(&map, key, value)?;
        }
        Ok(Python {
            map,
            set,
            delete,
            present: Walk::starting(&data.present, 0),
            absent: Walk::starting(&data.absent, 0),
            size: data.entries.len(),
        })
    }
}

impl Contestant for Python<'_, '_> {
    fn entrant(&self) -> Entrant {
        Entrant {
            name: "CPython",
            field: field::CPYTHON,
        }
    }

    fn takes_part(&self, row: Row) -> bool {
        let chain = matches!(row, Row::UpdateChain | Row::ExchangeChain);
        row.is_shared_change() || chain || matches!(row, Row::GetHit | Row::GetMiss)
    }

    fn run(&mut self, row: Row, iterations: u64) -> Duration {
        const RAISES: &str = "a map of ints raises nothing";
        let Python {
            map,
            set,
            delete,
            present,
            absent,
            size,
        } = self;
        let started = Instant::now();
        match row {
            Row::GetHit => present.next(iterations, |(key, _)| {
                black_box(map.item(key).expect(RAISES));
            }),
            Row::GetMiss => absent.next(iterations, |(key, _)| {
                black_box(map.contains(key).expect(RAISES));
            }),
            Row::UpdateShared => present.next(iterations, |(key, value)| {
                black_box(set.call_with_two(map, key, value).expect(RAISES));
            }),
            Row::NewKeyShared => absent.next(iterations, |(key, value)| {
                black_box(set.call_with_two(map, key, value).expect(RAISES));
            }),
            Row::RemoveShared => present.next(iterations, |(key, _)| {
                black_box(delete.call(map, key).expect(RAISES));
            }),
            Row::UpdateChain => present.next(iterations, |(key, value)| {
                *map = set.call_with_two(map, key, value).expect(RAISES);
            }),
            Row::ExchangeChain => {
                return exchange(
                    map,
                    *size,
                    absent,
                    iterations,
                    |map, key, value| *map = set.call_with_two(map, key, value).expect(RAISES),
                    |map, key| *map = delete.call(map, key).expect(RAISES),
                );
            }
            _ => {}
        }
        started.elapsed()
    }
}
