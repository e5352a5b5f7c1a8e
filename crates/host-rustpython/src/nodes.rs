//! Nodes of bindings, which RustPython's collector knows by objects that stand for them.
//!
//! A node has one holder at first: what that shows the collector is shown by it. From its first
//! sharing on an *anchor* stands for the node, an object of RustPython's: holders are counted as
//! the anchor's references, and the anchor shows what the node holds. A node with an anchor never
//! changes again.
//!
//! 1. Whoever asks for the anchor of a node has a reference to the node, so the anchor, once
//!    there, is alive. Of two threads that make one at once, one is refused.
//! 2. A node without an anchor has one holder. It is changed by the thread that has that holder to
//!    itself, and shown while no thread has (`ContextCell::visit` looks at a context's lock).
//! 3. Making an anchor runs no code: RustPython collects at the next instruction of Python code.
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

/// The kind of nodes that anchors stand for when they are shared.
pub enum Anchored {}

/// What each node begins with.
pub struct Head {
    /// Null while there is one holder.
    anchor: AtomicPtr<PyObject>,
    /// The node, by a pointer to all of it.
    this: NonNull<Head>,
    form: NodeForm,
}

impl Head {
    /// Returns the anchor, if there is one, without a reference to it.
    fn anchor(&self) -> Option<ManuallyDrop<PyObjectRef>> {
        // Acquire pairs with the Release of the thread that made it.
        let anchor = NonNull::new(self.anchor.load(Ordering::Acquire))?;
        // SAFETY: 1.
        Some(ManuallyDrop::new(unsafe { PyObjectRef::from_raw(anchor) }))
    }

    /// Makes an anchor, whose one reference is that of the node's holder.
    #[cold]
    fn begin_sharing(&self) -> ManuallyDrop<PyObjectRef> {
        // The collector's lists have it from here on, so it leads nowhere yet.
        let node = AtomicPtr::new(ptr::null_mut());
        let made = Anchor { node }.into_ref(Context::genesis());
        let raw = PyObjectRef::from(made.clone()).into_raw();
        let set = self.anchor.compare_exchange(
            ptr::null_mut(),
            raw.as_ptr(),
            // Release publishes the anchor; Acquire sees another's.
            Ordering::AcqRel,
            Ordering::Acquire,
        );
        if let Err(other) = set {
            // SAFETY: the reference of `raw`. 1: the other anchor is alive.
            unsafe {
                drop(PyObjectRef::from_raw(raw));
                let other = NonNull::new_unchecked(other);
                return ManuallyDrop::new(PyObjectRef::from_raw(other));
            }
        }
        // Release publishes the node, which the caller's reference keeps meanwhile.
        made.node.store(self.this.as_ptr(), Ordering::Release);
        // SAFETY: the anchor is alive by the reference of `raw`, which is the holder's now.
        ManuallyDrop::new(unsafe { PyObjectRef::from_raw(raw) })
    }
}

// SAFETY: memory is that of `AtomicCounts`, which leaves it alone until it is freed. An anchor's
// references are counted atomically. Without an anchor there is one holder (1), and code that gets
// hold of an anchor gets hold of no node. A node's last reference is given back by the anchor's
// drop, or is the only one. Nothing unwinds.
unsafe impl PointerKind for Anchored {
    type Head = Head;
    type Word = AtomicU32;
    type Refused = Infallible;
    const BORROWS: bool = false;

    unsafe fn allocate(layout: Layout, form: NodeForm) -> Result<NonNull<Head>, Infallible> {
        // SAFETY: by the caller; it has room for this head, which takes the place of that kind's.
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
        // SAFETY: by the caller. No head has a drop.
        unsafe { AtomicCounts::free(node.cast(), layout) }
    }

    fn up(head: &Head) {
        let anchor = head.anchor().unwrap_or_else(|| head.begin_sharing());
        mem::forget(PyObjectRef::clone(&anchor));
    }

    fn down(head: &Head) -> bool {
        match head.anchor() {
            // The anchor's drop frees the node with the last of these.
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

/// Shows an anchor, if there is one; returns `true` where what the node holds is to be shown in
/// its place.
pub fn show_anchor(head: &Head, show: &mut TraverseFn<'_>) -> bool {
    match head.anchor() {
        Some(anchor) => show(&anchor),
        None => return true,
    }
    false
}

/// The object that stands for a node.
#[pyclass(module = "_contextvars", name = "hamt_node", traverse = "manual")]
#[derive(PyPayload)]
struct Anchor {
    /// Null until it stands for the node, or where another anchor does.
    node: AtomicPtr<Head>,
}

#[pyclass(flags(IMMUTABLETYPE, DISALLOW_INSTANTIATION))]
impl Anchor {}

impl Anchor {
    fn node(&self) -> Option<(NonNull<Head>, NodeForm)> {
        // Acquire pairs with the Release of the thread that made the anchor.
        let node = NonNull::new(self.node.load(Ordering::Acquire))?;
        // SAFETY: the anchor stands for the node, which lives as long.
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
            // SAFETY: a node of bindings; its references were the anchor's, which are gone.
            unsafe { drop_node::<RustPython>(node, form) };
        }
    }
}

// SAFETY: a node with an anchor does not change, and holds each of its references once; nothing
// is cloned.
unsafe impl Traverse for Anchor {
    fn traverse(&self, show: &mut TraverseFn<'_>) {
        if let Some((node, form)) = self.node() {
            // SAFETY: a node of bindings, whole, of this form; alive, as in `node`.
            unsafe { visit_node::<RustPython>(node, form, &mut Show(show)) };
        }
    }
}

/// Makes the type of anchors.
pub fn make_type() {
    let _ = Anchor::make_static_type();
}
