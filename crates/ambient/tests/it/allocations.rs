//! The number of allocations of reads, polls and copies.

use ambient::testing::fresh;
use ambient::{Context, ContextExt, DefaultVar, Var};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::{Future, pending};
use std::hint::black_box;
use std::pin::pin;
use std::task;

/// An allocator that counts the allocations of each thread.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: forwards to the system's allocator. The counter needs no allocation: its thread-local
// has a constant initial value and no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.with(|calls| calls.set(calls.get() + 1));
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: guaranteed by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Returns the number of allocations of a call, on this thread.
fn allocations(f: impl FnOnce()) -> usize {
    let before = CALLS.get();
    f();
    CALLS.get() - before
}

static SET: Var<u64> = Var::new("set");
static TEXT: Var<String> = Var::new("text");
static UNSET: Var<u64> = Var::new("unset");
static DEFAULT: DefaultVar<u64> = DefaultVar::new("default", 3);

#[test]
fn reads_allocate_nothing() {
    fresh(|| {
        let (_token, _text) = (SET.set(1), TEXT.set("text".into()));
        assert!(allocations(|| _ = black_box(Box::new(1))) > 0);
        let read = || {
            black_box((SET.get(), UNSET.get(), DEFAULT.get()));
            TEXT.with(|text| black_box(text.map(String::len)));
        };
        assert_eq!(allocations(read), 0);
        // Nor do reads after a switch of contexts.
        let mut context = Context::current();
        assert_eq!(allocations(|| context.run(read)), 0);
    })
}

#[test]
fn a_poll_allocates_nothing() {
    fresh(|| {
        SET.set(1);
        let mut future = pin!(async { pending::<()>().await }.inherit().in_current());
        let mut waker = task::Context::from_waker(task::Waker::noop());
        let polls = allocations(|| {
            for _ in 0..10 {
                assert!(future.as_mut().poll(&mut waker).is_pending());
            }
        });
        assert_eq!(polls, 0);
    })
}

#[test]
fn a_copy_is_one_allocation() {
    fresh(|| {
        static MANY: [Var<u64>; 100] = [const { Var::new("one of many") }; 100];
        for (var, value) in MANY.iter().zip(0..) {
            var.set(value);
        }
        assert_eq!(allocations(|| drop(black_box(Context::inherited()))), 1);
        assert_eq!(allocations(|| drop(black_box(Context::current()))), 1);
    })
}
