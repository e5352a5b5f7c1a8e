//! What CPython requests of memory.
//!
//! CPython asks its own allocators, of which each can be replaced by one that hands on to it. What
//! is allocated is noted with its size, since nobody says the size of what is freed.
//!
//! * **C1.** A hook stays where it is and is there until the allocator before it is back. It is
//!   used by the thread that holds the interpreter alone (S1), and calls nothing that comes back
//!   to it: what it needs itself comes from Rust's allocator.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_void;
use std::mem::MaybeUninit;

use pyo3_ffi as ffi;

use super::Interpreter;
use crate::allocator::Requested;

/// Where objects come from, and where their parts do.
const DOMAINS: [ffi::PyMemAllocatorDomain; 2] = [
    ffi::PyMemAllocatorDomain::PYMEM_DOMAIN_OBJ,
    ffi::PyMemAllocatorDomain::PYMEM_DOMAIN_MEM,
];

impl Interpreter {
    /// Does some work and returns its result with what CPython requested meanwhile, in bytes as
    /// requested. What is freed of before counts for nothing.
    pub fn count<T>(&self, work: impl FnOnce() -> T) -> (T, Requested) {
        let hooks = DOMAINS.map(|domain| {
            let mut before = MaybeUninit::uninit();
            // SAFETY: S1; the call fills it in.
            let before = unsafe {
                ffi::PyMem_GetAllocator(domain, before.as_mut_ptr());
                before.assume_init()
            };
            Box::new(Hook {
                before,
                live: RefCell::default(),
                bytes: Cell::new(0),
                allocations: Cell::new(0),
            })
        });
        let installed = Installed(&hooks);
        for (hook, domain) in hooks.iter().zip(DOMAINS) {
            let mut counting = ffi::PyMemAllocatorEx {
                ctx: std::ptr::from_ref::<Hook>(hook).cast_mut().cast(),
                malloc: Some(malloc),
                calloc: Some(calloc),
                realloc: Some(realloc),
                free: Some(free),
            };
            // SAFETY: S1, C1; it hands on to the one before, as one must that comes so late.
            unsafe { ffi::PyMem_SetAllocator(domain, &raw mut counting) };
        }
        let result = work();
        drop(installed);
        let requested = Requested {
            bytes: hooks.iter().map(|hook| hook.bytes.get()).sum(),
            allocations: hooks.iter().map(|hook| hook.allocations.get()).sum(),
        };
        (result, requested)
    }
}

/// Puts the allocators before the hooks back when it is dropped, after a panic too.
struct Installed<'a>(&'a [Box<Hook>; 2]);

impl Drop for Installed<'_> {
    fn drop(&mut self) {
        for (hook, domain) in self.0.iter().zip(DOMAINS) {
            let mut before = hook.before;
            // SAFETY: S1; it was there before.
            unsafe { ffi::PyMem_SetAllocator(domain, &raw mut before) };
        }
    }
}

struct Hook {
    before: ffi::PyMemAllocatorEx,
    /// The sizes of the blocks that it has seen allocated and not freed.
    live: RefCell<HashMap<usize, usize>>,
    bytes: Cell<i64>,
    allocations: Cell<u64>,
}

impl Hook {
    /// # Safety
    ///
    /// `hook` is what a hook's allocator has as its context.
    unsafe fn of<'a>(hook: *mut c_void) -> &'a Hook {
        // SAFETY: the caller's promise, and C1.
        unsafe { &*hook.cast::<Hook>() }
    }

    fn allocated(&self, block: *mut c_void, size: usize) -> *mut c_void {
        if !block.is_null() {
            self.live.borrow_mut().insert(block.addr(), size);
            self.bytes.set(self.bytes.get() + size as i64);
            self.allocations.set(self.allocations.get() + 1);
        }
        block
    }

    fn freed(&self, block: *mut c_void) {
        if let Some(size) = self.live.borrow_mut().remove(&block.addr()) {
            self.bytes.set(self.bytes.get() - size as i64);
        }
    }
}

/// What every allocator has.
const WHOLE: &str = "an allocator has all of its functions";

extern "C" fn malloc(hook: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: CPython gives a hook its own context.
    let hook = unsafe { Hook::of(hook) };
    let block = hook.before.malloc.expect(WHOLE)(hook.before.ctx, size);
    hook.allocated(block, size)
}

extern "C" fn calloc(hook: *mut c_void, number: usize, size: usize) -> *mut c_void {
    // SAFETY: CPython gives a hook its own context.
    let hook = unsafe { Hook::of(hook) };
    let block = hook.before.calloc.expect(WHOLE)(hook.before.ctx, number, size);
    hook.allocated(block, number * size)
}

extern "C" fn realloc(hook: *mut c_void, block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: CPython gives a hook its own context.
    let hook = unsafe { Hook::of(hook) };
    let moved = hook.before.realloc.expect(WHOLE)(hook.before.ctx, block, size);
    if !moved.is_null() {
        hook.freed(block);
    }
    hook.allocated(moved, size)
}

extern "C" fn free(hook: *mut c_void, block: *mut c_void) {
    // SAFETY: CPython gives a hook its own context.
    let hook = unsafe { Hook::of(hook) };
    hook.freed(block);
    hook.before.free.expect(WHOLE)(hook.before.ctx, block);
}
