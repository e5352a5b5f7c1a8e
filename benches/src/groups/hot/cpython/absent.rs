//! No CPython: this was built without the feature `cpython`.

use super::contestant::Contestant;
use super::memory::Thing;
use crate::groups::Plan;
use crate::report::{Bytes, Entrant};

/// There is nothing to prepare.
pub fn prepare(_: &Plan<'_>) {}

/// Nobody.
pub fn contestants<'a>(_: u64, _: bool, _: &Plan<'a>) -> Vec<Box<dyn Contestant + 'a>> {
    Vec::new()
}

/// None.
pub fn allocations(_: &Plan<'_>, _: &mut dyn FnMut()) -> u64 {
    0
}

/// Of nobody.
pub fn bytes(_: &Plan<'_>, _: Thing, _: usize) -> Option<(Entrant, Bytes)> {
    None
}
