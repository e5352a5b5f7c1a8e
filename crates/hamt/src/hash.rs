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
    match xor_halves(hash) {
        u32::MAX => u32::MAX - 1,
        folded => folded,
    }
}

/// Folds a 64-bit hash where nobody asks how CPython does it.
#[inline(always)]
pub(crate) const fn xor_halves(hash: u64) -> u32 {
    (hash >> 32) as u32 ^ hash as u32
}

/// Turns a hash so that the bits of the first level count most, those of the
/// second next, and so on: hashes in the order of the tree.
pub(crate) const fn path(hash: u32) -> u32 {
    let (mut path, mut level) = (0, 0);
    while level < LEVELS as u32 {
        let bits = hash >> (level * BITS) & (WIDTH as u32 - 1);
        let room = u32::BITS.saturating_sub((level + 1) * BITS);
        path |= if room > 0 { bits << room } else { bits };
        level += 1;
    }
    path
}

/// Returns which child of a branch `hash` belongs to. `shift` is the number of
/// bits that the levels above consumed.
pub(crate) fn index(hash: u32, shift: u32) -> usize {
    (hash >> shift) as usize % WIDTH
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn the_bits_of_the_first_level_count_most() {
        let mut hashes = [1 << 30, 33, 1, 0, 32, 1 << 5 | 1, 31, u32::MAX];
        hashes.sort_by_key(|hash| path(*hash));
        assert_eq!(hashes, [0, 1 << 30, 32, 1, 33, 33, 31, u32::MAX]);
        assert_eq!(path(1 << 30), 1);
        assert_eq!(path(u32::MAX), u32::MAX);
    }
}
