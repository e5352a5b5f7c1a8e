//! How a 32-bit hash is used in the tree: five bits for each level, lowest first.

/// Bits of the hash that one level of the tree uses.
pub(crate) const BITS: u32 = 5;

/// Children a branch can have.
pub(crate) const WIDTH: usize = 1 << BITS;

/// Levels of branches that a 32-bit hash has bits for; the last has two bits.
pub(crate) const LEVELS: usize = u32::BITS.div_ceil(BITS) as usize;

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

/// Returns the half of a hasher's result that the trie uses where it need not be
/// CPython's. A hasher spreads its information over all bits, and folding them
/// would cost a fifth of a lookup.
#[inline(always)]
pub(crate) const fn lower_half(hash: u64) -> u32 {
    hash as u32
}

/// Returns the index of the child of a branch that `hash` belongs to. `shift` is
/// the number of bits that the levels above used.
pub(crate) fn index(hash: u32, shift: u32) -> usize {
    (hash >> shift) as usize % WIDTH
}
