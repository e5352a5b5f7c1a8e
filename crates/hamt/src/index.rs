//! The index of a bucket: a tag for each slot, a byte of the hash of its entry. All tags are
//! compared at once.
//!
//! So a lookup reads hardly any entry other than the one that it returns. Eight, 16 or 32
//! tags are between a bucket's header and its slots. They are compared by SSE2 or NEON where
//! the target has it, and by words elsewhere. The tag of a slot without an entry has any
//! value: the caller ignores such slots.
#![allow(unsafe_code)]

/// Tags that are compared by one operation.
const GROUP: usize = 16;

/// A part of an entry's hash: the lowest eight bits that the levels above have not used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Tag(u8);

impl Tag {
    /// Returns the tag for a hash without the bits that the levels above used.
    #[inline(always)]
    pub const fn of(rest: u32) -> Self {
        Self(rest as u8)
    }
}

/// A set of slots, a bit for each. It iterates over them, the lowest first.
#[derive(Clone, Copy)]
pub(crate) struct BitMask(pub u32);

impl Iterator for BitMask {
    type Item = usize;

    #[inline(always)]
    fn next(&mut self) -> Option<usize> {
        let slot = (self.0 != 0).then(|| self.0.trailing_zeros() as usize);
        self.0 &= self.0.wrapping_sub(1);
        slot
    }
}

/// Returns the slots with this tag, of 8, 16 or 32. May contain rare false positives.
#[inline(always)]
pub(crate) fn matching(tags: &[u8], tag: Tag) -> BitMask {
    let Some(first) = tags.first_chunk() else {
        let half = tags
            .first_chunk()
            .map_or(0, |tags| u64::from_le_bytes(*tags));
        return BitMask(group::matching(u128::from(half).to_le_bytes(), tag.0) & 0xff);
    };
    let second = tags.get(GROUP..).and_then(|tags| tags.first_chunk());
    let second = second.map_or(0, |tags| group::matching(*tags, tag.0));
    BitMask(group::matching(*first, tag.0) | second << GROUP)
}

/// Sets the tag of a slot.
///
/// Writes all tags that are compared at once, not one byte: a load of many bytes after a
/// store of one of them has to wait for the store to reach the cache.
#[inline(always)]
pub(crate) fn set(tags: &mut [u8], slot: usize, tag: Tag) {
    let group = slot / GROUP * GROUP;
    if let Some(tags) = tags
        .get_mut(group..)
        .and_then(|tags| tags.first_chunk_mut())
    {
        *tags = with(*tags, slot % GROUP, tag.0);
    } else if let Some(tags) = tags.first_chunk_mut() {
        let shift = slot % 8 * 8;
        let others = u64::from_le_bytes(*tags) & !(0xff << shift);
        *tags = (others | u64::from(tag.0) << shift).to_le_bytes();
    }
}

/// Returns the tags with one changed. The compiler vectorises it.
#[inline(always)]
fn with(tags: [u8; GROUP], slot: usize, tag: u8) -> [u8; GROUP] {
    let slot = slot as u8;
    core::array::from_fn(|other| {
        if other as u8 == slot {
            tag
        } else {
            tags[other]
        }
    })
}

#[cfg(not(any(
    all(
        target_arch = "aarch64",
        target_feature = "neon",
        target_endian = "little"
    ),
    all(target_arch = "x86_64", target_feature = "sse2"),
)))]
use word as group;

/// For x86-64, where it has SSE2: kernels and firmware are built without.
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
mod group {
    use core::{
        arch::x86_64::{__m128i, _mm_cmpeq_epi8, _mm_movemask_epi8, _mm_set1_epi8},
        mem::transmute,
    };

    #[inline(always)]
    pub fn matching(tags: [u8; super::GROUP], tag: u8) -> u32 {
        // SAFETY: of one size, and any bits are both; SSE2 is in the target.
        unsafe {
            let tags = transmute::<[u8; super::GROUP], __m128i>(tags);
            _mm_movemask_epi8(_mm_cmpeq_epi8(tags, _mm_set1_epi8(tag as i8))) as u32
        }
    }
}

/// For 64-bit ARM, where it has NEON.
#[cfg(all(
    target_arch = "aarch64",
    target_feature = "neon",
    target_endian = "little"
))]
mod group {
    use core::{
        arch::aarch64::{
            uint8x16_t, vaddv_u8, vandq_u8, vceqq_u8, vdupq_n_u8, vget_high_u8, vget_low_u8,
        },
        mem::transmute,
    };

    #[inline(always)]
    pub fn matching(tags: [u8; super::GROUP], tag: u8) -> u32 {
        const BITS: [u8; super::GROUP] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
        // SAFETY: of one size, and any bits are both; NEON is in the target.
        unsafe {
            let [tags, bits] =
                [tags, BITS].map(|bytes| transmute::<[u8; super::GROUP], uint8x16_t>(bytes));
            let same = vandq_u8(vceqq_u8(tags, vdupq_n_u8(tag)), bits);
            let [low, high] = [vaddv_u8(vget_low_u8(same)), vaddv_u8(vget_high_u8(same))];
            u32::from(low) | u32::from(high) << 8
        }
    }
}

/// Eight bytes at a time in one register, for all other targets.
#[allow(dead_code, reason = "the tests compare it with the others")]
mod word {
    #[inline(always)]
    pub fn matching(tags: [u8; super::GROUP], tag: u8) -> u32 {
        let tags = u128::from_le_bytes(tags);
        matching_half(tags as u64, tag) | matching_half((tags >> 64) as u64, tag) << 8
    }

    #[inline(always)]
    fn matching_half(tags: u64, tag: u8) -> u32 {
        const LOW: u64 = u64::MAX / 255;
        const HIGH: u64 = LOW << 7;
        let different = tags ^ (LOW * u64::from(tag));
        // A byte above an equal one may match too, if it differs in its lowest bit only.
        let same = different.wrapping_sub(LOW) & !different & HIGH;
        // Collects the eight bits, which are eight apart, in the highest byte.
        ((same >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_slot_with_the_tag_matches_in_each_size() {
        let bytes: [u8; 32] = core::array::from_fn(|slot| (slot % 5) as u8 * 50);
        for slots in [8, 16, 32] {
            for tag in [0, 50, 100, 150, 200] {
                let equal = (0..slots).filter(|slot| slot % 5 * 50 == tag);
                let found = matching(&bytes[..slots], Tag(tag as u8));
                assert!(found.eq(equal), "{slots} {tag}");
            }
        }
    }

    #[test]
    fn setting_a_tag_changes_no_other() {
        for slots in [8, 16, 32] {
            let tags = &mut [7_u8; 32][..slots];
            for slot in 0..slots {
                set(tags, slot, Tag(100 + slot as u8));
                assert!(matching(tags, Tag(100 + slot as u8)).eq([slot]), "{slots}");
                assert!(matching(tags, Tag(7)).eq(slot + 1..slots), "{slots}");
            }
        }
    }

    #[test]
    fn the_words_match_all_that_the_vectors_match() {
        let tags: [u8; GROUP] = core::array::from_fn(|slot| slot as u8 / 2 * 2);
        for tag in 0..=u8::MAX {
            let same = group::matching(tags, tag);
            assert_eq!(word::matching(tags, tag) & same, same, "tag {tag}");
        }
    }
}
