//! No CPython: this was built without the feature `cpython`.

/// Proof that this thread holds an interpreter. There is none.
pub enum Interpreter {}

impl Interpreter {
    /// Starts none.
    pub fn start() -> Option<Interpreter> {
        None
    }

    /// The interpreter's version.
    pub fn version(&self) -> String {
        match *self {}
    }
}
