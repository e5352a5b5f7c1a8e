use alloc::boxed::Box;

use super::state::State;
use crate::hash::WIDTH;

/// How many borrowers each slot of a lender has. A borrower counts once in a slot, so
/// no count is more than [`State::MAX_BORROWERS`].
pub(super) struct Ledger([u32; WIDTH]);

impl Ledger {
    pub fn new() -> Box<Self> {
        Box::new(Self([0; WIDTH]))
    }

    /// Notes one more borrower of each slot in `slots`.
    pub fn add(&mut self, slots: u32) {
        const { assert!(State::MAX_BORROWERS < u32::MAX) };
        for index in indexes(slots) {
            self.0[index] += 1;
        }
    }

    /// Notes one borrower less of each slot in `slots`, and returns those that
    /// have none left.
    pub fn subtract(&mut self, slots: u32) -> u32 {
        let mut unused = 0;
        for index in indexes(slots) {
            self.0[index] -= 1;
            unused |= u32::from(self.0[index] == 0) << index;
        }
        unused
    }

    /// The slots that have a borrower.
    pub fn used(&self) -> u32 {
        (0..WIDTH).fold(0, |used, index| {
            used | u32::from(self.0[index] != 0) << index
        })
    }
}

/// The set bits of `bits`, lowest first.
pub(crate) fn indexes(mut bits: u32) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let index = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (index < u32::BITS).then_some(index as usize)
    })
}
