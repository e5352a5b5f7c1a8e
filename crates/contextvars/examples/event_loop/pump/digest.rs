//! A checksum of report lines that does not depend on their order.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::AddAssign;

/// The number of lines and the sum of their hashes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// The number of lines.
    pub lines: u64,
    /// The sum of their hashes, modulo 2⁶⁴.
    pub sum: u64,
}

impl<S: AsRef<str>> FromIterator<S> for Digest {
    fn from_iter<I: IntoIterator<Item = S>>(lines: I) -> Self {
        let mut digest = Digest::default();
        for line in lines {
            let mut hasher = DefaultHasher::new();
            line.as_ref().hash(&mut hasher);
            digest += Digest {
                lines: 1,
                sum: hasher.finish(),
            };
        }
        digest
    }
}

impl AddAssign for Digest {
    fn add_assign(&mut self, other: Digest) {
        self.lines += other.lines;
        self.sum = self.sum.wrapping_add(other.sum);
    }
}
