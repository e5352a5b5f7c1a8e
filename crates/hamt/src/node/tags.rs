//! Comparing bytes all at once.
#![allow(unsafe_code)]

/// Tags compared in one vector.
const VECTOR: usize = 16;

/// Returns a bit mask of those of eight tags that equal `tag`. There may be rare false
/// positives.
///
/// # Safety
///
/// `tags` must point to eight bytes.
#[inline(always)]
pub(super) unsafe fn matching_8(tags: *const u8, tag: u8) -> u32 {
    // SAFETY: by the caller.
    unsafe { matching_word(tags, tag) }
}

/// As [`matching_8`], of 32 tags.
///
/// # Safety
///
/// `tags` must point to 32 bytes.
#[inline(always)]
pub(super) unsafe fn matching_32(tags: *const u8, tag: u8) -> u32 {
    // SAFETY: by the caller.
    unsafe { matching_vector(tags, tag) | matching_vector(tags.add(VECTOR), tag) << VECTOR }
}

#[cfg(target_arch = "x86_64")]
use vector::{matching_vector, matching_word};

/// By SSE2, which every x86-64 target has.
#[cfg(target_arch = "x86_64")]
mod vector {
    use core::arch::x86_64::{
        __m128i, _mm_cmpeq_epi8, _mm_loadl_epi64, _mm_loadu_si128, _mm_movemask_epi8, _mm_set1_epi8,
    };

    /// # Safety
    ///
    /// `tags` must point to sixteen tags.
    #[inline(always)]
    pub unsafe fn matching_vector(tags: *const u8, tag: u8) -> u32 {
        // SAFETY: by the caller.
        equal(unsafe { _mm_loadu_si128(tags.cast::<__m128i>()) }, tag)
    }

    /// # Safety
    ///
    /// `tags` must point to eight tags.
    #[inline(always)]
    pub unsafe fn matching_word(tags: *const u8, tag: u8) -> u32 {
        // SAFETY: by the caller.
        equal(unsafe { _mm_loadl_epi64(tags.cast::<__m128i>()) }, tag) & 0xff
    }

    #[inline(always)]
    fn equal(tags: __m128i, tag: u8) -> u32 {
        // SAFETY: SSE2 is in the target.
        unsafe {
            let same = _mm_cmpeq_epi8(tags, _mm_set1_epi8(tag as i8));
            _mm_movemask_epi8(same) as u32
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
use scalar::{matching_vector, matching_word};

/// By eight bytes at a time in one register.
#[cfg_attr(target_arch = "x86_64", cfg(test))]
mod scalar {
    /// # Safety
    ///
    /// `tags` must point to sixteen tags.
    #[inline(always)]
    pub unsafe fn matching_vector(tags: *const u8, tag: u8) -> u32 {
        // SAFETY: by the caller.
        unsafe { matching_word(tags, tag) | matching_word(tags.add(8), tag) << 8 }
    }

    /// # Safety
    ///
    /// `tags` must point to eight tags.
    #[inline(always)]
    pub unsafe fn matching_word(tags: *const u8, tag: u8) -> u32 {
        const LOW: u64 = u64::MAX / 255;
        const HIGH: u64 = LOW << 7;
        // SAFETY: by the caller.
        let tags = u64::from_le(unsafe { tags.cast::<u64>().read_unaligned() });
        let different = tags ^ (LOW * u64::from(tag));
        // May also take a byte above an equal one for equal, if it differs in
        // its lowest bit alone.
        let same = different.wrapping_sub(LOW) & !different & HIGH;
        // Gathers the eight bits, which are eight apart, in the highest byte.
        ((same >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_equal_tag_matches() {
        let tags: [u8; 32] = core::array::from_fn(|slot| (slot % 5) as u8 * 50);
        for tag in [0, 50, 100, 150, 200] {
            let equal = (0..32_usize)
                .filter(|slot| tags[*slot] == tag)
                .fold(0, |slots, slot| slots | 1_u32 << slot);
            // SAFETY: there are 32 tags.
            let (all, eight) = unsafe {
                (
                    matching_32(tags.as_ptr(), tag),
                    matching_8(tags.as_ptr(), tag),
                )
            };
            assert_eq!(all & equal, equal, "tag {tag}");
            assert_eq!(eight & equal, equal & 0xff, "tag {tag}");
            assert_eq!(eight & !0xff, 0);
        }
    }

    #[test]
    fn the_scalar_way_finds_what_the_vector_way_does() {
        let tags: [u8; 16] = core::array::from_fn(|slot| slot as u8 / 2 * 2);
        for tag in 0..=u8::MAX {
            // SAFETY: there are 16 tags.
            let (scalar, vector, word) = unsafe {
                (
                    scalar::matching_vector(tags.as_ptr(), tag),
                    matching_vector(tags.as_ptr(), tag),
                    matching_word(tags.as_ptr(), tag),
                )
            };
            assert_eq!(scalar & vector, vector, "tag {tag}");
            assert_eq!(word, vector & 0xff, "tag {tag}");
        }
    }
}
