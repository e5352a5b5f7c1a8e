//! The rows: what every thread does.

/// What a thread does again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Reads the variable that all threads read.
    GetShared,
    /// Reads a variable that no other thread reads.
    GetPrivate,
    /// Sets a variable of its own.
    Set,
    /// Copies its context and runs a call that does nothing in the copy.
    CopyAndRun,
    /// The same with one context that all threads copy.
    CopyShared,
}

impl Row {
    pub const ALL: [Row; 5] = [
        Row::GetShared,
        Row::GetPrivate,
        Row::Set,
        Row::CopyAndRun,
        Row::CopyShared,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Row::GetShared => "get, one variable for all",
            Row::GetPrivate => "get, a variable for each",
            Row::Set => "set, a variable for each",
            Row::CopyAndRun => "copy + run, a context for each",
            Row::CopyShared => "copy + run, one context for all",
        }
    }

    /// How many times as much two threads do, at least, as one. Nothing where all count the
    /// handles of one thing, which is what that row is there to show.
    pub fn speedup(self) -> Option<f64> {
        match self {
            Row::GetShared | Row::GetPrivate => Some(1.9),
            Row::Set | Row::CopyAndRun => Some(1.8),
            Row::CopyShared => None,
        }
    }
}
