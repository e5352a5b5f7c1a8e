//! The maps that are compared.

mod im;
mod imbl;
mod ours;
mod rpds;

pub use self::im::Im;
pub use self::imbl::Imbl;
pub use self::ours::{Ours, OursRc};
pub use self::rpds::{RpdsArc, RpdsRc};
