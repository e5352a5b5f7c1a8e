use crate::Hashes;

/// What to do. `at` and `to` are places for versions; `count` keys follow `key`.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    /// Binds a key to a new entry.
    Insert,
    /// Binds a key in place.
    Set,
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
    /// Keeps an entry by itself.
    Hold,
    /// Lets go of an entry that was kept.
    LetGo,
    /// Inserts an entry that was kept, and so is shared.
    InsertHeld,
    /// Fails in the equality.
    Fail,
    /// Compares two versions.
    Compare,
    /// Iterates over a version.
    Iterate,
    /// Walks with a cursor, and goes on in another version.
    Cursor,
}

/// One operation.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What to do.
    pub action: Action,
    /// The place of the version it is done to.
    pub at: usize,
    /// The place of the version that comes out.
    pub to: usize,
    /// A key.
    pub key: u16,
    /// How many keys, for an action on several.
    pub count: u16,
}

impl Step {
    /// How many places there are.
    pub const PLACES: usize = 6;

    /// Reads a step from as many bytes.
    pub fn new([action, places, key, more]: [u8; 4]) -> Self {
        use Action::*;
        const ACTIONS: [Action; 16] = [
            Insert, Set, Remove, Assoc, Without, Clone, Drop, Fill, Clear, Hold, LetGo, InsertHeld,
            Fail, Compare, Iterate, Cursor,
        ];
        Self {
            action: ACTIONS[usize::from(action % 16)],
            at: usize::from(places % 16) % Self::PLACES,
            to: usize::from(places / 16) % Self::PLACES,
            key: (u16::from(key) | u16::from(action / 16) << 8) % Hashes::KEYS,
            count: u16::from(more % 80),
        }
    }

    /// Reads steps from bytes, as long as they last.
    pub fn all(bytes: &[u8]) -> impl Iterator<Item = Self> {
        let (steps, _) = bytes.as_chunks::<4>();
        steps.iter().copied().map(Self::new)
    }

    /// The keys of an action on several.
    pub fn keys(self) -> impl Iterator<Item = u16> {
        (self.key..Hashes::KEYS).take(usize::from(self.count))
    }
}
