//! CPython around this process.

/// Proof that this thread is attached to an interpreter.
pub struct Interpreter(());
