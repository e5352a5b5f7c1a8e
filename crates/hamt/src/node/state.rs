use super::{guide, table::Shape};
use crate::hash::WIDTH;

/// What a table's state word says. Read and written whole: whoever holds the
/// lock makes the next state from the one that the lock returned, and unlocks
/// by storing it.
///
/// ```text
/// bit  31     19 18      13 12   10 9      4 3    2    1         0
///     | borrowers | generation | guide | capacity | role | retired | locked |
/// ```
///
/// The generation is that of the process in which the table was locked; zero where it
/// is not locked.
#[derive(Clone, Copy)]
pub(crate) struct State(pub(crate) u32);

/// What a table's `link` holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// Nothing: it neither borrows nor lends.
    Plain,
    /// Its lender.
    Borrower,
    /// Which slots its only borrower borrows.
    LendsToOne,
    /// How many borrow each slot. Stays when they have gone, until the next one comes or
    /// the table is changed.
    LendsToMany,
}

/// The forms of a table, each the tag of its handles: a branch, and buckets that
/// find their entries in different manners ([`guide`]).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Branch = 1,
    Small = 2,
    Large = 4,
    Medium = 6,
}

impl Form {
    /// Slots that a table of this form has at most; a branch has all.
    #[inline(always)]
    pub const fn slots(self) -> usize {
        match self {
            Self::Small => 8,
            Self::Medium => 16,
            Self::Branch | Self::Large => WIDTH,
        }
    }

    /// The form of a bucket with so many slots.
    #[inline(always)]
    pub const fn of_bucket(slots: usize) -> Self {
        if slots <= Self::Small.slots() {
            Self::Small
        } else if slots <= Self::Medium.slots() {
            Self::Medium
        } else {
            Self::Large
        }
    }
}

const RETIRED: u32 = 1 << 1;
const ROLE: u32 = 2;
const ROLE_MASK: u32 = 3;
const CAPACITY: u32 = 4;
const CAPACITY_MASK: u32 = 63;
/// Words of eight bytes that the guide takes, which tell the form.
const GUIDE: u32 = 10;
const GUIDE_MASK: u32 = 7;
const GENERATION: u32 = 13;
const GENERATION_MASK: u32 = 63;
const BORROWERS: u32 = 19;
const ONE_BORROWER: u32 = 1 << BORROWERS;

impl State {
    /// The bit of the lock.
    pub const LOCKED: u32 = 1;

    /// What a thread of the process of this generation sets to lock the table.
    pub const fn held_in(generation: u32) -> u32 {
        Self::LOCKED | (generation & GENERATION_MASK) << GENERATION
    }

    /// The generation of the process in which the table was locked.
    pub const fn generation(self) -> u32 {
        self.0 >> GENERATION & GENERATION_MASK
    }

    /// A table refuses to lend to more than this.
    pub const MAX_BORROWERS: u32 = u32::MAX >> BORROWERS;

    #[inline(always)]
    pub(super) const fn of(shape: Shape, role: Role) -> Self {
        let guide = (guide::room(shape.form) / 8) as u32;
        Self(guide << GUIDE | (shape.capacity as u32) << CAPACITY | (role as u32) << ROLE)
    }

    /// Bytes between the header and the slots: a bucket's guide.
    #[inline(always)]
    pub const fn guide_room(self) -> usize {
        (self.0 >> GUIDE & GUIDE_MASK) as usize * 8
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
        const SMALL: usize = guide::room(Form::Small);
        const MEDIUM: usize = guide::room(Form::Medium);
        match self.guide_room() {
            0 => Form::Branch,
            SMALL => Form::Small,
            MEDIUM => Form::Medium,
            _ => Form::Large,
        }
    }

    #[inline(always)]
    pub(super) const fn shape(self) -> Shape {
        Shape {
            form: self.form(),
            capacity: self.capacity(),
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

    /// Whether it is quiet, and has no part in lending: it owns all that it has.
    #[inline(always)]
    pub const fn is_plain(self) -> bool {
        const PART: u32 =
            State::LOCKED | RETIRED | ROLE_MASK << ROLE | State::MAX_BORROWERS << BORROWERS;
        self.0 & PART == 0
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
