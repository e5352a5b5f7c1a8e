use super::{Prefixes, RawHamt};
use crate::{
    kind::{ArcKind, PointerKind},
    node::Spares,
};

/// Clones of one version, counted all at once, to be handed out one by one.
///
/// A clone of a map counts one holder of its root, which is an atomic step. Who
/// clones one version again and again can have many counted in one step. As long
/// as they are there, the version has holders: a change of it copies.
///
/// # Examples
///
/// ```
/// use hamt::{Entry, raw::{Clones, RawHamt}};
///
/// let map = RawHamt::new().assoc(Entry::new(1, "one", 1), |_| Ok::<_, ()>(false)).unwrap().0;
/// let mut clones = Clones::of(&map, 2);
/// assert!(clones.next().unwrap().ptr_eq(&map));
/// assert!(clones.next().unwrap().ptr_eq(&map));
/// assert!(clones.next().is_none());
/// ```
pub struct Clones<K, V, P: PointerKind = ArcKind> {
    roots: Spares<K, V, P>,
    len: usize,
    prefixes: Prefixes,
}

impl<K, V, P: PointerKind> Clones<K, V, P> {
    /// Counts `count` clones of `map`; none if it is empty, which has nothing to
    /// count.
    ///
    /// Aborts if the map has more than 2<sup>31</sup> clones already, as a clone
    /// does.
    #[must_use]
    pub fn of(map: &RawHamt<K, V, P>, count: u8) -> Self {
        let roots = match &map.root {
            Some(root) => root.spares(count),
            None => Spares::none(),
        };
        Self {
            roots,
            len: map.len,
            prefixes: map.prefixes,
        }
    }
}

impl<K, V, P: PointerKind> Iterator for Clones<K, V, P> {
    type Item = RawHamt<K, V, P>;

    #[inline]
    fn next(&mut self) -> Option<RawHamt<K, V, P>> {
        Some(RawHamt {
            root: Some(self.roots.next()?),
            len: self.len,
            prefixes: self.prefixes,
        })
    }
}
