//! Context variables from Python code: our extension for CPython beside the interpreter's own module.
//!
//! Loops in Python (`python/loops.py`) over modules of one shape: our extension as one build serves
//! all versions, our extension as built for the version at hand, and the built-in module. What the
//! loop costs itself does not count.

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

/// The way into an extension is most of what these take, and of the last two nearly all.
fn targets(cell: &Cell) -> Vec<Target> {
    let most = match &*cell.workload {
        "ctx.run(f)" => 1.8,
        _ => 1.5,
    };
    vec![Target::of(BUILT_IN, most)]
}
