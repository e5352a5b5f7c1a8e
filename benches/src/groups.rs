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
    /// Only cells whose title contains all of these, as progress shows it.
    pub only: Vec<String>,
    /// CPython, where the runner is in one.
    pub python: Option<&'a Interpreter>,
}

impl Plan<'_> {
    /// Whether the cell of this title is to be measured.
    pub fn includes(&self, title: &str) -> bool {
        self.only.iter().all(|part| title.contains(part))
    }
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
