//! No CPython: this was built without the feature `cpython`.

/// Proof that this thread holds an interpreter. There is none.
pub enum Interpreter {}

impl Interpreter {
    /// The interpreter's version.
    pub fn version(&self) -> String {
        match *self {}
    }
}
