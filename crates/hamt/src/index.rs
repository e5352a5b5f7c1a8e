//! The index of a bucket: a tag for each slot, a byte of the hash of its entry, compared
//! all at once.
//!
//! A lookup so touches almost no entry but the one that it wants. Eight, 16 or 32 tags
//! stand between a bucket's header and its slots. They are compared by SSE2 or NEON where
//! the target has it, and by words elsewhere. What a tag of a slot without an entry is does
//! not matter: the caller leaves such slots out.
#![allow(unsafe_code)]

use core::ptr::NonNull;

use crate::header::Form;

/// Tags that are compared by one operation.
const GROUP: usize = 16;

/// A part of an entry's hash: the first eight bits that the levels above have not used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(transparent)]
pub(crate) struct Tag(u8);

impl Tag {
    /// The tag of an entry, by its hash without the bits that the levels above used.
    #[inline(always)]
    pub const fn of(rest: u32) -> Self {
        Self(rest as u8)
    }
}

/// A set of slots, a bit for each. As an iterator it gives them, the lowest first.
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

/// The tags of a bucket, where they stand.
#[derive(Clone, Copy)]
pub(crate) struct Tags {
    first: NonNull<[u8; 8]>,
    form: Form,
}

impl Tags {
    /// # Safety
    ///
    /// `first` must point to as many tags as a bucket of this form has, all initialized,
    /// which no other thread changes while the result is used.
    #[inline(always)]
    pub unsafe fn new(first: NonNull<u8>, form: Form) -> Self {
        let first = first.cast();
        Self { first, form }
    }

    /// Returns the slots with this tag. There may be a few others among them.
    #[inline(always)]
    pub fn matching(self, tag: Tag) -> BitMask {
        BitMask(match self.form {
            Form::Small => {
                // SAFETY: eight tags (`new`).
                let half = u64::from_le_bytes(unsafe { self.first.read() });
                group::matching(u128::from(half).to_le_bytes(), tag.0) & 0xff
            }
            Form::Large => self.matching_group(0, tag) | self.matching_group(1, tag) << GROUP,
            Form::Medium | Form::Branch => self.matching_group(0, tag),
        })
    }

    #[inline(always)]
    fn matching_group(self, index: usize, tag: Tag) -> u32 {
        // SAFETY: 16 or 32 tags (`new`), and so one or two groups.
        group::matching(unsafe { self.first.cast().add(index).read() }, tag.0)
    }

    /// Sets the tag of a slot.
    ///
    /// Writes all tags that are compared at once, not one: a load of many bytes that
    /// follows a store of one of them waits for the store to reach the cache.
    ///
    /// # Safety
    ///
    /// No other thread may use the tags, and the form must have this slot.
    #[inline(always)]
    pub unsafe fn set(self, slot: usize, tag: Tag) {
        // SAFETY: by the caller; eight tags, or as many groups of 16 as the slot tells.
        unsafe {
            if self.form == Form::Small {
                let shift = slot % 8 * 8;
                let tags = u64::from_le_bytes(self.first.read());
                let tags = tags & !(0xff << shift) | u64::from(tag.0) << shift;
                self.first.write(tags.to_le_bytes());
            } else {
                let group = self.first.cast::<[u8; GROUP]>().add(slot / GROUP);
                group.write(with(group.read(), slot % GROUP, tag.0));
            }
        }
    }
}

/// Returns the tags with one changed. The compiler makes vector operations of it.
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

#[cfg(all(
    target_arch = "aarch64",
    target_feature = "neon",
    target_endian = "little"
))]
use neon as group;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
use sse2 as group;
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
mod sse2 {
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
mod neon {
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
#[cfg_attr(
    any(
        all(
            target_arch = "aarch64",
            target_feature = "neon",
            target_endian = "little"
        ),
        all(target_arch = "x86_64", target_feature = "sse2"),
    ),
    cfg(test)
)]
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
        // May also take a byte above an equal one for equal, if it differs in its lowest
        // bit alone.
        let same = different.wrapping_sub(LOW) & !different & HIGH;
        // Gathers the eight bits, which are eight apart, in the highest byte.
        ((same >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMS: [Form; 3] = [Form::Small, Form::Medium, Form::Large];

    #[test]
    fn every_slot_with_the_tag_matches_in_each_form() {
        for form in FORMS {
            let mut bytes: [u8; 32] = core::array::from_fn(|slot| (slot % 5) as u8 * 50);
            // SAFETY: as many as any form has, and used here alone.
            let tags = unsafe { Tags::new(NonNull::from(&mut bytes).cast(), form) };
            for tag in [0, 50, 100, 150, 200] {
                let equal = (0..form.slots()).filter(|slot| slot % 5 * 50 == tag);
                assert!(tags.matching(Tag(tag as u8)).eq(equal), "{form:?} {tag}");
            }
        }
    }

    #[test]
    fn a_tag_that_is_set_is_found_and_the_others_stay() {
        for form in FORMS {
            let mut bytes = [7_u8; 32];
            // SAFETY: as above.
            let tags = unsafe { Tags::new(NonNull::from(&mut bytes).cast(), form) };
            for slot in 0..form.slots() {
                // SAFETY: as above.
                unsafe { tags.set(slot, Tag(100 + slot as u8)) };
                assert!(tags.matching(Tag(100 + slot as u8)).eq([slot]), "{form:?}");
                assert!(tags.matching(Tag(7)).eq(slot + 1..form.slots()), "{form:?}");
            }
        }
    }

    #[test]
    fn the_words_match_as_the_vectors_do() {
        let tags: [u8; GROUP] = core::array::from_fn(|slot| slot as u8 / 2 * 2);
        for tag in 0..=u8::MAX {
            let same = group::matching(tags, tag);
            assert_eq!(word::matching(tags, tag) & same, same, "tag {tag}");
        }
    }
}
