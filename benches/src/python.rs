//! Context variables from Python code: this workspace's extension for CPython, compared with the
//! interpreter's own module.
//!
//! Loops in Python (`python/loops.py`) use three modules: the extension as built for all versions, the
//! extension as built for this version, and the built-in module. The loop's own cost is subtracted.

#[cfg(feature = "cpython")]
mod loops;

use crate::bench::Group;
use crate::report::{Cell, Target};

const BUILT_IN: &[&str] = &["built-in"];

/// The group.
pub static GROUP: Group = Group {
    name: "python",
    sizes: "variables",
    libraries: &[],
    peers: &[BUILT_IN],
    shown: None,
    short: &[],
    #[cfg(feature = "cpython")]
    measure: loops::measure,
    #[cfg(not(feature = "cpython"))]
    measure: |_| println!("note: python is left out: no interpreter has loaded this program"),
    targets,
};

/// Most of the cost is the call into an extension; of the last two workloads it is nearly all.
fn targets(cell: &Cell) -> Vec<Target> {
    let most = match &*cell.workload {
        "ctx.run(f)" => 1.8,
        _ => 1.5,
    };
    vec![Target::of(BUILT_IN, most)]
}
