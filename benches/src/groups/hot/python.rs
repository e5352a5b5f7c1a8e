//! The same from Python code: our extension beside the built-in module.
//!
//! Loops in Python (`player`) over modules of one shape: our extension as one build serves all
//! versions, our extension as built for the version at hand, the built-in module, and two stubs. A
//! stub does nothing, by the same conventions: it is what the way into an extension costs. One
//! makes the objects that it has to give, the other gives one that is there already.

mod field;
mod measure;
mod player;
mod row;

pub use measure::{estimate, measure};
