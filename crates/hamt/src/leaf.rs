//! The leaf of the tree: a key and its value in one counted allocation.
#![allow(unsafe_code)]

use core::{
    alloc::Layout,
    convert::Infallible,
    fmt,
    marker::PhantomData,
    mem::{self, ManuallyDrop},
    ptr::{self, NonNull},
};

use crate::{
    kind::{ArcKind, PointerKind},
    trace::NodeForm,
};

/// A key and its value with the key's hash, counted as one.
///
/// A handle: cloning it increments the reference count, and clones neither the
/// key nor the value. So all versions of a map with this entry share one
/// allocation, and keys and values need not be `Clone`.
///
/// # Examples
///
/// ```
/// use hamt::Leaf;
///
/// let leaf = Leaf::new(0x2a, "answer", 42);
/// let shared = leaf.clone();
/// assert!(shared.ptr_eq(&leaf));
/// assert_eq!((leaf.hash(), *leaf.key(), *leaf.value()), (0x2a, "answer", 42));
/// ```
#[repr(transparent)]
pub struct Leaf<K, V, P: PointerKind = ArcKind> {
    /// Invariant: from the kind's `allocate`, and counted for this handle or, in a borrowed
    /// slot, for that slot's owner.
    leaf: NonNull<LeafData<K, V, P>>,
    owns: PhantomData<LeafData<K, V, P>>,
}

/// The allocation of a leaf or a collision. Aligned so that a node's tag fits into the lowest
/// bits of its address.
#[repr(C, align(8))]
pub(crate) struct Counted<T, P: PointerKind> {
    /// First, as in every node. The kind drops it, with the memory.
    pub head: ManuallyDrop<P::Head>,
    /// Here, since there is room beside a count.
    pub hash: u32,
    pub content: T,
}

/// The allocation of a leaf.
pub(crate) type LeafData<K, V, P> = Counted<Entry<K, V>, P>;

pub(crate) struct Entry<K, V> {
    key: K,
    value: V,
}

// There is no padding.
const _: () = assert!(size_of::<LeafData<u64, u64, ArcKind>>() == 24);

impl<T, P: PointerKind> Counted<T, P> {
    #[inline(always)]
    pub fn allocate(form: NodeForm, hash: u32, content: T) -> Result<NonNull<Self>, P::Refused> {
        let content = ManuallyDrop::new(content);
        // SAFETY: the layout of a type that begins with the head, and fresh memory of it. The content
        // is moved out once.
        unsafe {
            // A copy: then the content stays in registers where memory is not refused.
            let drop_content = |_: &P::Refused| drop(ptr::from_ref(&*content).read());
            let counted = P::allocate(Layout::new::<Self>(), form).inspect_err(drop_content)?;
            let counted = counted.cast::<Self>();
            (&raw mut (*counted.as_ptr()).hash).write(hash);
            (&raw mut (*counted.as_ptr()).content).write(ManuallyDrop::into_inner(content));
            Ok(counted)
        }
    }

    /// Drops the content, and frees the memory.
    ///
    /// # Safety
    ///
    /// There must be no handle any more.
    #[inline]
    pub unsafe fn free(counted: NonNull<Self>) {
        let memory = Memory(counted);
        // SAFETY: only the caller uses it.
        unsafe {
            P::untrack(memory.0.cast());
            P::note_write(&memory.0.as_ref().head);
            memory.0.drop_in_place();
        }
    }
}

// SAFETY: the last holder drops key and value wherever it is (`Send`), and
// holders on other threads borrow them meanwhile (`Sync`). The count is atomic
// if the kind is `Sync` (`PointerKind`).
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Send for Leaf<K, V, P> {}
// SAFETY: as above; a borrowed leaf can be cloned, so sharing one is sending it.
unsafe impl<K: Send + Sync, V: Send + Sync, P: PointerKind + Sync> Sync for Leaf<K, V, P> {}

impl<K, V> Leaf<K, V> {
    /// Creates a leaf in one allocation. `hash` must be the same for all keys
    /// that are equal by the map's equality. With a wrong hash the leaf may not
    /// be found; it is not unsafe.
    #[inline]
    pub fn new(hash: u32, key: K, value: V) -> Self {
        Self::new_in(hash, key, value)
    }
}

impl<K, V, P: PointerKind<Refused = Infallible>> Leaf<K, V, P> {
    /// Creates a leaf of any pointer kind whose memory is not refused, as [`new`](Leaf::new)
    /// does.
    #[inline]
    pub fn new_in(hash: u32, key: K, value: V) -> Self {
        let Ok(leaf) = Self::try_new_in(hash, key, value);
        leaf
    }
}

impl<K, V, P: PointerKind> Leaf<K, V, P> {
    /// Creates a leaf of any pointer kind, as [`new`](Leaf::new) does.
    ///
    /// # Errors
    ///
    /// Returns the reason why there is no memory, and drops the key and the value.
    #[inline]
    pub fn try_new_in(hash: u32, key: K, value: V) -> Result<Self, P::Refused> {
        let leaf = Self {
            leaf: Counted::allocate(NodeForm::LEAF, hash, Entry { key, value })?,
            owns: PhantomData,
        };
        // SAFETY: complete; from `allocate`.
        unsafe { P::track(leaf.leaf.cast()) };
        Ok(leaf)
    }

    /// Returns the key's hash.
    #[must_use]
    #[inline(always)]
    pub fn hash(&self) -> u32 {
        self.leaf().hash
    }

    /// Returns the key.
    #[must_use]
    #[inline(always)]
    pub fn key(&self) -> &K {
        &self.leaf().content.key
    }

    /// Returns the value.
    #[must_use]
    #[inline(always)]
    pub fn value(&self) -> &V {
        &self.leaf().content.value
    }

    /// Returns `true` if both handles are of the same leaf. Compares no keys or values.
    #[must_use]
    #[inline(always)]
    pub fn ptr_eq(&self, other: &Self) -> bool {
        self.leaf == other.leaf
    }

    /// Moves the key and the value out.
    ///
    /// # Errors
    ///
    /// Returns the handle if another map or handle holds the leaf.
    ///
    /// # Examples
    ///
    /// ```
    /// use hamt::Leaf;
    ///
    /// let leaf = Leaf::new(0, "k", "v");
    /// let other = leaf.clone();
    /// let leaf = leaf.into_parts().unwrap_err();
    /// drop(other);
    /// assert_eq!(leaf.into_parts().ok(), Some(("k", "v")));
    /// ```
    pub fn into_parts(self) -> Result<(K, V), Self> {
        if !self.has_one_holder() {
            return Err(self);
        }
        P::note_write(&self.leaf().head);
        let memory = Memory(ManuallyDrop::new(self).leaf);
        // SAFETY: this is the only handle, and is not dropped. The memory is freed, but its
        // content is not dropped.
        let leaf = unsafe {
            P::untrack(memory.0.cast());
            memory.0.read().content
        };
        Ok((leaf.key, leaf.value))
    }

    /// Replaces the key and the value by others of the same hash, and returns the old ones.
    /// Does so in the leaf if this handle is the only one; otherwise the handle gets another
    /// leaf.
    #[inline(always)]
    pub(crate) fn replace(&mut self, key: K, value: V) -> Result<Pair<K, V, P>, P::Refused> {
        if !self.has_one_holder() {
            let leaf = Self::try_new_in(self.hash(), key, value)?;
            return Ok(Pair::Leaf(mem::replace(self, leaf)));
        }
        P::note_write(&self.leaf().head);
        // SAFETY: the only handle is borrowed exclusively, and is in a slot that no table borrows
        // (`Position`), so nothing borrows the leaf.
        let leaf = &mut unsafe { self.leaf.as_mut() }.content;
        Ok(Pair::Parts(
            mem::replace(&mut leaf.key, key),
            mem::replace(&mut leaf.value, value),
        ))
    }

    /// Returns another handle that is not counted.
    ///
    /// # Safety
    ///
    /// It must be used only while a counted handle exists, and not be dropped.
    #[inline(always)]
    pub(crate) unsafe fn alias(&self) -> ManuallyDrop<Self> {
        ManuallyDrop::new(Self {
            leaf: self.leaf,
            owns: PhantomData,
        })
    }

    /// Returns the key, and a mutable reference to the value.
    ///
    /// # Safety
    ///
    /// Only the caller's map may hold the leaf. While the result exists, the map must be
    /// borrowed exclusively, and nothing else may borrow the value.
    pub(crate) unsafe fn pair_mut<'a>(&self) -> (&'a K, &'a mut V) {
        P::note_write(&self.leaf().head);
        let leaf = self.leaf.as_ptr();
        // SAFETY: alive, since counted for this handle; the rest is by the caller.
        unsafe { (&(*leaf).content.key, &mut (*leaf).content.value) }
    }

    /// Returns `true` if this handle is the only one.
    #[inline(always)]
    pub(crate) fn has_one_holder(&self) -> bool {
        P::is_one(&self.leaf().head)
    }

    #[inline(always)]
    pub(crate) fn head(&self) -> &P::Head {
        &self.leaf().head
    }

    #[inline(always)]
    fn leaf(&self) -> &LeafData<K, V, P> {
        // SAFETY: counted for this handle, so alive; changed only through
        // the only handle, by `replace` and by users of `pair_mut`.
        let leaf = unsafe { self.leaf.as_ref() };
        P::note_read(&leaf.head);
        leaf
    }
}

/// The memory of a leaf or collision without handles. Dropping this frees it, and does not drop
/// its content.
struct Memory<T, P: PointerKind>(NonNull<Counted<T, P>>);

impl<T, P: PointerKind> Drop for Memory<T, P> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: allocated with this layout; a `Memory` is created only if there is no handle
        // any more.
        unsafe { P::free(self.0.cast(), Layout::new::<Counted<T, P>>()) };
    }
}

impl<K, V, P: PointerKind> Clone for Leaf<K, V, P> {
    #[inline(always)]
    fn clone(&self) -> Self {
        P::up(&self.leaf().head);
        Self {
            leaf: self.leaf,
            owns: PhantomData,
        }
    }
}

impl<K, V, P: PointerKind> Drop for Leaf<K, V, P> {
    #[inline(always)]
    fn drop(&mut self) {
        if P::down(&self.leaf().head) {
            // SAFETY: this was the last handle.
            unsafe { Counted::free(self.leaf) };
        }
    }
}

impl<K: fmt::Debug, V: fmt::Debug, P: PointerKind> fmt::Debug for Leaf<K, V, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leaf")
            .field("hash", &format_args!("{:#010x}", self.hash()))
            .field("key", self.key())
            .field("value", self.value())
            .finish()
    }
}

/// A key and a value that are inserted into a map or were removed from it.
pub(crate) enum Pair<K, V, P: PointerKind> {
    Parts(K, V),
    Leaf(Leaf<K, V, P>),
}

impl<K, V, P: PointerKind> Pair<K, V, P> {
    #[inline(always)]
    pub fn into_leaf(self, hash: u32) -> Result<Leaf<K, V, P>, P::Refused> {
        match self {
            Self::Parts(key, value) => Leaf::try_new_in(hash, key, value),
            Self::Leaf(leaf) => Ok(leaf),
        }
    }

    #[inline]
    pub fn key(&self) -> &K {
        match self {
            Self::Parts(key, _) => key,
            Self::Leaf(leaf) => leaf.key(),
        }
    }
}

/// Folds a 64-bit hash to the 32 bits that the trie uses, as CPython 3.14's
/// `hamt_hash` does: the two halves are xored, and −1 becomes −2.
///
/// A signed hash is passed as its bits: `fold_hash(hash as u64)`.
///
/// # Examples
///
/// ```
/// assert_eq!(hamt::fold_hash(7), 7);
/// assert_eq!(hamt::fold_hash(0x1_0000_0007), 6);
/// // A small negative number's halves meet all ones: its sign bits cancel out.
/// assert_eq!(hamt::fold_hash(-3_i64 as u64), 2);
/// // The result is never −1.
/// assert_eq!(hamt::fold_hash(0xffff_ffff) as i32, -2);
/// ```
#[must_use]
pub const fn fold_hash(hash: u64) -> u32 {
    match (hash >> 32) as u32 ^ hash as u32 {
        u32::MAX => u32::MAX - 1,
        folded => folded,
    }
}
