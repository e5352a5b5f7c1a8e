//! Finding an entry.

use super::{Node, View, state::Form};
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
        // Below the seventh level no bits are left.
        let mut rest = hash.checked_shr(shift).unwrap_or(0);
        let mut node = self;
        // What maps of up to a few hundred entries are made of is looked up
        // here, in little code, which a loop over keys can have inside it.
        if let Some(bucket) = node.as_bucket(Form::Medium) {
            return bucket.search(Form::Medium, rest, hash, is_it, map);
        }
        if let Some(branch) = node.as_branch() {
            let Some(child) = branch.branch_child(hash::index(rest, 0)) else {
                return Ok(None);
            };
            node = child;
            rest >>= BITS;
        }
        if let Some(bucket) = node.as_bucket(Form::Small) {
            return bucket.search(Form::Small, rest, hash, is_it, map);
        }
        if let Some(entry) = node.as_leaf() {
            let is_it = entry.hash() == hash && is_it(entry)?;
            return Ok(is_it.then(|| map(0, entry)));
        }
        if let Some(bucket) = node.as_bucket(Form::Large) {
            return bucket.search(Form::Large, rest, hash, is_it, map);
        }
        let found = node.find_below(rest, hash, is_it)?;
        Ok(found.map(|(place, entry)| map(place, entry)))
    }

    /// Does the same where there is more to see. `rest` is what this level and
    /// those below have of the hash.
    #[inline(never)]
    fn find_below<E>(
        &self,
        mut rest: u32,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
    ) -> Result<Option<Placed<'_, K, V, P>>, E> {
        let mut node = self;
        while let Some(branch) = node.as_branch() {
            let Some(child) = branch.branch_child(hash::index(rest, 0)) else {
                return Ok(None);
            };
            node = child;
            rest >>= BITS;
        }
        match node.view() {
            View::Leaf(entry) => Ok((entry.hash() == hash && is_it(entry)?).then_some((0, entry))),
            View::Bucket(bucket) => {
                let placed = |slot, entry| (slot, entry);
                match node.form() {
                    Form::Small => bucket.search(Form::Small, rest, hash, is_it, placed),
                    Form::Medium => bucket.search(Form::Medium, rest, hash, is_it, placed),
                    _ => bucket.search(Form::Large, rest, hash, is_it, placed),
                }
            }
            View::Collision(collision) if collision.hash() == hash => collision.find(is_it),
            View::Collision(_) | View::Branch(_) => Ok(None),
        }
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
