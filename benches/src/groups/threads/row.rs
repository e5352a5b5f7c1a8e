//! The rows: what every thread does.

/// What a thread does again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Reads the variable that all threads read.
    GetShared,
    /// Reads a variable that no other thread reads.
    GetPrivate,
    /// Sets the variable that all threads set, in a context of its own.
    SetShared,
    /// Sets a variable that no other thread sets.
    SetPrivate,
    /// Copies its context and runs a call that does nothing in the copy.
    CopyAndRun,
    /// The same with one context that all threads copy.
    CopyShared,
}

impl Row {
    pub const ALL: [Row; 6] = [
        Row::GetShared,
        Row::GetPrivate,
        Row::SetPrivate,
        Row::SetShared,
        Row::CopyAndRun,
        Row::CopyShared,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Row::GetShared => "get, one variable for all",
            Row::GetPrivate => "get, a variable for each",
            Row::SetPrivate => "set, a variable for each",
            Row::SetShared => "set, one variable for all",
            Row::CopyAndRun => "copy + run, a context for each",
            Row::CopyShared => "copy + run, one context for all",
        }
    }

    /// How many times as much two threads do, at least, as one. Nothing where all count the
    /// handles of one thing, which is what that row is there to show.
    pub fn speedup(self) -> Option<f64> {
        match self {
            Row::GetShared | Row::GetPrivate => Some(1.9),
            Row::SetPrivate | Row::CopyAndRun => Some(1.8),
            Row::SetShared | Row::CopyShared => None,
        }
    }
}
