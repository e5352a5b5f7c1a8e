//! The rows of the table, and what is asked of the subject in each.

use std::time::Duration;

use super::field;
use crate::bound::Bound;

/// One operation on maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Look up a key that is there.
    GetHit,
    /// Look up a key that is not.
    GetMiss,
    /// Bind a key anew in a version of its own, which is dropped.
    UpdateShared,
    /// Bind another key in a version of its own, which is dropped.
    NewKeyShared,
    /// Leave a key out in a version of its own, which is dropped.
    RemoveShared,
    /// Bind a key anew, each version made from the one before, which is dropped.
    UpdateChain,
    /// Bind another key and leave an older one out, in a chain of versions.
    ExchangeChain,
    /// Bind a key anew in a map that nobody else holds.
    UpdateInPlace,
    /// Bind another key and leave an older one out, in a map that nobody else holds.
    ExchangeInPlace,
    /// Make a map from its entries.
    Build,
    /// Add as many entries to a map of half the size.
    Extend,
    /// Visit all entries.
    Iterate,
    /// Clone a map and drop the clone.
    Clone,
    /// Compare a map with a version that differs in one entry.
    Equal,
    /// Find what so many changes have added, removed and bound anew.
    Diff(u64),
    /// Merge two versions, each with so many keys added and bound anew.
    Merge(u64),
}

impl Row {
    /// Every row, in the order of the table. The more a row scatters a map's blocks over the
    /// memory, the later it comes: all maps are measured as they were built, as far as can be.
    pub const ALL: [Row; 20] = [
        Row::GetHit,
        Row::GetMiss,
        Row::Iterate,
        Row::Clone,
        Row::Equal,
        Row::Diff(1),
        Row::Diff(10),
        Row::Diff(100),
        Row::Merge(1),
        Row::Merge(10),
        Row::Merge(100),
        Row::Build,
        Row::Extend,
        Row::UpdateInPlace,
        Row::ExchangeInPlace,
        Row::UpdateShared,
        Row::NewKeyShared,
        Row::RemoveShared,
        Row::UpdateChain,
        Row::ExchangeChain,
    ];

    /// What the report calls it.
    pub fn name(self) -> &'static str {
        match self {
            Row::Diff(1) => "diff, 1 change",
            Row::Diff(10) => "diff, 10 changes",
            Row::Diff(_) => "diff, 100 changes",
            Row::Merge(1) => "merge, 1 change each",
            Row::Merge(10) => "merge, 10 changes each",
            Row::Merge(_) => "merge, 100 changes each",
            Row::GetHit => "get hit",
            Row::GetMiss => "get miss",
            Row::UpdateShared => "update, shared",
            Row::NewKeyShared => "new key, shared",
            Row::RemoveShared => "remove, shared",
            Row::UpdateChain => "update, chain",
            Row::ExchangeChain => "new key + remove, chain",
            Row::UpdateInPlace => "update, in place",
            Row::ExchangeInPlace => "new key + remove, in place",
            Row::Build => "build, per entry",
            Row::Extend => "extend, per entry",
            Row::Iterate => "iterate, per entry",
            Row::Clone => "clone + drop",
            Row::Equal => "==, one entry differs",
        }
    }

    /// What the subject may need, against the best of each field.
    pub fn bounds(self, size: u64) -> Vec<(&'static str, Bound)> {
        let of_arc = match self {
            Row::GetHit | Row::GetMiss | Row::Iterate | Row::Clone => Some(1.0),
            Row::UpdateShared | Row::NewKeyShared | Row::RemoveShared => Some(0.5),
            Row::UpdateChain | Row::ExchangeChain => Some(0.5),
            Row::UpdateInPlace | Row::ExchangeInPlace => Some(0.8),
            Row::Build | Row::Extend => Some(0.9),
            // Small maps are walked in no time.
            Row::Equal => (size >= 1_000).then_some(0.1),
            // How the cost grows is there to be seen.
            Row::Diff(_) | Row::Merge(_) => None,
        };
        let of_cpython = self.is_shared_change().then_some(1.0);
        let shares = [
            (field::ARC, of_arc),
            (field::RC, Some(1.0)),
            (field::CPYTHON, of_cpython),
        ];
        Bound::of_fields(shares, self.is_strict())
    }

    /// Whether no cell may miss its bound.
    fn is_strict(self) -> bool {
        let in_place = matches!(self, Row::UpdateInPlace | Row::ExchangeInPlace);
        self.is_shared_change() || in_place || self == Row::Equal
    }

    /// Whether it is for maps like these. How a cost grows with the changes is shown on one kind.
    pub fn suits(self, size: u64, keys: &str, values: &str) -> bool {
        match self {
            Row::Diff(_) | Row::Merge(_) => {
                [1_000, 100_000].contains(&size) && keys != "u64" && values != "u64"
            }
            _ => true,
        }
    }

    /// Whether it makes a version beside one that stays.
    pub fn is_shared_change(self) -> bool {
        matches!(
            self,
            Row::UpdateShared | Row::NewKeyShared | Row::RemoveShared
        )
    }

    /// Into how many equal parts one iteration falls, each of which the report gives the cost of.
    pub fn parts(self, size: u64) -> u64 {
        match self {
            Row::Build | Row::Iterate => size,
            Row::Extend => size - size / 2,
            Row::ExchangeChain | Row::ExchangeInPlace => 2,
            _ => 1,
        }
    }

    /// About the time of one iteration, set-up with it: to tell how long a run takes.
    pub fn rough_cost(self, size: u64) -> Duration {
        let per_entry = match self {
            Row::Build => 800,
            Row::Extend => 1_100,
            Row::Iterate => 60,
            Row::Equal => 250,
            Row::Diff(_) => 100,
            Row::Merge(_) => 500,
            _ => 0,
        };
        Duration::from_nanos(size * per_entry)
    }
}
