use crate::Hashes;

/// The operation of a step. `at` and `to` are places for versions; `count` keys follow
/// `key`.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Inserts a key.
    Insert,
    /// Removes a key.
    Remove,
    /// Derives a version with a key inserted.
    Assoc,
    /// Derives a version without a key.
    Without,
    /// Clones a version.
    Clone,
    /// Replaces a version by an empty one.
    Drop,
    /// Inserts many keys.
    Fill,
    /// Removes many keys.
    Clear,
    /// Derives each version from the one before, which is then dropped.
    Chain,
    /// Creates an equal version that shares nothing.
    Rebuild,
    /// Removes the entries for which a condition is false.
    Retain,
    /// Keeps a handle of an entry.
    Hold,
    /// Drops a handle.
    Release,
    /// Compares two versions.
    Compare,
    /// Computes the differences of two versions.
    Diff,
    /// Iterates over a version while another is changed.
    Iterate,
    /// Iterates with a cursor, and continues in another version.
    Cursor,
    /// Inserts a key and a value in place. Only raw maps have this.
    Set,
    /// Inserts an entry that has a handle, so is shared. Only raw maps have this.
    InsertHeld,
    /// Calls operations with an equality that fails. Only raw maps have this.
    Fail,
    /// Reads the value of a key, and inserts or removes the key. Only maps that
    /// hash have this and all that follow.
    Alter,
    /// Inserts many keys at once, some twice.
    Extend,
    /// Inserts all entries of another version.
    Union,
    /// Consumes a version, and extends another by its pairs.
    ExtendFrom,
    /// Replaces a version by an empty one that hashes differently.
    Rehash,
    /// Changes the value of a key in place.
    GetMut,
    /// Changes all values, or some, in place.
    IterMut,
    /// Changes, inserts or removes a key by its entry.
    Entry,
    /// Keeps the keys that another version does not have, or those that it has.
    Difference,
    /// Merges the changes of another version.
    Merge,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// The operation.
    pub action: Action,
    /// The place of its version.
    pub at: usize,
    /// The place of the result, or of another version.
    pub to: usize,
    /// A key.
    pub key: u16,
    /// The number of keys, for an action on several.
    pub count: u16,
    /// The content of new values.
    pub content: u8,
}

impl Step {
    /// The number of places.
    pub const PLACES: usize = 6;
    /// The number of bytes that a step is read from.
    pub const BYTES: usize = 4;

    /// Reads a step from bytes.
    pub fn new([action, places, key, more]: [u8; Self::BYTES]) -> Self {
        use Action::*;
        const ACTIONS: [Action; 30] = [
            Insert, Remove, Assoc, Without, Clone, Drop, Fill, Clear, Chain, Rebuild, Retain, Hold,
            Release, Compare, Diff, Iterate, Cursor, Set, InsertHeld, Fail, Alter, Extend, Union,
            ExtendFrom, Rehash, GetMut, IterMut, Entry, Difference, Merge,
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

    /// Reads steps from bytes, up to the end.
    pub fn all(bytes: &[u8]) -> impl Iterator<Item = Self> {
        let (steps, _) = bytes.as_chunks();
        steps.iter().copied().map(Self::new)
    }

    /// Returns the keys of an action on several.
    pub fn keys(self) -> impl Iterator<Item = u16> + Clone {
        (self.key..Hashes::KEYS).take(usize::from(self.count))
    }

    /// Returns `true` if the key should be one that the version has. Most keys are
    /// not in it, so changes of one key would be rare.
    pub fn aims(self) -> bool {
        self.count < 40
    }

    /// A condition on keys: true for every n-th or, for odd counts, for all others.
    /// It may be true for all keys, or for none.
    pub fn passes(self, id: u16) -> bool {
        let every = self.count / 2 % 8 + 1;
        (id % every == self.key % every) == self.count.is_multiple_of(2)
    }
}
