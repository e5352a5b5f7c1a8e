//! A thread's cache of lookups where the allocator has no memory for it, and what it leaves behind.

#[path = "plain/mod.rs"]
mod plain;

use contextvars::engine::{Bindings, ContextState, Local, VarKey, lookup};
use plain::{Plain, bind, thread};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};
use threadstate::{Leave, Thread};

type Int = Plain<Arc<i32>>;

/// The system's allocator, which refuses the memory of the cache on threads that ask for this.
struct Refusing;

thread_local! {
    static REFUSES: Cell<bool> = const { Cell::new(false) };
    static REFUSED: Cell<usize> = const { Cell::new(0) };
}

/// The number of caches that are allocated, by all threads.
static CACHES: AtomicIsize = AtomicIsize::new(0);

/// Returns `true` for the layout of a cache: two numbers of eight bytes and two words for each
/// variable.
fn is_cache(layout: Layout) -> bool {
    layout.size() == Local::<Int>::REMEMBERED * (16 + 2 * size_of::<usize>())
}

// SAFETY: the system's allocator, or null.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if is_cache(layout) {
            if REFUSES.get() {
                REFUSED.set(REFUSED.get() + 1);
                return std::ptr::null_mut();
            }
            CACHES.fetch_add(1, Relaxed);
        }
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        if is_cache(layout) {
            CACHES.fetch_sub(1, Relaxed);
        }
        // SAFETY: the caller's promise; the memory is the system allocator's.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Refusing = Refusing;

fn read(thread: &Thread<Int>, var: VarKey) -> Option<i32> {
    lookup(thread, var, |value| value.map(|value| **value))
}

/// Replaces `var`'s value during a read of it, which begins before there is memory for the cache.
/// `during` runs in the read before that.
fn replace_during_a_read(during: impl FnOnce(&Thread<Int>, VarKey)) {
    let (thread, var) = (thread(), VarKey::next());
    REFUSES.set(true);
    let value = Arc::new(1);
    let weak = Arc::downgrade(&value);
    drop(bind(&thread, var, value));
    assert_ne!(REFUSED.get(), 0);
    lookup(&thread, var, |value| {
        during(&thread, var);
        drop(bind(&thread, var, Arc::new(2)));
        assert_eq!(weak.strong_count(), 1);
        assert_eq!(value.map(|value| **value), Some(1));
    });
    assert_eq!(weak.strong_count(), 0);
    assert_eq!(read(&thread, var), Some(2));
    REFUSES.set(false);
}

#[test]
fn a_thread_without_memory_for_its_cache_reads_what_it_set() {
    let thread = thread();
    REFUSES.set(true);
    let vars: Vec<VarKey> = (0..20).map(|_| VarKey::next()).collect();
    for round in 0..3 {
        for (number, var) in (round..).zip(&vars) {
            drop(bind(&thread, *var, Arc::new(number)));
        }
        let context = Arc::new(ContextState::new(Bindings::<Int>::default()));
        thread.enter((), Arc::clone(&context)).unwrap();
        assert!(vars.iter().all(|var| read(&thread, *var).is_none()));
        thread.exit((), &context).unwrap();
        for (number, var) in (round..).zip(&vars) {
            assert_eq!(read(&thread, *var), Some(number));
            assert!(!thread.local().remembers(*var, thread.activation()));
        }
    }
    REFUSES.set(false);
}

#[test]
fn a_read_without_a_cache_keeps_a_value_that_is_replaced() {
    replace_during_a_read(|_, _| ());
}

#[test]
fn a_read_keeps_a_value_that_is_replaced_once_there_is_a_cache() {
    replace_during_a_read(|thread, var| {
        REFUSES.set(false);
        assert_eq!(read(thread, VarKey::next()), None);
        assert!(!thread.local().remembers(var, thread.activation()));
    });
}

#[test]
fn reads_from_before_and_after_there_is_a_cache_keep_one_value() {
    replace_during_a_read(|thread, var| {
        REFUSES.set(false);
        // The first searches the trie, the second uses the cache.
        for _ in 0..2 {
            assert_eq!(read(thread, var), Some(1));
        }
        let context = Arc::new(ContextState::new(Bindings::<Int>::default()));
        // Leaving a context searches the cache for open reads.
        let enter_and_leave = |_: Option<&_>| {
            thread.enter((), Arc::clone(&context)).unwrap();
            thread.exit((), &context).unwrap();
        };
        lookup(thread, var, |_| lookup(thread, var, enter_and_leave));
        assert_eq!(read(thread, var), Some(1));
    });
}

#[test]
fn a_cache_goes_at_the_end_of_a_thread_unless_a_read_is_open() {
    let (thread, var) = (thread(), VarKey::next());
    drop(bind(&thread, var, Arc::new(1)));
    let is_cached = || thread.local().remembers(var, thread.activation());
    lookup(&thread, var, |value| {
        thread.local().end();
        assert!(is_cached());
        drop(bind(&thread, var, Arc::new(2)));
        assert_eq!(value.map(|value| **value), Some(1));
    });
    assert!(is_cached());
    thread.local().end();
    assert_eq!(read(&thread, var), Some(2));
    assert!(!is_cached());
}

#[test]
fn a_thread_gives_its_cache_back_when_it_ends() {
    // Other tests of this process have caches too, but none for as long as 100 threads take.
    let before = CACHES.load(Relaxed);
    for number in 0..if cfg!(miri) { 20 } else { 100 } {
        let use_one = move || {
            let var = contextvars::ContextVar::new("v");
            drop(var.set(number));
            assert!(var.get().is_ok());
        };
        std::thread::spawn(use_one).join().unwrap();
    }
    let left = CACHES.load(Relaxed) - before;
    assert!(left < 10, "{left} caches are left");
}
