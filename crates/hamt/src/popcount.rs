//! How many bits a word has set, by the processor's own instruction where it
//! has one.
//!
//! The default x86-64 target must run on processors without it, so there
//! `u32::count_ones` is a dozen instructions, which every level of every lookup
//! pays. Almost no such processor is left. So it is asked once, when the first
//! branch of any map is made, and until then the slow way is taken.

#![allow(unsafe_code)]

#[cfg(all(target_arch = "x86_64", not(target_feature = "popcnt")))]
mod detected {
    use core::{
        arch::{asm, x86_64},
        sync::atomic::{AtomicU8, Ordering},
    };

    /// Relaxed throughout: the value guards nothing, and is always true.
    static SUPPORT: AtomicU8 = AtomicU8::new(UNKNOWN);
    const UNKNOWN: u8 = 0;
    const ABSENT: u8 = 1;
    const PRESENT: u8 = 2;

    #[inline(always)]
    pub fn detect() {
        if SUPPORT.load(Ordering::Relaxed) == UNKNOWN {
            ask();
        }
    }

    #[cold]
    fn ask() {
        /// Of the features that leaf 1 of `cpuid` reports in `ecx`.
        const POPCNT: u32 = 1 << 23;
        let present = x86_64::__cpuid(1).ecx & POPCNT != 0;
        SUPPORT.store(if present { PRESENT } else { ABSENT }, Ordering::Relaxed);
    }

    #[inline(always)]
    pub fn count_ones(word: u32) -> u32 {
        if SUPPORT.load(Ordering::Relaxed) != PRESENT {
            return word.count_ones();
        }
        let ones: u32;
        // SAFETY: the processor has said that it has the instruction, which
        // reads and writes the named registers and the flags, nothing else.
        unsafe {
            asm!(
                "popcnt {ones:e}, {word:e}",
                word = in(reg) word,
                ones = lateout(reg) ones,
                options(pure, nomem, nostack),
            );
        }
        ones
    }
}

#[cfg(all(target_arch = "x86_64", not(target_feature = "popcnt")))]
pub(crate) use detected::{count_ones, detect};

#[cfg(not(all(target_arch = "x86_64", not(target_feature = "popcnt"))))]
#[inline(always)]
pub(crate) fn detect() {}

#[cfg(not(all(target_arch = "x86_64", not(target_feature = "popcnt"))))]
#[inline(always)]
pub(crate) fn count_ones(word: u32) -> u32 {
    word.count_ones()
}
