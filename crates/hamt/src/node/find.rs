//! Finding an entry.

use super::{Node, SMALL, View, state::Form};
use crate::{
    Entry,
    hash::{self, BITS},
    kind::PointerKind,
};

/// An entry, and where it is in the bucket or collision that has it; zero in a
/// leaf.
pub(crate) type Placed<'a, K, V, P> = (usize, &'a Entry<K, V, P>);

impl<K, V, P: PointerKind> Node<K, V, P> {
    /// The first entry of `hash` in this subtree, which hangs `shift` bits deep,
    /// that `is_it` accepts.
    #[inline(always)]
    pub fn find<E>(
        &self,
        shift: u32,
        hash: u32,
        is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Placed<'_, K, V, P>>, E> {
        self.find_map(shift, hash, is_it, |place, entry| (place, entry))
    }

    /// As [`find`](Self::find), and makes what is wanted of the place and the
    /// entry as soon as it is found.
    #[inline(always)]
    pub fn find_map<'a, R, E>(
        &'a self,
        shift: u32,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(usize, &'a Entry<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        let mut node = self;
        // Below the seventh level no bits are left.
        let mut rest = hash.checked_shr(shift).unwrap_or(0);
        while let Some(branch) = node.as_branch() {
            let Some(child) = branch.branch_child(hash::index(rest, 0)) else {
                return Ok(None);
            };
            node = child;
            rest >>= BITS;
        }
        // Small and medium buckets, which most maps end in, share a bit.
        if node.tag() & SMALL != 0 {
            if let Some(bucket) = node.as_bucket(Form::Small) {
                return bucket.search(Form::Small, rest, hash, is_it, map);
            }
            if let Some(bucket) = node.as_bucket(Form::Medium) {
                return bucket.search(Form::Medium, rest, hash, is_it, map);
            }
        } else if let Some(entry) = node.as_leaf() {
            let is_it = entry.hash() == hash && is_it(entry)?;
            return Ok(is_it.then(|| map(0, entry)));
        } else if let Some(bucket) = node.as_bucket(Form::Large) {
            return bucket.search(Form::Large, rest, hash, is_it, map);
        } else if let View::Collision(collision) = node.view()
            && collision.hash() == hash
        {
            let found = collision.find(is_it)?;
            return Ok(found.map(|(rank, entry)| map(rank, entry)));
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
}
