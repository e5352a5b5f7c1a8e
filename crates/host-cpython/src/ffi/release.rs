//! Freeing long chains of objects without a deep stack.
//!
//! A context may bind a variable to a context, that one to another, and so on,
//! and dropping the first drops them all, each inside the other. CPython has a
//! trashcan for this, which is not in the stable ABI.

use pyo3::ffi;
use std::cell::{Cell, RefCell};

/// How many objects may be freed inside each other.
const DEEPEST: u32 = 100;

type Finish = unsafe fn(*mut ffi::PyObject);

#[derive(Default)]
struct Releases {
    depth: Cell<u32>,
    waiting: RefCell<Vec<(*mut ffi::PyObject, Finish)>>,
}

impl Releases {
    /// Tells whether an object may be freed now; if not, it waits.
    fn begin(&self, object: *mut ffi::PyObject, finish: Finish) -> bool {
        let depth = self.depth.get();
        let shallow = depth < DEEPEST;
        if shallow {
            self.depth.set(depth + 1);
        } else {
            self.waiting.borrow_mut().push((object, finish));
        }
        shallow
    }

    /// Ends what `begin` has allowed. The outermost gets what has waited, one
    /// at a time, and asks again.
    fn end(&self) -> Option<(*mut ffi::PyObject, Finish)> {
        let next = match self.depth.get() {
            1 => self.waiting.borrow_mut().pop(),
            _ => None,
        };
        if next.is_none() {
            self.depth.set(self.depth.get() - 1);
        }
        next
    }
}

thread_local! {
    static RELEASES: Releases = Releases::default();
}

/// Frees a dead object with `finish`, now or when less deep.
///
/// # Safety
///
/// `finish` may be called with `object`, once, on this thread, attached.
pub(super) unsafe fn release(object: *mut ffi::PyObject, finish: Finish) {
    // A thread whose locals are gone frees at once.
    match RELEASES.try_with(|releases| releases.begin(object, finish)) {
        Ok(false) => return,
        // SAFETY: the caller's promise.
        Err(_) => return unsafe { finish(object) },
        Ok(true) => {}
    }
    // SAFETY: the caller's promise; for those that have waited, the promise of
    // the call that made them wait.
    unsafe {
        finish(object);
        while let Ok(Some((object, finish))) = RELEASES.try_with(Releases::end) {
            finish(object);
        }
    }
}
