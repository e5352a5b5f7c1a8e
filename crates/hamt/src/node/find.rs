//! Finding an entry.

use super::{Node, View};
use crate::{
    Entry,
    hash::{self, BITS},
    kind::PointerKind,
};

/// An entry, and where it is in the bucket or collision that has it; zero in a
/// leaf.
pub(crate) type Placed<'a, K, V, P> = (usize, &'a Entry<K, V, P>);

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// The first entry of `hash` in this subtree, which hangs at the top, that
    /// `is_it` accepts.
    #[inline(always)]
    pub fn find<E>(
        &self,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Placed<'_, K, V, P>>, E> {
        let Some((end, _)) = self.follow(hash) else {
            return Ok(None);
        };
        if let Some(entry) = end.as_leaf() {
            if entry.hash() == hash && is_it(entry)? {
                return Ok(Some((0, entry)));
            }
        } else if let Some(bucket) = end.as_bucket() {
            for (slot, entry) in bucket.candidates(hash) {
                if entry.hash() == hash && is_it(entry)? {
                    return Ok(Some((slot, entry)));
                }
            }
        } else if let View::Collision(collision) = end.view()
            && collision.hash() == hash
        {
            return collision.find(is_it);
        }
        Ok(None)
    }

    /// The node that has the entries of `hash`, if any has, and the number of
    /// branches above it.
    #[inline(always)]
    pub fn follow(&self, hash: u32) -> Option<(&Self, usize)> {
        let mut node = self;
        let mut rest = hash;
        let mut branches = 0;
        while let Some(branch) = node.as_branch() {
            node = branch.branch_child(hash::index(rest, 0))?;
            rest >>= BITS;
            branches += 1;
        }
        Some((node, branches))
    }

    /// The entry in a place of the node that has the entries of `hash`; this one
    /// hangs `shift` bits deep.
    pub fn entry_at(&self, shift: u32, hash: u32, place: usize) -> Option<&Entry<K, V, P>> {
        // Below the seventh level no bits are left.
        let (end, _) = self.follow(hash.checked_shr(shift).unwrap_or(0))?;
        match end.view() {
            View::Leaf(entry) => Some(entry),
            View::Bucket(bucket) => bucket.child(place)?.as_leaf(),
            View::Collision(collision) => collision.entries().get(place),
            View::Branch(_) => None,
        }
    }
}
