//! A hasher with a given number of different hashes.

use std::hash::{BuildHasher, Hasher};

/// Hashes numbers to this number of different hashes.
#[derive(Debug, Clone, Copy)]
pub struct Coarse(pub u32);

/// All hashes differ.
impl Default for Coarse {
    fn default() -> Self {
        Self(u32::MAX)
    }
}

impl BuildHasher for Coarse {
    type Hasher = CoarseHasher;

    fn build_hasher(&self) -> CoarseHasher {
        CoarseHasher {
            hashes: self.0,
            hash: 0,
        }
    }
}

pub struct CoarseHasher {
    hashes: u32,
    hash: u32,
}

impl Hasher for CoarseHasher {
    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are numbers");
    }

    fn write_u32(&mut self, number: u32) {
        self.hash = (number % self.hashes).wrapping_mul(0x9e37_79b1);
    }

    fn finish(&self) -> u64 {
        self.hash.into()
    }
}
