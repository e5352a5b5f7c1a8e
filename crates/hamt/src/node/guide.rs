//! What leads a lookup to the few entries of a bucket that it may want, between
//! the header and the slots, made of each entry's hash.
//!
//! * A *small* or *large* bucket has a tag for each slot, a byte of its entry's
//!   hash, compared all at once: eight or 32 of them.
//! * A *medium* one is a hash table of 32 places for up to 16 slots: five bits of
//!   the hash lead to the first of a chain of slots, each slot to the next. Where
//!   places are many, most chains are of one, and nothing is as fast. A chain's
//!   end is zero, so slots count from one in it.
//!
//! `rest` is the hash without the bits that the levels above consumed.
#![allow(unsafe_code)]

use super::{state::Form, tags};

/// Places of a medium bucket's table.
const PLACES: usize = 32;

/// Bytes of a guide.
#[inline(always)]
pub(super) const fn room(form: Form) -> usize {
    match form {
        Form::Branch => 0,
        Form::Small | Form::Large => form.slots(),
        Form::Medium => PLACES + form.slots(),
    }
}

/// The tag of an entry: the next eight bits of its hash.
#[inline(always)]
const fn tag(rest: u32) -> u8 {
    rest as u8
}

/// The place of an entry in a medium bucket.
#[inline(always)]
const fn place(rest: u32) -> usize {
    rest as usize % PLACES
}

/// Makes a guide that leads nowhere.
///
/// # Safety
///
/// `guide` must point to the room for the guide of a bucket of this form, of
/// which nobody else knows.
#[inline(always)]
pub(super) unsafe fn clear(guide: *mut u8, form: Form) {
    // SAFETY: by the caller. Where the number of bytes is known, they are
    // cleared in line.
    unsafe {
        match form {
            Form::Branch => {}
            Form::Small => guide.write_bytes(0, const { room(Form::Small) }),
            Form::Medium => guide.write_bytes(0, const { room(Form::Medium) }),
            Form::Large => guide.write_bytes(0, const { room(Form::Large) }),
        }
    }
}

/// What the guide has of the hash of a slot's entry: as much of it as another guide
/// needs. `None` where it has too little.
///
/// # Safety
///
/// `guide` must point to the guide of a bucket of this form, with an entry in this
/// slot.
#[inline(always)]
pub(super) unsafe fn rest(guide: *const u8, form: Form, slot: usize) -> Option<u32> {
    match form {
        Form::Branch | Form::Medium => None,
        // SAFETY: by the caller.
        Form::Small | Form::Large => Some(u32::from(unsafe { guide.add(slot).read() })),
    }
}

/// Notes that an entry has come to a slot.
///
/// # Safety
///
/// `guide` must point to the guide of a bucket of this form, all its bytes
/// initialized, of which nobody else knows; the slot must be one of the form.
#[inline(always)]
pub(super) unsafe fn add(guide: *mut u8, form: Form, slot: usize, rest: u32) {
    // SAFETY: by the caller. One form after the other is asked for: of more in a row the
    // compiler makes a jump by a table.
    unsafe {
        if form == Form::Medium {
            let first = guide.add(place(rest));
            guide.add(PLACES + slot).write(first.read());
            first.write(slot as u8 + 1);
        } else if form == Form::Small {
            // By one store of all eight: who reads them soon after, by one
            // load, waits long for one of a part. As a number, since the compiler
            // would put an array down to change a byte of it.
            let tags = guide.cast::<u64>();
            let shift = slot % 8 * 8;
            let others = u64::from_le(tags.read_unaligned()) & !(0xff << shift);
            let tags_now = others | u64::from(tag(rest)) << shift;
            tags.write_unaligned(tags_now.to_le());
        } else if form == Form::Large {
            guide.add(slot).write(tag(rest));
        }
    }
}

/// Notes that the entry of a slot has gone.
///
/// # Safety
///
/// As for [`add`]; the slot's entry must have been added with this `rest`.
#[inline(always)]
pub(super) unsafe fn remove(guide: *mut u8, form: Form, slot: usize, rest: u32) {
    if form != Form::Medium {
        // Tags of slots without an entry are not looked at.
        return;
    }
    // SAFETY: by the caller. The slot is in its place's chain.
    unsafe {
        let mut link = guide.add(place(rest));
        while link.read() != slot as u8 + 1 {
            link = guide.add(PLACES + usize::from(link.read()) - 1);
        }
        link.write(guide.add(PLACES + slot).read());
    }
}

/// The slots of a medium bucket whose entry may be of one hash.
#[derive(Clone, Copy)]
pub(super) struct Chain {
    guide: *const u8,
    /// The next slot, plus one; zero at the end.
    at: usize,
}

impl Chain {
    /// # Safety
    ///
    /// `guide` must point to the guide of a medium bucket, for as long as the
    /// chain is used.
    #[inline(always)]
    pub unsafe fn of(guide: *const u8, rest: u32) -> Self {
        // SAFETY: by the caller.
        let at = unsafe { guide.add(place(rest)).read() };
        Self {
            guide,
            at: usize::from(at),
        }
    }

    /// The slot that the chain is at; `None` at its end.
    #[inline(always)]
    pub fn slot(self) -> Option<usize> {
        self.at.checked_sub(1)
    }

    /// Goes to the next slot of the chain, which must not be at its end.
    ///
    /// # Safety
    ///
    /// As for [`of`](Self::of).
    #[inline(always)]
    pub unsafe fn advance(&mut self) {
        // SAFETY: by the caller; the slot is from the guide.
        self.at = usize::from(unsafe { self.guide.add(PLACES + self.at - 1).read() });
    }
}

/// The slots of a small or large bucket whose entry may be of this hash: all
/// that are, and hardly ever another, but also some without an entry.
///
/// # Safety
///
/// `guide` must point to the guide of a bucket of this form.
#[inline(always)]
pub(super) unsafe fn matching(guide: *const u8, form: Form, rest: u32) -> u32 {
    // SAFETY: by the caller.
    unsafe {
        match form {
            Form::Small => tags::matching_8(guide, tag(rest)),
            _ => tags::matching_32(guide, tag(rest)),
        }
    }
}
