//! A mapping that an object of Boa's heap holds, as Boa's collector sees it.
//!
//! The collector counts, over the whole heap, how many of a value's handles are in the heap; what
//! has more handles than that is a root. Then it marks from the roots. Mappings share nodes, which
//! are no objects of its own, so:
//!
//! * Counting goes on to what a node holds when as many holders have asked for it as there are:
//!   then no native code holds the node. A node that native code holds is not gone on to, so the
//!   values in it have an uncounted handle, and are roots.
//! * Marking goes on to each node once.
//! * The handles of a dead object are counted down before it is swept, in its finalizer. So a
//!   mapping is dropped there.
#![allow(unsafe_code)]

use std::cell::{Cell, RefCell};

use boa_engine::{JsData, JsValue};
use boa_gc::{Finalize, Trace, Tracer};
use contextvars::engine::collect::{CountVisits, Mark};
use contextvars::engine::{Bound, DeepDrop, VarKey};

use crate::agent::Mapping;

/// A mapping in an object of Boa's heap.
#[derive(JsData)]
pub(crate) struct Held(RefCell<Mapping>);

impl Held {
    pub(crate) fn new(mapping: Mapping) -> Self {
        Held(RefCell::new(mapping))
    }

    /// Returns the mapping; an empty one once the object is finalized.
    pub(crate) fn mapping(&self) -> Mapping {
        self.0.borrow().clone()
    }
}

impl Finalize for Held {
    fn finalize(&self) {
        drop(self.0.take());
    }
}

// SAFETY: a handle to a value is in a leaf, which counts once however many mappings lead to it.
// It is shown once in the counting pass, by the last holder, where all holders are in the heap;
// else never, which keeps the value. Each live holder shows it in the marking pass, or another one
// has in the same pass. No borrow lasts while the collector runs: code that borrows allocates
// nothing in its heap.
unsafe impl Trace for Held {
    unsafe fn trace_non_roots(&self) {
        self.0.borrow().trace(&mut CountVisits {
            pass: counting_pass(),
            // SAFETY: called by the collector, in its counting pass.
            entry: |_: &Bound<VarKey>, value: &DeepDrop<JsValue>| unsafe {
                JsValue::trace_non_roots(value)
            },
        });
    }

    unsafe fn trace(&self, tracer: &mut Tracer) {
        self.0.borrow().trace(&mut Mark {
            pass: marking_pass(),
            // SAFETY: called by the collector, in its marking pass.
            entry: |_: &Bound<VarKey>, value: &DeepDrop<JsValue>| unsafe {
                JsValue::trace(value, tracer)
            },
        });
    }

    fn run_finalizer(&self) {
        marking_pass();
        self.finalize();
    }
}

thread_local! {
    /// The number of this thread's current collection, and whether it still counts.
    ///
    /// Boa has one heap a thread. It has no such number, and does not say when a collection
    /// begins. It counts all objects before it marks or finalizes any, and each object that was
    /// counted is marked or finalized in the same collection. So the first count after a mark
    /// begins a new one.
    static PASS: Cell<(u32, bool)> = const { Cell::new((0, false)) };
}

fn counting_pass() -> u32 {
    let number = match PASS.get() {
        (number, true) => number,
        // Never zero.
        (number, false) => number.checked_add(1).unwrap_or(1),
    };
    PASS.set((number, true));
    number
}

fn marking_pass() -> u32 {
    let (number, _) = PASS.get();
    PASS.set((number, false));
    number
}
