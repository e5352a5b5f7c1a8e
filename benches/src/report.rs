//! What a run found: an array of [`Record`]s in `report.json`, one for each cell and peer, and
//! beside it in `run.json` where and when that was.

mod file;
mod judge;
mod machine;
mod record;

pub use file::{read, write};
pub use judge::{Allocations, Bytes, Cell, Entrant, Figure, judge};
pub use machine::Run;
pub use record::{Figures, Record, Summary};
