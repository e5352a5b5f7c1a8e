//! A map beside a model of it, driven by bytes.
//!
//! * [`Version`] is a map with the std map that says what must be in it.
//! * [`Token`] is what a key or a value carries: it is counted while it lives.
//!   The model holds tokens too, so there must be as many alive in the maps as
//!   in the models, whatever was dropped, and in whatever order.
//! * [`Step`] is one operation, read from four bytes.
//! * [`Hashes`] are ways to make hashes of key numbers, most of them bad.

mod hashes;
mod step;
mod token;
mod version;

pub use hashes::Hashes;
pub use step::{Action, Step};
pub use token::{Token, assert_as_many_live};
pub use version::{Held, Version};
