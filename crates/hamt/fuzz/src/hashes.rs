use std::hash::{BuildHasher, Hasher};

/// A function from key numbers below [`Hashes::KEYS`] to hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashes(u8);

impl Hashes {
    /// The number of keys.
    pub const KEYS: u16 = 1024;
    /// The number of functions.
    pub const WAYS: u8 = 8;

    /// Returns one of the functions.
    pub fn new(byte: u8) -> Self {
        Self(byte % Self::WAYS)
    }

    /// Returns the hash of a key.
    pub fn of(self, id: u16) -> u32 {
        let id = u32::from(id);
        match self.0 {
            // Full branches.
            0 => id,
            // Well distributed.
            1 => id.wrapping_mul(0x9e37_79b1),
            // Equal low bits: a chain of branches above.
            2 => id << 22,
            // One hash for all.
            3 => 0xdead_beef,
            // Collisions of 40, too many for a bucket.
            4 => (id / 40).wrapping_mul(0x9e37_79b1),
            // Collisions at the bottom, beside others that differ in the top bits.
            5 => ((id % 4) << 30) | (id / 256),
            // Pairs of one hash.
            6 => (id / 2) << 5,
            // A mixture.
            _ => match id % 4 {
                0 => id,
                1 => id << 20,
                2 => 7 | ((id / 64) << 30),
                _ => id.wrapping_mul(0x9e37_79b1),
            },
        }
    }
}

impl BuildHasher for Hashes {
    type Hasher = KeyHasher;

    fn build_hasher(&self) -> KeyHasher {
        KeyHasher {
            hashes: *self,
            id: 0,
        }
    }
}

/// Hashes a key by its number, for maps that hash.
pub struct KeyHasher {
    hashes: Hashes,
    id: u16,
}

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        let number = bytes.try_into().expect("a key hashes only its number");
        self.id = u16::from_ne_bytes(number);
    }

    /// No hash is all ones, so folding does not change it.
    fn finish(&self) -> u64 {
        u64::from(self.hashes.of(self.id))
    }
}
