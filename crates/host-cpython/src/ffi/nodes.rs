//! Nodes of tries that are objects of the interpreter's, so that its collector knows who
//! shares them.
//!
//! A node begins with an object's head: the interpreter counts it, owns its memory and visits
//! it. It is tracked from when it is whole until what it holds is dropped. Python code that digs a
//! node out of `gc` has one count more, and the next change copies the node. A leaf whose key and value
//! can be in no cycle is not tracked: the collector does not visit it.

use super::count::{decrease_only, increase, is_one};
use super::{Object, Raised, Spares};
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

/// A family of tries.
pub trait Tree: Sized + 'static {
    /// What a leaf has as its key.
    type Key: 'static;

    /// What a leaf has as its value.
    type Value: 'static;

    /// Where the memory of leaves that have died is kept, if it is.
    const SPARES: Option<Spares> = None;

    /// Returns where the type of the nodes is kept.
    fn class() -> &'static NodeClass;

    /// Shows the objects that a leaf owns.
    fn visit(key: &Self::Key, value: &Self::Value, visit: &mut Visit<'_>);

    /// Returns `true` if neither the key nor the value of a leaf can ever be in a cycle. Only for
    /// families whose leaves never get others.
    fn is_acyclic(_: Python<'_>, _: &Self::Key, _: &Self::Value) -> bool {
        false
    }
}

/// The answer of [`Tree::is_acyclic`] for one leaf.
struct IsAcyclic<'a>(Python<'a>, bool);

impl<T: Tree> Trace<T::Key, T::Value, Nodes<T>> for IsAcyclic<'_> {
    fn node(&mut self, _: &Head) -> bool {
        false
    }

    fn entry(&mut self, key: &T::Key, value: &T::Value) {
        self.1 = T::is_acyclic(self.0, key, value);
    }
}

/// The type of the nodes of one family, once it is made. It is never freed.
pub struct NodeClass(AtomicPtr<ffi::PyTypeObject>);

impl NodeClass {
    /// Makes it, without a type.
    pub const fn new() -> Self {
        NodeClass(AtomicPtr::new(ptr::null_mut()))
    }

    /// Makes the type, if there is none yet.
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
        // SAFETY: S1, S3, S7: the name is static, the rest may go when the type is made.
        let made = unsafe { Object::from_new(py, ffi::PyType_FromSpec(&mut specification))? };
        class.store(made.into_ptr().cast(), Ordering::Release);
        Ok(())
    }
}

/// Nodes are as large as their type says, and so many words more.
const WORD: usize = size_of::<usize>();

/// What each node begins with.
#[repr(C)]
pub struct Head {
    /// In a cell, since the interpreter and the counting write there.
    object: UnsafeCell<ffi::PyVarObject>,
    form: NodeForm,
}

/// A word of a node's, and of a context's claim: plain where the interpreter's lock guards them.
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

/// The kind of a family's nodes, which are counted as the interpreter counts objects. Neither
/// `Send` nor `Sync`, as handles of objects are not.
pub struct Nodes<T>(PhantomData<(*const (), T)>);

fn pointer(head: &Head) -> *mut ffi::PyObject {
    head.object.get().cast()
}

// SAFETY: S1: a thread that has a node is attached. With a global lock nothing else counts meanwhile;
// without one, counts are as the interpreter's are. It neither moves nor frees an object that is
// counted. Other code gets hold of a tracked node by the collector's lists: with a lock not inside of an
// allocation (`new`), without one where an allocation waits (`RUNS_CODE`). A new node has one count, and memory as large as its layout
// (S3); no layout needs more alignment than the interpreter's, 16.
unsafe impl<T: Tree> PointerKind for Nodes<T> {
    type Head = Head;
    type Word = word::Node;
    type Refused = Raised;
    const BORROWS: bool = false;

    /// Without a global lock an allocation, or giving back a reference, may wait for another thread,
    /// and have objects of other threads freed. On 32 bits the interpreter frees nodes, and with them
    /// what waits to be freed.
    const RUNS_CODE: bool = cfg!(any(Py_GIL_DISABLED, not(target_pointer_width = "64")));

    unsafe fn allocate(layout: Layout, form: NodeForm) -> Result<NonNull<Head>, Raised> {
        let class = T::class().0.load(Ordering::Acquire);
        // SAFETY: S1, S3. The type was made before the first context or trie was. Memory of a leaf
        // fits any leaf of the family.
        unsafe {
            let py = Python::assume_attached();
            let kept = T::SPARES.filter(|_| form.is_leaf());
            let kept = kept.and_then(|spares| spares.take(py));
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
        // SAFETY: by the caller; S1.
        unsafe {
            let spares = T::SPARES.filter(|_| node.as_ref().form.is_leaf());
            Spares::keep_or_free(spares, Python::assume_attached(), node.cast());
        }
    }

    unsafe fn track(node: NonNull<Head>) {
        // SAFETY: S1; by the caller, it is complete, and was not tracked before.
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
        // SAFETY: S1. Does nothing if it is not tracked.
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

/// Allocates an object of a class of [`Head`]s and this size, which no collector sees yet. The
/// collector does not run meanwhile: that of CPython 3.11 runs inside of an allocation, later ones
/// at the next instruction of Python code. NULL, with an exception set, where there is no memory.
///
/// # Safety
///
/// The thread is attached.
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

/// What an object or node shows the collector: a visit of each reference that it owns.
pub struct Visit<'a> {
    visit: ffi::visitproc,
    argument: *mut c_void,
    /// The first answer that was not 0, which ends the visit.
    answer: c_int,
    lifetime: PhantomData<&'a ()>,
}

impl Visit<'_> {
    /// Shows an object to what the interpreter visits with, and then what `rest` shows.
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
            answer: 0,
            lifetime: PhantomData,
        };
        visit.show(object);
        rest(&mut visit);
        visit.answer
    }

    fn show(&mut self, object: *mut ffi::PyObject) {
        if self.answer == 0 {
            // SAFETY: by the promise of `all`; what an object owns is alive.
            self.answer = unsafe { (self.visit)(object, self.argument) };
        }
    }

    /// Shows an object.
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

/// Shows the collector what a node owns: its type, and its children or its entry.
unsafe extern "C" fn traverse<T: Tree>(
    object: *mut ffi::PyObject,
    visit: ffi::visitproc,
    argument: *mut c_void,
) -> c_int {
    // SAFETY: S2; a tracked node of this family.
    unsafe {
        let head = NonNull::new_unchecked(object.cast::<Head>());
        let form = (*head.as_ptr()).form;
        Visit::all(visit, argument, ffi::Py_TYPE(object).cast(), |visit| {
            trace_node::<T::Key, T::Value, Nodes<T>>(head, form, visit);
        })
    }
}

/// Frees a node whose last reference was the interpreter's, or Python code's.
unsafe extern "C" fn deallocate<T: Tree>(object: *mut ffi::PyObject) {
    // SAFETY: S1, S2; a tracked node of this family, without a reference.
    unsafe {
        let head = NonNull::new_unchecked(object.cast::<Head>());
        drop_node::<T::Key, T::Value, Nodes<T>>(head, (*head.as_ptr()).form);
    }
}
