/// The first six bits of the hashes in a map, a bit for each value that they may
/// have: all that occur, and perhaps some that did.
///
/// It stands in the map itself, so that a small map is not even looked into for
/// most keys that it does not have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prefixes(u64);

impl Prefixes {
    pub const NONE: Self = Self(0);

    /// Whether a key of this hash may be there.
    #[inline(always)]
    pub const fn may_have(self, hash: u32) -> bool {
        self.0 & Self::bit(hash) != 0
    }

    /// The same with one more hash.
    #[inline(always)]
    pub const fn with(self, hash: u32) -> Self {
        Self(self.0 | Self::bit(hash))
    }

    #[inline(always)]
    const fn bit(hash: u32) -> u64 {
        1 << (hash % u64::BITS)
    }
}
