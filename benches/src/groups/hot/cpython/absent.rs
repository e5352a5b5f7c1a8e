//! No CPython: this was built without the feature `cpython`.

use super::contestant::Contestant;
use crate::groups::Plan;

/// There is nothing to prepare.
pub fn prepare(_: &Plan<'_>) {}

/// Nobody.
pub fn contestants<'a>(_: u64, _: bool, _: &Plan<'a>) -> Vec<Box<dyn Contestant + 'a>> {
    Vec::new()
}
