use super::tags;
use crate::hash::WIDTH;

/// What a table's state word says. Read and written whole: whoever holds the
/// lock makes the next state from the one that the lock returned, and unlocks
/// by storing it.
///
/// ```text
/// bit  31        13 12        10 9        4 3    2       1        0
///     | borrowers | tag words | capacity | role | retired | locked |
/// ```
#[derive(Clone, Copy)]
pub(super) struct State(pub(super) u32);

/// What a table's `link` holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// Nothing: it neither borrows nor lends.
    Plain,
    /// Its lender.
    Borrower,
    /// Which slots its only borrower borrows.
    LendsToOne,
    /// How many borrow each slot. Stays when they have gone.
    LendsToMany,
}

/// The three forms of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Form {
    /// 32 slots, and no tags.
    Branch,
    /// A bucket with at most eight slots, and a word of tags.
    Small,
    /// A bucket with up to 32 slots, and two vectors of tags.
    Large,
}

const RETIRED: u32 = 1 << 1;
const ROLE: u32 = 2;
const ROLE_MASK: u32 = 3;
const CAPACITY: u32 = 4;
const CAPACITY_MASK: u32 = 63;
/// Words of eight tags. A bucket has one at least, a branch none.
const TAG_WORDS: u32 = 10;
const TAG_WORDS_MASK: u32 = 7;
const BORROWERS: u32 = 13;
const ONE_BORROWER: u32 = 1 << BORROWERS;

impl State {
    /// The bit of the lock.
    pub const LOCKED: u32 = 1;

    /// A table refuses to lend to more than this.
    pub const MAX_BORROWERS: u32 = u32::MAX >> BORROWERS;

    pub const fn of_branch(role: Role) -> Self {
        Self((WIDTH as u32) << CAPACITY | (role as u32) << ROLE)
    }

    pub const fn of_bucket(capacity: usize, role: Role) -> Self {
        let tag_words = (tags::room(capacity) / 8) as u32;
        Self(tag_words << TAG_WORDS | (capacity as u32) << CAPACITY | (role as u32) << ROLE)
    }

    /// Bytes between the header and the slots: a bucket's tags.
    #[inline(always)]
    pub const fn tag_room(self) -> usize {
        (self.0 >> TAG_WORDS & TAG_WORDS_MASK) as usize * 8
    }

    /// Whether no version holds the table: it serves only its borrowers.
    pub const fn is_retired(self) -> bool {
        self.0 & RETIRED != 0
    }

    pub const fn role(self) -> Role {
        match self.0 >> ROLE & ROLE_MASK {
            0 => Role::Plain,
            1 => Role::Borrower,
            2 => Role::LendsToOne,
            _ => Role::LendsToMany,
        }
    }

    pub const fn form(self) -> Form {
        match self.tag_room() {
            0 => Form::Branch,
            tags::SMALL => Form::Small,
            _ => Form::Large,
        }
    }

    /// Slots there is room for.
    pub const fn capacity(self) -> usize {
        (self.0 >> CAPACITY & CAPACITY_MASK) as usize
    }

    pub const fn borrowers(self) -> u32 {
        self.0 >> BORROWERS
    }

    /// Whether there is no borrower, nor anybody who is just becoming or
    /// ceasing to be one: the last to go unlocks by the store that says so, and
    /// touches the table no more.
    pub const fn is_quiet(self) -> bool {
        self.0 & Self::LOCKED == 0 && self.borrowers() == 0
    }

    /// Whether only one borrower is left to know of the table.
    pub const fn is_left_to_one(self) -> bool {
        self.0 & Self::LOCKED == 0 && self.is_retired() && self.borrowers() == 1
    }

    pub const fn retired(self) -> Self {
        Self(self.0 | RETIRED)
    }

    pub const fn with_role(self, role: Role) -> Self {
        Self(self.0 & !(ROLE_MASK << ROLE) | (role as u32) << ROLE)
    }

    pub const fn one_borrower_more(self) -> Self {
        Self(self.0 + ONE_BORROWER)
    }

    pub const fn one_borrower_less(self) -> Self {
        Self(self.0 - ONE_BORROWER)
    }
}
