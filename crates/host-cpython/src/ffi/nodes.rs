//! Nodes of tries as objects of the interpreter, so that its collector knows which contexts share
//! them.
//!
//! A node begins with the head of an object: the interpreter has its count and its memory, and
//! visits it. A node is tracked after it is complete, until its contents are dropped. Python code
//! that gets a node from `gc` has one reference more, so the next change copies the node. A leaf
//! whose key and value cannot be in a cycle is not tracked, so the collector does not visit it.

use super::count::{decrease_only, increase, is_one};
use super::{FreeList, Object, Raised};
use crate::host::CPython;
use contextvars::engine::collect::{NodeForm, PointerKind, Trace, drop_node, trace_node};
use contextvars::engine::{ErrorOf, Kind};
use contextvars::host::{NodeHead, Reference, Visitor};
use pyo3::{Python, ffi};
use std::alloc::Layout;
use std::cell::UnsafeCell;
use std::ffi::{CStr, c_int, c_uint, c_void};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

/// Tries with the same types of keys, values and nodes.
pub trait Tree: Sized + 'static {
    /// The key of a leaf.
    type Key: 'static;

    /// The value of a leaf.
    type Value: 'static;

    /// The free list of leaves, if there is one.
    const FREE_LIST: Option<FreeList> = None;

    /// Returns the type of the nodes.
    fn class() -> &'static NodeClass;

    /// Visits the objects that a leaf owns.
    fn visit(key: &Self::Key, value: &Self::Value, visit: &mut Visit<'_>);

    /// Returns `true` if neither the key nor the value of a leaf can ever be in a cycle. Only for
    /// tries whose leaves never change.
    fn is_acyclic(_: Python<'_>, _: &Self::Key, _: &Self::Value) -> bool {
        false
    }
}

/// The result of [`Tree::is_acyclic`] for one leaf.
struct IsAcyclic<'a>(Python<'a>, bool);

impl<T: Tree> Trace<T::Key, T::Value, Nodes<T>> for IsAcyclic<'_> {
    fn node(&mut self, _: &Head) -> bool {
        false
    }

    fn entry(&mut self, key: &T::Key, value: &T::Value) {
        self.1 = T::is_acyclic(self.0, key, value);
    }
}

/// The type of the nodes of a [`Tree`], or NULL before it is created. It is never freed.
pub struct NodeClass(AtomicPtr<ffi::PyTypeObject>);

impl NodeClass {
    /// Creates it without a type.
    pub const fn new() -> Self {
        NodeClass(AtomicPtr::new(ptr::null_mut()))
    }

    /// Creates the type, if there is none yet.
    ///
    /// # Errors
    ///
    /// `MemoryError`.
    pub fn make<T: Tree>(py: Python<'_>, name: &'static CStr) -> Result<(), Raised> {
        let class = &T::class().0;
        if !class.load(Ordering::Acquire).is_null() {
            return Ok(());
        }
        let slot = |slot, function| ffi::PyType_Slot {
            slot,
            pfunc: function,
        };
        let mut slots = [
            slot(ffi::Py_tp_traverse, traverse::<T> as *mut c_void),
            slot(ffi::Py_tp_dealloc, deallocate::<T> as *mut c_void),
            ffi::PyType_Slot::default(),
        ];
        let flags = ffi::Py_TPFLAGS_DEFAULT
            | ffi::Py_TPFLAGS_HAVE_GC
            | ffi::Py_TPFLAGS_IMMUTABLETYPE
            | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION;
        let mut specification = ffi::PyType_Spec {
            name: name.as_ptr(),
            basicsize: size_of::<Head>() as c_int,
            itemsize: WORD as c_int,
            flags: flags as c_uint,
            slots: slots.as_mut_ptr(),
        };
        // SAFETY: S1, S3, S7: the name is static. The rest is not used after the type is created.
        let made = unsafe { Object::from_new(py, ffi::PyType_FromSpec(&mut specification))? };
        class.store(made.into_ptr().cast(), Ordering::Release);
        Ok(())
    }
}

/// A node has the size of its type's `basicsize`, and a number of words more.
const WORD: usize = size_of::<usize>();

/// The head of each node.
#[repr(C)]
pub struct Head {
    /// In a cell, since the interpreter and `count` write to it.
    object: UnsafeCell<ffi::PyVarObject>,
    form: NodeForm,
}

/// The words of nodes and of contexts' claims. With a global lock they are not atomic.
#[cfg(not(Py_GIL_DISABLED))]
mod word {
    pub type Node = std::cell::Cell<u32>;
    pub type Claim = std::cell::Cell<u64>;
}
#[cfg(Py_GIL_DISABLED)]
mod word {
    pub type Node = std::sync::atomic::AtomicU32;
    pub type Claim = std::sync::atomic::AtomicU64;
}

/// The kind of nodes that are objects of the interpreter, with its counts. Neither `Send` nor
/// `Sync`, since handles of objects are not.
pub struct Nodes<T>(PhantomData<(*const (), T)>);

fn pointer(head: &Head) -> *mut ffi::PyObject {
    head.object.get().cast()
}

// SAFETY: S1: a thread that has a node is attached. With a global lock no other thread counts at
// the same time; without one, counting follows the interpreter's rules. The interpreter neither
// moves nor frees an object that has references. Other code can get a tracked node from the
// collector's lists: with a lock not inside an allocation (`new`), without one while an allocation
// waits (`RUNS_CODE`). A new node has one reference, and the size of its layout (S3). No layout
// needs more alignment than the interpreter's, 16.
unsafe impl<T: Tree> PointerKind for Nodes<T> {
    type Head = Head;
    type Word = word::Node;
    type Refused = Raised;
    const BORROWS: bool = false;

    /// Without a global lock, an allocation or a decrement may wait for another thread, and may
    /// free objects of other threads. On 32 bits the interpreter frees nodes, and also the objects
    /// that wait to be freed.
    const RUNS_CODE: bool = cfg!(any(Py_GIL_DISABLED, not(target_pointer_width = "64")));

    unsafe fn allocate(layout: Layout, form: NodeForm) -> Result<NonNull<Head>, Raised> {
        let class = T::class().0.load(Ordering::Acquire);
        // SAFETY: S1, S3. The type was created before the first context or trie. All leaves of a
        // `Tree` have the same size.
        unsafe {
            let py = Python::assume_attached();
            let kept = T::FREE_LIST.filter(|_| form.is_leaf());
            let kept = kept.and_then(|free_list| free_list.take(py));
            let head = match kept {
                Some(object) => object.as_ptr().cast(),
                None => new(class, layout.size()),
            };
            let head = NonNull::new(head).ok_or_else(|| Raised::take(py))?;
            (&raw mut (*head.as_ptr()).form).write(form);
            Ok(head)
        }
    }

    unsafe fn free(node: NonNull<Head>, _: Layout) {
        // SAFETY: the caller's promise; S1.
        unsafe {
            let free_list = T::FREE_LIST.filter(|_| node.as_ref().form.is_leaf());
            FreeList::keep_or_free(free_list, Python::assume_attached(), node.cast());
        }
    }

    unsafe fn track(node: NonNull<Head>) {
        // SAFETY: S1; the caller's promise: it is complete, and was not tracked before.
        unsafe {
            let form = node.as_ref().form;
            if form.is_leaf() {
                let mut acyclic = IsAcyclic(Python::assume_attached(), false);
                trace_node::<T::Key, T::Value, Nodes<T>>(node, form, &mut acyclic);
                if acyclic.1 {
                    return;
                }
            }
            ffi::PyObject_GC_Track(node.as_ptr().cast());
        }
    }

    unsafe fn untrack(node: NonNull<Head>) {
        // SAFETY: S1. The call does nothing if the node is not tracked.
        unsafe { ffi::PyObject_GC_UnTrack(node.as_ptr().cast()) };
    }

    #[inline(always)]
    fn up(head: &Head) {
        // SAFETY: S1; alive.
        unsafe { increase(pointer(head)) };
    }

    #[inline(always)]
    fn down(head: &Head) -> bool {
        // SAFETY: S1; the reference is the caller's.
        unsafe { decrease_only(pointer(head)) }
    }

    #[inline(always)]
    fn is_one(head: &Head) -> bool {
        // SAFETY: S1; alive.
        unsafe { is_one(pointer(head)) }
    }
}

impl<T: Tree> Kind for Nodes<T> {
    type ClaimWord = word::Claim;
}

impl<T: Tree> ErrorOf<Nodes<T>> for Raised {
    fn refused(refused: Raised) -> Raised {
        refused
    }
}

/// Allocates an object of this size, of a class of [`Head`]s. It is not tracked. The collector
/// does not run: that of CPython 3.11, which runs inside allocations, is disabled, and later ones
/// run at the next instruction of Python code. Returns NULL, with an exception set, if there is no
/// memory.
///
/// # Safety
///
/// The thread is attached.
#[inline(never)]
unsafe fn new(class: *mut ffi::PyTypeObject, size: usize) -> *mut Head {
    let words = size.saturating_sub(size_of::<Head>()).div_ceil(WORD) as ffi::Py_ssize_t;
    // SAFETY: the caller's promise.
    unsafe {
        let pauses = ffi::Py_Version < 0x030C_0000 && ffi::PyGC_Disable() == 1;
        let object = ffi::PyObject_GC_NewVar(class, words);
        if pauses {
            ffi::PyGC_Enable();
        }
        object
    }
}

/// A visitor of the references that an object or node owns, for the collector.
pub struct Visit<'a> {
    visit: ffi::visitproc,
    argument: *mut c_void,
    /// The first result that was not 0. It ends the visit.
    result: c_int,
    lifetime: PhantomData<&'a ()>,
}

impl Visit<'_> {
    /// Visits `object`, and then what `rest` visits. Returns the result for `tp_traverse`.
    ///
    /// # Safety
    ///
    /// `visit` may be called with `argument` and any live object, as `object` is.
    pub(super) unsafe fn all(
        visit: ffi::visitproc,
        argument: *mut c_void,
        object: *mut ffi::PyObject,
        rest: impl FnOnce(&mut Visit<'_>),
    ) -> c_int {
        let mut visit = Visit {
            visit,
            argument,
            result: 0,
            lifetime: PhantomData,
        };
        visit.show(object);
        rest(&mut visit);
        visit.result
    }

    fn show(&mut self, object: *mut ffi::PyObject) {
        if self.result == 0 {
            // SAFETY: the promise to `all`; an object that is owned is alive.
            self.result = unsafe { (self.visit)(object, self.argument) };
        }
    }

    /// Visits an object.
    pub fn object(&mut self, object: &Object) {
        self.show(object.as_ptr());
    }
}

impl<T: Tree> Trace<T::Key, T::Value, Nodes<T>> for Visit<'_> {
    fn node(&mut self, head: &Head) -> bool {
        self.show(pointer(head));
        false
    }

    fn entry(&mut self, key: &T::Key, value: &T::Value) {
        T::visit(key, value, self);
    }
}

impl Visitor<CPython> for Visit<'_> {
    fn reference(&mut self, reference: Reference<'_, CPython>) {
        self.object(match reference {
            Reference::Value(value) => value,
            Reference::Var(var) => var.as_object(),
            Reference::Context(context) => context.as_object(),
        });
    }

    fn node(&mut self, head: &NodeHead<CPython>) -> bool {
        self.show(pointer(head));
        false
    }
}

/// Visits what a node owns: its type, and its children or its entry.
unsafe extern "C" fn traverse<T: Tree>(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: S2; a tracked node of `T`.
    unsafe {
        let head = NonNull::new_unchecked(object.cast::<Head>());
        let form = (*head.as_ptr()).form;
        Visit::all(visit, argument, ffi::Py_TYPE(object).cast(), |visit| {
            trace_node::<T::Key, T::Value, Nodes<T>>(head, form, visit);
        })
    }
}

/// Frees a node whose last reference the interpreter or Python code dropped.
unsafe extern "C" fn deallocate<T: Tree>(object: *mut ffi::PyObject) {
    // SAFETY: S1, S2; a tracked node of `T`, without references.
    unsafe {
        let head = NonNull::new_unchecked(object.cast::<Head>());
        drop_node::<T::Key, T::Value, Nodes<T>>(head, (*head.as_ptr()).form);
    }
}
