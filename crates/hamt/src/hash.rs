//! How a 32-bit hash leads through the tree: five bits a level, lowest first.

/// Bits of the hash that one level of the tree consumes.
pub(crate) const BITS: u32 = 5;

/// Children a branch can have.
pub(crate) const WIDTH: usize = 1 << BITS;

/// Levels of branches a 32-bit hash can tell apart; the last has two bits.
pub(crate) const LEVELS: usize = u32::BITS.div_ceil(BITS) as usize;

/// Folds a 64-bit hash to the 32 bits the trie works with, as CPython 3.14's
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

/// Takes the half of a hasher's result that the trie works with, where nobody
/// asks how CPython does it. A hasher spreads what it knows over all bits, and to
/// fold them would cost a fifth of a lookup.
#[inline(always)]
pub(crate) const fn lower_half(hash: u64) -> u32 {
    hash as u32
}

/// Returns which child of a branch `hash` belongs to. `shift` is the number of
/// bits that the levels above consumed.
pub(crate) fn index(hash: u32, shift: u32) -> usize {
    (hash >> shift) as usize % WIDTH
}
