//! A mapping held by an object of Boa's heap, with its code for Boa's collector.
//!
//! The collector first counts, over the whole heap, how many of an object's handles are in the
//! heap. An object with more handles than that is a root. Then it marks from the roots. Mappings
//! share nodes, which are not objects of the heap, so:
//!
//! * The counting pass visits a node's contents once all of the node's holders have visited it:
//!   then no native code holds the node. The contents of a node that native code holds are not
//!   visited. So the values in it have an uncounted handle, and are roots.
//! * The marking pass visits each node once.
//! * The finalizer of a dead object drops its handles, before the object is swept. So a mapping is
//!   dropped there.
#![allow(unsafe_code)]

use std::cell::RefCell;

use boa_engine::{JsData, JsValue};
use boa_gc::{Finalize, Trace, Tracer};
use contextvars::engine::collect::{CountVisits, MarkVisits, Passes};
use contextvars::engine::{DeepDrop, KeyedVar, VarKey};

use crate::agent::Mapping;

/// A mapping that an object of Boa's heap owns.
#[derive(JsData)]
pub(crate) struct Held(RefCell<Mapping>);

impl Held {
    pub(crate) fn new(mapping: Mapping) -> Self {
        Held(RefCell::new(mapping))
    }

    /// Returns the mapping, or an empty one if the object was finalized.
    pub(crate) fn mapping(&self) -> Mapping {
        self.0.borrow().clone()
    }
}

impl Finalize for Held {
    fn finalize(&self) {
        drop(self.0.take());
    }
}

// SAFETY: a leaf owns one handle to its value, however many mappings share the leaf. If all holders
// of the leaf are in the heap, the last of them visits the handle once in the counting pass.
// Otherwise none does, which keeps the value alive. In the marking pass each live holder visits it,
// unless another one has in the same pass. No borrow is held while the collector runs: code that
// borrows allocates nothing in its heap.
unsafe impl Trace for Held {
    unsafe fn trace_non_roots(&self) {
        self.0.borrow().trace(&mut CountVisits {
            pass: PASSES.with(Passes::counting),
            // SAFETY: called by the collector, in its counting pass.
            entry: |_: &KeyedVar<VarKey>, value: &DeepDrop<JsValue>| unsafe {
                JsValue::trace_non_roots(value)
            },
        });
    }

    unsafe fn trace(&self, tracer: &mut Tracer) {
        self.0.borrow().trace(&mut MarkVisits {
            pass: PASSES.with(Passes::marking),
            // SAFETY: called by the collector, in its marking pass.
            entry: |_: &KeyedVar<VarKey>, value: &DeepDrop<JsValue>| unsafe {
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
    /// The passes of this thread's collections: Boa has one heap for each thread.
    static PASSES: Passes = const { Passes::new() };
}
