use std::marker::PhantomData;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

static IN_MODELS: AtomicUsize = AtomicUsize::new(0);
static KEYS: AtomicUsize = AtomicUsize::new(0);
static VALUES: AtomicUsize = AtomicUsize::new(0);

/// Whose tokens are counted together.
pub trait Group {
    /// How many are alive.
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

/// A number, counted while it lives. It is on the heap, so that a sanitizer sees
/// who reads it too late or drops it twice.
pub struct Token<G: Group>(Box<u64>, PhantomData<fn() -> G>);

impl<G: Group> Token<G> {
    /// Makes a token of this number.
    pub fn new(serial: u64) -> Self {
        G::LIVE.fetch_add(1, SeqCst);
        Self(Box::new(serial), PhantomData)
    }

    /// The number.
    pub fn serial(&self) -> u64 {
        *self.0
    }
}

impl<G: Group> Drop for Token<G> {
    fn drop(&mut self) {
        G::LIVE.fetch_sub(1, SeqCst);
    }
}

/// Checks that as many keys and values are alive as the models hold.
pub fn assert_as_many_live() {
    let models = IN_MODELS.load(SeqCst);
    assert_eq!(
        KEYS.load(SeqCst),
        models,
        "keys alive, and how many should be"
    );
    assert_eq!(
        VALUES.load(SeqCst),
        models,
        "values alive, and how many should be"
    );
}
