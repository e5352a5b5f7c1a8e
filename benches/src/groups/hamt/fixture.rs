//! A map with all that the rows need beside it.

mod build;
mod change;
mod compare;
mod read;
mod versions;

use std::time::Duration;

use super::contestant::Contestant;
use super::data::Data;
use super::kinds::{Key, Value};
use super::map::Map;
use super::row::Row;
use crate::groups::walk::Walk;
use crate::report::Entrant;
use versions::Versions;

/// A map, and its places in the lists of keys.
///
/// Each row is a function that is not inlined: what the compiler makes of one has nothing to do
/// with the others.
pub struct Fixture<'a, K, V, M> {
    entrant: Entrant,
    data: &'a Data<K, V>,
    map: M,
    present: Walk<'a, (K, V)>,
    absent: Walk<'a, (K, V)>,
    /// Changed versions of the map, while a row compares them.
    versions: Versions<M>,
}

impl<'a, K: Key, V: Value, M: Map<K, V>> Fixture<'a, K, V, M> {
    /// Builds the map.
    pub fn new(entrant: Entrant, data: &'a Data<K, V>) -> Self {
        Fixture {
            entrant,
            data,
            map: data.entries.iter().cloned().collect(),
            present: Walk::starting(&data.present, 0),
            absent: Walk::starting(&data.absent, 0),
            versions: Versions::default(),
        }
    }
}

impl<K: Key, V: Value, M: Map<K, V>> Contestant for Fixture<'_, K, V, M> {
    fn entrant(&self) -> Entrant {
        self.entrant
    }

    fn takes_part(&self, _: Row) -> bool {
        true
    }

    fn run(&mut self, row: Row, iterations: u64) -> Duration {
        self.versions.keep_for(row);
        match row {
            Row::GetHit => self.get_hit(iterations),
            Row::GetMiss => self.get_miss(iterations),
            Row::Iterate => self.iterate(iterations),
            Row::Clone => self.clone_and_drop(iterations),
            Row::Equal => self.equal(iterations),
            Row::Diff(changes) => self.diff(changes, iterations),
            Row::Merge(changes) => self.merge(changes, iterations),
            Row::UpdateShared => self.update_shared(iterations),
            Row::NewKeyShared => self.new_key_shared(iterations),
            Row::RemoveShared => self.remove_shared(iterations),
            Row::UpdateChain => self.update_chain(iterations),
            Row::ExchangeChain => self.exchange_chain(iterations),
            Row::UpdateInPlace => self.update_in_place(iterations),
            Row::ExchangeInPlace => self.exchange_in_place(iterations),
            Row::Build => self.build(iterations),
            Row::Extend => self.extend(iterations),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::groups::hamt::kinds::{ArcCounted, ArcHandle, Word};
    use crate::groups::hamt::maps::{Im, Imbl, Ours, RpdsArc};
    use std::collections::BTreeSet;

    /// Every row leaves the map with the keys that it had.
    fn check<M: Map<ArcHandle, ArcCounted>>() {
        let data = Data::of(100);
        let entrant = Entrant {
            name: "it",
            field: "Arc",
        };
        let mut fixture = Fixture::<_, _, M>::new(entrant, &data);
        let keys = |map: &M| {
            let mut keys = BTreeSet::new();
            map.visit(|key, _| assert!(keys.insert(key.word())));
            keys
        };
        let before = keys(&fixture.map);
        assert_eq!(before.len(), 100);
        for row in Row::ALL {
            for iterations in [1, 300] {
                fixture.run(row, iterations);
                assert_eq!(keys(&fixture.map), before, "{}", row.name());
            }
        }
    }

    #[test]
    fn rows_leave_a_map_with_its_keys() {
        check::<Ours<_, _>>();
        check::<Im<_, _>>();
        check::<Imbl<_, _>>();
        check::<RpdsArc<_, _>>();
    }
}
