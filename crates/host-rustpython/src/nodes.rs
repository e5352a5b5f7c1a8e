//! Nodes of bindings, and the objects by which RustPython's collector knows shared ones.
//!
//! A new node has one holder, which shows the node's references to the collector. When the node
//! is shared for the first time it gets an *anchor*, an object of RustPython that represents it.
//! Each holder is then a reference to the anchor, and the anchor shows the node's references. A
//! node with an anchor never changes again.
//!
//! 1. Code that reads the anchor of a node has a reference to the node, so the anchor is alive.
//!    If two threads create an anchor concurrently, one of them discards its own.
//! 2. A node without an anchor has one holder. Only the thread that owns that holder exclusively
//!    changes the node. It is shown only while no thread does (`ContextCell::visit` checks the
//!    context's lock).
//! 3. Creating an anchor runs no code: RustPython collects at the next instruction of Python code.
#![allow(unsafe_code)]

use crate::collector::Show;
use crate::host::RustPython;
use contextvars::engine::collect::{NodeForm, PointerKind};
use contextvars::engine::{AtomicCounts, Kind};
use contextvars::host::{drop_node, visit_node};
use rustpython_vm::class::PyClassImpl;
use rustpython_vm::object::{Traverse, TraverseFn};
use rustpython_vm::{Context, PyObject, PyObjectRef, PyPayload, pyclass};
use std::alloc::Layout;
use std::convert::Infallible;
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// The kind of nodes that are represented by anchors when they are shared.
#[derive(Debug)]
pub enum Anchored {}

/// The header of each node.
#[derive(Debug)]
pub struct Head {
    /// Null while there is one holder.
    anchor: AtomicPtr<PyObject>,
    /// The node, as a pointer with the provenance of its whole allocation.
    this: NonNull<Head>,
    form: NodeForm,
}

impl Head {
    /// Returns the anchor, if there is one, as a borrowed reference.
    fn anchor(&self) -> Option<ManuallyDrop<PyObjectRef>> {
        // Acquire pairs with the Release of the thread that made it.
        let anchor = NonNull::new(self.anchor.load(Ordering::Acquire))?;
        // SAFETY: 1.
        Some(ManuallyDrop::new(unsafe { PyObjectRef::from_raw(anchor) }))
    }

    /// Creates the anchor. Its one reference becomes that of the node's holder.
    #[cold]
    fn begin_sharing(&self) -> ManuallyDrop<PyObjectRef> {
        // The collector can see the anchor from here on, so it has no node yet.
        let node = AtomicPtr::new(ptr::null_mut());
        let made = Anchor { node }.into_ref(Context::genesis());
        let raw = PyObjectRef::from(made.clone()).into_raw();
        let set = self.anchor.compare_exchange(
            ptr::null_mut(),
            raw.as_ptr(),
            // Release publishes the anchor; Acquire pairs with another thread's Release.
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        if let Err(other) = set {
            // SAFETY: `raw` owns a reference. 1: the other anchor is alive.
            unsafe {
                drop(PyObjectRef::from_raw(raw));
                let other = NonNull::new_unchecked(other);
                return ManuallyDrop::new(PyObjectRef::from_raw(other));
            }
        }
        // Release publishes the node, which the caller's reference keeps alive.
        made.node.store(self.this.as_ptr(), Ordering::Release);
        // SAFETY: the reference of `raw` keeps the anchor alive; it is the holder's from now on.
        ManuallyDrop::new(unsafe { PyObjectRef::from_raw(raw) })
    }
}

// SAFETY: memory is that of `AtomicCounts`, which does not touch it until it is freed. An anchor's
// references are counted atomically. Without an anchor there is one holder (2), and Python code that
// gets a reference to an anchor gets none to the node. A node's last reference is released by the
// anchor's drop, or is its only one. Nothing unwinds.
unsafe impl PointerKind for Anchored {
    type Head = Head;
    type Word = AtomicU32;
    type Refused = Infallible;
    const BORROWS: bool = false;

    unsafe fn allocate(layout: Layout, form: NodeForm) -> Result<NonNull<Head>, Infallible> {
        // SAFETY: guaranteed by the caller. There is room for this head, which replaces the head of
        // `AtomicCounts`.
        unsafe {
            let node = AtomicCounts::allocate(layout, form)?.cast::<Head>();
            node.write(Head {
                anchor: AtomicPtr::new(ptr::null_mut()),
                this: node,
                form,
            });
            Ok(node)
        }
    }

    unsafe fn free(node: NonNull<Head>, layout: Layout) {
        // SAFETY: guaranteed by the caller. Neither head needs a drop.
        unsafe { AtomicCounts::free(node.cast(), layout) }
    }

    fn up(head: &Head) {
        let anchor = head.anchor().unwrap_or_else(|| head.begin_sharing());
        mem::forget(PyObjectRef::clone(&anchor));
    }

    fn down(head: &Head) -> bool {
        match head.anchor() {
            // Dropping the anchor's last reference frees the node.
            Some(anchor) => drop(ManuallyDrop::into_inner(anchor)),
            None => return true,
        }
        false
    }

    fn is_one(head: &Head) -> bool {
        head.anchor().is_none()
    }
}

impl Kind for Anchored {
    type ClaimWord = AtomicU64;
}

/// Shows the anchor, if there is one. Returns `true` if there is none: the caller then shows the
/// node's references.
pub fn show_anchor(head: &Head, show: &mut TraverseFn<'_>) -> bool {
    match head.anchor() {
        Some(anchor) => show(&anchor),
        None => return true,
    }
    false
}

/// The object that represents a node.
#[pyclass(module = "_contextvars", name = "hamt_node", traverse = "manual")]
#[derive(PyPayload)]
struct Anchor {
    /// Null until the anchor represents the node, and for good if another thread's anchor does.
    node: AtomicPtr<Head>,
}

#[pyclass(flags(IMMUTABLETYPE, DISALLOW_INSTANTIATION))]
impl Anchor {}

impl Anchor {
    fn node(&self) -> Option<(NonNull<Head>, NodeForm)> {
        // Acquire pairs with the Release of the thread that made the anchor.
        let node = NonNull::new(self.node.load(Ordering::Acquire))?;
        // SAFETY: the node lives as long as the anchor that represents it.
        Some((node, unsafe { node.as_ref() }.form))
    }
}

impl fmt::Debug for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("node")
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        if let Some((node, form)) = self.node() {
            // SAFETY: a node of bindings. Its references were those of the anchor; none is left.
            unsafe { drop_node::<RustPython>(node, form) };
        }
    }
}

// SAFETY: a node with an anchor does not change, and owns each of its references once; nothing is
// cloned.
unsafe impl Traverse for Anchor {
    fn traverse(&self, show: &mut TraverseFn<'_>) {
        if let Some((node, form)) = self.node() {
            // SAFETY: a complete node of bindings, of this form; alive, as in `node`.
            unsafe { visit_node::<RustPython>(node, form, &mut Show(show)) };
        }
    }
}

/// Creates the type of anchors.
pub fn make_type() {
    let _ = Anchor::make_static_type();
}
