use std::marker::PhantomData;
use std::sync::atomic::{
    AtomicU64, AtomicUsize,
    Ordering::{Relaxed, SeqCst},
};

static IN_MODELS: AtomicUsize = AtomicUsize::new(0);
static KEYS: AtomicUsize = AtomicUsize::new(0);
static VALUES: AtomicUsize = AtomicUsize::new(0);

/// A group of tokens that are counted together.
pub trait Group {
    /// The number of live tokens.
    const LIVE: &'static AtomicUsize;
}

/// Tokens of models.
pub enum InModel {}
/// Tokens of keys.
pub enum InKey {}
/// Tokens of values.
pub enum InValue {}

impl Group for InModel {
    const LIVE: &'static AtomicUsize = &IN_MODELS;
}
impl Group for InKey {
    const LIVE: &'static AtomicUsize = &KEYS;
}
impl Group for InValue {
    const LIVE: &'static AtomicUsize = &VALUES;
}

/// The content of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Distinguishes it from all others, except its clones.
    pub serial: u64,
    /// The number of clones before it. So a clone in place of a move is detected.
    pub copies: u32,
    /// Tokens are compared by it, so that different ones can be equal.
    pub content: u8,
}

impl Stamp {
    /// Creates a stamp with a new serial number.
    pub fn new(content: u8) -> Self {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        Self {
            serial: SERIAL.fetch_add(1, Relaxed),
            copies: 0,
            content,
        }
    }
}

/// A stamp, counted while it lives. It is on the heap, so that a sanitizer detects
/// a read after its drop, and a second drop.
pub struct Token<G: Group>(Box<Stamp>, PhantomData<fn() -> G>);

impl<G: Group> Token<G> {
    /// Creates a token with this stamp.
    pub fn new(stamp: Stamp) -> Self {
        G::LIVE.fetch_add(1, SeqCst);
        Self(Box::new(stamp), PhantomData)
    }

    /// Returns the stamp.
    pub fn stamp(&self) -> Stamp {
        *self.0
    }
}

impl<G: Group> Clone for Token<G> {
    fn clone(&self) -> Self {
        let stamp = self.stamp();
        Self::new(Stamp {
            copies: stamp.copies + 1,
            ..stamp
        })
    }
}

impl<G: Group> PartialEq for Token<G> {
    fn eq(&self, other: &Self) -> bool {
        self.stamp().content == other.stamp().content
    }
}

impl<G: Group> Eq for Token<G> {}

impl<G: Group> Drop for Token<G> {
    fn drop(&mut self) {
        G::LIVE.fetch_sub(1, SeqCst);
    }
}

/// Checks that the numbers of live keys and values are those of the models.
pub fn assert_as_many_live() {
    let models = IN_MODELS.load(SeqCst);
    assert_eq!(
        KEYS.load(SeqCst),
        models,
        "live keys, and the expected number"
    );
    assert_eq!(
        VALUES.load(SeqCst),
        models,
        "live values, and the expected number"
    );
}
