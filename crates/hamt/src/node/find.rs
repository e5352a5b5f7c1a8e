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
    ///
    /// The common cases are inlined, with the root handled separately so that a loop
    /// over keys can hoist its kind; the rest is in `find_here`.
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
        if let Some(bucket) = self.as_bucket(Form::Medium) {
            return bucket.search(Form::Medium, rest, hash, is_it, map);
        }
        let Some(root) = self.as_branch() else {
            if let Some(bucket) = self.as_bucket(Form::Small) {
                return bucket.search(Form::Small, rest, hash, is_it, map);
            }
            if let Some((bucket, Form::Large)) = self.as_larger_bucket() {
                return bucket.search(Form::Large, rest, hash, is_it, map);
            }
            return self.find_here(rest, hash, is_it, map);
        };
        let Some(child) = root.branch_child(hash::index(rest, 0)) else {
            return Ok(None);
        };
        rest >>= BITS;
        // In a map of hundreds and more it is a branch.
        let Some(mut branch) = child.as_branch() else {
            if let Some(entry) = child.as_leaf() {
                let is_it = entry.hash() == hash && is_it(entry)?;
                return Ok(is_it.then(|| map(0, entry)));
            }
            if let Some(bucket) = child.as_bucket(Form::Small) {
                return bucket.search(Form::Small, rest, hash, is_it, map);
            }
            return match child.as_larger_bucket() {
                Some((bucket, Form::Large)) => bucket.search(Form::Large, rest, hash, is_it, map),
                Some((bucket, _)) => bucket.search(Form::Medium, rest, hash, is_it, map),
                None => child.find_here(rest, hash, is_it, map),
            };
        };
        loop {
            let Some(child) = branch.branch_child(hash::index(rest, 0)) else {
                return Ok(None);
            };
            rest >>= BITS;
            if let Some(entry) = child.as_leaf() {
                let is_it = entry.hash() == hash && is_it(entry)?;
                return Ok(is_it.then(|| map(0, entry)));
            }
            if let Some(below) = child.as_branch() {
                branch = below;
                continue;
            }
            if let Some(bucket) = child.as_bucket(Form::Small) {
                return bucket.search(Form::Small, rest, hash, is_it, map);
            }
            return child.find_here(rest, hash, is_it, map);
        }
    }

    /// Does the same in any node but a branch. `rest` is what the levels above have
    /// left of the hash.
    #[cold]
    #[inline(never)]
    fn find_here<'a, R, E>(
        &'a self,
        rest: u32,
        hash: u32,
        mut is_it: impl FnMut(&Entry<K, V, P>) -> Result<bool, E>,
        map: impl FnOnce(usize, &'a Entry<K, V, P>) -> R,
    ) -> Result<Option<R>, E> {
        let found = match self.view() {
            View::Leaf(entry) => (entry.hash() == hash && is_it(entry)?).then_some((0, entry)),
            View::Bucket(bucket) => {
                return match self.form() {
                    Form::Small => bucket.search(Form::Small, rest, hash, is_it, map),
                    Form::Medium => bucket.search(Form::Medium, rest, hash, is_it, map),
                    _ => bucket.search(Form::Large, rest, hash, is_it, map),
                };
            }
            View::Collision(collision) if collision.hash() == hash => collision.find(is_it)?,
            View::Collision(_) | View::Branch(_) => None,
        };
        Ok(found.map(|(place, entry)| map(place, entry)))
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
