//! The rows, and what is asked of the extension in each.

use super::field;
use crate::bound::Bound;

/// One expression of Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// `v.get()`
    Get,
    /// `v.set(x)`
    Set,
    /// `with v.set(x): pass`
    With,
    /// `copy_context()`
    Copy,
    /// `ctx.run(f)`, of a C function that does nothing.
    Run,
}

impl Row {
    /// Every row, in the order of the table.
    pub const ALL: [Row; 5] = [Row::Get, Row::Set, Row::With, Row::Copy, Row::Run];

    /// What the report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Row::Get => "v.get()",
            Row::Set => "v.set(x)",
            Row::With => "with v.set(x)",
            Row::Copy => "copy_context()",
            Row::Run => "ctx.run(f)",
        }
    }

    /// What the loop is called.
    pub fn function(self) -> &'static str {
        match self {
            Row::Get => "get",
            Row::Set => "set",
            Row::With => "with_set",
            Row::Copy => "copy",
            Row::Run => "run",
        }
    }

    /// What the extension may need: of the built-in module, or of a stub, where the way into an
    /// extension is most of it.
    pub fn bounds(self) -> Vec<(&'static str, Bound)> {
        vec![match self {
            Row::Get | Row::Set => (field::BUILT_IN, Bound::of_peer(1.5).strict()),
            Row::With | Row::Copy | Row::Run => (field::STUB, Bound::of_peer(1.2)),
        }]
    }
}
