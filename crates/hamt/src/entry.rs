//! The leaf of the tree: a key and its value in one counted block.
#![allow(unsafe_code)]

use core::{
    alloc::Layout,
    fmt,
    marker::PhantomData,
    mem::{self, ManuallyDrop},
    ptr::NonNull,
};

use crate::{
    block,
    count::Count,
    kind::{ArcKind, PointerKind},
};

/// A key and its value with the key's hash, counted as one.
///
/// A handle: cloning it costs one count and clones neither the key nor the
/// value, so that every version of a map that binds the key shares one
/// allocation, and keys and values need not be `Clone`.
///
/// # Examples
///
/// ```
/// use hamt::Entry;
///
/// let entry = Entry::new(0x2a, "answer", 42);
/// let shared = entry.clone();
/// assert!(shared.ptr_eq(&entry));
/// assert_eq!((entry.hash(), *entry.key(), *entry.value()), (0x2a, "answer", 42));
/// ```
#[repr(transparent)]
pub struct Entry<K, V, P: PointerKind = ArcKind> {
    /// Invariant: from [`block::allocate`], and counted for this handle.
    leaf: NonNull<Leaf<K, V, P>>,
    owns: PhantomData<Leaf<K, V, P>>,
}

/// What an entry points to. Aligned so that a node's tag fits below its address.
#[repr(C, align(8))]
pub(crate) struct Leaf<K, V, P: PointerKind> {
    /// First, as in every node.
    count: Count<P>,
    hash: u32,
    key: K,
    value: V,
}

// SAFETY: the last holder drops key and value wherever it is (`Send`), and
// holders on other threads borrow them meanwhile (`Sync`). The count is atomic
// if the kind is `Sync` (`sealed::Kind`).
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Send for Entry<K, V, P> {}
// SAFETY: as above; a borrowed entry can be cloned, so sharing one is sending it.
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Sync for Entry<K, V, P> {}

impl<K, V> Entry<K, V> {
    /// Makes an entry in one allocation. `hash` must be the same for every key
    /// that the map's equality calls equal; a wrong hash makes the entry hard
    /// to find, nothing worse.
    #[inline]
    pub fn new(hash: u32, key: K, value: V) -> Self {
        Self::with_kind(hash, key, value)
    }
}

impl<K, V, P: PointerKind> Entry<K, V, P> {
    /// Makes an entry of any pointer kind, as [`new`](Entry::new) does.
    #[inline]
    pub fn with_kind(hash: u32, key: K, value: V) -> Self {
        // SAFETY: a leaf is not empty, since it begins with its count.
        let leaf = unsafe { block::allocate(Layout::new::<Leaf<K, V, P>>()) }.cast();
        // SAFETY: freshly allocated for this.
        unsafe {
            leaf.write(Leaf {
                count: Count::one(),
                hash,
                key,
                value,
            });
        }
        Self {
            leaf,
            owns: PhantomData,
        }
    }

    /// Returns the key's hash.
    #[must_use]
    #[inline(always)]
    pub fn hash(&self) -> u32 {
        self.leaf().hash
    }

    /// Borrows the key.
    #[must_use]
    #[inline(always)]
    pub fn key(&self) -> &K {
        &self.leaf().key
    }

    /// Borrows the value.
    #[must_use]
    #[inline(always)]
    pub fn value(&self) -> &V {
        &self.leaf().value
    }

    /// Tells whether two handles are of one entry. Compares no keys or values.
    #[must_use]
    #[inline(always)]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.leaf == other.leaf
    }

    /// Takes the key and the value out.
    ///
    /// # Errors
    ///
    /// Gives the handle back while anybody else, a map or a handle, still
    /// holds the entry.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Entry;
    ///
    /// let entry = Entry::new(0, "k", "v");
    /// let other = entry.clone();
    /// let entry = entry.into_parts().unwrap_err();
    /// drop(other);
    /// assert_eq!(entry.into_parts().ok(), Some(("k", "v")));
    /// ```
    pub fn into_parts(self) -> Result<(K, V), Self> {
        if !self.has_one_holder() {
            return Err(self);
        }
        self.leaf().count.note_write();
        let memory = Memory(ManuallyDrop::new(self).leaf);
        // SAFETY: the only handle is this one, which will not drop; the memory
        // goes, but not what was in it.
        let leaf = unsafe { memory.0.read() };
        Ok((leaf.key, leaf.value))
    }

    /// Puts another key and value of the same hash in the place of this
    /// handle's, and takes the old ones out: in the leaf if nobody else holds it,
    /// otherwise in another.
    #[inline(always)]
    pub(crate) fn replace(&mut self, key: K, value: V) -> Pair<K, V, P> {
        if !self.has_one_holder() {
            let entry = Self::with_kind(self.hash(), key, value);
            return Pair::Entry(mem::replace(self, entry));
        }
        self.leaf().count.note_write();
        // SAFETY: the only handle is borrowed exclusively, so nothing borrows the
        // leaf.
        let leaf = unsafe { self.leaf.as_mut() };
        Pair::Parts(
            mem::replace(&mut leaf.key, key),
            mem::replace(&mut leaf.value, value),
        )
    }

    /// Returns the leaf's address, which tells it from all others while it is alive.
    #[inline(always)]
    pub(crate) fn address(&self) -> usize {
        self.leaf.addr().get()
    }

    /// Borrows the key, and the value to change it.
    ///
    /// # Safety
    ///
    /// This handle must be the leaf's only one, and nothing else may borrow the value
    /// while the result exists.
    #[expect(clippy::mut_from_ref, reason = "the caller has the leaf to itself")]
    pub(crate) unsafe fn pair_mut(&self) -> (&K, &mut V) {
        self.leaf().count.note_write();
        let leaf = self.leaf.as_ptr();
        // SAFETY: alive, since counted for this handle; the rest is by the caller.
        unsafe { (&(*leaf).key, &mut (*leaf).value) }
    }

    /// As [`replace`](Self::replace), by a pair.
    pub(crate) fn rebind(&mut self, pair: Pair<K, V, P>) -> Pair<K, V, P> {
        match pair {
            Pair::Parts(key, value) => self.replace(key, value),
            Pair::Entry(entry) => Pair::Entry(mem::replace(self, entry)),
        }
    }

    /// Shows a cycle collector the key and the value, if this handle is the
    /// entry's only one. See
    /// [`RawHamt::visit_exclusive`](crate::raw::RawHamt::visit_exclusive) for
    /// the rule behind it.
    pub fn visit_exclusive(&self, visit: &mut dyn FnMut(&K, &V)) {
        if self.has_one_holder() {
            visit(self.key(), self.value());
        }
    }

    /// Drops key and value, and frees the leaf.
    ///
    /// # Safety
    ///
    /// Nobody may hold the entry any more.
    #[inline]
    pub(crate) unsafe fn free(leaf: NonNull<Leaf<K, V, P>>) {
        let memory = Memory(leaf);
        // SAFETY: the caller's alone.
        unsafe {
            memory.0.as_ref().count.note_write();
            memory.0.drop_in_place();
        }
    }

    /// Tells whether this handle is the only one.
    #[inline(always)]
    pub(crate) fn has_one_holder(&self) -> bool {
        self.leaf().count.is_one()
    }

    #[inline(always)]
    fn leaf(&self) -> &Leaf<K, V, P> {
        // SAFETY: counted for this handle, so alive; changed only by `replace`,
        // through the only handle.
        let leaf = unsafe { self.leaf.as_ref() };
        leaf.count.note_read();
        leaf
    }
}

/// The memory of a leaf that nobody holds any more: dropping this frees it, and
/// nothing that is in it.
struct Memory<K, V, P: PointerKind>(NonNull<Leaf<K, V, P>>);

impl<K, V, P: PointerKind> Drop for Memory<K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, and made only where nobody holds
        // the leaf.
        unsafe { block::free(self.0.cast(), Layout::new::<Leaf<K, V, P>>()) };
    }
}

impl<K, V, P: PointerKind> Clone for Entry<K, V, P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.leaf().count.up();
        Self {
            leaf: self.leaf,
            owns: PhantomData,
        }
    }
}

impl<K, V, P: PointerKind> Drop for Entry<K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: counted for this handle, so alive.
        let count = unsafe { &self.leaf.as_ref().count };
        if count.down() {
            // SAFETY: this was the last handle.
            unsafe { Self::free(self.leaf) };
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for Entry<K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("hash", &format_args!("{:#010x}", self.hash()))
            .field("key", self.key())
            .field("value", self.value())
            .finish()
    }
}

/// The key and value that a change took out of a map: by themselves where the
/// map alone held them, as an [`Entry`] where others may.
pub struct Displaced<K, V, P: PointerKind = ArcKind>(Pair<K, V, P>);

/// A key and a value on their way into a map or out of it.
pub(crate) enum Pair<K, V, P: PointerKind> {
    Parts(K, V),
    Entry(Entry<K, V, P>),
}

impl<K, V, P: PointerKind> Pair<K, V, P> {
    #[inline(always)]
    pub fn into_entry(self, hash: u32) -> Entry<K, V, P> {
        match self {
            Self::Parts(key, value) => Entry::with_kind(hash, key, value),
            Self::Entry(entry) => entry,
        }
    }

    #[inline]
    pub fn key(&self) -> &K {
        match self {
            Self::Parts(key, _) => key,
            Self::Entry(entry) => entry.key(),
        }
    }
}

impl<K, V, P: PointerKind> From<Pair<K, V, P>> for Displaced<K, V, P> {
    #[inline]
    fn from(pair: Pair<K, V, P>) -> Self {
        Self(pair)
    }
}

impl<K, V, P: PointerKind> Displaced<K, V, P> {
    /// Borrows the key.
    #[must_use]
    pub fn key(&self) -> &K {
        self.0.key()
    }

    /// Borrows the value.
    #[must_use]
    pub fn value(&self) -> &V {
        match &self.0 {
            Pair::Parts(_, value) => value,
            Pair::Entry(entry) => entry.value(),
        }
    }

    /// Takes the key and the value out.
    ///
    /// # Errors
    ///
    /// Gives the entry while another version of the map, or a handle, holds it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut map = hamt::Hamt::from([("k", 1)]);
    /// let displaced = map.insert("k", 2).expect("it was there");
    /// assert_eq!(displaced.into_parts().ok(), Some(("k", 1)));
    /// ```
    pub fn into_parts(self) -> Result<(K, V), Entry<K, V, P>> {
        match self.0 {
            Pair::Parts(key, value) => Ok((key, value)),
            Pair::Entry(entry) => entry.into_parts(),
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for Displaced<K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Displaced")
            .field("key", self.key())
            .field("value", self.value())
            .finish()
    }
}
