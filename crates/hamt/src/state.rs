//! The state word of a table: its lock bit, its role in borrowing, its number of slots.

/// The role of a table in borrowing, which says what its link holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// Nothing: the table neither borrows nor is borrowed from.
    Plain,
    /// The owner of the slots that the table borrows.
    Borrower,
    /// The slots that the only borrower borrows.
    OwnerForOne,
    /// The borrow counts of the slots. They stay when all borrowers are gone, until the next
    /// one comes or the table is changed.
    OwnerForMany,
}

/// The content of a table's state word. It is read and written as a whole: the thread that
/// holds the lock computes the next state from the one that the lock returned, and unlocks by
/// storing it.
///
/// ```text
/// bit  31     16 15      10 9      4 3    2    1         0
///     | borrowers | generation | capacity | role | retired | locked |
/// ```
///
/// The generation is that of the process in which the table was locked; zero if it is not
/// locked.
#[derive(Clone, Copy)]
pub(crate) struct State(pub u32);

const RETIRED: u32 = 1 << 1;
const ROLE: u32 = 2;
const ROLE_MASK: u32 = 3;
const CAPACITY: u32 = 4;
const CAPACITY_MASK: u32 = 63;
const GENERATION: u32 = 10;
const GENERATION_MASK: u32 = 63;
const BORROWERS: u32 = 16;
const ONE_BORROWER: u32 = 1 << BORROWERS;

impl State {
    /// The bit of the lock.
    pub const LOCKED: u32 = 1;

    /// The maximal number of borrowers of a table.
    pub const MAX_BORROWERS: u32 = u32::MAX >> BORROWERS;

    /// Returns the bits that a thread in a process of this generation sets to lock a table.
    pub const fn held_in(generation: u32) -> u32 {
        Self::LOCKED | (generation & GENERATION_MASK) << GENERATION
    }

    /// Returns the generation of the process in which the table was locked.
    pub const fn generation(self) -> u32 {
        self.0 >> GENERATION & GENERATION_MASK
    }

    #[inline(always)]
    pub const fn of(capacity: usize, role: Role) -> Self {
        Self((capacity as u32) << CAPACITY | (role as u32) << ROLE)
    }

    /// Returns `true` if no version holds the table: it serves only its borrowers.
    pub const fn is_retired(self) -> bool {
        self.0 & RETIRED != 0
    }

    pub const fn role(self) -> Role {
        match self.0 >> ROLE & ROLE_MASK {
            0 => Role::Plain,
            1 => Role::Borrower,
            2 => Role::OwnerForOne,
            _ => Role::OwnerForMany,
        }
    }

    /// Returns the number of slots.
    pub const fn capacity(self) -> usize {
        (self.0 >> CAPACITY & CAPACITY_MASK) as usize
    }

    pub const fn borrowers(self) -> u32 {
        self.0 >> BORROWERS
    }

    /// Returns `true` if there is no borrower, and no thread is adding or removing one. The
    /// last borrower unlocks by the store that removes it, and does not access the table
    /// afterwards.
    pub const fn is_unborrowed(self) -> bool {
        self.0 & Self::LOCKED == 0 && self.borrowers() == 0
    }

    /// Returns `true` if it neither borrows nor is borrowed from, and is not retired.
    #[inline(always)]
    pub const fn is_plain(self) -> bool {
        const PART: u32 =
            State::LOCKED | RETIRED | ROLE_MASK << ROLE | State::MAX_BORROWERS << BORROWERS;
        self.0 & PART == 0
    }

    /// Returns `true` if the table is retired and one borrower is left: nothing else refers
    /// to it.
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
