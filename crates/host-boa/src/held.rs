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

use std::cell::RefCell;

use boa_engine::{JsData, JsValue};
use boa_gc::{Finalize, Trace, Tracer};
use contextvars::engine::collect::{CountVisits, Mark, Passes};
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
            pass: PASSES.with(Passes::counting),
            // SAFETY: called by the collector, in its counting pass.
            entry: |_: &Bound<VarKey>, value: &DeepDrop<JsValue>| unsafe {
                JsValue::trace_non_roots(value)
            },
        });
    }

    unsafe fn trace(&self, tracer: &mut Tracer) {
        self.0.borrow().trace(&mut Mark {
            pass: PASSES.with(Passes::marking),
            // SAFETY: called by the collector, in its marking pass.
            entry: |_: &Bound<VarKey>, value: &DeepDrop<JsValue>| unsafe {
                JsValue::trace(value, tracer)
            },
        });
    }

    fn run_finalizer(&self) {
        PASSES.with(Passes::marking);
        self.finalize();
    }
}

thread_local! {
    /// Of this thread's collections: Boa has one heap a thread.
    static PASSES: Passes = const { Passes::new() };
}
