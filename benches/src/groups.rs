//! What can be measured: each group a subject and its peers.

pub mod hamt;

use crate::command::Interpreter;
use crate::report::Record;
use crate::runner::Pace;

/// How a group is to be measured.
pub struct Plan<'a> {
    /// How long.
    pub pace: Pace,
    /// Whether for a first look only: small sizes.
    pub quick: bool,
    /// CPython, where the runner is in one.
    pub python: Option<&'a Interpreter>,
}

/// Something that can be measured.
pub struct Group {
    /// How it is called for.
    pub name: &'static str,
    /// Measures it.
    pub measure: fn(&Plan<'_>) -> Vec<Record>,
}

/// Every group.
pub const ALL: &[Group] = &[Group {
    name: "hamt",
    measure: hamt::measure,
}];
