use alloc::vec::Vec;
use core::convert::Infallible;

use super::RawHamt;
use crate::{Entry, kind::PointerKind};

impl<K, V, P: PointerKind> RawHamt<K, V, P> {
    /// Removes every entry that `keep` turns down. Visits each entry once, and
    /// then changes what must be changed: a panic in `keep` leaves the map as it
    /// was.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        let turned_down = self
            .iter()
            .filter(|entry| !keep(entry.key(), entry.value()));
        let turned_down: Vec<Entry<K, V, P>> = turned_down.cloned().collect();
        for entry in &turned_down {
            let Ok(_removed) = self.remove_where(entry.hash(), |bound| {
                Ok::<_, Infallible>(bound.ptr_eq(entry))
            });
        }
    }
}
