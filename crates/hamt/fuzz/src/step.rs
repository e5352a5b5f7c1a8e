use crate::Hashes;

/// What to do. `at` and `to` are places for versions; `count` keys follow `key`.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Binds a key.
    Insert,
    /// Removes a key.
    Remove,
    /// Makes a version with a key bound anew.
    Assoc,
    /// Makes a version without a key.
    Without,
    /// Makes another handle to a version.
    Clone,
    /// Drops a version; an empty one takes its place.
    Drop,
    /// Binds many keys.
    Fill,
    /// Removes many keys.
    Clear,
    /// Makes versions one from another, each of which then dies.
    Chain,
    /// Makes an equal version anew.
    Rebuild,
    /// Removes what a condition turns down.
    Retain,
    /// Keeps an entry by itself.
    Hold,
    /// Lets go of an entry that was kept.
    LetGo,
    /// Compares two versions.
    Compare,
    /// Asks in what two versions differ.
    Diff,
    /// Iterates over a version while another is changed.
    Iterate,
    /// Walks with a cursor, and goes on in another version.
    Cursor,
    /// Binds a key in place. Raw maps alone tell this from inserting.
    Set,
    /// Inserts an entry that was kept, and so is shared. Of raw maps.
    InsertHeld,
    /// Fails in the equality. Of raw maps.
    Fail,
    /// Binds or removes a key after a look at its value. Of maps that hash, as
    /// are all that follow.
    Alter,
    /// Binds many keys at once, some twice.
    Extend,
    /// Binds all that another version binds.
    Union,
    /// Gives up a version for its pairs, which another is extended by.
    Pour,
    /// Drops a version; an empty one that hashes otherwise takes its place.
    Rehash,
    /// Changes the value of a key where it is.
    GetMut,
    /// Changes all values, or some, where they are.
    IterMut,
    /// Changes, binds or removes a key by its entry.
    Entry,
    /// Keeps the keys that another version has not, or has too.
    Difference,
    /// Takes over what one version changed of another.
    Merge,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// The place of the version it is done to.
    pub at: usize,
    /// The place of the version that comes out, or of another that goes in.
    pub to: usize,
    /// A key.
    pub key: u16,
    /// How many keys, for an action on several.
    pub count: u16,
    /// The content of new values.
    pub content: u8,
}

impl Step {
    /// How many places there are.
    pub const PLACES: usize = 6;
    /// How many bytes a step is read from.
    pub const BYTES: usize = 4;

    /// Reads a step from as many bytes.
    pub fn new([action, places, key, more]: [u8; Self::BYTES]) -> Self {
        use Action::*;
        const ACTIONS: [Action; 30] = [
            Insert, Remove, Assoc, Without, Clone, Drop, Fill, Clear, Chain, Rebuild, Retain, Hold,
            LetGo, Compare, Diff, Iterate, Cursor, Set, InsertHeld, Fail, Alter, Extend, Union,
            Pour, Rehash, GetMut, IterMut, Entry, Difference, Merge,
        ];
        Self {
            action: ACTIONS[usize::from(action % 64) % ACTIONS.len()],
            at: usize::from(places % 16) % Self::PLACES,
            to: usize::from(places / 16) % Self::PLACES,
            key: (u16::from(key) | u16::from(action / 64) << 8) % Hashes::KEYS,
            count: u16::from(more % 80),
            content: more / 80,
        }
    }

    /// Reads steps from bytes, as long as they last.
    pub fn all(bytes: &[u8]) -> impl Iterator<Item = Self> {
        let (steps, _) = bytes.as_chunks();
        steps.iter().copied().map(Self::new)
    }

    /// The keys of an action on several.
    pub fn keys(self) -> impl Iterator<Item = u16> + Clone {
        (self.key..Hashes::KEYS).take(usize::from(self.count))
    }

    /// Whether the key should be one that is bound. Most keys are not, so that
    /// changes would seldom meet.
    pub fn aims(self) -> bool {
        self.count < 40
    }

    /// A condition on keys: one in so many passes or, for odd counts, all others.
    /// That may be all of them, or none.
    pub fn passes(self, id: u16) -> bool {
        let every = self.count / 2 % 8 + 1;
        (id % every == self.key % every) == self.count.is_multiple_of(2)
    }
}
